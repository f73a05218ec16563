"""Content that all our DICOM objects share: their maker, their series, and the statement of research use."""

import logging
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from highdicom import AlgorithmIdentificationSequence
from highdicom.coding_schemes import CodingSchemeIdentificationItem
from highdicom.sr import CodedConcept
from pydicom import Dataset

from thyrosight import __version__
from thyrosight.inference import Assessment
from thyrosight.pacs.codes import ARTIFICIAL_INTELLIGENCE, SCHEME, SCHEME_NAME, Term
from thyrosight.pacs.findings import Findings
from thyrosight.pacs.source import SourceImage
from thyrosight.pacs.uids import derived_uid

# highdicom quotes names of patients that it finds odd; they must not reach a terminal or log.
warnings.filterwarnings("ignore", message=".*person name", module=r"highdicom\.")
logging.getLogger("highdicom").addHandler(logging.NullHandler())

MANUFACTURER = "ThyroSight"
RESEARCH_SHORT = "research use only"
_FORMAT = 3
"""Raised whenever the same assessment would give a different object, so that its identifier differs too."""
SERIES_NUMBERS = {"report": 9701, "outline": 9702, "heat map": 9703, "document": 9704}
SIGNED_REPORTS = 9705
"""Number of the series of reports that a person signed."""


def concept(term: Term) -> CodedConcept:
    """A term in the form that highdicom takes."""
    return CodedConcept(term.value, term.scheme, term.meaning)


def own_scheme() -> CodingSchemeIdentificationItem:
    """Who is responsible for the codes of our own scheme (PS3.3, table C.12.1)."""
    return CodingSchemeIdentificationItem(
        SCHEME, name=SCHEME_NAME, version=__version__, responsible_organization="ThyroSight"
    )


def identity(assessment: Assessment, source: SourceImage) -> list[Any]:
    """The values that identify a result: image, frame, model and every value, rounded to six digits."""
    values = assessment.model_dump(mode="json", exclude={"image"})
    return [_FORMAT, source.sop_instance_uid, _rounded(values)]


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, list | tuple) else value


def object_uid(kind: str, assessments: list[Assessment], source: SourceImage, findings: Findings) -> str:
    """The SOP Instance UID of the object of `kind` made from these; the same input always gives the same one."""
    results = [identity(assessment, source) for assessment in assessments]
    return derived_uid("object", kind, results, findings.model_dump(mode="json"), *of_language(findings.language))


def series_uid(kind: str, assessment: Assessment, source: SourceImage, language: str) -> str:
    """The series of all objects of `kind` that one model makes for one study in one language, that of its name."""
    own = of_language(language)
    return derived_uid("series", kind, source.study_instance_uid, assessment.model_hash, __version__, *own)


def of_language(language: str) -> tuple[str, ...]:
    """Words that a language adds to identifiers; none for English, as in objects of earlier versions."""
    return () if language == "en" else ("words in", language)


def tracking(assessment: Assessment, source: SourceImage, findings: Findings) -> tuple[str, str]:
    """Tracking identifier and unique identifier of a nodule.

    A nodule that the user named has the same identifier in all images of the study. Without a name it has one for each
    image and box, because two images may show different nodules.
    """
    if findings.nodule:
        return findings.nodule, derived_uid("nodule", source.study_instance_uid, findings.nodule)
    box = assessment.box.to_text() if assessment.box is not None else "whole image"
    place = derived_uid("nodule", source.sop_instance_uid, box)
    return ("nodule 1" if assessment.box is not None else "whole image"), place


def series_description(what: str, put: Callable[[str], str] = str) -> str:
    """The name of the series in an archive's list; it states the research use. `put` puts it into a language."""
    return put(f"ThyroSight {what}, {RESEARCH_SHORT}")[:64]


def base_arguments(kind: str, assessments: list[Assessment], source: SourceImage, findings: Findings) -> dict[str, Any]:
    """Arguments that highdicom's objects share."""
    return {
        "series_instance_uid": series_uid(kind, assessments[0], source, findings.language),
        "series_number": SERIES_NUMBERS[kind],
        "sop_instance_uid": object_uid(kind, assessments, source, findings),
        "instance_number": max(1, int(source.header.get("InstanceNumber") or 1)),
        "manufacturer": MANUFACTURER,
        "manufacturer_model_name": "ThyroSight",
        "software_versions": __version__,
        "device_serial_number": assessments[0].model_hash[:16],
    }


def algorithm_name(assessment: Assessment) -> str:
    """The algorithm's name: program and model."""
    return f"ThyroSight: {assessment.model}"


def algorithm_version(assessment: Assessment) -> str:
    """The algorithm's version: the program's and the model's hash, which stands for every weight and setting."""
    return f"thyrosight {__version__}, model {assessment.model_hash}"


def algorithm_sequence(assessment: Assessment) -> AlgorithmIdentificationSequence:
    """The algorithm, for objects other than reports (PS3.3, table 10-19)."""
    return AlgorithmIdentificationSequence(
        name=algorithm_name(assessment)[:64],
        family=concept(ARTIFICIAL_INTELLIGENCE),
        version=algorithm_version(assessment)[:64],
        source="ThyroSight",
    )


def statements(assessment: Assessment) -> list[str]:
    """The statements beside every result, a sentence each: use, labels, how the model was measured, cautions."""
    origin = assessment.box_origin
    lines = [
        assessment.research_use,
        f"The model's training labels rest on: {assessment.label_source}. "
        f"Measured on this split: {assessment.split_kind}.",
        f"Nodule box: {origin}." if assessment.box is not None else _sentence(origin),
    ]
    if assessment.quality_flags:
        lines.append(f"Quality flags: {', '.join(assessment.quality_flags)}.")
    return lines + [_sentence(note) for note in assessment.notes if note != origin]


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def finish(dataset: Dataset, source: SourceImage, made: datetime) -> None:
    """Set the dates of an object, and the character set of the patient's name."""
    dataset.InstanceCreationDate = made.strftime("%Y%m%d")
    dataset.InstanceCreationTime = made.strftime("%H%M%S")
    if "ContentDate" in dataset:
        dataset.ContentDate, dataset.ContentTime = made.strftime("%Y%m%d"), made.strftime("%H%M%S")


def name_true_class(dataset: Dataset, source: SourceImage) -> None:
    """Let every reference to the source state its own class, also a retired one, which highdicom does not take."""
    for item in _references(dataset):
        if item.get("ReferencedSOPInstanceUID") == source.sop_instance_uid:
            item.ReferencedSOPClassUID = source.header.SOPClassUID


def _references(dataset: Dataset) -> Iterator[Dataset]:
    """Every item that refers to another object, at any depth."""
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value:
                if "ReferencedSOPClassUID" in item:
                    yield item
                yield from _references(item)
