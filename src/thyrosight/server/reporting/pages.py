"""A report as data for drawing: headings, rows, tables and sentences, the same for the page and the PDF."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from thyrosight.server.database.tables import Report, Signature
from thyrosight.server.jobs.heat import comparable
from thyrosight.server.names import readable_name
from thyrosight.server.reporting.composing import RESEARCH_USE
from thyrosight.server.reporting.signing import day_of

OWN_SCALE_SENTENCE: Final = "colours scaled to this picture; cannot be compared with other pictures"


@dataclass(frozen=True)
class Part:
    """A part of the report.

    Attributes:
        heading: above it.
        rows: names and values.
        columns, cells: of a table; empty without one.
        texts: paragraphs.
        pictures: assessments whose frame is shown, each with a caption.
    """

    heading: str
    rows: tuple[tuple[str, str], ...] = ()
    columns: tuple[str, ...] = ()
    cells: tuple[tuple[str, ...], ...] = ()
    texts: tuple[str, ...] = ()
    pictures: tuple[tuple[UUID, str], ...] = ()


@dataclass(frozen=True)
class Sheet:
    """A report to be drawn.

    Attributes:
        title, research_use: on every page.
        institution: on every page; empty where none was named.
        patient: on every page.
        status: whether it is a draft, or who signed it.
        parts: what it says.
        footer: what proves it: hashes and the row of the audit trail.
    """

    title: str
    research_use: str
    institution: str
    patient: str
    status: str
    parts: tuple[Part, ...]
    footer: str


def sheet_of(report: Report, signature: Signature | None) -> Sheet:
    """The sheet of a report."""
    body, study = report.body, report.body["study"]
    name = readable_name(study["patient_name"]) or "Name not stated"
    kind = "Addendum" if report.supersedes else "Report"
    parts = [_study(study)]
    for nodule in body["nodules"]:
        parts += _nodule(nodule)
    for heading, key in (("Findings", "findings"), ("Conclusion", "conclusion")):
        if body[key].strip():
            parts.append(Part(heading, texts=tuple(line for line in body[key].splitlines() if line.strip())))
    if signature is not None:
        parts.append(_signature(signature))
    return Sheet(
        title=f"{kind} {report.number}: ultrasound of the thyroid",
        research_use=RESEARCH_USE,
        institution=body.get("institution", ""),  # reports of earlier versions name none
        patient=f"{name} (ID {study['patient_id'] or 'not stated'}), born {_date(study['birth_date'])}",
        status="DRAFT, not signed"
        if signature is None
        else f"Signed by {signature.name}, {day_of(signature.created_at)}",
        parts=tuple(parts),
        footer=_footer(report, signature),
    )


def _study(study: Mapping[str, Any]) -> Part:
    return Part(
        "Study",
        rows=(
            ("Date", _date(study["study_date"])),
            ("Accession number", study["accession"] or "not stated"),
            ("Description", study["description"] or "not stated"),
            ("Images", str(study["images"])),
            ("Code", study["code"]),
        ),
    )


def _nodule(nodule: Mapping[str, Any]) -> list[Part]:
    place = " ".join(part for part in (nodule["side"], nodule["pole"] and f"{nodule['pole']} part") if part)
    rows = [("Place", place or "not stated"), ("Size", _size(nodule["size_mm"]))]
    rows += [(feature.replace("_", " ").capitalize(), words) for feature, words in nodule["descriptors"].items()]
    rows += [(f"Box in image {view['image']}, {_frame(view)}", _box(view)) for view in nodule["views"]]
    parts = [Part(f"Nodule {nodule['number']}", rows=tuple(rows), texts=(nodule["note"],) if nodule["note"] else ())]
    if nodule["tirads"]:
        cells = tuple(
            (one["title"], one["category"], _points(one["points"]), one["advice"]) for one in nodule["tirads"]
        )
        parts.append(
            Part(
                f"Nodule {nodule['number']}: risk stratification",
                columns=("System", "Category", "Points", "Advice"),
                cells=cells,
            )
        )
    if nodule["opinions"]:
        parts.append(_opinions(nodule))
    parts += [_result(nodule["number"], one) for one in nodule["model"]]
    return parts


def _opinions(nodule: Mapping[str, Any]) -> Part:
    cells = []
    for one in nodule["opinions"]:
        when = "before the model's result" if one["stage"] == "before" else "after it"
        kept = "" if one["kept"] is None else ("kept" if one["kept"] else f"changed: {one['reason']}")
        if one["kept"] and one["reason"]:
            kept = f"kept: {one['reason']}"
        cells.append((when, one["locked_at"][:16].replace("T", " ") + " UTC", f"{one['score']} of 100",
                      "yes" if one["biopsy"] else "no", kept))  # fmt: skip
    return Part(
        f"Nodule {nodule['number']}: opinion",
        columns=("Opinion", "Locked", "Suspicion", "Biopsy", "Kept or changed"),
        cells=tuple(cells),
    )


def _result(number: int, one: Mapping[str, Any]) -> Part:
    heading = f"Nodule {number}: result of the model"
    if one["state"] == "refused":
        return Part(heading, texts=(f"The model cannot judge this image: {one['problem']}",))
    result = one["result"]
    point = result["operating_point"]
    rows = (
        (_risk_name(result), f"{result['calibrated_risk']:.2f}"),
        (
            "Operating point",
            f"{result['label']}; malignant from {point['threshold']:.2f} ({point['rule']}, {point['chosen_on']})",
        ),
        ("Training labels", result["label_source"]),
        ("Split on which it was measured", result["split_kind"]),
        ("Quality flags", ", ".join(result["quality_flags"]) or "none"),
        ("Model", f"{result['model']}, hash {result['model_hash'][:16]}"),
    )
    texts = (result["research_use"], *(f"{note[:1].upper()}{note[1:]}." for note in result["notes"]))
    return Part(heading, rows=rows, texts=texts, pictures=((UUID(one["assessment_id"]), _caption(result)),))


def _risk_name(result: Mapping[str, Any]) -> str:
    """What the risk is called; a result that was made before calibration was stated does not say."""
    names = {"none": "Risk of malignancy, not calibrated", "": "Risk of malignancy"}
    return names.get(result.get("calibration", ""), "Calibrated risk of malignancy")


def _caption(result: Mapping[str, Any]) -> str:
    shared = comparable(result)
    if shared is None:
        return "Frame"
    scale = "on the model's scale, the same for all pictures" if shared else OWN_SCALE_SENTENCE
    return f"Frame, and where the model found evidence for malignant: {scale}"


def _signature(signature: Signature) -> Part:
    return Part(
        "Signature",
        rows=(
            ("Signed by", signature.name),
            ("At", day_of(signature.created_at)),
            ("Meaning", signature.meaning),
            ("Hash of the content", signature.content_hash),
            ("Row of the audit trail", f"{signature.audit_seq}, hash {signature.audit_hash}"),
        ),
    )


def _footer(report: Report, signature: Signature | None) -> str:
    made = report.body["software"]
    if signature is None:
        return f"{made}; draft, version {report.version}"
    return (
        f"{made}; content {signature.content_hash[:16]}; audit row {signature.audit_seq}, {signature.audit_hash[:16]}"
    )


def _size(axes: list[float | None]) -> str:
    if all(side is None for side in axes):
        return "not stated"
    return " x ".join("?" if side is None else f"{side:g}" for side in axes) + " mm"


def _box(view: Mapping[str, Any]) -> str:
    if view["size_mm"] is None:
        return f"size not known: {view['size_reason']}"
    height, width = view["size_mm"]
    return f"{height:.1f} mm high, {width:.1f} mm wide"


def _frame(view: Mapping[str, Any]) -> str:
    return f"frame {view['frame'] + 1} of {view['frames']}" if view["frames"] > 1 else "still"


def _points(points: list[int] | None) -> str:
    if points is None:
        return ""
    low, high = points
    return str(low) if low == high else f"{low} to {high}"


def _date(text: str) -> str:
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}" if len(text) == 8 and text.isdigit() else text or "not stated"
