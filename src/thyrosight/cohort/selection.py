"""Rows of a table chosen by the values of its columns, as a short text says."""

import re
from dataclasses import dataclass

import pandas as pd

from thyrosight.cells import number_of
from thyrosight.cohort.columns import closest
from thyrosight.errors import CohortError

_RANGE = re.compile(r"(?P<least>-?\d+(?:\.\d+)?)\.\.(?P<most>-?\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class Condition:
    """The values of one column that are kept.

    Attributes:
        column: its name.
        values: the words that are kept; empty where a range is given.
        range: the least and the largest number that are kept, or None.
    """

    column: str
    values: tuple[str, ...] = ()
    range: tuple[float, float] | None = None

    def __str__(self) -> str:
        if self.range is not None:
            return f"{self.column} {self.range[0]:g} to {self.range[1]:g}"
        return f"{self.column} {' or '.join(self.values)}"

    def holds(self, cells: "pd.Series[str]") -> "pd.Series[bool]":
        """Which cells are kept; an empty cell never is."""
        if self.range is None:
            return cells.astype(object).fillna("").astype(str).isin(self.values)
        numbers = [number_of(str(cell), decimal_comma=True) for cell in cells.astype(object).fillna("")]
        return pd.Series(numbers, index=cells.index, dtype=float).between(*self.range)


def parse_selection(text: str) -> tuple[Condition, ...]:
    """Read conditions such as `colour_doppler=0 and original_width=820..840`; values of one column are joined by `|`.

    Raises:
        CohortError: a condition is not of the form column=value.

    >>> [str(condition) for condition in parse_selection("part=train|valid and original_width=820..840")]
    ['part train or valid', 'original_width 820 to 840']
    """
    conditions = []
    for part in re.split(r"\s+and\s+", text.strip()):
        column, sign, wanted = (piece.strip() for piece in part.partition("="))
        if not (column and sign and wanted):
            raise CohortError(f"{part!r} is no condition: write column=value, column=a|b or column=10..20.")
        numbers = _RANGE.fullmatch(wanted)
        if numbers:
            conditions.append(Condition(column, range=(float(numbers["least"]), float(numbers["most"]))))
        else:
            conditions.append(Condition(column, tuple(value.strip() for value in wanted.split("|"))))
    return tuple(conditions)


def selected(table: pd.DataFrame, text: str, *, where: str) -> "pd.Series[bool]":
    """Which rows of a table fulfil every condition of `text`.

    Args:
        table: with the named columns.
        text: as for `parse_selection`.
        where: the table's name, for errors.

    Raises:
        CohortError: a condition cannot be read, or names a column that is not there.

    >>> selected(pd.DataFrame({"width": ["830", "", "900"]}), "width=820..840", where="a").tolist()
    [True, False, False]
    """
    kept = pd.Series(True, index=table.index)
    for condition in parse_selection(text):
        if condition.column not in table:
            meant = closest(condition.column, [str(name) for name in table.columns])
            hint = f"; did you mean {meant}?" if meant else f" (there are {', '.join(map(str, table.columns))})."
            raise CohortError(f"{where}: there is no column {condition.column} to choose rows by{hint}")
        kept &= condition.holds(table[condition.column])
    return kept
