"""Text drawn into pictures: a font that has its letters, and its lines."""

import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from PIL import ImageFont

from thyrosight.languages import pieces_of

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
_WIDE: Final = frozenset("WF")
_SIMPLIFIED: Final = 2
"""The face of Noto Sans CJK with simplified Chinese forms."""


def font_for(size: int, text: str = "") -> Font:
    """A font that has the letters of a text; without one, those of English.

    Pillow's own has those of English alone, and draws a box for any other. DejaVu Sans (with matplotlib) has those of
    European languages and more; Chinese, Japanese and Korean are in Noto Sans CJK, which comes with `thyrosight[pacs]`.
    """
    if text.isascii():
        return ImageFont.load_default(size)
    wide = any(unicodedata.east_asian_width(letter) in _WIDE for letter in text)
    return _kept(wide and find_spec("noto_cjk_sans_otc") is not None, size)


@cache
def _kept(wide: bool, size: int) -> Font:
    if wide:
        import noto_cjk_sans_otc

        return ImageFont.truetype(str(noto_cjk_sans_otc.FONT_PATH), size, index=_SIMPLIFIED)
    import matplotlib

    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"), size)


def wrapped(text: str, width: int, font: Font) -> list[str]:
    """A text in lines of at most `width` pixels, broken between words or Chinese characters."""
    lines = [""]
    for piece in pieces_of(text):
        if lines[-1] and font.getlength((lines[-1] + piece).rstrip()) > width:
            lines.append(piece.lstrip())
        else:
            lines[-1] += piece
    return [line.rstrip() for line in lines if line.strip()] or [""]
