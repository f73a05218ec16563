"""The columns of a cohort table: names, meanings and allowed values."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

LABELS: Final = ("benign", "malignant")
LABEL_SOURCES: Final = ("pathology", "cytology", "TI-RADS", "unstated", "simulated")
UNKNOWN: Final = "unknown"
READER_PREFIX: Final = "reader:"

Content = Literal["text", "number", "box", "file", "files"]


@dataclass(frozen=True)
class ColumnRule:
    """The rule for the values of one column.

    Attributes:
        meaning: one sentence, shown in the documentation.
        content: kind of value; `files` are several paths joined by "|".
        required: whether the column must exist and every row must fill it.
        allowed: the allowed words of a closed vocabulary; empty if any text is allowed.
        least, most: the range of a number.
    """

    meaning: str
    content: Content = "text"
    required: bool = False
    allowed: tuple[str, ...] = ()
    least: float = float("-inf")
    most: float = float("inf")


COLUMNS: Final[dict[str, ColumnRule]] = {
    "key": ColumnRule("Short name of the image, unique in the cohort; made from the file name where absent."),
    "image": ColumnRule("The image file; in a manifest relative to the manifest.", content="file", required=True),
    "patient_id": ColumnRule('The patient, or "unknown".'),
    "nodule_id": ColumnRule('The nodule, or "unknown".'),
    "label": ColumnRule("benign or malignant.", required=True, allowed=LABELS),
    "label_source": ColumnRule("Where the label came from.", allowed=LABEL_SOURCES),
    "size_mm": ColumnRule("Largest diameter of the nodule in millimetres.", content="number", least=0.1, most=200),
    "box": ColumnRule("Nodule box in pixels: left,top,right,bottom; right and bottom lie outside.", content="box"),
    "mask": ColumnRule('Mask file of the nodule; several lesions or files joined by "|".', content="files"),
    "elastogram": ColumnRule("Elastogram that belongs to the image.", content="file"),
    "near_duplicate_group": ColumnRule("Images with one value are near-duplicates and stay in one part of a split."),
    "colour_doppler": ColumnRule("1 where colour Doppler is shown, 0 where it is not.", allowed=("0", "1")),
    "site": ColumnRule("Hospital or device the image comes from."),
    "age": ColumnRule("Age in years.", content="number", least=0, most=120),
    "sex": ColumnRule("F or M.", allowed=("F", "M")),
    "composition": ColumnRule("For example solid, spongiform, cystic."),
    "echogenicity": ColumnRule("For example hypoechoic, isoechoic."),
    "margin": ColumnRule("For example well defined, ill defined, spiculated."),
    "calcification": ColumnRule("For example none, microcalcification."),
    "shape": ColumnRule("For example wider than tall, taller than wide."),
    "tirads": ColumnRule("TI-RADS category as read, for example 4a or TR4."),
    "short_axis_mm": ColumnRule("Short axis of a lymph node in millimetres.", content="number", least=0.1, most=200),
    "neck_level": ColumnRule("Neck level of a lymph node, for example IV."),
    "neck_side": ColumnRule("Side of the neck, for example left, right or middle."),
    "report_text": ColumnRule("Text of the report."),
}
"""Every column with a fixed name. Columns named `reader:<name>` hold one reader's rating; others are kept untouched."""

ALWAYS_THERE: Final = ("key", "image", "patient_id", "nodule_id", "label", "label_source")


def closest(word: str, allowed: Iterable[str]) -> str | None:
    """The allowed word that `word` is probably a misspelling of.

    >>> closest("malignat", LABELS)
    'malignant'
    >>> closest("tall", LABELS) is None
    True
    """
    by_lower = {name.casefold(): name for name in allowed}
    found = difflib.get_close_matches(word.strip().casefold(), list(by_lower), n=1, cutoff=0.7)
    return by_lower[found[0]] if found else None


def in_words(names: Iterable[str], *, last: str = "or") -> str:
    """Join names as in a sentence.

    >>> in_words(["a", "b", "c"])
    'a, b or c'
    """
    *first, final = list(names)
    return f"{', '.join(first)} {last} {final}" if first else final
