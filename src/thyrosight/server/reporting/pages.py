"""A report as data for drawing: headings, rows, tables and sentences, the same for the page and the PDF."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from thyrosight.imaging.dicom import readable_name
from thyrosight.server.database.tables import Report, Signature
from thyrosight.server.jobs.heat import comparable
from thyrosight.server.reporting.composing import RESEARCH_USE
from thyrosight.server.reporting.signing import day_of
from thyrosight.server.reporting.wording import Wording, wording_of

OWN_SCALE_SENTENCE: Final = "colours scaled to this picture; cannot be compared with other pictures"
SHARED_SCALE_SENTENCE: Final = "on the model's scale, the same for all pictures"


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
        language: its tag (RFC 5646); empty for reports of earlier versions, which named none and are in English.
        title, research_use: on every page.
        institution: on every page; empty where none was named.
        patient: on every page.
        status: whether it is a draft, or who signed it.
        parts: what it says.
        footer: what proves it: hashes and the row of the audit trail.
        numbering: of the pages, with {0} for the page and {1} for their number.
    """

    language: str
    title: str
    research_use: str
    institution: str
    patient: str
    status: str
    parts: tuple[Part, ...]
    footer: str
    numbering: str


def sheet_of(report: Report, signature: Signature | None) -> Sheet:
    """The sheet of a report, in its language."""
    body, study, words = report.body, report.body["study"], wording_of(report.body)
    say = words.say
    kind = "Addendum {0}: ultrasound of the thyroid" if report.supersedes else "Report {0}: ultrasound of the thyroid"
    parts = [_study(study, words)]
    for nodule in body["nodules"]:
        parts += _nodule(nodule, words)
    for heading, key in ((say("Findings"), "findings"), (say("Conclusion"), "conclusion")):
        if body[key].strip():
            parts.append(Part(heading, texts=tuple(line for line in body[key].splitlines() if line.strip())))
    if signature is not None:
        parts.append(_signature(signature, words))
    return Sheet(
        language=words.tag if "language" in body else "",
        title=say(kind, report.number),
        research_use=words.put(RESEARCH_USE),
        institution=body.get("institution", ""),  # reports of earlier versions name none
        patient=say(
            "Patient: {0} (ID {1}), born {2}",
            readable_name(study["patient_name"], language=words.language) or say("Name not stated"),
            study["patient_id"] or say("not stated"),
            _date(study["birth_date"], words),
        ),
        status=say("DRAFT, not signed")
        if signature is None
        else say("Signed by {0}, {1}", signature.name, day_of(signature.created_at)),
        parts=tuple(parts),
        footer=_footer(report, signature, words),
        numbering=say("page {0} of {1}", "{0}", "{1}"),
    )


def _study(study: Mapping[str, Any], words: Wording) -> Part:
    say = words.say
    return Part(
        say("Study"),
        rows=(
            (say("Date"), _date(study["study_date"], words)),
            (say("Accession number"), study["accession"] or say("not stated")),
            (say("Description"), study["description"] or say("not stated")),
            (say("Images"), str(study["images"])),
            (say("Code"), study["code"]),
        ),
    )


def _nodule(nodule: Mapping[str, Any], words: Wording) -> list[Part]:
    say, number = words.say, nodule["number"]
    rows = [(say("Place"), _place(nodule, words)), (say("Size"), _size(nodule["size_mm"], words))]
    rows += [(words.feature(feature), words.terms(said)) for feature, said in nodule["descriptors"].items()]
    rows += [(_frame(view, words), _box(view, words)) for view in nodule["views"]]
    parts = [Part(say("Nodule {0}", number), rows=tuple(rows), texts=(nodule["note"],) if nodule["note"] else ())]
    if nodule["tirads"]:
        cells = tuple(
            (one["title"], words.put(one["category"]), _points(one["points"], words), words.put(one["advice"]))
            for one in nodule["tirads"]
        )
        parts.append(
            Part(
                say("Nodule {0}: risk stratification", number),
                columns=(say("System"), say("Category"), say("Points"), say("Advice")),
                cells=cells,
            )
        )
    if nodule["opinions"]:
        parts.append(_opinions(nodule, words))
    parts += [_result(number, one, words) for one in nodule["model"]]
    return parts


def _opinions(nodule: Mapping[str, Any], words: Wording) -> Part:
    say = words.say
    cells = []
    for one in nodule["opinions"]:
        when = say("before the model's result") if one["stage"] == "before" else say("after it")
        locked = one["locked_at"][:16].replace("T", " ") + " UTC"
        biopsy = say("yes") if one["biopsy"] else say("no")
        cells.append((when, locked, say("{0} of 100", one["score"]), biopsy, _kept(one, words)))
    return Part(
        say("Nodule {0}: opinion", nodule["number"]),
        columns=(say("Opinion"), say("Locked"), say("Suspicion"), say("Biopsy"), say("Kept or changed")),
        cells=tuple(cells),
    )


def _kept(opinion: Mapping[str, Any], words: Wording) -> str:
    if opinion["kept"] is None:
        return ""
    if not opinion["kept"]:
        return words.say("changed: {0}", opinion["reason"])
    return words.say("kept: {0}", opinion["reason"]) if opinion["reason"] else words.say("kept")


def _result(number: int, one: Mapping[str, Any], words: Wording) -> Part:
    say, put = words.say, words.put
    heading = say("Nodule {0}: result of the model", number)
    if one["state"] == "refused":
        return Part(heading, texts=(say("The model cannot judge this image: {0}", put(one["problem"])),))
    result = one["result"]
    point = result["operating_point"]
    rows = (
        (say(_risk_name(result)), f"{result['calibrated_risk']:.2f}"),
        (
            say("Operating point"),
            say(
                "{0}; malignant from {1} ({2}, {3})",
                put(result["label"]), f"{point['threshold']:.2f}", put(point["rule"]), put(point["chosen_on"]),
            ),
        ),
        (say("Training labels"), put(result["label_source"])),
        (say("Split on which it was measured"), put(result["split_kind"])),
        (say("Quality flags"), words.listed([say(flag) for flag in result["quality_flags"]]) or say("none")),
        (say("Model"), say("{0}, hash {1}", put(result["model"]), result["model_hash"][:16])),
    )  # fmt: skip
    texts = (put(result["research_use"]), *(words.sentence(note) for note in result["notes"]))
    return Part(heading, rows=rows, texts=texts, pictures=((UUID(one["assessment_id"]), _caption(result, words)),))


def _risk_name(result: Mapping[str, Any]) -> str:
    """Name of the risk; a result that was made before calibration was stated names it plainly."""
    names = {"none": "Risk of malignancy, not calibrated", "": "Risk of malignancy"}
    return names.get(result.get("calibration", ""), "Calibrated risk of malignancy")


def _caption(result: Mapping[str, Any], words: Wording) -> str:
    shared = comparable(result)
    if shared is None:
        return words.say("Frame")
    scale = words.say(SHARED_SCALE_SENTENCE if shared else OWN_SCALE_SENTENCE)
    return words.say("Frame, and where the model found evidence for malignant: {0}", scale)


def _signature(signature: Signature, words: Wording) -> Part:
    say = words.say
    return Part(
        say("Signature"),
        rows=(
            (say("Signed by"), signature.name),
            (say("At"), day_of(signature.created_at)),
            (say("Meaning"), signature.meaning),
            (say("Hash of the content"), signature.content_hash),
            (say("Row of the audit trail"), say("{0}, hash {1}", signature.audit_seq, signature.audit_hash)),
        ),
    )


def _footer(report: Report, signature: Signature | None, words: Wording) -> str:
    made = report.body["software"]
    if signature is None:
        return words.say("{0}; draft, version {1}", made, report.version)
    proof = (signature.content_hash[:16], signature.audit_seq, signature.audit_hash[:16])
    return words.say("{0}; content {1}; audit row {2}, {3}", made, *proof)


def _place(nodule: Mapping[str, Any], words: Wording) -> str:
    """Side and part of the gland, for example "left upper part"."""
    place = " ".join(part for part in (nodule["side"], nodule["pole"] and f"{nodule['pole']} part") if part)
    return words.say(place or "not stated")


def _size(axes: list[float | None], words: Wording) -> str:
    if all(side is None for side in axes):
        return words.say("not stated")
    return " x ".join("?" if side is None else f"{side:g}" for side in axes) + " mm"


def _box(view: Mapping[str, Any], words: Wording) -> str:
    if view["size_mm"] is None:
        return words.say("size not known: {0}", words.put(view["size_reason"]))
    height, width = view["size_mm"]
    return words.say("{0} mm high, {1} mm wide", f"{height:.1f}", f"{width:.1f}")


def _frame(view: Mapping[str, Any], words: Wording) -> str:
    if view["frames"] > 1:
        return words.say("Box in image {0}, frame {1} of {2}", view["image"], view["frame"] + 1, view["frames"])
    return words.say("Box in image {0}, still", view["image"])


def _points(points: list[int] | None, words: Wording) -> str:
    if points is None:
        return ""
    low, high = points
    return str(low) if low == high else words.say("{0} to {1}", low, high)


def _date(text: str, words: Wording) -> str:
    dated = len(text) == 8 and text.isdigit()
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}" if dated else text or words.say("not stated")
