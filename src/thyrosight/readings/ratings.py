"""From rows of the table of readings to what statistics take: which readings count, and the number that each gives."""

from collections.abc import Iterable
from dataclasses import dataclass

from thyrosight.errors import ReadingsError
from thyrosight.readings import table as names
from thyrosight.readings.table import Row
from thyrosight.tirads import TiradsError, category_rank


def main_readings(rows: Iterable[Row]) -> list[Row]:
    """The readings of the main analysis: no practice, no attention cases, no repeats, no case that was withdrawn."""
    return [row for row in rows if not any(row[flag] for flag in names.FLAGS)]


@dataclass(frozen=True)
class Ratings:
    """What the area under the ROC curve is computed from.

    Attributes:
        column: "score", "points" or "category", the first of them that any reading has.
        values: for each reading its number, higher for malignant; None where it has none.
    """

    column: str
    values: tuple[float | None, ...]

    @property
    def missing(self) -> int:
        """Readings without a number."""
        return sum(value is None for value in self.values)


def ratings_of(rows: Iterable[Row]) -> Ratings:
    """The number that each reading gives: its score, its points, or the place of its category in `system`.

    Categories without a system should be numbers.

    Raises:
        ReadingsError: a category that its system does not have, or no reading with any of the three.
    """
    rows = list(rows)
    for column in (names.SCORE, names.POINTS):
        if any(row[column] is not None for row in rows):
            return Ratings(column, tuple(row[column] for row in rows))
    if not any(row[names.CATEGORY] is not None for row in rows):
        raise ReadingsError("No reading has a score, points or a category, so that no ROC curve can be drawn.")
    return Ratings(names.CATEGORY, tuple(_rank(row) for row in rows))


def _rank(row: Row) -> float | None:
    category, system = row[names.CATEGORY], row[names.SYSTEM]
    if category is None:
        return None
    try:
        return float(category) if system is None else category_rank(system, category)
    except TiradsError as error:
        raise ReadingsError(f"{_who(row)}: {error}") from None
    except ValueError:
        raise ReadingsError(
            f"{_who(row)}: the category {category!r} is no number; name its TI-RADS system in the column 'system'."
        ) from None


def _who(row: Row) -> str:
    return f"Reader {row[names.READER]!r}, case {row[names.CASE]!r}"
