"""Readings joined with a second table on the cases: the model's scores, patients, groups of cases."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from thyrosight.cells import number_of
from thyrosight.errors import ReadingsError
from thyrosight.readings import Readings, read_readings
from thyrosight.readings import table as names
from thyrosight.tables import TextTable, is_missing, read_table

_NUMBERS = (names.MODEL_SCORE, names.MODEL_POSITIVE)
_TEXTS = (names.CLUSTER, names.LABEL_SOURCE, names.MODEL)


def read_with_cases(path: Path, cases: Path | None, *, columns: Mapping[str, str]) -> Readings:
    """Read a table of readings, and add to each reading what a table of cases says of its case.

    Args:
        path: the readings.
        cases: a row for each case: `case` and any of `model_score`, `model_positive`, `model`, `cluster`,
            `label_source` and `case_*`.
        columns: names of both tables' columns by those of tables of readings.

    Raises:
        ReadingsError: a table that cannot be read, a case that stands twice or is missing, a model's score that is no
            number; one sentence.
    """
    if cases is None:
        return read_readings(path, columns=columns)
    table = read_table(cases, error=ReadingsError)
    own = {mine: name for name, mine in columns.items() if mine in table.header}
    there = read_table(path, error=ReadingsError).header
    if missing := [mine for mine in columns.values() if mine not in (*there, *table.header)]:
        raise ReadingsError(f"Neither {path} nor {cases} has a column {missing[0]!r}.")
    readings = read_readings(path, columns={name: mine for name, mine in columns.items() if mine in there})
    facts = _facts(cases, table, own)
    rows = []
    for row in readings.rows:
        if row[names.CASE] not in facts:
            raise ReadingsError(f"{cases} has no row for the case {row[names.CASE]!r}, which {path} names; add it.")
        added = facts[row[names.CASE]]
        rows.append(row | {name: value for name, value in added.items() if row.get(name) is None})
    given = dict.fromkeys([*readings.given, *(name for added in facts.values() for name in added)])
    return Readings(tuple(rows), tuple(given), readings.notes)


def _facts(path: Path, table: TextTable, own: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Facts of each case, by its name."""
    header = [own.get(name, name) for name in table.header]
    if names.CASE not in header:
        raise ReadingsError(f"{path} has no column {names.CASE!r}; its columns are {', '.join(table.header)}.")
    wanted = [name for name in header if name in (*_NUMBERS, *_TEXTS) or name.startswith(names.FACT)]
    if not wanted:
        raise ReadingsError(
            f"{path} has nothing to add to readings: name a column {', '.join(_NUMBERS)}, {names.CLUSTER} or "
            f"{names.FACT}...; its columns are {', '.join(table.header)}."
        )
    found: dict[str, dict[str, Any]] = {}
    for number, cells in table.rows:
        row = dict(zip(header, cells, strict=True))
        case = row[names.CASE]
        if case in found:
            raise ReadingsError(f"{path}, row {number}: the case {case!r} stands twice; keep one row.")
        found[case] = {name: _value(name, row[name], f"{path}, row {number}", table.separator) for name in wanted}
    return found


def _value(name: str, cell: str, where: str, separator: str) -> Any:
    if is_missing(cell):
        return None
    if name not in _NUMBERS:
        return cell
    value = number_of(cell, decimal_comma=separator == ";")
    if value is None:
        raise ReadingsError(f"{where}: {name!r} should be a number, got {cell!r}.")
    return value
