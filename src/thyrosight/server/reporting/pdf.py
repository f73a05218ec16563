"""A report as PDF: A4, patient and research use on every page, fonts embedded."""

import io
from typing import Any, Final
from unicodedata import east_asian_width

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.platypus import Flowable, Image, KeepTogether, Spacer, Table

from thyrosight.pacs.pdf_fonts import BOLD, SANS, paragraph, register_fonts
from thyrosight.pacs.pdf_frame import framed
from thyrosight.server.reporting.pages import Part, Sheet
from thyrosight.server.reporting.pictures import PictureOf

register_fonts()

_MARGIN: Final = 16 * mm
_WIDTH: Final = A4[0] - 2 * _MARGIN
_TEXT: Final = ParagraphStyle("text", fontName=SANS, fontSize=9, leading=12.5, spaceAfter=3)
_NAME: Final = ParagraphStyle("name", _TEXT, textColor=HexColor("#555555"), spaceAfter=0)
_VALUE: Final = ParagraphStyle("value", _TEXT, spaceAfter=0)
_HEAD: Final = ParagraphStyle("head", _VALUE, fontName=BOLD, fontSize=8.5)
_HEADING: Final = ParagraphStyle(
    "heading", _TEXT, fontName=BOLD, fontSize=10.5, leading=14, spaceBefore=7, spaceAfter=3
)
_TITLE: Final = ParagraphStyle("title", _TEXT, fontName=BOLD, fontSize=14, leading=18)
_WARNING: Final = ParagraphStyle("warning", _TEXT, fontName=BOLD, textColor=HexColor("#a4262c"))
_SMALL: Final = ParagraphStyle("small", _NAME, fontSize=6.5, leading=8)
_PLAIN: Final[list[Any]] = [
    ("FONTNAME", (0, 0), (-1, -1), SANS),  # else the table names a font that is not embedded
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("TOPPADDING", (0, 0), (-1, -1), 1),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
]
_RULED: Final[list[Any]] = [*_PLAIN, ("LINEBELOW", (0, 0), (-1, -1), 0.25, HexColor("#bbbbbb"))]


def pdf_of(sheet: Sheet, picture_of: PictureOf, *, moment: str) -> bytes:
    """The pages of a report.

    Args:
        sheet: what it says.
        picture_of: the pictures that it names.
        moment: date and time for the file's properties, as YYYYMMDDHHMMSS; the same one gives the same bytes.
    """
    _, count = _write(sheet, picture_of, moment=moment, pages=0)
    return _write(sheet, picture_of, moment=moment, pages=count)[0]


def _write(sheet: Sheet, picture_of: PictureOf, *, moment: str, pages: int) -> tuple[bytes, int]:
    header = [
        paragraph(sheet.title, _TITLE),
        paragraph(sheet.research_use, _WARNING),
        *([paragraph(sheet.institution, _TEXT)] if sheet.institution else []),
        paragraph(sheet.patient, _TEXT),
        paragraph(sheet.status, _TEXT),
    ]
    return framed(
        [flow for part in sheet.parts for flow in _flow(part, picture_of)],
        header,
        footer=sheet.footer,
        small=_SMALL,
        margin=_MARGIN,
        title=sheet.title,
        subject=sheet.research_use,
        moment=moment,
        pages=pages,
        numbering=sheet.numbering,
        language=sheet.language,
    )


def _flow(part: Part, picture_of: PictureOf) -> list[Flowable]:
    heading = paragraph(part.heading, _HEADING)
    inside: list[Flowable] = []
    if part.rows:
        rows = [[paragraph(name, _NAME), paragraph(value, _VALUE)] for name, value in part.rows]
        inside.append(Table(rows, colWidths=(50 * mm, _WIDTH - 50 * mm), style=_PLAIN, hAlign="LEFT"))
    if part.cells:
        lines = [[paragraph(cell, _HEAD) for cell in part.columns]]
        lines += [[paragraph(cell, _VALUE) for cell in row] for row in part.cells]
        widths = _widths(part)
        inside.append(Table(lines, colWidths=widths, style=_RULED, hAlign="LEFT", repeatRows=1))
    inside += [paragraph(text, _TEXT) for text in part.texts]
    for name, caption in part.pictures:
        content = picture_of(name)
        if content is not None:
            inside += [Spacer(0, 2 * mm), paragraph(caption, _NAME), _fitted(content)]
    return [KeepTogether([heading, *inside])] if len(part.cells) < 12 else [heading, *inside]


def _widths(part: Part) -> list[float]:
    """Columns as wide as their longest cell asks for, within limits."""
    lengths = [
        min(max(_length(row[place]) for row in (part.columns, *part.cells)), 44) + 4
        for place in range(len(part.columns))
    ]
    return [_WIDTH * length / sum(lengths) for length in lengths]


def _length(text: str) -> int:
    """Characters, those of Chinese twice as wide."""
    return sum(2 if east_asian_width(one) in "WF" else 1 for one in text)


def _fitted(content: bytes) -> Image:
    columns, rows = ImageReader(io.BytesIO(content)).getSize()
    scale = min(_WIDTH / columns, 75 * mm / rows)
    return Image(io.BytesIO(content), width=columns * scale, height=rows * scale, hAlign="LEFT")
