"""Ratings for statistics, from rows of the table of readings: the readings that count, and the number of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from thyrosight.errors import ReadingsError
from thyrosight.readings import table as names
from thyrosight.readings.table import Row
from thyrosight.tirads import TiradsError, category_rank, find_system, read_category, systems

_COLUMNS: Final = (names.SCORE, names.POINTS, names.CATEGORY)
_NOT_READ: Final = ("unknown", "not read", "skipped", "-")
"""How spreadsheets write that there is no category, beside leaving the cell empty."""


def main_readings(rows: Iterable[Row]) -> list[Row]:
    """The readings of the main analysis: no practice, no attention cases, no repeats, no case that was withdrawn."""
    return [row for row in rows if not any(row[flag] for flag in names.FLAGS)]


@dataclass(frozen=True)
class Ratings:
    """Ratings from which the area under the ROC curve is computed.

    Attributes:
        column: "score", "points" or "category", the first of them that any reading has.
        values: for each reading its number, higher for malignant; None where it has none.
        system: whose categories they are, the title of a TI-RADS system; empty for numbers.
    """

    column: str
    values: tuple[float | None, ...]
    system: str = ""

    @property
    def missing(self) -> int:
        """Readings without a number."""
        return sum(value is None for value in self.values)


def ratings_of(rows: Iterable[Row], *, column: str = "auto") -> Ratings:
    """The number that each reading gives: its score, its points, or the place of its category.

    Categories are those of the system in the column `system`; where it is empty they are numbers, or else those of the
    oldest TI-RADS system that knows all of them. Places in different systems are no common scale.

    Args:
        rows: of the table of readings.
        column: "score", "points" or "category"; "auto" takes the first of them that any reading has.

    Raises:
        ReadingsError: a category that its system does not have, categories of several systems, or no reading with a
            number.
    """
    rows = list(rows)
    there = [name for name in _COLUMNS if any(row[name] is not None for row in rows)]
    if column == "auto":
        if not there:
            raise ReadingsError("No reading has a score, points or a category, so that no ROC curve can be drawn.")
        column = there[0]
    elif column not in there:
        raise ReadingsError(f"No reading has anything in the column {column!r}, which the recipe's rating names.")
    if column != names.CATEGORY:
        return Ratings(column, tuple(row[column] for row in rows))
    return _ranks(rows)


def _ranks(rows: Sequence[Row]) -> Ratings:
    """The place of each reading's category."""
    given = [row for row in rows if _category(row) is not None]
    named = list(dict.fromkeys(row[names.SYSTEM] for row in given if row[names.SYSTEM] is not None))
    if len(named) > 1:
        raise ReadingsError(
            f"Readings have categories of several systems ({', '.join(named)}), which are no common scale; analyse the"
            " readings of one."
        )
    key = named[0] if named else _guess([str(_category(row)) for row in given])
    values = tuple(None if (cell := _category(row)) is None else _rank(row, key, cell) for row in rows)
    return Ratings(names.CATEGORY, values, find_system(key).title if key else "")


def _category(row: Row) -> str | None:
    cell = row[names.CATEGORY]
    return None if cell is None or str(cell).strip().casefold() in _NOT_READ else str(cell)


def _guess(cells: Sequence[str]) -> str:
    """The oldest system that knows all categories; "" where they are numbers, or where none does."""
    if all(_number(cell) is not None for cell in cells):
        return ""
    return next((key for key, system in systems().items() if all(_known(key, cell) for cell in set(cells))), "")


def _known(key: str, cell: str) -> bool:
    try:
        read_category(find_system(key), cell)
    except TiradsError:
        return False
    return True


def _rank(row: Row, key: str, cell: str) -> float:
    """The place of a category in its system, or the number that it is."""
    try:
        if key:
            return category_rank(key, cell)
    except TiradsError as error:
        raise ReadingsError(f"{_who(row)}: {error}") from None
    number = _number(cell)
    if number is None:
        raise ReadingsError(
            f"{_who(row)}: the category {cell!r} is no number; name its TI-RADS system in the column 'system'."
        )
    return number


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _who(row: Row) -> str:
    return f"Reader {row[names.READER]!r}, case {row[names.CASE]!r}"
