"""Results of planning, and the search for the fewest patients that suffice."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics.estimate import Result

_MOST = 10_000_000


@dataclass(frozen=True, slots=True)
class SampleSize(Result):
    """Number of patients that a study needs.

    Attributes:
        positives: patients with the disease.
        negatives: patients without.
        power: power with these numbers; NaN if the aim is a width of interval.
        method: assumptions in words.
    """

    positives: int
    negatives: int
    power: float
    method: str

    @property
    def total(self) -> int:
        """All patients."""
        return self.positives + self.negatives

    def __str__(self) -> str:
        power = "" if math.isnan(self.power) else f", power {self.power:.3f}"
        return f"{self.positives} with and {self.negatives} without the disease ({self.method}{power})"


def normal_power(difference: float, spread_null: float, spread: float, significance: float) -> float:
    """Power of a two-sided normal test, both tails counted, so that it is never below the significance."""
    limit = float(stats.norm.isf(significance / 2)) * spread_null
    return float(stats.norm.sf((limit - difference) / spread) + stats.norm.cdf((-limit - difference) / spread))


def fewest(achieved: Callable[[int, int], float], power: float, prevalence: float, words: str) -> SampleSize:
    """Return the fewest patients in the mix of the prevalence for whom `achieved(positives, negatives)` is enough."""
    require_between(prevalence, name="prevalence")

    def enough(positives: int) -> bool:
        return achieved(positives, negatives_beside(positives, prevalence)) >= power

    positives = first_that(enough)
    negatives = negatives_beside(positives, prevalence)
    return SampleSize(positives, negatives, achieved(positives, negatives), words)


def negatives_beside(positives: int, prevalence: float) -> int:
    """Return how many patients without the disease come with these, at least one."""
    return max(1, math.ceil(positives * (1 - prevalence) / prevalence - 1e-9))


def first_that(holds: Callable[[int], bool]) -> int:
    """Return the least number, 2 or more, from which on the condition holds; found by doubling and bisection.

    Raises:
        StatisticsError: no number below ten million.

    >>> first_that(lambda n: n * n > 50)
    8
    """
    high = 2
    while not holds(high):
        high *= 2
        if high > _MOST:
            raise StatisticsError(f"No number of patients below {_MOST:,} suffices; ask for less.")
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def require_between(value: float, *, name: str) -> None:
    """Refuse a value that is not strictly between 0 and 1."""
    if not 0 < value < 1:
        raise StatisticsError(f"Expected `{name}` strictly between 0 and 1, got {value}.")
