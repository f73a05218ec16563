"""Assessed and outlined nodules in notebooks: the image, its heat map or outline, and the facts stated with it."""

from html import escape
from pathlib import Path

from thyrosight.assessing import Assessments, Segmentations
from thyrosight.documents import Column, Row, columns
from thyrosight.errors import ThyroSightError
from thyrosight.explain import explanation_panel, outline_panel
from thyrosight.imaging import Box, Frame, read_frame
from thyrosight.inference import Assessment, HeatScale, LoopAssessment, ModelResult, Refusal, Segmentation
from thyrosight.reports.notebooks.fragment import facts, items, paragraph, picture, rows_table

_WIDTH = 760
_PICTURES = 8
"""Images of one answer that are drawn; all stand in its table."""


def of_assessment(one: Assessment, scale: HeatScale | None = None) -> str:
    """The image with box or outline and heat map, and everything that was found."""
    height, width = one.size_mm or (0.0, 0.0)
    rows = [
        (one.risk_name, f"{_risk(one.calibrated_risk)} of malignancy"),
        ("label", _label(one)),
        ("size", f"{height:.1f} mm high, {width:.1f} mm wide; {one.size_reason}" if one.size_mm else one.size_reason),
        ("place", one.box_origin),
        ("quality flags", ", ".join(one.quality_flags)),
        ("notes", "; ".join(one.notes)),
    ]
    return f"<h3>{escape(_name(one.image, one.frame_number))}</h3>" + _drawn(one, scale) + facts(rows) + _model(one)


def of_loop(one: LoopAssessment) -> str:
    """The nodule of a loop over its frames."""
    rows = [
        (one.risk_name, f"{_risk(one.calibrated_risk)} of malignancy, mean over {len(one.frames)} frames"),
        ("single frames", f"{_risk(one.risk_low)} to {_risk(one.risk_high)}; no confidence interval"),
        ("label", _label(one)),
        ("frames malignant", f"{one.frames_malignant} of {len(one.frames)}"),
        ("quality flags", ", ".join(f"{flag} ({count})" for flag, count in one.quality_flags.items())),
        ("notes", "; ".join(one.notes)),
    ]
    return f"<h3>{escape(Path(one.image).name)}, loop of {one.frames_in_loop} frames</h3>" + facts(rows) + _model(one)


def of_assessments(answer: Assessments) -> str:
    """One row for each nodule, then the images, then what was refused."""
    risk = " / ".join(dict.fromkeys(one.risk_name for one in answer)) or "risk"
    shown = [
        Column(key="image", title="Image"),
        Column(key="risk", title=risk.capitalize()),
        *columns("text", {"label": "Label", "size": "Size, mm", "flags": "Quality flags"}),
    ]
    rows: list[Row] = [
        {
            "image": _name(one.image, one.frame_number),
            "risk": _risk(one.calibrated_risk),
            "label": one.label,
            "size": " \N{MULTIPLICATION SIGN} ".join(f"{side:.1f}" for side in one.size_mm or ()) or None,
            "flags": ", ".join(one.quality_flags) or None,
        }
        for one in answer
    ]
    pictures = [_drawn(one, answer.heat_scale, name=True) for one in answer.assessments[:_PICTURES]]
    left = len(answer) - _PICTURES
    return "".join(
        [
            rows_table(f"{len(answer)} nodules", shown, rows) if rows else "",
            *pictures,
            paragraph(f"{left} more images are not drawn.", "quiet") if left > 0 else "",
            *map(of_loop, answer.loops),
            _refused(answer.refusals),
            _model(answer.assessments[0]) if rows else "",
        ]
    )


def of_segmentation(one: Segmentation) -> str:
    """The image with its outlines, and the measures of each lesion."""
    frame = _frame(one.image, one.frame_number)
    polygons = [lesion.polygon for lesion in one.lesions]
    drawn = "" if frame is None else picture(outline_panel(frame, polygons, ()), title="Outlines", width=_WIDTH)
    unit = one.lesions[0].unit if one.lesions else ""
    shown = [
        Column(key="lesion", title="Lesion", kind="count"),
        *columns("number", {"area": f"Area, {unit}²", "long": f"Long axis, {unit}", "short": f"Short axis, {unit}"}),
    ]
    rows: list[Row] = [
        {"lesion": place, "area": lesion.area, "long": lesion.long_axis, "short": lesion.short_axis}
        for place, lesion in enumerate(one.lesions, start=1)
    ]
    table = rows_table(f"{len(rows)} lesions", shown, rows) if rows else paragraph("No lesion was outlined.")
    return f"<h3>{escape(_name(one.image, one.frame_number))}</h3>{drawn}{table}{_model(one)}"


def of_segmentations(answer: Segmentations) -> str:
    """Each image with its outlines, then what was refused."""
    left = len(answer.segmentations) - _PICTURES
    return "".join(
        [
            *map(of_segmentation, answer.segmentations[:_PICTURES]),
            paragraph(f"{left} more images are not drawn.", "quiet") if left > 0 else "",
            _refused(answer.refusals),
        ]
    )


def _drawn(one: Assessment, scale: HeatScale | None, *, name: bool = False) -> str:
    """The picture of an assessment; nothing where its image is not on the disk any more."""
    frame = _frame(one.image, one.frame_number)
    if frame is None:
        return ""
    caption = f"{_name(one.image, one.frame_number)}: risk {_risk(one.calibrated_risk)}" if name else ""
    heat = one.heat_map
    if heat is None:
        corners = _corners(one.box) if one.contour is None else one.contour
        pixels = outline_panel(frame, [corners] if corners else [], ())
        return picture(pixels, title="The nodule", caption=caption, width=_WIDTH)
    own = HeatScale(
        value=heat.scale or float(heat.values.max()) or 1.0, rule="of this model" if heat.scale else "of this image"
    )
    used = scale or own
    pixels = explanation_panel(
        frame,
        heat.values,
        scale=used.value,
        scale_text=used.rule,
        box=one.box,
        lines=(),
        method=heat.method,
        contour=one.contour,
    )
    return picture(pixels, title=f"{heat.method}: evidence for malignant", caption=caption, width=_WIDTH)


def _corners(box: Box | None) -> tuple[tuple[float, float], ...]:
    if box is None:
        return ()
    return (box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom)


def _frame(image: str, number: int) -> Frame | None:
    try:
        return read_frame(image, frame=number)
    except (ThyroSightError, OSError):
        return None


def _name(image: str, frame_number: int) -> str:
    return Path(image).name + (f", frame {frame_number}" if frame_number else "")


def _risk(risk: float) -> str:
    """Three digits; a risk near 0 or 1 is not rounded to certainty."""
    return "<0.001" if risk < 0.0005 else ">0.999" if risk > 0.9995 else f"{risk:.3f}"


def _label(one: Assessment | LoopAssessment) -> str:
    side = "at or above" if one.label == "malignant" else "below"
    point = one.operating_point
    chosen = f"{point.rule_in_words}, chosen on {point.chosen_on}"
    return f"{one.label} ({side} the operating point {point.threshold:.3f}, {chosen})"


def _refused(refusals: list[Refusal]) -> str:
    found = items(f"{Path(one.image).name}: {one.reason}" for one in refusals)
    return f"<h4>Refused</h4>{found}" if found else ""


def _model(one: ModelResult) -> str:
    said = f"{one.model}; labels: {one.label_source}; {one.split_kind} split; model hash {one.model_hash[:12]}."
    return paragraph(said, "quiet") + paragraph(one.research_use, "use")
