"""Meaning of a cell, by the field that its column becomes."""

from collections.abc import Iterable
from typing import Final

from thyrosight.cohort.mapping.diagnoses import (
    NOT_UNDERSTOOD,
    bethesda_of,
    is_code,
    read_cytology,
    read_diagnosis,
    says_nothing,
)
from thyrosight.cohort.mapping.headers import plain_words, read_header
from thyrosight.cohort.mapping.words import VOCABULARIES, read_tirads, read_word, says_yes

OPEN_VALUES: Final = (*VOCABULARIES, "label", "histology", "cytology", "bethesda", "tirads")
"""Fields whose cells are words that must be understood."""

_YES: Final = frozenset({"yes", "y", "1", "true", "ja", "j", "wahr", "si", "s", "verdadero", "是", "x"})
_NO: Final = frozenset({"no", "n", "0", "false", "nein", "falsch", "falso", "否"})
_MALIGNANT_NAMES: Final = (
    "malign", "cancer", "krebs", "boesartig", "maligno", "恶性", "carcinom", "karzinom", "癌",
)  # fmt: skip
_BENIGN_NAMES: Final = ("benign", "gutartig", "benigno", "良性", "良恶")
_FEATURE_YES: Final = {
    "microcalcif": "microcalcification", "mikroverkalk": "microcalcification", "mikrokal": "microcalcification",
    "微钙化": "microcalcification", "taller": "taller than wide", "hoeher als": "taller than wide",
    "mas alto": "taller than wide", "纵横比": "taller than wide", "punctate": "microcalcification",
}  # fmt: skip
_FEATURE_NO: Final = {"calcification": "none", "shape": "wider than tall"}


def meaning_of(cell: str, field: str, *, header: str = "", bethesda: bool = False) -> str | None:
    """Meaning of a cell; "" where it is understood and states nothing, None where it is not understood.

    Args:
        cell: the text.
        field: of the column.
        header: of the column, which says what a bare yes affirms.
        bethesda: whether a number in a column of cytology is a Bethesda category.

    >>> meaning_of("1", "label", header="maligne"), meaning_of("1", "label"), meaning_of("良性", "label")
    ('malignant', None, 'benign')
    >>> meaning_of("Bethesda III", "bethesda"), meaning_of("FTUMP", "histology")
    ('III', '')
    >>> meaning_of("ja", "calcification", header="Mikrokalk")
    'microcalcification'
    """
    if field == "label":
        return _label(cell, header)
    if field in ("histology", "cytology"):
        if says_nothing(cell):
            return ""
        reading = read_cytology(cell, alone=bethesda) if field == "cytology" else read_diagnosis(cell)
        return None if reading.reason in NOT_UNDERSTOOD else reading.label
    if field == "bethesda":
        categories = bethesda_of(cell, alone=True)
        return "-".join(("", "I", "II", "III", "IV", "V", "VI")[one] for one in categories) or None
    if field == "tirads":
        return read_tirads(cell)
    return _word(cell, field, header)


def labels_of_letters(cells: Iterable[str]) -> dict[str, str]:
    """Meaning of single letters in a column of labels; empty where their pair can mean several things.

    >>> labels_of_letters(["B", "M", "b"]), labels_of_letters(["g", "b"]), labels_of_letters(["b"])
    ({'b': 'benign', 'm': 'malignant'}, {'b': 'malignant', 'g': 'benign'}, {})
    """
    letters = {plain for cell in cells if len(plain := plain_words(cell)) == 1 and plain.isalpha() and plain.isascii()}
    pairs: dict[str, tuple[str, ...]] = {
        "bm": ("benign", "malignant"), "bg": ("malignant", "benign"), "gm": ("benign", "malignant"),
    }  # fmt: skip
    return dict(zip(sorted(letters), pairs.get("".join(sorted(letters)), ()), strict=False))


def names_bethesda(header: str) -> bool:
    """Whether a header says that the cells below are Bethesda categories."""
    plain = plain_words(header)
    return "bethesda" in plain or "bsrtc" in plain


def _label(cell: str, header: str) -> str | None:
    """A label; a bare yes or code only counts where the header says what it affirms."""
    form = " ".join(read_header(header).words[:1])
    malignant = any(word in form for word in _MALIGNANT_NAMES) or "mal" in form.split()
    benign = any(word in form for word in _BENIGN_NAMES)
    plain = plain_words(cell)
    if plain in _YES | _NO and malignant != benign:
        return "malignant" if (plain in _YES) == malignant else "benign"
    # A single letter says nothing by itself: b is benign beside m, and bösartig beside g.
    letter = len(plain) == 1 and plain.isascii()
    if letter or is_code(cell) or (says_yes(cell) is not None and not says_nothing(cell)):
        return None
    if plain in ("mal", "ben"):
        return "malignant" if plain.startswith("m") else "benign"
    if says_nothing(cell):
        return ""
    reading = read_cytology(cell)
    if reading.reason in NOT_UNDERSTOOD:
        return None
    return reading.label


def _word(cell: str, field: str, header: str) -> str | None:
    if field == "sex" and plain_words(cell) == "m":
        return None  # male or Mujer: the other words of the column say which
    found = read_word(cell, field)
    yes = says_yes(cell)
    if field not in _FEATURE_NO or yes is None or found not in (None, "none"):
        return found
    form = " ".join(read_header(header).words[:1])
    affirmed = next((meant for word, meant in _FEATURE_YES.items() if word in form), None)
    if not yes:
        if affirmed is None and field == "shape":
            return None
        # "no microcalcification" does not say that there is no other one
        return (
            ""
            if field == "calcification" and affirmed is not None
            else _FEATURE_NO[field]
            if affirmed or found
            else found
        )
    return affirmed
