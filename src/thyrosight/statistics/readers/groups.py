"""Readers nested in tests: each reader reads with one test only, so that tests have readers of their own.

Hillis, Stat Med 2014 (33:330): readers vary within the group of each test, and the difference of two tests holds the
difference of their groups.
"""

import math
from itertools import combinations

import numpy as np
from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics.readers.model import Effects, Spread
from thyrosight.statistics.validation import Floats


def effects_of_groups(values: Floats, matrix: Floats, *, readers: str, cases: str) -> Effects:
    """Analyse values of shape (tests, readers) in which each reader has one value.

    A test alone is judged by the spread of its own readers; differences use the spread pooled over the groups. What the
    covariance over case samples adds to them counts as 0 if it is estimated below 0.

    Args:
        values: shape (tests, readers); NaN where a reader did not read with the test.
        matrix: covariance, shape (tests * readers, tests * readers).
        readers: "random" or "fixed".
        cases: "random" or "fixed".

    Raises:
        StatisticsError: random readers, and a test with a single one.
    """
    tests, r = values.shape
    members = [np.flatnonzero(~np.isnan(row)) for row in values]
    sizes = np.array([group.size for group in members])
    if readers == "random" and sizes.min() < 2:
        raise StatisticsError("With random readers each test needs two or more of them; use readers='fixed'.")
    flat = [t * r + group for t, group in enumerate(members)]
    means = np.array([row[group].mean() for row, group in zip(values, members, strict=True)])
    squares = np.array([np.var(row[group]) * group.size for row, group in zip(values, members, strict=True)])
    pooled, freedom = float(squares.sum()) / max(1, r - tests), r - tests

    def shared(a: int, b: int) -> float:
        """Mean covariance of two readers, of one test or of two."""
        part = matrix[np.ix_(flat[a], flat[b])]
        return float(part.mean()) if a != b else _off_diagonal(part)

    def total(a: int, b: int) -> float:
        return float(matrix[np.ix_(flat[a], flat[b])].mean())

    def difference(a: int, b: int) -> Spread:
        if readers == "fixed":
            return Spread(math.sqrt(max(0.0, total(a, a) + total(b, b) - 2 * total(a, b))), math.inf)
        of_cases = shared(a, a) + shared(b, b) - 2 * shared(a, b)
        return _spread(pooled * (1 / sizes[a] + 1 / sizes[b]), freedom, of_cases, cases)

    alone = [
        Spread(math.sqrt(max(0.0, total(t, t))), math.inf)
        if readers == "fixed"
        else _spread(squares[t] / (sizes[t] - 1) / sizes[t], int(sizes[t]) - 1, shared(t, t), cases)
        for t in range(tests)
    ]
    pairs = {(a, b): difference(a, b) for a, b in combinations(range(tests), 2)}
    own = tuple(shared(t, t) for t in range(tests))
    error = float(np.mean([np.diag(matrix)[group].mean() for group in flat]))
    within, across = float(np.mean(own)), float(np.mean([shared(a, b) for a, b in pairs]))
    components = (pooled - error + within, math.nan, error, math.nan, within, across)
    return Effects(means, alone, pairs[0, 1], _global(means, pairs), components, own, pairs)


def _spread(of_readers: float, freedom: int, of_cases: float, cases: str) -> Spread:
    """Variance of a mean from the spread of readers and, if cases are random, from what they share."""
    variance = of_readers if cases == "fixed" else of_readers + max(0.0, of_cases)
    return Spread(math.sqrt(variance), variance**2 / (of_readers**2 / freedom) if of_readers > 0 else math.inf)


def _global(means: Floats, pairs: dict[tuple[int, int], Spread]) -> tuple[float, int, float, float]:
    """F test of all tests, with the mean variance and mean degrees of freedom of their differences."""
    variance = float(np.mean([spread.se**2 for spread in pairs.values()])) / 2
    df2 = float(np.mean([spread.df for spread in pairs.values()]))
    df1 = len(means) - 1
    if variance == 0:
        return math.nan, df1, df2, math.nan
    f = float(np.var(means, ddof=1)) / variance
    p = float(stats.chi2.sf(f * df1, df1) if math.isinf(df2) else stats.f.sf(f, df1, df2))
    return f, df1, df2, p


def _off_diagonal(part: Floats) -> float:
    others = part[~np.eye(len(part), dtype=bool)]
    return float(others.mean()) if others.size else 0.0
