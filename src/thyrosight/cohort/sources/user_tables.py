"""Tables that a user wrote: words for missing values, and numbers as spreadsheets write them."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from thyrosight.cells import column_numbers, number_of
from thyrosight.cohort.columns import COLUMNS, READER_PREFIX
from thyrosight.cohort.sources.base import as_frame
from thyrosight.errors import CohortError, ThyroSightWarning
from thyrosight.identifiers import names_nobody
from thyrosight.tables import is_missing, read_table

_AS_WRITTEN = ("report_text",)
_OTHERS = ("exclude", "group", "sop_instance_uid", "series_instance_uid", "study_instance_uid")


def read_user_table(path: Path, *, encoding: str | None = None) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Read a table of text; the index holds the row as in a spreadsheet. Return it with notes on its reading.

    In columns with a meaning (`COLUMNS`, readers' ratings, `exclude` and identifiers) words such as NA or #N/A become
    empty cells, and decimal commas decimal points. Other columns stay as they are.

    Raises:
        CohortError: the file is unreadable or empty, or its rows differ in length.
    """
    read = read_table(path, error=CohortError, encoding=encoding)
    table = as_frame(read)
    notes = [*read.notes, *blank_missing(table)]
    for name in (name for name, rule in COLUMNS.items() if name in table and rule.content == "number"):
        plain = _with_points(table[name].tolist(), decimal_comma=read.separator != ",", name=name)
        if plain != table[name].tolist():
            notes.append(f"{name}: commas were taken as decimal points.")
        table[name] = plain
    return table, tuple(notes)


def read_warned(path: Path) -> pd.DataFrame:
    """Read a table as `read_user_table` does; the notes become warnings, where no result can carry them.

    Raises:
        CohortError: the file is unreadable or empty, or its rows differ in length.
    """
    table, notes = read_user_table(path)
    for note in notes:
        warnings.warn(note, ThyroSightWarning, stacklevel=2)
    return table


def blank_missing(table: pd.DataFrame) -> list[str]:
    """Empty the cells of a table of text that hold a word for a missing value; return a note for each such column."""
    notes = []
    for name in table.columns:
        if (name in COLUMNS and name not in _AS_WRITTEN) or name in _OTHERS or str(name).startswith(READER_PREFIX):
            empty = _EMPTY_TOO.get(str(name), is_missing)
            words = [cell for cell in table[name] if cell and empty(cell)]
            if words:
                shown = " or ".join(dict.fromkeys(words))
                notes.append(f"{name}: {shown} was taken as empty, in {len(words)} of {len(table)} rows.")
                table[name] = ["" if empty(cell) else cell for cell in table[name]]
    return notes


def _no_reason(cell: str) -> bool:
    """Whether a cell of the column `exclude` gives no reason: it is empty, or says that the row is not left out."""
    return names_nobody(cell) or cell.strip().casefold() in ("0", "0.0", "no", "false", "nein", "falso", "否")


# A group named - or None would tie all of its rows together, and a row with the reason "no" would be left out.
_EMPTY_TOO = {"group": names_nobody, "near_duplicate_group": names_nobody, "exclude": _no_reason}


def _with_points(cells: Sequence[str], *, decimal_comma: bool, name: str) -> list[str]:
    """Cells with decimal points where decimal commas leave no doubt; the others as they are, to be reported."""
    if not any("," in cell for cell in cells):
        return list(cells)
    if not decimal_comma:
        try:
            column_numbers(
                [cell for cell in cells if cell], decimal_comma=False, name=name, where=str, error=CohortError
            )
        except CohortError:
            return list(cells)
    return [cell.replace(",", ".") if number_of(cell, decimal_comma=True) is not None else cell for cell in cells]
