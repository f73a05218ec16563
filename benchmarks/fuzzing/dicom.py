"""DICOM files of all compressions, depths and colours, and damage that only DICOM knows."""

import io
import random
import struct
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pydicom
import pydicom.data
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID

from fuzzing.damage import cut, flip_bytes, remove_part, repeat_part, spliced

_EXAMPLES = (
    "ExplVR_BigEnd.dcm", "examples_palette.dcm", "examples_rgb_color.dcm", "examples_ybr_color.dcm",
    "SC_ybr_full_422_uncompressed.dcm", "MR_small_jpeg_ls_lossless.dcm", "MR_small_RLE.dcm", "image_dfl.dcm",
    "JPEG2000.dcm", "SC_rgb_jpeg_dcmtk.dcm", "SC_rgb_rle.dcm", "JPEGLSNearLossless_16.dcm", "SC_rgb_small_odd.dcm",
    # From pydicom-data: lossless JPEG of 8 and 16 bits, and run lengths with a palette.
    "JPGLosslessP14SV1_1s_1f_8b.dcm", "JPEG-LL.dcm", "OBXXXX1A_rle_2frame.dcm",
)  # fmt: skip


@cache
def base_files() -> list[bytes]:
    """Sound files to damage: the examples that come with pydicom and pydicom-data, and loops made here."""
    found = [pydicom.data.get_testdata_file(name, download=False) for name in _EXAMPLES]
    return [Path(str(path)).read_bytes() for path in found if path] + [made(name) for name in _FORMATS]


_FORMATS: dict[str, tuple[str, dict[str, object]]] = {
    "1.2.840.10008.1.2.4.50": ("JPEG", {"quality": 80}),
    "1.2.840.10008.1.2.4.90": ("JPEG2000", {"no_jp2": True}),
    "1.2.840.10008.1.2.4.91": ("JPEG2000", {"no_jp2": True, "irreversible": True, "quality_layers": [20]}),
}


def made(syntax: str, *, frames: int = 4, side: int = 48) -> bytes:
    """A calibrated loop of smooth colour, compressed by Pillow."""
    form, options = _FORMATS[syntax]
    y, x = np.mgrid[:side, :side]
    encoded = []
    for number in range(frames):
        stream = io.BytesIO()
        picture = np.stack([x * 4, y * 4, np.full_like(x, 40 * number)], axis=2).astype(np.uint8)
        Image.fromarray(picture).save(stream, form, **options)
        encoded.append(stream.getvalue())
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = UID(syntax)
    data.SOPClassUID, data.SOPInstanceUID, data.Modality = UID("1.2.840.10008.5.1.4.1.1.3.1"), UID("1.2.3.4"), "US"
    data.PatientID, data.PatientName, data.NumberOfFrames = "7", "Test^Loop", frames
    data.Rows = data.Columns = side
    data.SamplesPerPixel, data.PlanarConfiguration, data.PixelRepresentation = 3, 0, 0
    data.BitsAllocated, data.BitsStored, data.HighBit = 8, 8, 7
    data.PhotometricInterpretation = "YBR_FULL_422" if form == "JPEG" else "YBR_RCT"
    region = Dataset()
    region.RegionSpatialFormat, region.RegionDataType, region.RegionFlags = 1, 1, 0
    region.RegionLocationMinX0, region.RegionLocationMinY0 = 0, 0
    region.RegionLocationMaxX1 = region.RegionLocationMaxY1 = side - 1
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3
    region.PhysicalDeltaX, region.PhysicalDeltaY = 0.01, 0.02
    data.SequenceOfUltrasoundRegions = [region]
    data.PixelData = encapsulate(encoded)
    data["PixelData"].is_undefined_length = True
    stream = io.BytesIO()
    data.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def flip_header(data: bytearray, draw: random.Random) -> bytearray:
    for _ in range(draw.choice((1, 2, 5))):
        data[draw.randrange(min(132, len(data) - 1), min(len(data), 3000))] = draw.randrange(256)
    return data


def flip_pixels(data: bytearray, draw: random.Random) -> bytearray:
    start = max(data.rfind(b"\xe0\x7f\x10\x00"), 0)
    for _ in range(draw.choice((1, 3, 30))):
        data[draw.randrange(start, len(data))] = draw.randrange(256)
    return data


def absurd_numbers(data: bytearray, draw: random.Random) -> bytearray:
    """Rows, columns, samples, bits, planes or frames that cannot be."""
    for element in draw.sample((0x10, 0x11, 0x02, 0x100, 0x101, 0x103, 0x06), draw.randint(1, 3)):
        place = data.find(struct.pack("<HH", 0x28, element))
        if place > 0:
            data[place + 8 : place + 10] = struct.pack("<H", draw.choice((0, 1, 2, 7, 32, 255, 4096, 65535)))
    place = data.find(struct.pack("<HH", 0x28, 0x08))
    if place > 0 and draw.random() < 0.7:
        frames = draw.choice((b"0", b"-5", b"99", b"2147483647", b"1e9", b"nan", b"9" * 60)).ljust(2)
        frames += b" " * (len(frames) % 2)
        data[place + 6 : place + 8 + struct.unpack_from("<H", data, place + 6)[0]] = (
            struct.pack("<H", len(frames)) + frames
        )
    return data


def wrong_length(data: bytearray, draw: random.Random) -> bytearray:
    """A length that reaches beyond the file, or has no end."""
    places = [place for place in range(132, min(len(data) - 12, 6000), 2) if data[place + 4 : place + 6].isalpha()]
    if places:
        place = draw.choice(places) + draw.choice((6, 8))
        data[place : place + 4] = struct.pack("<L", draw.choice((0xFFFFFFFF, 0xFFFFFFFE, 2**31, 70000, 3, 0)))
    return data


def wrong_syntax(data: bytearray, draw: random.Random) -> bytearray:
    """A transfer syntax that the file is not written in."""
    place = data.find(b"1.2.840.10008.1.2", 132)
    if place < 0:
        return flip_bytes(data, draw)
    length = struct.unpack_from("<H", data, place - 2)[0]
    ends = ("", ".1", ".1.99", ".2", ".5", ".4.50", ".4.51", ".4.57", ".4.70", ".4.80", ".4.90", ".4.100", ".4.201")
    name = b"1.2.840.10008.1.2" + draw.choice((*ends, ".9.9")).encode()
    name += b"\0" * (len(name) % 2)
    data[place - 2 : place + length] = struct.pack("<H", len(name)) + name
    return data


def nested_sequences(data: bytearray, draw: random.Random) -> bytearray:
    """Sequences inside sequences, with and without lengths, or items without end."""
    place = data.find(struct.pack("<HH", 0x08, 0x18))
    place = place if place > 0 else 200
    start = struct.pack("<HH2sHL", 0x0008, 0x1140, b"SQ", 0, 0xFFFFFFFF) + struct.pack(
        "<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF
    )
    empty = struct.pack("<HHL", 0xFFFE, 0xE000, 0)
    inner = draw.choice((start * draw.choice((10, 900, 5000, 50000)), start[:12] + empty * draw.choice((10, 200000))))
    data[place:place] = inner
    return data


def private_tags(data: bytearray, draw: random.Random) -> bytearray:
    place = data.find(struct.pack("<HH", 0x10, 0x10))
    place = place if place > 0 else 200
    for _ in range(draw.choice((1, 20, 500))):
        kind, length = draw.choice((b"LO", b"DS", b"FD", b"US", b"IS", b"PN")), draw.randrange(0, 40)
        value = draw.randbytes(length)
        data[place:place] = (
            struct.pack("<HH2sH", draw.choice((0x09, 0x11, 0x19)), draw.randrange(65536), kind, length) + value
        )
    return data


MUTATIONS: tuple[Callable[[bytearray, random.Random], bytearray], ...] = (
    flip_bytes, flip_header, flip_pixels, cut, remove_part, repeat_part, absurd_numbers, wrong_length, wrong_syntax,
    nested_sequences, private_tags, spliced,
)  # fmt: skip


def read(path: Path) -> None:
    """Header, first frame, and three frames of a loop."""
    from thyrosight.imaging import open_cine, read_dicom_info, read_frame

    read_dicom_info(path)
    read_frame(path)
    with open_cine(path) as cine:
        for number in sorted({0, len(cine) // 2, len(cine) - 1}):
            cine.read(number)
