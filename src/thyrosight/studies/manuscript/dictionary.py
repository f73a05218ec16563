"""The data dictionary: every column of a study's table with its meaning, unit, values, gaps and origin."""

from pathlib import Path
from typing import Any

import pandas as pd

from thyrosight.cohort.columns import COLUMNS, READER_PREFIX, UNKNOWN
from thyrosight.cohort.mapping import KEEP, MappingPlan
from thyrosight.documents import Column, Row, Share, Table
from thyrosight.errors import CohortError
from thyrosight.studies.manuscript import reading_columns
from thyrosight.studies.result import Result
from thyrosight.studies.stored import read_table

_DERIVED = {"key": "made from the file name where absent", "group": "found by ThyroSight"}
_MEANINGS = {
    "group": "Images of one patient and their near-duplicates; a group never stands in two parts of a division.",
    "size_group": "Group of sizes that the study compares, made from size_mm.",
}
_MAPPED = {
    "bethesda": "Bethesda category of the cytology, where the spreadsheet gives one.",
    "table_row": "Place of the row in the spreadsheet.",
    "exclude": "Why the image is left out.",
    "patient_name": "Name of the patient.",
    "birth_date": "Date of birth.",
    "exam_date": "Date of the ultrasound examination.",
    "accession": "Accession number of the examination.",
}
"""Columns that `thyrosight cohort map` makes of a spreadsheet."""
_UNITS = {"size_mm": "mm", "short_axis_mm": "mm", "age": "years", "box": "pixels"}
_IDENTIFYING = ("key", "image", "mask", "elastogram", "patient_id", "nodule_id", "group", "box", "report_text",
                "table_row", "patient_name", "birth_date", "accession",
                "near_duplicate_group", "case", "cluster", "reader", "marks", "comment", "opened_at",
                "locked_at")  # fmt: skip
"""Columns whose values are counted and not listed: they name files, patients and readers, or are free text."""
UNWRITTEN = "[to be written: "
"""How the meaning of a column begins that only the authors know."""
_MAPPING = "mapping.yaml"
_OF_LABELS = ("histology", "cytology", "bethesda")
"""Fields of a mapping that labels are made from."""
_MOST_LISTED = 8


def studied_table(result: Result, run: Path) -> pd.DataFrame:
    """The table that a study in the folder `run` used: its cohort, or its readings.

    Raises:
        CohortError: it is missing or damaged.
    """
    if result.facts.readings is None:
        return read_table(run / "cohort.csv", ("key", "image", "label"), rest=True)
    return read_table(run / reading_columns.FILE, reading_columns.NEEDED, rest=True)


def dictionary_of(result: Result, table: pd.DataFrame) -> Table:
    """The data dictionary of the table that a study used."""
    if result.facts.readings is None:
        name = str(result.facts.cohort.get("name", ""))
        return data_dictionary(table, name=name, source=result.facts.source)
    rows = [_row_of_readings(column, table[column]) for column in map(str, table) if table[column].notna().any()]
    return _dictionary(
        rows,
        caption=f"Data dictionary of the readings ({len(table)} readings)",
        note="Missing: empty, with its share of all readings. Columns without any value are left out.",
    )


def data_dictionary(cohort: pd.DataFrame, *, name: str, source: str = "") -> Table:
    """The data dictionary of a cohort.

    Args:
        cohort: its table as the study used it; empty cells are missing.
        name: of the cohort.
        source: where the study read it; a mapping beside it names the columns of the spreadsheet that it came from.
    """
    came = _spreadsheet_columns(Path(source)) if source else {}
    rows: list[Row] = [_row(column, cohort[column]) for column in map(str, cohort.columns)]
    rows = [{**row, "source": came.get(str(row["column"]), row["source"])} for row in rows]
    return _dictionary(
        rows,
        caption=f"Data dictionary of the cohort {name} ({len(cohort)} images)",
        note="Missing: empty or unknown, with its share of all images.",
    )


def _dictionary(rows: list[Row], *, caption: str, note: str) -> Table:
    return Table(
        name="data-dictionary",
        caption=caption,
        columns=(
            Column(key="column", title="Column"),
            Column(key="meaning", title="Meaning"),
            Column(key="unit", title="Unit"),
            Column(key="values", title="Values"),
            Column(key="missing", title="Missing", kind="summary"),
            Column(key="source", title="Source"),
        ),
        rows=tuple(rows),
        notes=(note,),
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


def _row_of_readings(column: str, values: "pd.Series[Any]") -> Row:
    known = values[values.notna()]
    meaning, unit = reading_columns.meaning_of(column)
    return {
        "column": column,
        "meaning": meaning or f"{UNWRITTEN}meaning of the column {column}]",
        "unit": unit,
        "values": _values(column, known),
        "missing": Share(n=len(values) - len(known), of=len(values)),
        "source": "given with the readings",
    }


def _spreadsheet_columns(source: Path) -> dict[str, str]:
    """Columns of the spreadsheet behind each column of a cohort that `thyrosight cohort map` made."""
    path = (source if source.is_dir() else source.parent) / _MAPPING
    if not path.is_file():
        return {}
    try:
        plan = MappingPlan.load(path)
    except CohortError:  # a file of that name that is no mapping
        return {}
    headers: dict[str, list[str]] = {}
    for header, column in plan.columns.items():
        for name in {
            column.to,
            *(("label",) if column.to in _OF_LABELS else ()),
            *((header,) if column.to == KEEP else ()),
        }:
            headers.setdefault(name, []).append(header)
    return {name: f"{plan.table}: {', '.join(found)}" for name, found in headers.items()}


def _meaning(column: str) -> str:
    if column in COLUMNS:
        return COLUMNS[column].meaning
    if column.startswith(READER_PREFIX):
        return f"Rating of the reader {column.removeprefix(READER_PREFIX)}."
    return (_MEANINGS | _MAPPED).get(column, f"{UNWRITTEN}meaning of the column {column}]")


def _values(column: str, known: "pd.Series[Any]") -> str:
    """The range of numbers, the words of a short list as they stand with their counts, else how many there are."""
    if known.empty:
        return "none"
    numbers = pd.to_numeric(known, errors="coerce")
    counts = known.astype(str).value_counts()
    if column in _IDENTIFYING:
        return f"{len(counts)} different"
    if numbers.notna().all() and len(counts) > _MOST_LISTED:
        return f"{numbers.min():g} to {numbers.max():g}, median {numbers.median():g}"
    if len(counts) <= _MOST_LISTED:
        return ", ".join(f"“{value}” ({n})" for value, n in sorted(counts.items()))
    first = ", ".join(f"“{value}” ({n})" for value, n in list(counts.items())[:3])
    return f"{len(counts)} different; most often {first}"
