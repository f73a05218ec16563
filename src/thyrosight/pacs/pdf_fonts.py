"""Fonts of the PDF. Every glyph that is printed is embedded, so that a page looks the same in every viewer.

DejaVu Sans (from matplotlib) has Latin, Cyrillic, Greek, Arabic and Hebrew letters. What it lacks comes from Noto Sans
CJK, which has Chinese, Japanese and Korean. Reportlab embeds TrueType outlines only, and Noto's are CFF: they are
converted in fonts of 256 characters, and of these what a document draws.
"""

import io
import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from threading import Lock
from typing import Any, Final
from xml.sax.saxutils import escape

import arabic_reshaper
import matplotlib
import noto_cjk_sans_otc
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont as FontFile
from fontTools.ttLib.tables._g_l_y_f import Glyph
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont, TTFontFace
from reportlab.platypus import Paragraph

SANS: Final = "DejaVuSans"
BOLD: Final = "DejaVuSans-Bold"
_PART: Final = 256
_LOCK: Final = Lock()
"""Held while glyphs are read from the file of Noto Sans CJK."""

_RIGHT_TO_LEFT: Final = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff"
_RIGHT_TO_LEFT_RUN: Final = re.compile(f"[{_RIGHT_TO_LEFT}](?:[{_RIGHT_TO_LEFT} ,.'-]*[{_RIGHT_TO_LEFT}])?")
_HAN: Final = re.compile("[\u2e80-\u9fff\uf900-\ufaff]")
_WITHOUT_SPACES: Final = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]{9}")
"""Chinese longer than a name."""


def register_fonts() -> None:
    """Make `SANS` and `BOLD` known to reportlab."""
    for name in (SANS, BOLD):
        pdfmetrics.registerFont(TTFont(name, str(_sans_file(name))))


def markup(text: str) -> str:
    """Text as a reportlab paragraph takes it: each run in a font that has it, and right-to-left words as they look."""
    seen = _RIGHT_TO_LEFT_RUN.sub(_as_seen, text)
    marked = []
    for font, run in groupby(seen, key=_font_of):
        words = escape("".join(run))
        marked.append(words if font == SANS else f'<font name="{font}">{words}</font>')
    return "".join(marked)


def paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    """Text as a paragraph: Chinese, which has no spaces, breaks where the line ends, and is bold where the style is."""
    if style.fontName == BOLD and _HAN.search(text):
        return _Emboldened(markup(text), _breaking_anywhere(style))
    return Paragraph(markup(text), _breaking_anywhere(style) if _WITHOUT_SPACES.search(text) else style)


@cache
def _breaking_anywhere(style: ParagraphStyle) -> ParagraphStyle:
    return ParagraphStyle(f"{style.name}, breaking anywhere", style, fontName=SANS, wordWrap="CJK")


class _Emboldened(Paragraph):
    """A paragraph whose letters are drawn with their edges: Noto Sans CJK comes without a bold face."""

    def draw(self) -> None:
        self.canv.saveState()
        self.canv.setStrokeColor(self.style.textColor)
        self.canv.setLineWidth(self.style.fontSize / 32)
        self.canv.addLiteral("2 Tr")
        super().draw()
        self.canv.restoreState()


def _sans_file(name: str) -> Path:
    return Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{name}.ttf"


def _font_of(character: str) -> str:
    """The font that has a character; DejaVu Sans draws a box for one that neither has."""
    code = ord(character)
    if code in _sans_characters() or code not in _noto_glyphs():
        return SANS
    return _part_of_noto(code // _PART)


@cache
def _sans_characters() -> frozenset[int]:
    with FontFile(_sans_file(SANS), lazy=True) as font:
        return frozenset(font.getBestCmap())


@cache
def _noto() -> Any:
    return FontFile(str(noto_cjk_sans_otc.FONT_PATH), fontNumber=0, lazy=True)


@cache
def _noto_glyphs() -> dict[int, str]:
    with _LOCK:
        found: dict[int, str] = _noto().getBestCmap()
    return found


@cache
def _part_of_noto(number: int) -> str:
    """Register a TrueType font of 256 characters of Noto Sans CJK, and return its name.

    Reportlab keeps each font for the whole process. Fixed parts make a document the same whatever was written before
    it.
    """
    name = f"NotoSansCJK-{number:03X}"
    codes = range(number * _PART, (number + 1) * _PART)
    glyph_of = {code: _noto_glyphs()[code] for code in codes if code in _noto_glyphs()}
    with _LOCK:
        widths = _true_type(_noto(), glyph_of, name=name, drawn=False)
    font = TTFont(name, widths)
    widths.seek(0)
    font.face = _Part(widths, name, glyph_of)
    pdfmetrics.registerFont(font)
    return name


class _Part(TTFontFace):
    """Some characters of Noto Sans CJK. Outlines are converted when a document has them: few of a part are drawn."""

    def __init__(self, widths: io.BytesIO, name: str, glyph_of: dict[int, str]) -> None:
        super().__init__(widths)
        self._name, self._glyph_of = name, glyph_of

    def makeSubset(self, subset: Sequence[int]) -> bytes:  # noqa: N802
        """The font that a document embeds."""
        glyph_of = {code: self._glyph_of[code] for code in subset if code in self._glyph_of}
        with _LOCK:
            drawn = _true_type(_noto(), glyph_of, name=self._name)
        made: bytes = TTFontFace(drawn).makeSubset(subset)
        return made


def _true_type(source: Any, glyph_of: dict[int, str], *, name: str, drawn: bool = True) -> io.BytesIO:
    """The glyphs of some characters of a font with CFF outlines, as a TrueType font; with their widths alone."""
    names = [".notdef", *sorted(set(glyph_of.values()) - {".notdef"})]
    font = FontBuilder(source["head"].unitsPerEm, isTTF=True)
    font.setupGlyphOrder(names)
    font.setupCharacterMap(glyph_of)
    font.setupGlyf({one: _outline(one) if drawn else Glyph() for one in names})
    font.setupHorizontalMetrics({one: source["hmtx"][one] for one in names})
    font.setupHorizontalHeader(ascent=source["hhea"].ascent, descent=source["hhea"].descent)
    font.setupNameTable({"familyName": name, "styleName": "Regular", "psName": name})
    font.setupOS2()
    font.setupPost()
    font.font["head"].created = font.font["head"].modified = 0  # else two processes write different bytes
    if not drawn:  # a document states these bounds for all characters, in whatever order they are first drawn
        font.font.recalcBBoxes = False
        for side in ("xMin", "yMin", "xMax", "yMax"):
            setattr(font.font["head"], side, getattr(source["head"], side))
    stored = io.BytesIO()
    font.save(stored)
    stored.seek(0)
    return stored


@cache
def _outline(name: str) -> Any:
    """A glyph of Noto Sans CJK with quadratic curves."""
    pen = TTGlyphPen(None)
    _noto().getGlyphSet()[name].draw(Cu2QuPen(pen, max_err=1.0, reverse_direction=True))
    return pen.glyph()


def _as_seen(run: re.Match[str]) -> str:
    """Right-to-left words in the order of the page, Arabic letters joined; marks stay behind the letter they are on."""
    letters: list[str] = []
    for character in arabic_reshaper.reshape(run[0]):
        if letters and unicodedata.combining(character):
            letters[-1] += character
        else:
            letters.append(character)
    return "".join(reversed(letters))
