"""The report as a PDF made by matplotlib: no browser, no font outside matplotlib, no network."""

import io
import textwrap
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from pydicom import Dataset

from thyrosight import __version__
from thyrosight.explain import overlay, shared_scale
from thyrosight.imaging import Frame
from thyrosight.inference import Assessment, over_frames
from thyrosight.pacs.common import statements
from thyrosight.pacs.findings import Findings
from thyrosight.pacs.measuring import size
from thyrosight.pacs.source import SourceImage

_A4 = (8.27, 11.69)
_LINE = 0.0165
"""Height of a line of text as a share of the page."""


def pdf_report(
    assessments: Sequence[Assessment],
    source: SourceImage,
    frames: Sequence[Frame],
    *,
    findings: Findings | None = None,
    made: datetime | None = None,
) -> bytes:
    """One A4 page for each assessment: patient and study, risk, size, cautions, the image and its heat map.

    Args:
        assessments: of `source`.
        source: for patient and study.
        frames: the pixels of each assessment, in the same order.
        findings: TI-RADS category and descriptors.
        made: date and time printed on the page; now if None.
    """
    made = made or datetime.now()
    buffer = io.BytesIO()
    metadata = {"Title": title(source), "Creator": f"ThyroSight {__version__}", "CreationDate": made}
    with PdfPages(buffer, metadata=metadata) as pages:
        for number, (assessment, frame) in enumerate(zip(assessments, frames, strict=True), start=1):
            place = f"page {number} of {len(assessments)}"
            rows = [*_over_loop(assessments, source), *_result(assessment, findings or Findings())]
            pages.savefig(_page(assessment, source, frame, rows, made=made, place=place))
    return buffer.getvalue()


def title(source: SourceImage) -> str:
    """The document's title; it states the research use, because archives list it."""
    kind = "loop" if source.is_multiframe else "image"
    return f"ThyroSight assessment of an ultrasound {kind} (research use only)"


def _page(
    assessment: Assessment,
    source: SourceImage,
    frame: Frame,
    rows: list[tuple[str, str]],
    *,
    made: datetime,
    place: str,
) -> Figure:
    figure = Figure(figsize=_A4, facecolor="white")
    figure.text(0.07, 0.955, "ThyroSight: assessment of an ultrasound image", size=15, weight="bold", va="top")
    figure.text(0.07, 0.925, assessment.research_use, size=10.5, weight="bold", color="#a4262c", va="top")
    line = _rows(figure, _subject(assessment, source.header, made), top=0.895)
    line = _rows(figure, rows, top=line - _LINE)
    line = _paragraphs(figure, statements(assessment)[1:], top=line - _LINE)
    _pictures(figure, assessment, frame, top=line - _LINE)
    foot = f"ThyroSight {__version__}; model hash {assessment.model_hash}; {place}"
    figure.text(0.07, 0.03, foot, size=6.5, color="#555555")
    return figure


def _person(name: Any) -> str:
    """A DICOM name as people write it."""
    return str(name).replace("^", ", ", 1).replace("^", " ").strip(", ") or "name not stated"


def _subject(assessment: Assessment, header: Dataset, made: datetime) -> list[tuple[str, str]]:
    frame = f", frame {assessment.frame_number + 1}" if header.get("NumberOfFrames") else ""
    return [
        ("Patient", f"{_person(header.PatientName)} (ID {header.PatientID or 'not stated'})"),
        ("Study", f"{header.StudyDate or 'date not stated'}, accession {header.AccessionNumber or 'not stated'}"),
        ("Image", f"{header.SOPInstanceUID}{frame}"),
        ("Assessed", f"{made:%Y-%m-%d %H:%M}"),
    ]


def _over_loop(assessments: Sequence[Assessment], source: SourceImage) -> list[tuple[str, str]]:
    """The result over a loop, on each of its pages; nothing for a still image."""
    if not source.is_multiframe:
        return []
    loop = over_frames(assessments, frames_in_loop=source.frames)
    return [
        ("Over the loop: mean risk", f"{loop.calibrated_risk:.3f}: {loop.label}"),
        ("Over the loop: spread", f"{loop.risk_low:.3f} to {loop.risk_high:.3f}; {loop.frames_malignant} of "
                               f"{len(assessments)} assessed frames malignant alone ({source.frames} in the loop)"),
    ]  # fmt: skip


def _result(assessment: Assessment, findings: Findings) -> list[tuple[str, str]]:
    point, measured = assessment.operating_point, size(assessment)
    rows = [
        (
            "Calibrated risk of this frame" if assessment.frame_number else "Calibrated risk",
            f"{assessment.calibrated_risk:.3f}",
        ),
        ("Label", f"{assessment.label} (malignant from {point.threshold:.3f}: {point.rule}, {point.chosen_on})"),
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


def _rows(figure: Figure, rows: list[tuple[str, str]], *, top: float) -> float:
    """Names and values below one another; returns where the next line may stand."""
    for name, value in rows:
        lines = textwrap.wrap(value, 72) or [""]
        figure.text(0.07, top, name, size=9, color="#555555", va="top")
        for line in lines:
            figure.text(0.34, top, line, size=9, va="top")
            top -= _LINE
    return top


def _paragraphs(figure: Figure, paragraphs: list[str], *, top: float) -> float:
    for paragraph in paragraphs:
        for line in textwrap.wrap(paragraph, 105):
            figure.text(0.07, top, line, size=8.5, va="top")
            top -= _LINE
    return top


def _pictures(figure: Figure, assessment: Assessment, frame: Frame, *, top: float) -> None:
    """The frame, and beside it the frame under its heat map where there is one."""
    pictures = [("Image", frame.rgb())]
    heat = assessment.heat_map
    if heat is not None:
        scale = heat.scale if heat.scale is not None else shared_scale(heat.values[None])
        pictures.append(("Evidence for malignant (Grad-CAM)", overlay(frame.rgb(), heat.values, scale=scale)))
    for place, (name, pixels) in enumerate(pictures):
        axes = figure.add_axes((0.07 + 0.44 * place, 0.06, 0.42, max(top - 0.06, 0.1)), anchor="NW")
        axes.imshow(np.asarray(pixels), interpolation="antialiased")
        axes.set_title(name, size=9, loc="left")
        axes.set_axis_off()
        if assessment.box is not None:
            box = assessment.box
            axes.add_patch(
                Rectangle((box.left - 0.5, box.top - 0.5), box.width, box.height, fill=False, edgecolor="#00c2ff")
            )
