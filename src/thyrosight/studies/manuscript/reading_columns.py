"""Meanings of the columns of a table of readings, for the data dictionary."""

from typing import Final

from thyrosight.readings import table as names
from thyrosight.studies.analyses.readings.groups import words

FILE: Final = "readings.csv"
NEEDED: Final = (names.READER, names.CASE, names.TRUTH, names.ARM)
_MEANINGS: Final = {
    names.STUDY: "Name of the study.",
    names.PROTOCOL_VERSION: "Version of the protocol that held.",
    names.READER: "Who read.",
    names.READER_GROUP: "Group of readers, for example by experience.",
    names.CASE: "The case that was read.",
    names.CLUSTER: "Patient of the case.",
    names.TRUTH: "Reference standard: 1 malignant, 0 benign.",
    names.LABEL_SOURCE: "Where the reference standard comes from.",
    names.ARM: "Way of reading.",
    names.MODEL: "Model whose answer was shown.",
    names.SESSION: "Number of the reader's session.",
    names.POSITION: "Place of the case in the session.",
    names.STAGE: "Stage of the reading: before or after the model's answer, or the only one.",
    names.REPEAT: "1 for a case that the reader had read before in this arm.",
    names.PRACTICE: "1 for practice, which is not analysed.",
    names.ATTENTION: "1 for a case with an obvious answer, which is reported apart.",
    names.WITHDRAWN: "1 for a case that was withdrawn.",
    names.SCORE: "The reader's score, from which the AUC is computed.",
    names.SYSTEM: "TI-RADS system of the category.",
    names.CATEGORY: "Category that follows from the reader's descriptors.",
    names.POINTS: "Points that follow from the reader's descriptors.",
    names.BIOPSY: "1 where the reader acted on the case.",
    names.CONFIDENCE: "How sure the reader was.",
    names.MARKS: "Places that the reader marked: column, row, score, image and frame.",
    names.COMMENT: "The reader's comment.",
    names.OPENED_AT: "When the case was opened.",
    names.LOCKED_AT: "When the answer was locked.",
    names.ACTIVE_SECONDS: "Time that the reader spent on this stage.",
    names.MODEL_SCORE: "Score that the model gave the case.",
    names.MODEL_POSITIVE: "1 where the model calls the case positive.",
}
_UNITS: Final = {names.ACTIVE_SECONDS: "s", names.OPENED_AT: "UTC", names.LOCKED_AT: "UTC", names.MARKS: "pixels"}


def meaning_of(column: str) -> tuple[str, str]:
    """The meaning of a column and its unit; no meaning where only the authors know it.

    >>> meaning_of("feature_margin"), meaning_of("q_depth")
    (('Margin, as the reader described it.', 'none'), ('', 'none'))
    """
    if column.startswith(names.FEATURE):
        return f"{words(column)}, as the reader described it.", "none"
    return _MEANINGS.get(column, ""), _UNITS.get(column, "none")
