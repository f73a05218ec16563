"""Forms of TIFF and PNG pictures that Pillow reads without a word, wrongly, or not at all."""

from pathlib import Path
from typing import Final

from PIL import Image

from thyrosight.errors import ImageError

_WHITE_IS_ZERO: Final = 0
_BITS, _PHOTOMETRIC, _SAMPLE_FORMAT, _SIGNED = 258, 262, 339, 2
_NOT_BUILT_IN: Final = ("webp",)
"""Compressions of TIFF that Pillow knows by name, and that the library in its wheels does not decode."""
_EXPORT: Final = "export it as PNG with 8 or 16 bits"


def require_plain(picture: Image.Image, path: Path) -> None:
    """Refuse a picture that would be read wrongly; no pixel is decoded.

    Raises:
        ImageError: its samples have a sign or a scale that nobody states, or its compression is not read.
    """
    tags = _tags(picture)
    if tags.get(_SAMPLE_FORMAT) == (_SIGNED,) and tags.get(_BITS) == (8,):
        raise ImageError(f"{path}: 8-bit values with a sign have no stated grey scale; {_EXPORT}.")
    if zero_is_white(picture) and picture.mode in ("I", "F"):
        raise ImageError(f"{path}: 32-bit values of which 0 is white have no stated grey scale; {_EXPORT}.")
    compression = picture.info.get("compression")
    if compression in _NOT_BUILT_IN:
        raise ImageError(f"{path}: {compression} inside TIFF is not read; {_EXPORT}.")


def zero_is_white(picture: Image.Image) -> bool:
    """Whether the lowest value of a TIFF picture is white. Pillow turns 1 to 8 bits round, and no deeper ones."""
    return _tags(picture).get(_PHOTOMETRIC) == _WHITE_IS_ZERO


def white_of(picture: Image.Image) -> int:
    """The value of white of a picture whose values Pillow keeps in 16 bits: TIFF may pack 12 bits for each.

    Call it before the pixels are decoded.
    """
    return 4095 if _tags(picture).get(_BITS) == (12,) else 65535


def loses_depth(picture: Image.Image) -> bool:
    """Whether Pillow turns 16 bits to 8: in colours, and in grey with transparency. Call it before decoding."""
    deep = any(";16" in str(tile[3]) for tile in getattr(picture, "tile", ()))
    return deep and not picture.mode.startswith("I")


def not_supported(error: BaseException) -> str:
    """Reason why Pillow cannot open a sound picture, and advice; empty where the picture is damaged.

    >>> not_supported(SyntaxError("unknown pixel mode"))
    'its kind of samples is not read; export it as PNG with 8 or 16 bits'
    >>> not_supported(SyntaxError("not a TIFF file"))
    ''
    """
    if "unknown pixel mode" in str(error):
        return f"its kind of samples is not read; {_EXPORT}"
    if isinstance(error, SyntaxError) and error.args and isinstance(error.args[0], KeyError):
        return f"its compression ({error.args[0].args[0]}) is not read; {_EXPORT}"
    return ""


def _tags(picture: Image.Image) -> dict[int, object]:
    found = getattr(picture, "tag_v2", None)
    return {} if found is None else {tag: found.get(tag) for tag in (_BITS, _PHOTOMETRIC, _SAMPLE_FORMAT)}
