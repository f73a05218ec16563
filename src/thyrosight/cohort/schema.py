"""The schema of a cohort table; all problems are found at once and described in sentences."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from thyrosight.cohort.columns import COLUMNS, READER_PREFIX, UNKNOWN, ColumnRule, closest, in_words
from thyrosight.cohort.problems import Problem
from thyrosight.errors import ImageError
from thyrosight.imaging import Box


def table_problems(table: pd.DataFrame) -> list[Problem]:
    """All problems of the cells and column names of a table of text, in the order of its rows.

    The table is as a source reads it: the index holds the place of a row, "" is an empty cell. Files are not opened.
    """
    found: list[tuple[int, Problem]] = []
    for name in (known for known in COLUMNS if known in table):
        tests = _checks(name, COLUMNS[name])
        for position, (index, cell) in enumerate(table[name].items()):
            said = [say(cell) for test, say in tests if not test(cell)]
            found += [(position, Problem(where=place(index), column=name, text=text)) for text in said]
    found += _repeated_keys(table)
    return _column_problems(table) + [problem for _, problem in sorted(found, key=lambda pair: pair[0])]


def place(index: Any) -> str:
    """The place of a row in words: a row number as in a spreadsheet, or the image's name."""
    return f"row {index}" if isinstance(index, int) or hasattr(index, "__index__") else str(index)


Check = tuple[Callable[[str], bool], Callable[[str], str]]


def _checks(name: str, rule: ColumnRule) -> list[Check]:
    """The tests of one column, each with the sentence for a cell that fails it."""
    checks: list[Check] = []
    if rule.required or name == "key":
        checks.append((lambda cell: cell != "", lambda _: f"the cell is empty; every row needs {name}"))
    if rule.allowed:
        checks.append((lambda cell: cell == "" or cell in rule.allowed, lambda cell: _not_allowed(cell, rule.allowed)))
    if rule.content == "number":
        checks.append((_is_number, lambda cell: f"{cell!r} is not a number; write it with a decimal point"))
        checks.append(
            (
                lambda cell: not _is_number(cell) or cell == "" or rule.least <= float(cell) <= rule.most,
                lambda cell: f"{cell} is outside {rule.least:g} to {rule.most:g}; check the value and its unit",
            )
        )
    if rule.content == "box":
        checks.append((lambda cell: _box_problem(cell) is None, lambda cell: _box_problem(cell) or ""))
    return checks


def _not_allowed(cell: str, allowed: tuple[str, ...]) -> str:
    meant = closest(cell, allowed)
    words = in_words([repr(word) for word in allowed])
    return f"{cell!r} is not {words}" + (f"; did you mean {meant!r}?" if meant else "; correct the cell")


def _is_number(cell: str) -> bool:
    if cell == "":
        return True
    try:
        return "_" not in cell and float("-inf") < float(cell) < float("inf")
    except ValueError:
        return False


def _box_problem(cell: str) -> str | None:
    if cell == "":
        return None
    try:
        Box.from_text(cell, where="")
    except ImageError as error:
        return str(error).removeprefix(": ")
    return None


def _repeated_keys(table: pd.DataFrame) -> list[tuple[int, Problem]]:
    if "key" not in table:
        return []
    keys = table["key"].reset_index(drop=True)
    first = {key: position for position, key in reversed(list(enumerate(keys)))}
    return [
        (position, Problem(
            where=place(table.index[position]),
            column="key",
            text=f"{key!r} is already the key of {place(table.index[first[key]])}; keys must differ",
        ))
        for position, key in enumerate(keys)
        if key != "" and first[key] != position
    ]  # fmt: skip


def _column_problems(table: pd.DataFrame) -> list[Problem]:
    """Warnings for columns whose name is probably a misspelling of a known one."""
    problems = []
    for name in table.columns:
        if name in COLUMNS or str(name).startswith(READER_PREFIX):
            continue
        meant = closest(str(name), [known for known in COLUMNS if known not in table])
        if meant:
            text = f"is not a known column and is kept as it is; did you mean {meant!r}?"
            problems.append(Problem(where="", column=str(name), text=text, severity="warning"))
    return problems


def typed(table: pd.DataFrame) -> pd.DataFrame:
    """A table without problems, converted to its final types: text, numbers as float, empty optional cells as NaN."""
    result = pd.DataFrame(index=pd.RangeIndex(len(table)))
    for name in [*(known for known in COLUMNS if known in table), *(own for own in table if own not in COLUMNS)]:
        cells = table[name].reset_index(drop=True)
        rule = COLUMNS.get(str(name))
        filled = cells.where(cells != "")
        if name in ("patient_id", "nodule_id"):
            known = filled.where(filled.str.casefold() != UNKNOWN)
            result[name] = known.fillna(UNKNOWN).astype("str")
        elif rule is not None and rule.content == "number":
            result[name] = filled.map(float).astype(float)
        else:
            result[name] = filled.astype("str")
    return result
