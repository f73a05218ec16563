"""The report as a PDF: text flows over as many A4 pages as it needs; no browser, no network."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom import Dataset
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, PageBreak, Paragraph, Spacer, Table

from thyrosight import __version__
from thyrosight.explain import overlay, shared_scale
from thyrosight.imaging import Box, Frame
from thyrosight.imaging.dicom import readable_name
from thyrosight.inference import Assessment, over_frames
from thyrosight.pacs.common import statements
from thyrosight.pacs.findings import Findings
from thyrosight.pacs.measuring import size
from thyrosight.pacs.pdf_fonts import BOLD, SANS, markup, register_fonts
from thyrosight.pacs.pdf_frame import framed
from thyrosight.pacs.source import SourceImage

register_fonts()

Rows = list[tuple[str, str]]
Pixels = NDArray[np.uint8]

_MARGIN: Final = 15 * mm
_WIDTH: Final = A4[0] - 2 * _MARGIN
_PICTURE: Final = ((_WIDTH - 6 * mm) / 2, 85 * mm)
"""Largest width and height of a picture."""
_GREY, _BOX_COLOUR = HexColor("#555555"), HexColor("#00c2ff")
_TEXT: Final = ParagraphStyle("text", fontName=SANS, fontSize=9, leading=12, spaceAfter=4)
_VALUE: Final = ParagraphStyle("value", _TEXT, spaceAfter=0)
_NAME: Final = ParagraphStyle("name", _VALUE, textColor=_GREY)
_SMALL: Final = ParagraphStyle("small", _NAME, fontSize=6.5, leading=8)
_TITLE: Final = ParagraphStyle("title", _TEXT, fontName=BOLD, fontSize=14, leading=18)
_WARNING: Final = ParagraphStyle("warning", _TEXT, fontName=BOLD, fontSize=9.5, textColor=HexColor("#a4262c"))
_LAYOUT: Final = [
    ("FONTNAME", (0, 0), (-1, -1), SANS),  # else the table names a font that is not embedded
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    *((f"{side}PADDING", (0, 0), (-1, -1), 0) for side in ("TOP", "BOTTOM", "LEFT")),
]


@dataclass(frozen=True, eq=False, slots=True)
class _Part:
    """Text and pictures of the pages of one assessment."""

    rows: list[Rows]
    paragraphs: list[str]
    pictures: list[tuple[str, Pixels]]
    box: Box | None


def pdf_report(
    assessments: Sequence[Assessment],
    source: SourceImage,
    frames: Sequence[Frame],
    *,
    findings: Findings | None = None,
    made: datetime | None = None,
) -> bytes:
    """Study, risk, size, cautions, the image and its heat map; each assessment begins a page.

    Every page has the statement of research use, the patient, and the model's hash. Fonts are embedded.

    Args:
        assessments: of `source`.
        source: for patient and study.
        frames: the pixels of each assessment, in the same order.
        findings: TI-RADS category and descriptors.
        made: date and time printed on the page; now if None.
    """
    made = made or datetime.now()
    parts = [
        _Part(
            [
                _subject(assessment, source.header, made),
                [*_over_loop(assessments, source), *_result(assessment, findings or Findings())],
            ],
            statements(assessment)[1:],
            _pictures(assessment, frame),
            assessment.box,
        )
        for assessment, frame in zip(assessments, frames, strict=True)
    ]
    header = [
        Paragraph("ThyroSight: assessment of an ultrasound image", _TITLE),
        Paragraph(markup(assessments[0].research_use), _WARNING),
        Paragraph(markup(f"Patient: {_patient(source.header)}"), _TEXT),
    ]
    footer = f"ThyroSight {__version__}; model hash {', '.join(sorted({one.model_hash for one in assessments}))}"
    write = partial(_write, parts, header, footer, heading=title(source), made=made)
    _, pages = write(pages=0)  # only then is it known how many there are
    return write(pages=pages)[0]


def title(source: SourceImage) -> str:
    """The document's title; it states the research use, because archives list it."""
    kind = "loop" if source.is_multiframe else "image"
    return f"ThyroSight assessment of an ultrasound {kind} (research use only)"


def _write(
    parts: list[_Part], header: list[Paragraph], footer: str, *, heading: str, made: datetime, pages: int
) -> tuple[bytes, int]:
    """Return the document and the number of its pages.

    `pages` is the number printed on each; with 0, pages are only counted, and pictures leave their place empty.
    """
    return framed(
        _story(parts, drawn=pages > 0),
        header,
        footer=footer,
        small=_SMALL,
        margin=_MARGIN,
        title=heading,
        subject="Result of a research system",
        moment=f"{made:%Y%m%d%H%M%S}",
        pages=pages,
    )


def _story(parts: list[_Part], *, drawn: bool) -> list[Flowable]:
    flow: list[Flowable] = []
    for part in parts:
        flow += [PageBreak()] if flow else []
        for rows in part.rows:
            cells = [[Paragraph(markup(name), _NAME), Paragraph(markup(value), _VALUE)] for name, value in rows]
            flow += [
                Table(cells, colWidths=(52 * mm, _WIDTH - 52 * mm), style=_LAYOUT, splitInRow=1),
                Spacer(0, 3 * mm),
            ]
        flow += [Paragraph(markup(text), _TEXT) for text in part.paragraphs]
        shown = [
            [Paragraph(caption, _TEXT), _Picture(pixels, part.box, drawn=drawn)] for caption, pixels in part.pictures
        ]
        flow.append(Table([shown], colWidths=(_WIDTH / 2,) * len(shown), hAlign="LEFT", style=_LAYOUT))
    return flow


class _Picture(Flowable):
    """An image with the nodule box on it, as large as fits."""

    def __init__(self, pixels: Pixels, box: Box | None, *, drawn: bool) -> None:
        super().__init__()
        rows, columns = pixels.shape[:2]
        self.scale = min(_PICTURE[0] / columns, _PICTURE[1] / rows)
        self.width, self.height = columns * self.scale, rows * self.scale
        self.pixels, self.box, self.drawn = pixels, box, drawn

    def draw(self) -> None:
        if not self.drawn:
            return
        canvas: Canvas = self.canv
        canvas.drawImage(ImageReader(Image.fromarray(self.pixels)), 0, 0, self.width, self.height)
        if self.box is not None:
            canvas.setStrokeColor(_BOX_COLOUR)
            left, bottom = self.box.left * self.scale, self.height - self.box.bottom * self.scale
            canvas.rect(left, bottom, self.box.width * self.scale, self.box.height * self.scale)


def _pictures(assessment: Assessment, frame: Frame) -> list[tuple[str, Pixels]]:
    """The frame, and beside it the frame under its heat map where there is one."""
    pictures = [("Image", frame.rgb())]
    heat = assessment.heat_map
    if heat is not None:
        scale = heat.scale if heat.scale is not None else shared_scale(heat.values[None])
        name = f"Evidence for malignant ({heat.method})"
        if heat.scale is None:
            name += "; scaled to this image, not to be compared with others"
        pictures.append((name, overlay(frame.rgb(), heat.values, scale=scale)))
    return pictures


def _patient(header: Dataset) -> str:
    return f"{readable_name(str(header.PatientName)) or 'name not stated'} (ID {header.PatientID or 'not stated'})"


def _subject(assessment: Assessment, header: Dataset, made: datetime) -> Rows:
    frame = f", frame {assessment.frame_number + 1}" if header.get("NumberOfFrames") else ""
    return [
        ("Study", f"{header.StudyDate or 'date not stated'}, accession {header.AccessionNumber or 'not stated'}"),
        ("Image", f"{header.SOPInstanceUID}{frame}"),
        ("Assessed", f"{made:%Y-%m-%d %H:%M}"),
    ]


def _over_loop(assessments: Sequence[Assessment], source: SourceImage) -> Rows:
    """The result over a loop, on each of its pages; nothing for a still image."""
    if not source.is_multiframe:
        return []
    loop = over_frames(assessments, frames_in_loop=source.frames)
    return [
        ("Over the loop: mean risk", f"{loop.calibrated_risk:.3f}: {loop.label}"),
        ("Over the loop: spread", f"{loop.risk_low:.3f} to {loop.risk_high:.3f}; {loop.frames_malignant} of "
                               f"{len(assessments)} assessed frames malignant alone ({source.frames} in the loop)"),
    ]  # fmt: skip


def _result(assessment: Assessment, findings: Findings) -> Rows:
    point, measured = assessment.operating_point, size(assessment)
    rows = [
        (
            f"{assessment.risk_name.capitalize()}{' (this frame)' if assessment.frame_number else ''}",
            f"{assessment.calibrated_risk:.3f}",
        ),
        (
            "Label",
            f"{assessment.label} (malignant from {point.threshold:.3f}: {point.rule_in_words}, {point.chosen_on})",
        ),
        ("Network output, not calibrated", f"{assessment.probability:.3f}"),
    ]
    if measured is None:
        rows.append(("Size", f"not known: {assessment.size_reason}"))
    else:
        rows.append(
            (
                "Long axis x short axis; depth",
                f"{measured.long_axis_mm:.1f} x {measured.short_axis_mm:.1f} mm; {measured.depth_mm:.1f} mm "
                f"({measured.rule})",
            )
        )
    if findings.category:
        rows.append((findings.system or "TI-RADS", f"{findings.category} ({findings.origin})"))
    rows += [(feature.capitalize(), term) for feature, term in findings.descriptors.items()]
    return [*rows, ("Model", assessment.model)]
