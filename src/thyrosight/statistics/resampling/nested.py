"""Two sources of variation told apart: between groups, and within them."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics.estimate import Estimate, Result
from thyrosight.statistics.validation import require_confidence


@dataclass(frozen=True, slots=True)
class NestedVariation(Result):
    """Standard deviations of repeated values of several groups, for example trainings of several divisions.

    Attributes:
        within: between values of one group.
        between: between groups, beyond what values within them explain; 0 where these explain all.
        groups, values: how many groups, and values of each.
        mean: of all values.
    """

    within: Estimate
    between: Estimate
    groups: int
    values: int
    mean: float


def nested_variation(values: npt.ArrayLike, *, confidence: float = 0.95) -> NestedVariation:
    """Return the standard deviations within and between groups, from the mean squares of a one-way random model.

    The interval of the first is that of chi-square; that of the second is by modified large samples (Ting et al., J
    Stat Comput Simul 1990; Burdick and Graybill 1992, section 3.3), with limits below 0 taken as 0. Both take values as
    normal. With one group there is nothing between groups (NaN).

    Args:
        values: shape (groups, values), at least two values of each.
        confidence: coverage of the intervals.

    Raises:
        StatisticsError: fewer than two values of a group, or values that are not finite.

    >>> found = nested_variation([[0.80, 0.82, 0.84], [0.70, 0.72, 0.74], [0.78, 0.80, 0.82]])
    >>> print(found.within)
    0.020 (95 % interval 0.013 to 0.044; chi-square, 6 degrees of freedom; n = 9)
    >>> round(found.between.value, 4)
    0.0516
    """
    table = np.asarray(values, dtype=np.float64)
    require_confidence(confidence)
    if table.ndim != 2 or table.shape[0] < 1 or table.shape[1] < 2:
        raise StatisticsError(f"Expected `values` of shape (groups, at least 2), got {table.shape}.")
    if not np.isfinite(table).all():
        raise StatisticsError("Expected finite `values`, got some that are missing or infinite.")
    (groups, each), tail = table.shape, (1 - confidence) / 2
    of_error, of_groups = groups * (each - 1), groups - 1
    error = float(table.var(axis=1, ddof=1).mean())
    quantiles = stats.chi2.isf([tail, 1 - tail], of_error)
    low, high = (math.sqrt(of_error * error / quantile) for quantile in quantiles)
    words = f"chi-square, {of_error} degrees of freedom"
    within = Estimate(math.sqrt(error), low, high, math.nan, words, table.size, None, confidence)
    between = Estimate(math.nan, math.nan, math.nan, math.nan, "one group only", groups, None, confidence)
    if groups > 1:
        square = each * float(table.mean(axis=1).var(ddof=1))
        limits = _difference_limits(square, of_groups, error, of_error, tail)
        value, low, high = (math.sqrt(max(0.0, part) / each) for part in (square - error, *limits))
        words = f"modified large samples, {of_groups} and {of_error} degrees of freedom"
        between = Estimate(value, low, high, math.nan, words, groups, None, confidence)
    return NestedVariation(within, between, groups, each, float(table.mean()))


def _difference_limits(first: float, df: int, second: float, other: int, tail: float) -> tuple[float, float]:
    """Limits of the difference of two expected mean squares, `first` less `second`."""

    def upper(share: float, above: int, below: float) -> float:
        return float(stats.chi2.isf(share, above) / above if math.isinf(below) else stats.f.isf(share, above, below))

    g1, g2 = (1 - 1 / upper(tail, n, math.inf) for n in (df, other))
    h1, h2 = (1 / upper(1 - tail, n, math.inf) - 1 for n in (df, other))
    at_top, at_bottom = upper(tail, df, other), upper(1 - tail, df, other)
    g12 = ((at_top - 1) ** 2 - (g1 * at_top) ** 2 - h2**2) / at_top
    h12 = ((1 - at_bottom) ** 2 - (h1 * at_bottom) ** 2 - g2**2) / at_bottom
    below = (g1 * first) ** 2 + (h2 * second) ** 2 + g12 * first * second
    above = (h1 * first) ** 2 + (g2 * second) ** 2 + h12 * first * second
    return first - second - math.sqrt(max(0.0, below)), first - second + math.sqrt(max(0.0, above))
