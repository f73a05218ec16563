"""Reading frames and masks from files, recognised by their content and never by their suffix."""

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import (
    BmpImagePlugin,
    Image,
    ImageFile,
    ImageOps,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from thyrosight.errors import ImageError
from thyrosight.imaging.dicom.signature import looks_like_dicom
from thyrosight.imaging.frame import Frame
from thyrosight.imaging.picture_forms import loses_depth, not_supported, require_plain, white_of, zero_is_white

IMAGE_SUFFIXES: Final = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp", ".dcm", ".dicom"})

# What a damaged or hostile file makes the decoders raise.
_DECODING_ERRORS = (
    OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, OverflowError, EOFError, struct.error,
    zlib.error,
)  # fmt: skip
_HEAD_BYTES = 512
# A picture of 16 bits whose brightest value is below this share of white was probably made with 14 bits or fewer.
_LEAST_OF_WHITE = 1 / 4


@dataclass(frozen=True)
class FrameFormat:
    """One file format: how its first bytes look, and what reads it.

    Attributes:
        recognises: whether these first 512 bytes of a file are of this format.
        read: reads a frame of a path; the second argument is the largest number of pixels allowed, the third the
            number of the frame, or None.
    """

    recognises: Callable[[bytes], bool]
    read: Callable[[Path, int, int | None], Frame]


@dataclass(frozen=True)
class Decoded:
    """Pixels as the file holds them, before they become 8 bits."""

    values: NDArray[Any]  # (rows, columns) or (rows, columns, 3)
    highest: float  # the value of white
    notes: tuple[str, ...]


def read_frame(path: Path | str, *, frame: int | None = None, max_pixels: int = 100_000_000) -> Frame:
    """Read one ultrasound picture from a DICOM, PNG, JPEG, BMP, TIFF or WebP file.

    The format is found by content. EXIF rotation is applied. Palette, 1-bit, CMYK and transparent pictures (on black)
    become grey or RGB; three equal channels become grey. Deeper pixels become 8 bits: a 16-bit value is divided by
    257, so that the whole range of the depth (not of the picture) maps to 0..255; floating-point values must lie in
    0..1 or 0..255. Of several pages or animation frames the first is read, and `notes` says so. The resolution in
    such files is meant for print, so `spacing_mm` stays None. DICOM files give the spacing of their calibrated regions;
    any of their frames is read without decoding the others (`thyrosight.imaging.open_cine` keeps the file open).

    Args:
        path: the file.
        frame: which frame of a DICOM loop, from 0; every other file holds frame 0 only. Without it the first is read,
            and `notes` says so where there are more.
        max_pixels: a larger picture is refused from its header, before any pixel is decoded.

    Raises:
        ImageError: no such file, a folder, empty, damaged, not a picture, or too large.
    """
    path = Path(path)
    head = _first_bytes(path)
    for form in FRAME_READERS.values():
        if form.recognises(head):
            return form.read(path, max_pixels, frame)
    raise ImageError(_why_not_a_picture(path, head))


def read_values(path: Path, *, max_pixels: int = 100_000_000) -> Decoded:
    """Read the pixels of a picture file at their own depth (for masks, whose values are marks, not brightness).

    Raises:
        ImageError: as `read_frame`.
    """
    head = _first_bytes(path)
    if looks_like_dicom(head):
        return Decoded(_read_dicom(path, max_pixels, 0).pixels, 255, ())
    for opener, recognises in _OPENERS.values():
        if recognises(head):
            return _decode(path, opener, max_pixels)
    raise ImageError(_why_not_a_picture(path, head))


def _read_dicom(path: Path, max_pixels: int, number: int | None) -> Frame:
    # pydicom takes a while to import; most pictures are of other formats.
    from thyrosight.imaging.dicom import read_dicom_frame

    return read_dicom_frame(path, max_pixels, number)


def _first_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
    except FileNotFoundError:
        raise ImageError(f"{path}: no such file; check the path.") from None
    except IsADirectoryError:
        raise ImageError(f"{path} is a folder, not an image; name a file in it.") from None
    except (OSError, ValueError) as error:
        if path.is_dir():  # Windows answers a folder with PermissionError
            raise ImageError(f"{path} is a folder, not an image; name a file in it.") from None
        raise ImageError(
            f"{path}: cannot be opened ({getattr(error, 'strerror', None) or error}); check its permissions."
        ) from None
    if not head:
        raise ImageError(f"{path} is empty (0 bytes); copy or export it again.")
    return head


def _decode(path: Path, opener: type[ImageFile.ImageFile], max_pixels: int) -> Decoded:
    try:
        with path.open("rb") as stream:
            picture: Image.Image = opener(stream)
            width, height = picture.size
            if width * height > max_pixels:
                raise ImageError(
                    f"{path}: {width} x {height} pixels are more than the {max_pixels} allowed; nothing was decoded. "
                    "Export the frame at the size of the screen."
                )
            require_plain(picture, path)
            notes, white, loses = _page_notes(picture), white_of(picture), loses_depth(picture)
            inverted = zero_is_white(picture) and picture.mode.startswith("I;16")
            picture.load()
            ImageOps.exif_transpose(picture, in_place=True)
            decoded = _values(picture, notes=notes, path=path, white=white, inverted=inverted)
            if inverted:
                return replace(decoded, values=(white - decoded.values).astype(decoded.values.dtype))
            told = _depth_notes(int(decoded.values.max()), 255) if loses else ()
            return replace(decoded, notes=(*decoded.notes, *told))
    except MemoryError:
        raise ImageError(f"{path}: there is not enough memory to decode it; export it smaller.") from None
    except _DECODING_ERRORS as error:
        if why := not_supported(error):
            raise ImageError(f"{path}: {why}.") from error
        raise ImageError(
            f"{path}: the image is damaged or cut short ({str(error)!r}); copy or export it again."
        ) from error


def _page_notes(picture: Image.Image) -> tuple[str, ...]:
    pages = getattr(picture, "n_frames", 1)
    return (f"the file holds {pages} pictures; only the first was read",) if pages > 1 else ()


def _values(picture: Image.Image, *, notes: tuple[str, ...], path: Path, white: int, inverted: bool) -> Decoded:
    """The pixels of a decoded picture as grey or RGB at their own depth."""
    if picture.mode.startswith("I;16") or picture.mode == "I":
        values = np.asarray(picture)
        if values.min() < 0 or values.max() > 65535:
            raise ImageError(
                f"{path}: 32-bit values from {values.min()} to {values.max()} have no stated grey scale; "
                "export the image with 8 or 16 bits."
            )
        return Decoded(values, white, (*notes, *_depth_notes(int(values.max()), white, inverted=inverted)))
    if picture.mode == "F":
        return _floating(np.asarray(picture), notes=notes, path=path)
    if picture.mode == "1":
        return Decoded(np.asarray(picture.convert("L")), 255, notes)
    if picture.mode == "L":
        return Decoded(np.asarray(picture), 255, notes)
    if picture.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in picture.info:
        opaque = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", opaque.size, (0, 0, 0, 255)), opaque)
    colours = picture if picture.mode == "RGB" else picture.convert("RGB")
    grey = _grey_if_equal(colours)
    return Decoded(np.asarray(colours) if grey is None else grey, 255, notes)


def _depth_notes(highest: int, white: int, *, inverted: bool = False) -> tuple[str, ...]:
    """That more bits became 8 and, where a picture of fewer bits was saved as 16, that it is dark, or bright."""
    bits = 12 if white == 4095 else 16
    turned = f"{bits} bits were turned to 8"
    if highest >= _LEAST_OF_WHITE * white:
        return (turned,)
    if inverted:
        bright = (
            f"0 is white and its darkest value is {highest} of {white}, so it is bright; "
            "if it was made with fewer bits, export it with 8"
        )
        return (turned, bright)
    dark = (
        f"its brightest value is {highest} of {white}, so it is dark; if it was made with fewer bits, export it with 8"
    )
    return (turned, dark)


def _grey_if_equal(picture: Image.Image) -> NDArray[np.uint8] | None:
    """One channel of an RGB picture whose three are equal, else None."""
    middle = np.asarray(picture.crop((0, picture.height // 2, picture.width, picture.height // 2 + 1)))
    if not (middle == middle[:, :, :1]).all():  # Most coloured pictures show it here already.
        return None
    # Four bytes for each pixel, as Pillow holds it: they are compared and cut in whole numbers.
    values = np.frombuffer(picture.tobytes("raw", "RGBX"), dtype="<u4")
    differ = values >> 8
    differ ^= values
    if np.bitwise_or.reduce(differ) & 0xFFFF:
        return None
    return values.astype(np.uint8).reshape(picture.height, picture.width)


def _floating(values: NDArray[np.floating[Any]], *, notes: tuple[str, ...], path: Path) -> Decoded:
    lowest, highest = float(values.min()), float(values.max())
    if not (np.isfinite(lowest) and np.isfinite(highest)):  # NaN travels through min and max
        raise ImageError(f"{path}: some pixels are not numbers (NaN or infinite); export the image with 8 or 16 bits.")
    if lowest < 0 or highest > 255:
        raise ImageError(
            f"{path}: floating-point values from {lowest:g} to {highest:g} have no stated grey scale; "
            "expected 0 to 1 or 0 to 255."
        )
    return Decoded(values, 1.0 if highest <= 1 else 255.0, notes)


def _frame_reader(opener: type[ImageFile.ImageFile]) -> Callable[[Path, int, int | None], Frame]:
    def read(path: Path, max_pixels: int, number: int | None) -> Frame:
        if number:
            raise ImageError(f"{path} is read as one picture, frame 0; there is no frame {number}.")
        decoded = _decode(path, opener, max_pixels)
        values = decoded.values
        if values.dtype != np.uint8:
            values = _to_8_bits(values, decoded.highest)
        return Frame(pixels=values, source=str(path), notes=decoded.notes)

    return read


def _to_8_bits(values: NDArray[Any], highest: float) -> NDArray[np.uint8]:
    if highest == 65535:  # Divided by 257 and rounded, in whole numbers.
        return np.asarray(((values.astype(np.uint32) + 128) // 257).astype(np.uint8))
    return np.asarray(np.rint(values.astype(np.float64) * (255 / highest)).astype(np.uint8))


def _starts(*starts: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(starts)


_BMP_HEADERS: Final = tuple(struct.pack("<I", length) for length in (12, 40, 52, 56, 64, 108, 124))

_OPENERS: Final[dict[str, tuple[Any, Callable[[bytes], bool]]]] = {
    "PNG": (PngImagePlugin.PngImageFile, _starts(b"\x89PNG\r\n\x1a\n")),
    "JPEG": (JpegImagePlugin.JpegImageFile, _starts(b"\xff\xd8\xff")),
    "TIFF": (TiffImagePlugin.TiffImageFile, _starts(b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")),
    "BMP": (BmpImagePlugin.BmpImageFile, lambda head: head[:2] == b"BM" and head[14:18] in _BMP_HEADERS),
    "WebP": (WebPImagePlugin.WebPImageFile, lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP"),
}
"""The formats that Pillow reads: its class for the format, and how the first bytes look."""

FRAME_READERS: Final[dict[str, FrameFormat]] = {
    # First, because the 128 free bytes before DICOM may hold the start of a TIFF file.
    "DICOM": FrameFormat(looks_like_dicom, _read_dicom),
    **{name: FrameFormat(recognises, _frame_reader(opener)) for name, (opener, recognises) in _OPENERS.items()},
}
"""Every format a frame can come from, by name. A reader for another format is added here and nowhere else."""

_KNOWN_BUT_NOT_READ: Final[tuple[tuple[str, Callable[[bytes], bool], str], ...]] = (
    ("a GIF file", _starts(b"GIF8"), "save the frame as PNG"),
    ("a JPEG 2000 image", _starts(b"\x00\x00\x00\x0cjP  ", b"\xff\x4f\xff\x51"), "save it as PNG"),
    ("a HEIF or video file", lambda head: head[4:8] == b"ftyp", "save the frame as PNG"),
    ("an AVI video", lambda head: head[:4] == b"RIFF" and head[8:12] == b"AVI ", "save the frame as PNG"),
    ("a PDF file", _starts(b"%PDF"), "save the picture in it as PNG"),
    ("an archive", _starts(b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!"), "unpack it first"),
    ("a NIfTI volume", lambda head: head[344:347] in (b"n+1", b"ni1"), "export the frame as PNG"),
    ("a web page or XML", lambda head: head.lstrip()[:1] == b"<", "download or export the image itself"),
)  # fmt: skip


def _why_not_a_picture(path: Path, head: bytes) -> str:
    for name, recognises, advice in _KNOWN_BUT_NOT_READ:
        if recognises(head):
            return f"{path} is {name}, not a {', '.join(FRAME_READERS)} picture; {advice}."
    return (
        f"{path} is not an image that can be read: its content is none of {', '.join(FRAME_READERS)}, "
        "whatever its name says; export it again as PNG."
    )
