"""Newcombe's hybrid score intervals of a difference of two proportions, which join their Wilson intervals."""

import math

from thyrosight.statistics.estimate import Estimate
from thyrosight.statistics.proportions.intervals import proportion_interval


def proportion_difference(
    successes_a: int, n_a: int, successes_b: int, n_b: int, *, confidence: float = 0.95
) -> Estimate:
    """Return the difference `a - b` of two proportions of different nodules, for example of two hospitals.

    The interval is the hybrid score interval (Newcombe, Stat Med 1998;17:873, method 10). For two readers of the same
    nodules use `compare_proportions`.

    Args:
        successes_a: successes among the first sample.
        n_a: its independent observations.
        successes_b: successes among the second sample.
        n_b: its independent observations.
        confidence: nominal coverage.

    Raises:
        StatisticsError: counts that are not whole, negative, or more successes than observations.

    >>> print(proportion_difference(56, 70, 48, 80))
    0.200 (95 % interval 0.052 to 0.334; Newcombe, hybrid score; n = 150)
    """
    a = proportion_interval(successes_a, n_a, method="wilson", confidence=confidence)
    b = proportion_interval(successes_b, n_b, method="wilson", confidence=confidence)
    low, high = _joined(a, b, correlation=0.0)
    method = "Newcombe, hybrid score"
    return Estimate(a.value - b.value, low, high, math.hypot(a.se, b.se), method, a.n + b.n, confidence=confidence)


def paired_newcombe_interval(pairs: tuple[int, int, int, int], *, confidence: float) -> tuple[float, float]:
    """Return the hybrid score interval of a paired difference (Newcombe, Stat Med 1998;17:2635, method 10).

    Args:
        pairs: pairs in which both succeeded, only the first, only the second, and neither.
        confidence: nominal coverage.

    >>> [round(limit, 4) for limit in paired_newcombe_interval((36, 12, 2, 0), confidence=0.95)]
    [0.0569, 0.3404]
    """
    both, only_a, only_b, _ = pairs
    n = sum(pairs)
    a = proportion_interval(both + only_a, n, method="wilson", confidence=confidence)
    b = proportion_interval(both + only_b, n, method="wilson", confidence=confidence)
    return _joined(a, b, correlation=_correlation(pairs, n))


def _correlation(pairs: tuple[int, int, int, int], n: int) -> float:
    """Phi of the pairs; of a positive one the numerator is lowered by n / 2, though not below 0, as the paper does."""
    both, only_a, only_b, neither = pairs
    margins = (both + only_a) * (only_b + neither) * (both + only_b) * (only_a + neither)
    if margins == 0:
        return 0.0
    numerator = float(both * neither - only_a * only_b)
    if numerator > 0:
        numerator = max(numerator - n / 2, 0.0)
    return numerator / math.sqrt(margins)


def _joined(a: Estimate, b: Estimate, *, correlation: float) -> tuple[float, float]:
    def distance(of_a: float, of_b: float) -> float:
        return math.sqrt(max(0.0, of_a**2 - 2 * correlation * of_a * of_b + of_b**2))

    difference = a.value - b.value
    low = difference - distance(a.value - a.low, b.high - b.value)
    high = difference + distance(a.high - a.value, b.value - b.low)
    return max(-1.0, low), min(1.0, high)
