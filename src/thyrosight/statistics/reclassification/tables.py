"""Reclassification tables: categories of an old model against those of a new one, by outcome."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError
from thyrosight.statistics.calibration.calibrators import as_probability
from thyrosight.statistics.estimate import Result
from thyrosight.statistics.validation import Floats, Integers, as_numbers, as_truth, require_same_length


@dataclass(frozen=True, slots=True)
class ReclassificationTable(Result):
    """Counts by category of the old (rows) and the new model (columns).

    Attributes:
        thresholds: a risk of at least threshold i is in category i + 1 or above.
        categories: their names, by risk.
        events: counts of cases with the outcome.
        nonevents: counts of cases without.
    """

    thresholds: tuple[float, ...]
    categories: tuple[str, ...]
    events: tuple[tuple[int, ...], ...]
    nonevents: tuple[tuple[int, ...], ...]

    def __str__(self) -> str:
        lines = [f"categories {'; '.join(self.categories)} (rows old, columns new)"]
        for name, counts in (("events", self.events), ("non-events", self.nonevents)):
            lines.append(f"{name}: " + "; ".join(" ".join(map(str, row)) for row in counts))
        return "\n".join(lines)


def reclassification_table(
    truth: npt.ArrayLike, new: npt.ArrayLike, old: npt.ArrayLike, thresholds: npt.ArrayLike
) -> ReclassificationTable:
    """Return how the new model moves cases between categories of risk.

    Args:
        truth: n values of 0 and 1.
        new: n risks of the new model.
        old: n risks of the old model.
        thresholds: that divide the categories, rising, strictly between 0 and 1; fixed before the data are seen.

    Raises:
        StatisticsError: one class only, values outside 0 to 1, unequal lengths, or thresholds that do not rise.

    >>> print(reclassification_table([0, 0, 1, 1, 1], [0.1, 0.3, 0.3, 0.8, 0.9], [0.3, 0.3, 0.1, 0.7, 0.4], [0.2, 0.5]))
    categories below 0.2; 0.2 to below 0.5; 0.5 or above (rows old, columns new)
    events: 0 1 0; 0 0 1; 0 0 1
    non-events: 0 0 0; 1 1 0; 0 0 0
    """
    labels, first, second = risks_of_two(truth, new, old)
    levels = rising_thresholds(thresholds)
    size = levels.size + 1
    cell = np.searchsorted(levels, second, side="right") * size + np.searchsorted(levels, first, side="right")

    def counts(label: int) -> tuple[tuple[int, ...], ...]:
        table = np.bincount(cell[labels == label], minlength=size * size).reshape(size, size)
        return tuple(tuple(map(int, row)) for row in table)

    inner = (f"{low:g} to below {high:g}" for low, high in pairwise(levels))
    names = (f"below {levels[0]:g}", *inner, f"{levels[-1]:g} or above")
    return ReclassificationTable(tuple(levels.tolist()), names, counts(1), counts(0))


def risks_of_two(truth: npt.ArrayLike, new: npt.ArrayLike, old: npt.ArrayLike) -> tuple[Integers, Floats, Floats]:
    """Return checked truth and the risks of the new and the old model."""
    labels = as_truth(truth)
    first, second = as_probability(new, name="new"), as_probability(old, name="old")
    require_same_length(truth=labels, new=first, old=second)
    return labels, first, second


def rising_thresholds(thresholds: npt.ArrayLike) -> Floats:
    """Return thresholds as floats, refusing those outside the open interval from 0 to 1 or not rising."""
    levels = as_numbers(thresholds, name="thresholds")
    if ((levels <= 0) | (levels >= 1)).any() or (np.diff(levels) <= 0).any():
        written = ", ".join(f"{level:g}" for level in levels)
        raise StatisticsError(f"Expected `thresholds` that rise strictly between 0 and 1, got {written}.")
    return levels
