"""Standard errors that follow patients: from influences summed within clusters, and from leaving clusters out."""

import math

import numpy as np
import numpy.typing as npt
from scipy import special

from thyrosight.errors import StatisticsError
from thyrosight.statistics.bootstrap import cluster_codes
from thyrosight.statistics.estimate import Estimate
from thyrosight.statistics.validation import Floats


def linearised_error(influence: Floats, cluster: npt.ArrayLike | None) -> tuple[float, int]:
    """Return the standard error of a mean-like estimate and the number of independent units.

    The delta method with the variance between clusters (Yang & Zhou, Stat Med 2014, for kappa): influences are summed
    within each cluster, so that nothing is assumed of the correlation there.

    Args:
        influence: influence of each of the n observations, of mean 0.
        cluster: cluster of each observation; None when all are independent.

    Raises:
        StatisticsError: lengths that differ, or a single cluster.

    >>> linearised_error(np.array([-2.0, 0.0, 0.0, 2.0]), ["a", "a", "b", "b"])
    (1.0, 2)
    """
    n = influence.size
    codes, units = cluster_codes(cluster, n)
    if units < 2:
        raise StatisticsError("Expected at least two clusters: one alone shows no variation between clusters.")
    sums = np.bincount(codes, weights=influence, minlength=units)
    return math.sqrt(units / (units - 1) * float((sums**2).sum())) / n, units


def jackknife_error(left_out: Floats) -> float:
    """Return the standard error from the estimates with one unit left out each; undefined ones count for nothing.

    >>> jackknife_error(np.array([1.0, 2.0, 3.0]))
    1.1547005383792515
    """
    defined = left_out[~np.isnan(left_out)]
    if defined.size < 2:
        return math.nan
    return math.sqrt((defined.size - 1) * float(defined.var()))


def t_margin(se: float, units: int, confidence: float) -> float:
    """Return half the width of the t interval with one degree of freedom less than independent units."""
    return -float(special.stdtrit(units - 1, (1 - confidence) / 2)) * se


ALIKE = ": no interval, all cases alike"
"""Added to a method whose cases show no variation: an interval of no width would claim certainty."""
_NO_ERROR = 1e-12


def coefficient(
    value: float, se: float, *, units: int, name: str, n: int, clusters: int | None, confidence: float
) -> Estimate:
    """Return a coefficient of agreement with its t interval, cut at -1 and 1; none where no case differs from another.

    >>> print(coefficient(1.0, 0.0, units=12, name="kappa", n=12, clusters=None, confidence=0.95))
    1.000 (no interval; kappa: no interval, all cases alike; n = 12)
    """
    low, high = t_limits(value, se, units, confidence)
    words = name + ALIKE if se < _NO_ERROR else name
    return Estimate(value, low, high, se, words, n, clusters, confidence)


def t_limits(value: float, se: float, units: int, confidence: float) -> tuple[float, float]:
    """Return the t interval of a coefficient of agreement, cut at -1 and 1; NaN where it would have no width."""
    margin = t_margin(se, units, confidence)
    if se < _NO_ERROR or math.isnan(value - margin):
        return math.nan, math.nan
    return max(-1.0, value - margin), min(1.0, value + margin)
