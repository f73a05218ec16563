"""Tables of readings in files: written for everybody, and read back with checks."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from thyrosight.cells import number_of
from thyrosight.errors import ReadingsError
from thyrosight.files import csv_text, write_text
from thyrosight.readings import table as names
from thyrosight.readings.cases import ZERO_OR_ONE
from thyrosight.readings.table import Row
from thyrosight.tables import TextTable, is_missing, read_table


@dataclass(frozen=True)
class Readings:
    """A table of readings.

    Attributes:
        rows: in the order of the file. Every row has all columns: those of `readings.table.COLUMNS` (None where the
            file has none), and the file's own. Numbers, times (`datetime` in UTC) and marks are read; all else is text.
        given: the columns that the file has, under the names of `readings.table`.
        notes: sentences on its reading that must go with every result.
    """

    rows: tuple[Row, ...]
    given: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def column(self, name: str) -> list[Any]:
        """The cells of a column."""
        return [row[name] for row in self.rows]


def readings_csv(rows: Iterable[Row]) -> str:
    """Rows as CSV, own columns behind the named ones."""
    rows = list(rows)
    own = dict.fromkeys(name for row in rows for name in row if name not in names.COLUMNS)
    return csv_text(rows, [*names.COLUMNS, *sorted(own)])


def write_readings(path: Path, rows: Iterable[Row]) -> None:
    """Write rows as CSV, whole or not at all."""
    write_text(path, readings_csv(rows))


def read_readings(path: Path, *, columns: Mapping[str, str] | None = None) -> Readings:
    """Read a table of readings: an export of the workstation, or a spreadsheet.

    It needs columns `reader`, `case`, `truth`, and one of `score`, `category` and `points`.

    Args:
        path: CSV or a workbook.
        columns: names of this table's columns by the file's, for example {"arm": "treatment", "score": "rating"}.

    Raises:
        ReadingsError: no such file or column, a cell that cannot be read, a reading that stands twice, or a case with
            two truths; names the row.
    """
    given = read_table(path, error=ReadingsError)
    header = _renamed(given, columns or {}, path)
    for name in (names.READER, names.CASE, names.TRUTH):
        if name not in header:
            raise ReadingsError(f"{path} has no column {name!r}; its columns are {', '.join(given.header)}.")
    if not {names.SCORE, names.CATEGORY, names.POINTS} & set(header):
        there = ", ".join(given.header)
        raise ReadingsError(f"{path} has no column 'score', 'category' or 'points'; its columns are {there}.")
    rows = []
    for number, cells in given.rows:
        row: Row = dict.fromkeys(names.COLUMNS)
        for name, cell in zip(header, cells, strict=True):
            row[name] = _read(name, cell, f"{path}, row {number}", comma=given.separator == ";")
        rows.append(_with_defaults(row))
    _require_whole(path, [number for number, _ in given.rows], rows)
    return Readings(tuple(rows), tuple(header), given.notes)


def _renamed(given: TextTable, columns: Mapping[str, str], path: Path) -> list[str]:
    """The names of the file's columns with those that were named put in place."""
    missing = [own for own in columns.values() if own not in given.header]
    if missing:
        raise ReadingsError(f"{path} has no column {missing[0]!r}; its columns are {', '.join(given.header)}.")
    mine = {own: name for name, own in columns.items()}
    return [mine.get(name, f"own {name}" if name in columns else name) for name in given.header]


def _read(name: str, cell: str, where: str, *, comma: bool) -> Any:
    if is_missing(cell):
        return None
    if name in names.YES_NO or name in names.FLAGS:
        return _flag(name, cell, where)
    if name in names.NUMBERS or name in names.WHOLE:
        return _number(name, cell, where, comma=comma)
    if name in names.TIMES:
        return _moment(name, cell, where)
    return _marks(cell, where) if name == names.MARKS else cell


def _flag(name: str, cell: str, where: str) -> int:
    found = ZERO_OR_ONE.get(cell.lower().removesuffix(".0"))
    if found is None:
        words = "0 or 1 (benign or malignant)" if name == names.TRUTH else "0 or 1"
        raise ReadingsError(f"{where}: {name!r} should be {words}, got {cell!r}.")
    return found


def _number(name: str, cell: str, where: str, *, comma: bool) -> float | int:
    value = number_of(cell, decimal_comma=comma)
    if value is None or not math.isfinite(value):
        raise ReadingsError(f"{where}: {name!r} should be a number, got {cell!r}.")
    if name in names.WHOLE and (value != int(value) or value < 1):
        raise ReadingsError(f"{where}: {name!r} should be a whole number from 1, got {cell!r}.")
    if name == names.ACTIVE_SECONDS and value < 0:
        raise ReadingsError(f"{where}: {name!r} should not be negative, got {cell!r}.")
    return int(value) if value == int(value) else value


def _moment(name: str, cell: str, where: str) -> datetime:
    try:
        found = datetime.fromisoformat(cell)
    except ValueError:
        raise ReadingsError(f"{where}: {name!r} should be a time such as 2026-03-01T12:30:00Z, got {cell!r}.") from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _marks(cell: str, where: str) -> list[list[float]]:
    """Marks as lists of column, row, score, image and frame."""
    try:
        given = json.loads(cell)
        found = [[*map(_plain, mark), *[1, 0][len(mark) - 3 :]] for mark in given]
        if not isinstance(given, list) or any(len(mark) != 5 for mark in found):
            raise ValueError(cell)
    except (ValueError, TypeError, RecursionError):
        raise ReadingsError(f"{where}: 'marks' should be a list of [column, row, score], got {cell!r}.") from None
    return found


def _plain(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(value)
    return value


def _with_defaults(row: Row) -> Row:
    """Flags that nobody gave are 0, the only arm is named so, and a reading without a stage is the only one."""
    for name in names.FLAGS:
        row[name] = row[name] or 0
    row[names.ARM] = row[names.ARM] or "readings"
    row[names.STAGE] = row[names.STAGE] or "only"
    return row


def _require_whole(path: Path, numbers: Sequence[int], rows: Sequence[Row]) -> None:
    """Refuse readings without a name, twice the same, or with contradictions between the rows of a case."""
    seen: dict[tuple[Any, ...], int] = {}
    of_case: dict[tuple[str, str], tuple[Any, int]] = {}
    for number, row in zip(numbers, rows, strict=True):
        where = f"{path}, row {number}"
        for name in (names.READER, names.CASE):
            if row[name] is None:
                raise ReadingsError(f"{where}: the cell of {name!r} is empty; name it.")
        if row[names.STAGE] not in ("only", "before", "after"):
            raise ReadingsError(f"{where}: 'stage' should be only, before or after, got {row[names.STAGE]!r}.")
        key = tuple(row[name] for name in _READING)
        if seen.setdefault(key, number) != number:
            raise ReadingsError(
                f"{where}: the reader {row[names.READER]!r} has read the case {row[names.CASE]!r} in the arm"
                f" {row[names.ARM]!r} already, in row {seen[key]}; leave one out, or mark it in the column 'repeat'."
            )
        for name in (names.TRUTH, names.CLUSTER, names.LABEL_SOURCE):
            value, first = of_case.setdefault((row[names.CASE], name), (row[name], number))
            if value != row[name]:
                raise ReadingsError(
                    f"{where}: the case {row[names.CASE]!r} has {name} {_shown(row[name])}, but {_shown(value)} in row"
                    f" {first}; correct one."
                )


_READING = (
    names.STUDY, names.READER, names.CASE, names.ARM, names.STAGE, names.REPEAT, names.SESSION, names.PRACTICE,
    names.ATTENTION,
)  # fmt: skip
"""Columns that name a reading: no two rows share them all."""


def _shown(value: Any) -> str:
    return "none" if value is None else repr(value)
