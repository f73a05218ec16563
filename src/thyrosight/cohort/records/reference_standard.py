"""The reference standard: which diagnoses are confirmed, by surgery or by cytology."""

import re
from dataclasses import dataclass
from typing import Any

import pandas as pd

from thyrosight.cohort.records.options import ReferenceOptions
from thyrosight.cohort.table import Cohort, Exclusion
from thyrosight.errors import CohortError

_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6}
_NO_SURGERY = {"", "no", "none", "not done", "unknown", "nan", "0"}
_NAMES = ("", "I", "II", "III", "IV", "V", "VI")


@dataclass(frozen=True, eq=False)
class Confirmed:
    """A cohort whose diagnoses are confirmed, a sentence that says how, and whether there was anything to check."""

    cohort: Cohort
    sentence: str
    checked: bool = True


def confirmed_only(cohort: Cohort, options: ReferenceOptions) -> Confirmed:
    """Leave out nodules without a confirmed diagnosis, and those whose record contradicts their label.

    Surgery decides where there was any; otherwise Bethesda II is benign and VI malignant (Rho et al., methods).

    Raises:
        CohortError: the columns are required and absent, or hold words that cannot be read (named with their rows).
    """
    table = cohort.table
    present = [name for name in (options.surgery, options.bethesda) if name in table]
    if options.rule == "none" or (not present and options.rule == "if recorded"):
        sources = " and ".join(cohort.label_sources)
        why = "none was asked for" if options.rule == "none" else "the cohort records neither surgery nor cytology"
        return Confirmed(
            cohort, f"labels as given (source: {sources}); no reference standard was checked: {why}", checked=False
        )
    if not present:
        raise CohortError(
            f"Cohort {cohort.name} has neither a column {options.surgery} nor {options.bethesda}; the recipe requires "
            "a reference standard (reference.rule: if recorded takes the labels as they are)."
        )
    verdicts = [_verdict(row, options) for _, row in table.iterrows()]
    unreadable = [text for kind, text in verdicts if kind == "unreadable"]
    if unreadable:
        more = f" ({len(unreadable)} such cells)" if len(unreadable) > 1 else ""
        raise CohortError(f"Cohort {cohort.name}, {unreadable[0]}{more}; correct the cell or leave it empty.")
    keys = table["key"].astype(str)
    reasons = [
        text
        if kind == "unconfirmed"
        else (f"the label contradicts the reference standard ({text})" if kind != label else "")
        for (kind, text), label in zip(verdicts, table["label"], strict=True)
    ]
    for reason in dict.fromkeys(reason for reason in reasons if reason):
        cohort = cohort.without(Exclusion.of(reason, [k for k, r in zip(keys, reasons, strict=True) if r == reason]))
    by = {text: sum(t == text and not r for (_, t), r in zip(verdicts, reasons, strict=True)) for _, text in verdicts}
    counts = ", ".join(f"{text}: {count} images" for text, count in sorted(by.items()) if count)
    return Confirmed(cohort, f"diagnosis confirmed by surgical histology, else by Bethesda II or VI ({counts})")


def _verdict(row: "pd.Series[Any]", options: ReferenceOptions) -> tuple[str, str]:
    """Kind (benign, malignant, unconfirmed, unreadable) and what says so; surgery decides where there was any."""
    surgery = _cell(row, options.surgery)
    if surgery in ("benign", "malignant"):
        return surgery, "surgery"
    if surgery not in _NO_SURGERY:
        return "unreadable", f"{row['key']}, column {options.surgery}: {surgery!r} is not benign, malignant or empty"
    return _by_cytology(row, options)


def _by_cytology(row: "pd.Series[Any]", options: ReferenceOptions) -> tuple[str, str]:
    cell = _cell(row, options.bethesda)
    if cell in ("", "unknown", "nan", "none", "not done"):
        return "unconfirmed", "diagnosis not confirmed: neither surgery nor cytology"
    category = _bethesda(cell)
    if category is None:
        return "unreadable", f"{row['key']}, column {options.bethesda}: {cell!r} is no Bethesda category from I to VI"
    name = f"Bethesda {_NAMES[category]}"
    kind = {2: "benign", 6: "malignant"}.get(category, "unconfirmed")
    return kind, name if kind != "unconfirmed" else f"diagnosis not confirmed: {name} without surgery"


def _cell(row: "pd.Series[Any]", name: str) -> str:
    value = row.get(name)
    return "" if value is None or pd.isna(value) else str(value).strip().casefold()


def _bethesda(cell: str) -> int | None:
    """The category that a cell names.

    >>> _bethesda("bethesda vi"), _bethesda("2.0"), _bethesda("vii") is None
    (6, 2, True)
    """
    word = re.sub(r"^(the )?bethesda( category)?\s*|\.0$", "", cell).strip()
    if word in _ROMAN:
        return _ROMAN[word]
    return int(word) if word in {"1", "2", "3", "4", "5", "6"} else None
