"""One stored frame becomes an array of its samples."""

import io
import struct
import subprocess
import sys
import zlib
from dataclasses import replace
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import ExplicitVRLittleEndian

from thyrosight.errors import ImageError
from thyrosight.imaging.dicom.layout import Layout
from thyrosight.imaging.dicom.syntaxes import LOSSLESS_ADVICE, name_of

_JPEG: Final = ("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70")
_HIGH_THROUGHPUT: Final = tuple(f"1.2.840.10008.1.2.4.{end}" for end in (201, 202, 203))
_JPEG_2000: Final = tuple(f"1.2.840.10008.1.2.4.{end}" for end in (90, 91))
_JPEG_XL: Final = tuple(f"1.2.840.10008.1.2.4.{end}" for end in (110, 111, 112))
_DEFLATED: Final = "1.2.840.10008.1.2.8.1"
_RLE: Final = "1.2.840.10008.1.2.5"
_LOSSLESS_FRAME = 0xC3
# Start-of-frame markers: C0 to CF without DHT (C4), JPG (C8) and DAC (CC).
_FRAME_MARKERS: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WORKER_SECONDS = 5
# What damaged code makes Pillow raise.
_PILLOW_ERRORS: Final = (
    OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, OverflowError, EOFError, struct.error,
    Image.DecompressionBombError,
)  # fmt: skip

# The plug-ins for each compression, the one with the clearest errors on damaged pixels first, and the packages to
# install.
_PLUGINS: Final = {
    "1.2.840.10008.1.2.4.80": (("pyjpegls", "pylibjpeg"), "pyjpegls"),
    "1.2.840.10008.1.2.4.81": (("pyjpegls", "pylibjpeg"), "pyjpegls"),
    **dict.fromkeys(_JPEG_2000, (("pillow", "pylibjpeg"), "pylibjpeg pylibjpeg-openjpeg")),
    **dict.fromkeys(_HIGH_THROUGHPUT, (("pylibjpeg",), "imagecodecs")),
}
# Read with the package imagecodecs, by the function of this name.
_OF_IMAGECODECS: Final = {
    **dict.fromkeys(_JPEG_XL, "jpegxl_decode"),
    **dict.fromkeys(_HIGH_THROUGHPUT, "htj2k_decode"),
}


class CodecError(Exception):
    """Why a frame cannot be decoded, as the end of a sentence."""


def require_decoder(layout: Layout, where: str) -> None:
    """Refuse a compression that nothing installed here reads, before any frame is touched.

    Raises:
        ImageError: names the package to install.
    """
    syntax, package = str(layout.syntax), None
    if not layout.compressed or syntax in (_RLE, _DEFLATED):
        return
    if syntax in _OF_IMAGECODECS and find_spec("imagecodecs") is not None:
        return
    if syntax in _JPEG:
        if layout.bits_stored <= 8 or find_spec("gdcm") is not None:
            return
        package = "python-gdcm"
    elif syntax in _PLUGINS:
        plugins, package = _PLUGINS[syntax]
        if set(plugins) & set(get_decoder(layout.syntax).available_plugins):
            return
    elif syntax in _OF_IMAGECODECS:
        package = "imagecodecs"
    depth = f" of {layout.bits_stored} bits" if layout.bits_stored > 8 else ""
    if package is None:
        raise ImageError(f"{where}: {name_of(layout.syntax)}{depth} is not read; {LOSSLESS_ADVICE}.")
    raise ImageError(
        f"{where}: no decoder for {name_of(layout.syntax)}{depth} is installed here; install it with: pip install"
        f" {package}."
    )


def decode(stored: bytes, layout: Layout) -> tuple[NDArray[Any], str]:
    """Decode one frame.

    Args:
        stored: the bytes of the frame as they lie in the file.
        layout: of the object.

    Returns:
        Samples `(rows, columns)` or `(rows, columns, 3)`, and their photometric interpretation, which some
        compressions change.

    Raises:
        CodecError: the frame is damaged or does not fit the layout.
    """
    syntax = str(layout.syntax)
    if not layout.compressed:
        stored = stored[: layout.frame_bytes]  # a fragment is padded to an even length
    if syntax in _JPEG:
        samples, photometric = _jpeg(stored, layout)
    elif syntax in _OF_IMAGECODECS and find_spec("imagecodecs") is not None:
        samples, photometric = _by_imagecodecs(stored, layout)
    elif syntax == _DEFLATED:
        return decode(_inflated(stored, layout), replace(layout, syntax=ExplicitVRLittleEndian))
    elif syntax == _RLE:
        samples, photometric = _run_lengths(stored, layout), layout.photometric
    elif layout.plain_bytes:
        samples, photometric = _plain_bytes(stored, layout), layout.photometric
    else:
        if syntax in _JPEG_2000 + _HIGH_THROUGHPUT:
            _require_size(_size_of_jpeg_2000(stored), layout)
        elif layout.compressed:
            _require_size(_jpeg_frame(stored)[1:], layout)
        samples, photometric = _by_pydicom(stored, layout)
    expected = (layout.rows, layout.columns) if layout.samples == 1 else (layout.rows, layout.columns, 3)
    if samples.shape != expected:
        raise CodecError(f"it decodes to {samples.shape} samples instead of {expected}")
    return samples, photometric


def _by_pydicom(stored: bytes, layout: Layout) -> tuple[NDArray[Any], str]:
    """Uncompressed frames of other than 8 bits or with halved colour, JPEG-LS and JPEG 2000."""
    options: dict[str, Any] = {
        "rows": layout.rows, "columns": layout.columns, "number_of_frames": 1, "samples_per_pixel": layout.samples,
        "bits_allocated": layout.bits_allocated, "bits_stored": layout.bits_stored,
        "pixel_representation": int(layout.signed), "photometric_interpretation": layout.photometric,
        "planar_configuration": layout.planar, "pixel_keyword": "PixelData", "pixel_vr": "OB",
    }  # fmt: skip
    if not layout.compressed:
        plain = ExplicitVRLittleEndian if layout.encapsulated else layout.syntax
        return _decoded(get_decoder(plain), stored, options)
    decoder = get_decoder(layout.syntax)
    error: Exception | None = None
    for plugin in _PLUGINS[str(layout.syntax)][0]:
        if plugin in decoder.available_plugins:
            try:
                return _decoded(decoder, _as_fragment(stored), {**options, "decoding_plugin": plugin})
            except CodecError as problem:
                error = error or problem
    whole = stored.rstrip(b"\0").endswith(b"\xff\xd9")
    if str(layout.syntax) in _JPEG_2000 and whole and find_spec("gdcm") is not None:
        # Pillow refuses some streams that others read; only one that is there to its end is tried again.
        return _by_gdcm(stored, layout, "JPEG2000Codec"), layout.photometric
    raise error or CodecError("nothing installed here reads it")


def _decoded(decoder: Any, source: bytes, options: dict[str, Any]) -> tuple[NDArray[Any], str]:
    try:
        samples, properties = decoder.as_array(source, index=0, raw=True, **options)
    except MemoryError:
        raise
    except Exception as error:  # the decoders' errors have no common base
        raise CodecError(str(error).strip().splitlines()[-1].strip()[:160] if str(error).strip() else "") from error
    return samples, str(properties["photometric_interpretation"])


def _by_imagecodecs(stored: bytes, layout: Layout) -> tuple[NDArray[Any], str]:
    """JPEG XL, and JPEG 2000 of high throughput; both decoders undo the transformation of colours."""
    import imagecodecs

    syntax = str(layout.syntax)
    if syntax in _HIGH_THROUGHPUT:
        _require_size(_size_of_jpeg_2000(stored), layout)
    shape = (layout.rows, layout.columns) if layout.samples == 1 else (layout.rows, layout.columns, layout.samples)
    kind = np.dtype(f"{'i' if layout.signed else 'u'}{layout.bits_allocated // 8}")
    try:
        # Into an array of the stated size: a small frame cannot unpack to a large picture.
        samples = getattr(imagecodecs, _OF_IMAGECODECS[syntax])(stored, out=np.empty(shape, kind))
    except MemoryError:
        raise
    except Exception as error:  # each codec raises errors of its own
        raise CodecError(f"its {name_of(layout.syntax)} is damaged or of another size or depth") from error
    return np.asarray(samples), layout.photometric if layout.samples == 1 else "RGB"


def _inflated(stored: bytes, layout: Layout) -> bytes:
    """A deflated frame (RFC 1951), unpacked to no more than its stated size."""
    try:
        plain = zlib.decompressobj(-zlib.MAX_WBITS).decompress(stored, layout.frame_bytes)
    except zlib.error as error:
        raise CodecError(f"its {name_of(layout.syntax)} is damaged") from error
    if len(plain) < layout.frame_bytes:
        raise CodecError(f"its {name_of(layout.syntax)} unpacks to {len(plain)} of {layout.frame_bytes} bytes")
    return plain


def _as_fragment(stored: bytes) -> bytes:
    """One frame as encapsulated pixel data with an empty offset table, the form in which pydicom takes it."""
    return b"\xfe\xff\x00\xe0\0\0\0\0\xfe\xff\x00\xe0" + struct.pack("<L", len(stored)) + stored


def _plain_bytes(stored: bytes, layout: Layout) -> NDArray[Any]:
    if len(stored) < layout.frame_bytes:
        raise CodecError(f"it holds {len(stored)} of {layout.frame_bytes} bytes")
    values = np.frombuffer(stored, np.int8 if layout.signed else np.uint8)
    if layout.samples == 1:
        return values.reshape(layout.rows, layout.columns)
    if layout.planar == 1:
        return values.reshape(3, layout.rows, layout.columns).transpose(1, 2, 0)
    return values.reshape(layout.rows, layout.columns, 3)


def _run_lengths(stored: bytes, layout: Layout) -> NDArray[Any]:
    """Run lengths (DICOM PS3.5 G): one segment of PackBits for each byte of each sample, the highest byte first.

    Pillow's decoder takes a segment as one long row: ten times as fast as decoding in Python.
    """
    depth, pixels = layout.bits_allocated // 8, layout.rows * layout.columns
    count = depth * layout.samples
    if len(stored) < 64 or struct.unpack_from("<L", stored)[0] != count:
        raise CodecError(f"its run lengths do not state {count} segments")
    starts = struct.unpack_from(f"<{count}L", stored, 4)
    planes = np.empty((layout.samples, pixels, depth), np.uint8)
    for number, (start, end) in enumerate(pairwise((*starts, len(stored)))):
        if not 64 <= start < end:
            raise CodecError("its run-length segments lie outside the frame")
        try:
            plane = Image.frombytes("L", (pixels, 1), stored[start:end], "packbits", "L")
        except ValueError as error:
            raise CodecError(f"run-length segment {number + 1} is cut short or damaged") from error
        planes[number // depth, :, depth - 1 - number % depth] = np.asarray(plane)[0]
    kind = np.dtype(f"<{'i' if layout.signed else 'u'}{depth}")
    samples = planes.view(kind).reshape(layout.samples, layout.rows, layout.columns)
    return samples[0] if layout.samples == 1 else samples.transpose(1, 2, 0)


def _jpeg(stored: bytes, layout: Layout) -> tuple[NDArray[Any], str]:
    """JPEG, lossy or lossless. Which colours the samples are is settled by the code stream before the header.

    An Adobe marker, a JFIF marker and components named R, G, B each say it; a header that contradicts them is a
    known fault of archives, and gives green pictures if it is believed.
    """
    marker, rows, columns, precision = _jpeg_frame(stored)
    _require_size((rows, columns), layout)
    if (precision > 8) != (layout.bits_stored > 8):
        raise CodecError(f"its JPEG holds {precision} bits instead of {layout.bits_stored}")
    if precision > 8:
        return _by_gdcm(stored, layout, "JPEGCodec"), layout.photometric
    try:
        picture = JpegImagePlugin.JpegImageFile(io.BytesIO(stored))
        if picture.layers != layout.samples:
            raise CodecError(f"its JPEG holds {picture.layers} components instead of {layout.samples}")
        if layout.samples == 1:
            return np.asarray(picture).view(np.int8 if layout.signed else np.uint8), layout.photometric
        named = _colours_named(picture)
        lossless = marker == _LOSSLESS_FRAME
        is_rgb = not layout.photometric.startswith("YBR") if named is None else named == "RGB"
        # Without a name, libjpeg takes lossy code for YCbCr and lossless code for RGB, and it converts only the former.
        convert = not is_rgb and not lossless
        if not convert and (named or ("RGB" if lossless else "YBR")) == "YBR":
            picture.draft("YCbCr", None)  # as stored
        return np.asarray(picture), "RGB" if is_rgb or convert else "YBR_FULL"
    except _PILLOW_ERRORS as error:
        raise CodecError(str(error)[:160]) from error


def _colours_named(picture: JpegImagePlugin.JpegImageFile) -> str | None:
    """The colours that markers or component names state, in the order in which libjpeg believes them."""
    if "jfif" in picture.info:
        return "YBR"
    if "adobe_transform" in picture.info:
        return "RGB" if picture.info["adobe_transform"] == 0 else "YBR"
    return "RGB" if bytes(component[0] for component in picture.layer) in (b"RGB", b"rgb") else None


def _by_gdcm(stored: bytes, layout: Layout, codec: str) -> NDArray[Any]:
    """JPEG of more than 8 bits, lossy and lossless, and JPEG 2000 that Pillow does not read.

    It is decoded in a process of its own: GDCM ends the process on some bad input.
    """
    worker = Path(__file__).with_name("gdcm_worker.py")
    numbers = (layout.rows, layout.columns, layout.samples, layout.bits_allocated, layout.bits_stored)
    command = [sys.executable, str(worker), *map(str, numbers), str(int(layout.signed)), layout.photometric, codec]
    try:
        done = subprocess.run(command, input=stored, capture_output=True, timeout=_WORKER_SECONDS, check=False)
    except (subprocess.TimeoutExpired, OSError) as error:
        raise CodecError(f"the decoder gave no answer ({type(error).__name__})") from error
    size = layout.rows * layout.columns * layout.samples
    if done.returncode != 0 or len(done.stdout) != size * (layout.bits_allocated // 8):
        raise CodecError(f"its {'JPEG' if codec == 'JPEGCodec' else 'JPEG 2000'} is damaged")
    kind = np.dtype(f"<{'i' if layout.signed else 'u'}{layout.bits_allocated // 8}")
    shape = (layout.rows, layout.columns, 3) if layout.samples == 3 else (layout.rows, layout.columns)
    return np.frombuffer(done.stdout, kind).reshape(shape)


def _jpeg_frame(stored: bytes) -> tuple[int, int, int, int]:
    """The first start-of-frame marker of a JPEG or JPEG-LS stream: its type, rows, columns and bits."""
    position = 2
    while position + 9 < len(stored):
        if stored[position] != 0xFF:
            position += 1
            continue
        marker = stored[position + 1]
        if marker in _FRAME_MARKERS or marker == 0xF7:
            precision, rows, columns = struct.unpack_from(">BHH", stored, position + 4)
            return marker, rows, columns, precision
        if marker in (0xFF, 0x00, 0x01) or 0xD0 <= marker <= 0xD8:
            position += 1 if marker == 0xFF else 2
            continue
        position += 2 + max(int.from_bytes(stored[position + 2 : position + 4], "big"), 2)
    raise CodecError("it holds no JPEG picture")


def _size_of_jpeg_2000(stored: bytes) -> tuple[int, int]:
    """Rows and columns of a JPEG 2000 code stream (ITU-T T.800, A.5.1: marker SIZ)."""
    start = stored.find(b"\xff\x4f\xff\x51")
    if not 0 <= start < 2**16 or len(stored) < start + 24:
        raise CodecError("it holds no JPEG 2000 picture")
    width, height, left, top = struct.unpack_from(">4L", stored, start + 8)
    return height - top, width - left


def _require_size(found: tuple[int, ...], layout: Layout) -> None:
    if tuple(found[:2]) != (layout.rows, layout.columns):
        raise CodecError(f"it holds {found[1]} x {found[0]} pixels instead of {layout.columns} x {layout.rows}")
