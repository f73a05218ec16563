"""Restricted cubic splines: a smooth curve that is straight beyond its outer knots."""

import numpy as np

from thyrosight.errors import StatisticsError
from thyrosight.statistics.validation import Floats

# Harrell, "Regression Modeling Strategies", 2nd edition 2015, table 2.3.
_QUANTILES = {
    3: (0.1, 0.5, 0.9),
    4: (0.05, 0.35, 0.65, 0.95),
    5: (0.05, 0.275, 0.5, 0.725, 0.95),
}


def usual_knots(values: Floats, *, rarer: int) -> Floats:
    """Return as many knots as the rarer outcome can carry: 3 below 30 cases of it, 4 below 100, else 5.

    Harrell 2015, section 2.4.6, with the number of the rarer outcome as the effective sample size (section 4.4).

    >>> usual_knots(np.arange(101.0), rarer=20).tolist()
    [10.0, 50.0, 90.0]
    """
    return knots_at_quantiles(values, 3 if rarer < 30 else 4 if rarer < 100 else 5)


def knots_at_quantiles(values: Floats, count: int) -> Floats:
    """Return `count` knots at Harrell's quantiles of the values; fewer where ties make some of them equal.

    Raises:
        StatisticsError: a count other than 3, 4 or 5.

    >>> knots_at_quantiles(np.arange(101.0), 4).tolist()
    [5.0, 35.0, 65.0, 95.0]
    """
    if count not in _QUANTILES:
        raise StatisticsError(f"Expected 3, 4 or 5 knots, got {count}.")
    return np.unique(np.quantile(values, _QUANTILES[count]))


def spline_basis(values: Floats, knots: Floats) -> Floats:
    """Return the columns of a restricted cubic spline without intercept: shape (n, knots - 1).

    The first column is the value itself; the others are cubic between the knots and straight beyond (Harrell 2015,
    equation 2.25). Fewer than three knots give the straight line alone.

    >>> spline_basis(np.array([0.0, 1, 2]), np.array([0.0, 1, 2])).tolist()
    [[0.0, 0.0], [1.0, 0.25], [2.0, 1.5]]
    """
    columns = [values]
    if knots.size >= 3:
        last, before, width = knots[-1], knots[-2], knots[-1] - knots[0]

        def cube(knot: float) -> Floats:
            return np.maximum(values - knot, 0.0) ** 3

        for knot in knots[:-2]:
            bend = cube(knot) - cube(before) * (last - knot) / (last - before)
            columns.append((bend + cube(last) * (before - knot) / (last - before)) / width**2)
    return np.column_stack(columns)
