"""Read thousands of damaged and hostile DICOM files: `python benchmarks/fuzz_dicom.py [COUNT] [SEED]`.

Each file is a small DICOM file (all compressions, depths and colours; the examples that come with pydicom and ones made
here) with seeded damage. A process of its own reads it, so that a crash or a hang is seen and counted. A file counts as
read correctly or as refused only if it was refused with one sentence that names it; everything else is a fault, and the
exit code is 1. A file is too slow when reading it (its header and up to three frames) takes more than 5 s of processor
time, or half a minute on the clock. Memory is the highest that the reading process ever held (not known on Windows).
"""

import contextlib
import io
import multiprocessing
import random
import struct
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pydicom
import pydicom.data
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID

_PROCESSOR_SECONDS, _SECONDS, _MEGABYTES = 5.0, 30.0, 1024
_EXAMPLES = (
    "ExplVR_BigEnd.dcm", "examples_palette.dcm", "examples_rgb_color.dcm", "examples_ybr_color.dcm",
    "SC_ybr_full_422_uncompressed.dcm", "MR_small_jpeg_ls_lossless.dcm", "MR_small_RLE.dcm", "image_dfl.dcm",
    "JPEG2000.dcm", "SC_rgb_jpeg_dcmtk.dcm", "SC_rgb_rle.dcm", "JPEGLSNearLossless_16.dcm", "SC_rgb_small_odd.dcm",
)  # fmt: skip


# From pydicom-data: lossless JPEG of 8 and 16 bits, and run lengths with a palette.
_MORE_EXAMPLES = ("JPGLosslessP14SV1_1s_1f_8b.dcm", "JPEG-LL.dcm", "OBXXXX1A_rle_2frame.dcm")


def base_files() -> list[bytes]:
    """Sound files to damage: the examples that come with pydicom and pydicom-data, and loops made here."""
    found = [pydicom.data.get_testdata_file(name, download=False) for name in (*_EXAMPLES, *_MORE_EXAMPLES)]
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


def flip_bytes(data: bytearray, draw: random.Random) -> bytearray:
    for _ in range(draw.choice((1, 2, 5, 20))):
        data[draw.randrange(len(data))] = draw.randrange(256)
    return data


def flip_header(data: bytearray, draw: random.Random) -> bytearray:
    for _ in range(draw.choice((1, 2, 5))):
        data[draw.randrange(min(132, len(data) - 1), min(len(data), 3000))] = draw.randrange(256)
    return data


def flip_pixels(data: bytearray, draw: random.Random) -> bytearray:
    start = max(data.rfind(b"\xe0\x7f\x10\x00"), 0)
    for _ in range(draw.choice((1, 3, 30))):
        data[draw.randrange(start, len(data))] = draw.randrange(256)
    return data


def cut(data: bytearray, draw: random.Random) -> bytearray:
    return data[: draw.randrange(len(data))]


def remove_part(data: bytearray, draw: random.Random) -> bytearray:
    start = draw.randrange(len(data))
    del data[start : start + draw.choice((1, 2, 8, 100, 4000))]
    return data


def repeat_part(data: bytearray, draw: random.Random) -> bytearray:
    start, length = draw.randrange(len(data)), draw.choice((1, 8, 100, 4000))
    part = bytes(data[start : start + length])
    data[start:start] = part * draw.choice((1, 3, 50))
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


def spliced(data: bytearray, draw: random.Random) -> bytearray:
    """The start of one file and the end of another."""
    other = draw.choice(_bases())
    return data[: draw.randrange(len(data))] + other[draw.randrange(len(other)) :]


MUTATIONS: tuple[Callable[[bytearray, random.Random], bytearray], ...] = (
    flip_bytes, flip_header, flip_pixels, cut, remove_part, repeat_part, absurd_numbers, wrong_length, wrong_syntax,
    nested_sequences, private_tags, spliced,
)  # fmt: skip
_CACHE: list[bytes] = []


def _bases() -> list[bytes]:
    if not _CACHE:
        _CACHE.extend(base_files())
    return _CACHE


def mutated(seed: int) -> tuple[str, bytes]:
    """The damaged file of a seed, and the name of its damage; one in three files is damaged twice."""
    draw = random.Random(seed)
    data, names = bytearray(draw.choice(_bases())), []
    for _ in range(2 if draw.random() < 1 / 3 else 1):
        mutate = draw.choice(MUTATIONS)
        names.append(mutate.__name__)
        data = mutate(data, draw)
        if not data:
            break
    return " + ".join(names), bytes(data)


def outcome(path: Path) -> str:
    """What reading the file ends with: "read", "refused", or what went wrong."""
    from thyrosight.errors import ImageError
    from thyrosight.imaging import open_cine, read_dicom_info, read_frame

    try:
        read_dicom_info(path)
        read_frame(path)
        with open_cine(path) as cine:
            for number in sorted({0, len(cine) // 2, len(cine) - 1}):
                cine.read(number)
    except ImageError as error:
        sentence = str(error)
        return "refused" if str(path) in sentence and "\n" not in sentence else f"unclear sentence: {sentence!r}"
    except Exception as error:  # every other error is what is looked for
        return f"{type(error).__name__}: {error}"
    return "read"


def _read_files(pipe: Connection, folder: str) -> None:
    """The reading process: seeds come in, outcomes go out."""
    warnings_to = io.StringIO()
    while (seed := pipe.recv()) is not None:
        path = Path(folder) / f"{seed}.dcm"
        begun = time.process_time()
        with contextlib.redirect_stderr(warnings_to):
            result = outcome(path)
        warnings_to.truncate(0)
        pipe.send((result, time.process_time() - begun, _megabytes()))


def _megabytes() -> float:
    try:
        import resource
    except ImportError:
        return float("nan")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / (1024 if sys.platform == "darwin" else 1)


class Reader:
    """A process that reads files; it is started again when it dies or hangs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=_read_files, args=(other, str(self.folder)), daemon=True)
        self.process.start()
        other.close()
        self.pipe.send(-1)  # a file that is not there: the imports are paid for before the first clock starts
        self.pipe.recv()

    def read(self, seed: int) -> tuple[str, float, float]:
        """The outcome for the file of a seed, its processor time in s, and the memory held so far in MB."""
        self.pipe.send(seed)
        try:
            if self.pipe.poll(_SECONDS):
                result: tuple[str, float, float] = self.pipe.recv()
                return result
            result = (f"hang: no answer in {_SECONDS:g} s", _SECONDS, float("nan"))
        except EOFError:
            self.process.join(5)
            result = (f"crash: the process ended with code {self.process.exitcode}", 0.0, float("nan"))
        self.process.kill()
        self.process.join()
        self._start()
        return result

    def close(self) -> None:
        self.pipe.send(None)
        self.process.join()


def run(count: int, *, first_seed: int = 0, say: Callable[[str], None] = print) -> int:
    """Read `count` damaged files, print what came of them, and return the number of faults."""
    outcomes: Counter[str] = Counter()
    by_damage: Counter[tuple[str, str]] = Counter()
    faults: list[str] = []
    most, slowest, started = 0.0, 0.0, time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        reader = Reader(Path(name))
        for seed in range(first_seed, first_seed + count):
            damage, data = mutated(seed)
            path = Path(name) / f"{seed}.dcm"
            path.write_bytes(data)
            result, seconds, megabytes = reader.read(seed)
            slowest = max(slowest, seconds)
            path.unlink()
            most = max(most, megabytes)  # not a number where unknown: the comparison is then false
            result = f"too slow: {seconds:.1f} s" if seconds > _PROCESSOR_SECONDS else result
            kind = result if result in ("read", "refused") else "fault"
            outcomes[kind] += 1
            by_damage[damage.split(" + ")[0], kind] += 1
            if kind == "fault":
                faults.append(f"seed {seed} ({damage}): {result}")
        reader.close()
    say(f"{count} files, seeds {first_seed} to {first_seed + count - 1}, {time.monotonic() - started:.0f} s")
    say(f"read {outcomes['read']}, refused with a sentence {outcomes['refused']}, faults {outcomes['fault']}")
    say(f"slowest file {slowest:.2f} s of processor time; most memory of the reading process {most:.0f} MB")
    for mutate in MUTATIONS:
        counts = {kind: by_damage[mutate.__name__, kind] for kind in ("read", "refused", "fault")}
        say(f"  {mutate.__name__:18} " + ", ".join(f"{kind} {number}" for kind, number in counts.items()))
    for fault in faults[:40]:
        say(fault)
    return len(faults) + (most > _MEGABYTES)


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    sys.exit(1 if run(numbers[0] if numbers else 10_000, first_seed=numbers[1] if len(numbers) > 1 else 0) else 0)
