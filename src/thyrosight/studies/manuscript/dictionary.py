"""The data dictionary: every column of a cohort with its meaning, unit, values, gaps and origin."""

from typing import Any

import pandas as pd

from thyrosight.cohort.columns import COLUMNS, READER_PREFIX, UNKNOWN
from thyrosight.documents import Column, Row, Share, Table

_DERIVED = {"key": "made from the file name where absent", "group": "found by ThyroSight"}
_MEANINGS = {
    "group": "Images of one patient and their near-duplicates; a group never stands in two parts of a division.",
    "size_group": "Group of sizes that the study compares, made from size_mm.",
}
_UNITS = {"size_mm": "mm", "short_axis_mm": "mm", "age": "years", "box": "pixels"}
_IDENTIFYING = ("key", "image", "mask", "elastogram", "patient_id", "nodule_id", "group", "box", "report_text",
                "near_duplicate_group")  # fmt: skip
"""Columns whose values are counted and not listed: they name files and patients, or are free text."""
UNWRITTEN = "[to be written: "
"""How the meaning of a column begins that only the authors know."""
_MOST_LISTED = 8


def data_dictionary(cohort: pd.DataFrame, *, name: str) -> Table:
    """The data dictionary of a cohort.

    Args:
        cohort: its table as the study used it; empty cells are missing.
        name: of the cohort.
    """
    rows: list[Row] = [_row(column, cohort[column]) for column in map(str, cohort.columns)]
    return Table(
        name="data-dictionary",
        caption=f"Data dictionary of the cohort {name} ({len(cohort)} images)",
        columns=(
            Column(key="column", title="Column"),
            Column(key="meaning", title="Meaning"),
            Column(key="unit", title="Unit"),
            Column(key="values", title="Values"),
            Column(key="missing", title="Missing", kind="summary"),
            Column(key="source", title="Source"),
        ),
        rows=tuple(rows),
        notes=("Missing: empty or unknown, with its share of all images.",),
        source="",
    )


def _row(column: str, values: "pd.Series[Any]") -> Row:
    known = values[values.notna() & (values.astype(str) != UNKNOWN)]
    return {
        "column": column,
        "meaning": _meaning(column),
        "unit": _UNITS.get(column, "none"),
        "values": _values(column, known),
        "missing": Share(n=len(values) - len(known), of=len(values)),
        "source": _DERIVED.get(column, "derived by the study" if column in _MEANINGS else "given with the cohort"),
    }


def _meaning(column: str) -> str:
    if column in COLUMNS:
        return COLUMNS[column].meaning
    if column.startswith(READER_PREFIX):
        return f"Rating of the reader {column.removeprefix(READER_PREFIX)}."
    return _MEANINGS.get(column, f"{UNWRITTEN}meaning of the column {column}]")


def _values(column: str, known: "pd.Series[Any]") -> str:
    """The range of numbers, the words of a short list with their counts, else how many there are."""
    if known.empty:
        return "none"
    numbers = pd.to_numeric(known, errors="coerce")
    counts = known.astype(str).value_counts()
    if column in _IDENTIFYING:
        return f"{len(counts)} different"
    if numbers.notna().all() and len(counts) > _MOST_LISTED:
        return f"{numbers.min():g} to {numbers.max():g}, median {numbers.median():g}"
    if len(counts) <= _MOST_LISTED:
        return ", ".join(f"{value} ({n})" for value, n in sorted(counts.items()))
    first = ", ".join(f"{value} ({n})" for value, n in list(counts.items())[:3])
    return f"{len(counts)} different; most often {first}"
