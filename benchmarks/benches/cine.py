"""Reading the frames of a compressed loop, beside the decoder alone.

For each compression a loop of ultrasound-like frames, 480 x 640 in colour, is written to a temporary folder. The
decoder gets the same compressed frames from memory, one by one, and makes arrays of them (for JPEG, in RGB); where
nothing is compressed the file is read piece by piece. Ours does all of it: finding the frame in the file, reading,
decoding, colours, checks. Both read the same frames from everywhere in the loop in turn; per second of processor
time, the median of the turns. Memory is what Python and NumPy hold at the peak, of a whole loop read frame by frame,
and by pydicom's `dcmread` and `pixel_array`.
"""

import io
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate, get_frame
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import UID, ExplicitVRLittleEndian, JPEG2000Lossless, JPEGBaseline8Bit, JPEGLSLossless, RLELossless

from benches.row import Row, named
from thyrosight.imaging import open_cine

_ROWS, _COLUMNS, _FRAMES, _DISTINCT, _TURNS = 480, 640, 300, 10, 10
# So many frames pydicom reads at once, for which it needs 8 MB each.
_WHOLE = 100
# How many of the frames are read in each turn, by what the decoder needs for one.
_PER_TURN = {JPEGBaseline8Bit: 30, JPEG2000Lossless: 1, JPEGLSLossless: 4, RLELossless: 10, ExplicitVRLittleEndian: 30}


def frames() -> list[NDArray[np.uint8]]:
    """Speckle with a coloured bar, smoothed as a scanner smooths it."""
    generator = np.random.default_rng(0)
    result = []
    for _ in range(_DISTINCT):
        grey = np.clip(generator.rayleigh(45, (_ROWS // 2, _COLUMNS // 2)), 0, 255).astype(np.uint8)
        picture = np.repeat(np.asarray(Image.fromarray(grey).resize((_COLUMNS, _ROWS)))[:, :, None], 3, axis=2)
        picture[:40], picture[:, :80] = 0, 0
        picture[60:300, 20:40] = np.linspace((255, 0, 0), (0, 0, 255), 240)[:, None]
        result.append(picture)
    return result


def header(syntax: UID, count: int, *, colour: bool) -> Dataset:
    """A loop without its pixels."""
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = syntax
    data.SOPClassUID, data.SOPInstanceUID, data.Modality = UID("1.2.840.10008.5.1.4.1.1.3.1"), UID("1.2.3.4"), "US"
    data.NumberOfFrames, data.Rows, data.Columns = count, _ROWS, _COLUMNS
    data.SamplesPerPixel = 3 if colour else 1
    data.PhotometricInterpretation = "RGB" if colour else "MONOCHROME2"
    if colour:
        data.PlanarConfiguration = 0
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 8, 8, 7, 0
    return data


def encoded(syntax: UID, pictures: list[NDArray[np.uint8]]) -> tuple[list[bytes], str]:
    """Each picture compressed, and the photometric interpretation that results."""
    if syntax in (JPEGBaseline8Bit, JPEG2000Lossless):
        form, options = ("JPEG", {"quality": 85}) if syntax == JPEGBaseline8Bit else ("JPEG2000", {"no_jp2": True})
        streams = [io.BytesIO() for _ in pictures]
        for picture, stream in zip(pictures, streams, strict=True):
            Image.fromarray(picture).save(stream, form, **options)
        return [stream.getvalue() for stream in streams], "YBR_FULL_422" if form == "JPEG" else "YBR_RCT"
    if syntax == ExplicitVRLittleEndian:
        return [picture.tobytes() for picture in pictures], "RGB"
    result = []
    for picture in pictures:
        data = header(ExplicitVRLittleEndian, 1, colour=True)
        data.PixelData = picture.tobytes()
        data["PixelData"].VR = "OB"
        data.compress(syntax, encoding_plugin="pydicom" if syntax == RLELossless else "pyjpegls")
        result.append(get_frame(data.PixelData, 0, number_of_frames=1))
    return result, "RGB"


def write_loop(path: Path, syntax: UID, codes: list[bytes], count: int, *, photometric: str) -> None:
    """Write a loop that repeats `codes`, without holding all of it in memory."""
    data = header(syntax, count, colour=True)
    data.PhotometricInterpretation = photometric
    compressed = syntax != ExplicitVRLittleEndian
    one = encapsulate(codes[:1]) if compressed else codes[0]
    data.PixelData = one
    data["PixelData"].VR, data["PixelData"].is_undefined_length = "OB", compressed
    data.save_as(path, enforce_file_format=True)
    whole = path.read_bytes()
    start = whole.index(one)
    with path.open("wb") as stream:
        if compressed:
            stream.write(whole[:start] + b"\xfe\xff\x00\xe0\0\0\0\0")
        else:
            stream.write(whole[: start - 4] + (len(codes[0]) * count).to_bytes(4, "little"))
        for number in range(count):
            code = codes[number % len(codes)]
            stream.write(encapsulate([code], has_bot=False)[8:] if compressed else code)
        if compressed:
            stream.write(b"\xfe\xff\xdd\xe0\0\0\0\0")


def raw_decoder(syntax: UID, photometric: str, path: Path) -> Callable[[bytes], Any]:
    """The decoder alone, as a careful user would call it."""
    if syntax == JPEGBaseline8Bit:
        return lambda code: np.asarray(Image.open(io.BytesIO(code), formats=("JPEG",)))
    if syntax == ExplicitVRLittleEndian:
        stream = path.open("rb")
        return lambda code: np.frombuffer(stream.read(len(code)), np.uint8).reshape(_ROWS, _COLUMNS, 3)
    decoder = get_decoder(syntax)
    options: dict[str, Any] = {
        "rows": _ROWS, "columns": _COLUMNS, "number_of_frames": 1, "samples_per_pixel": 3, "bits_allocated": 8,
        "bits_stored": 8, "pixel_representation": 0, "photometric_interpretation": photometric,
        "planar_configuration": 0, "pixel_keyword": "PixelData",
    }  # fmt: skip
    if syntax == JPEG2000Lossless:
        options["decoding_plugin"] = "pillow"
    return lambda code: decoder.as_array(encapsulate([code], has_bot=False), index=0, **options)[0]


def seconds(work: Iterator[Any]) -> float:
    """Processor time of going through it."""
    start = time.process_time()
    for _ in work:
        pass
    return time.process_time() - start


def rates(path: Path, syntax: UID, codes: list[bytes], photometric: str) -> tuple[float, float]:
    """Frames per second of ours and of the decoder alone, medians over turns."""
    decode = raw_decoder(syntax, photometric, path)
    ours, raw = [], []
    per_turn, step = _PER_TURN[syntax], _FRAMES // _TURNS
    with open_cine(path) as cine:
        for turn in range(_TURNS):
            numbers = range(turn * step, turn * step + per_turn)
            raw.append(per_turn / seconds(decode(codes[number % len(codes)]) for number in numbers))
            ours.append(per_turn / seconds(cine.frames(numbers)))
    return statistics.median(ours), statistics.median(raw)


def peak(work: Callable[[], object]) -> float:
    """Most memory that Python and NumPy hold at a time, in MB."""
    tracemalloc.start()
    work()
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found / 1e6


def frame_by_frame(path: Path) -> None:
    """Read all of a loop and keep nothing."""
    with open_cine(path) as cine:
        for _ in cine:
            pass


def rows() -> list[Row]:
    """Measure each compression, and the memory of one loop."""
    drawn, found = frames(), []
    pillow, pydicom = named("Pillow", "pillow"), named("pydicom", "pydicom")
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "loop.dcm"
        for syntax in _PER_TURN:
            codes, photometric = encoded(syntax, drawn)
            write_loop(path, syntax, codes, _FRAMES, photometric=photometric)
            ours, raw = rates(path, syntax, codes, photometric)
            decoder = pillow if syntax in (JPEGBaseline8Bit, JPEG2000Lossless) else pydicom
            alternative = "reading the file alone" if syntax == ExplicitVRLittleEndian else f"{decoder}: decoder alone"
            found.append(Row(f"frames of a loop, {syntax.name.split(' (')[0]}", ours, "frames/s", alternative, raw))
        codes, photometric = encoded(JPEGBaseline8Bit, drawn)
        write_loop(path, JPEGBaseline8Bit, codes, _WHOLE, photometric=photometric)
        ours, whole = peak(lambda: frame_by_frame(path)), peak(lambda: dcmread(path).pixel_array)
        found.append(
            Row(f"memory of reading a JPEG loop of {_WHOLE} frames", ours, "MB", f"{pydicom}: pixel_array", whole)
        )
    return found
