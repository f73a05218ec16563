"""The model of Obuchowski and Rockette: mean squares, variance components, standard errors, degrees of freedom.

Obuchowski & Rockette, Commun Stat Simul Comput 1995; Hillis, Stat Med 2007 (degrees of freedom); Hillis, Stat Med 2014
(nested designs: the covariances of units without common cases are 0 by design).
"""

import math
from dataclasses import dataclass, field

import numpy as np
from scipy import special, stats

from thyrosight.statistics.validation import Floats, Integers


@dataclass(frozen=True, slots=True)
class Spread:
    """A standard error with the degrees of freedom of its t distribution (infinite: normal)."""

    se: float
    df: float

    def test(self, value: float) -> tuple[float, float]:
        """Return value / se and its two-sided P. Without spread, P is 1 for a value of 0 and NaN for any other."""
        if self.se == 0:
            return (0.0, 1.0) if abs(value) < 1e-12 else (math.nan, math.nan)
        return value / self.se, 2 * float(stats.t.sf(abs(value / self.se), self.df))

    def limits_of_difference(self, value: float, confidence: float) -> tuple[float, float]:
        """Return the t interval of a difference, within -1 and 1; NaN without spread."""
        if self.se == 0:
            return math.nan, math.nan
        margin = -float(special.stdtrit(self.df, (1 - confidence) / 2)) * self.se
        return max(-1.0, value - margin), min(1.0, value + margin)

    def limits(self, value: float, confidence: float, *, units: int) -> tuple[float, float]:
        """Return the t interval of a metric, within 0 and 1.

        At 0 and 1 the data show no spread. If the true value is A, all of `units` independent cases (or pairs of cases)
        are correct with probability A ** units at most: every A below the returned limit is rejected.
        """
        if self.se == 0 and value in (0.0, 1.0):
            limit = ((1 - confidence) / 2) ** (1 / units)
            return (limit, 1.0) if value == 1 else (0.0, 1 - limit)
        low, high = self.limits_of_difference(value, confidence)
        return (low if math.isnan(low) else max(0.0, low)), high


@dataclass(frozen=True, eq=False, slots=True)
class Effects:
    """Estimates of the model.

    Attributes:
        test_means: mean over readers, per test.
        tests: spread of each of them.
        difference: spread of the difference of any two of them.
        global_test: F, its two degrees of freedom, and P; None with a single test.
        components: reader, test by reader, error, and covariances 1 to 3; any but the error can come out negative.
        own_covariance_2: per test, the covariance of two readers with that test; NaN with a single reader.
        pairs: spread of the difference of two tests by their numbers, where it is not the same for any two.
    """

    test_means: Floats
    tests: list[Spread]
    difference: Spread
    global_test: tuple[float, int, float, float] | None
    components: tuple[float, float, float, float, float, float]
    own_covariance_2: tuple[float, ...]
    pairs: dict[tuple[int, int], Spread] = field(default_factory=dict)

    def between(self, a: int, b: int) -> Spread:
        """Return the spread of the difference of two tests by their numbers."""
        return self.pairs.get((a, b), self.difference)


def effects(
    values: Floats,
    matrix: Floats,
    *,
    readers: str,
    cases: str,
    of_differences: bool = False,
    block: Integers | None = None,
) -> Effects:
    """Analyse values of shape (tests, readers); `matrix` is their covariance over case samples.

    A covariance of readers below 0 counts as 0 in the spread of a test with its readers fixed, and wherever readers are
    random. In a difference with fixed readers it counts as it is, for the variance of that difference is then the plain
    one of a sum. So do Hillis 2007 and the R package MRMCaov.

    Args:
        values: shape (tests, readers).
        matrix: shape (tests * readers, tests * readers).
        readers: "random" or "fixed".
        cases: "random" or "fixed".
        of_differences: whether `values` are themselves differences between two systems.
        block: block of each reader in a split-plot design; readers are then compared within their blocks alone.
    """
    tests, r = values.shape
    blocks = matrix.reshape(tests, r, tests, r)
    own = [_within_and_between(blocks[t, :, t, :]) for t in range(tests)]
    across = [_within_and_between(blocks[a, :, b, :]) for a in range(tests) for b in range(tests) if a != b]
    error, covariance_2 = _means(own)
    covariance_1, covariance_3 = _means(across)
    means, reader_means = values.mean(axis=1), values.mean(axis=0)
    rest = values - means[:, None] - reader_means + values.mean()
    freedom = (tests - 1) * (r - 1)
    ms_readers = tests * _variance(reader_means)
    ms_rest = float((rest**2).sum()) / freedom if freedom else math.nan
    least = -math.inf if of_differences else 0.0
    grouped = block if readers == "random" else None  # fixed readers vary nowhere, within blocks or between
    if grouped is None:
        per_test = [
            _denominator(
                _variance(values[t]), r - 1, variance, max(least, _or_zero(between)), r, readers=readers, cases=cases
            )
            for t, (variance, between) in enumerate(own)
        ]
    else:
        per_test = [_within_blocks(values[t : t + 1], blocks[t, :, t, :], grouped, cases=cases) for t in range(tests)]
    difference, global_test = Spread(math.nan, math.nan), None
    if tests > 1:
        between = _or_zero(covariance_2) - _or_zero(covariance_3)
        denominator, df = (
            _denominator(ms_rest, freedom, error - covariance_1, between, r, readers=readers, cases=cases)
            if grouped is None
            else _within_blocks(values, _of_rest(blocks), grouped, cases=cases)
        )
        difference = Spread(math.sqrt(2 * denominator / r), df)
        global_test = _global_test(r * _variance(means), tests - 1, denominator, df)
    spreads = [Spread(math.sqrt(value / r), df) for value, df in per_test]
    components = _components(tests, (ms_readers, ms_rest), error, (covariance_1, covariance_2, covariance_3))
    return Effects(means, spreads, difference, global_test, components, tuple(between for _, between in own))


def _components(
    tests: int, squares: tuple[float, float], error: float, covariances: tuple[float, float, float]
) -> tuple[float, float, float, float, float, float]:
    """Variance components from the mean squares of readers and of tests by readers, and the covariances 1 to 3."""
    readers, rest = squares
    covariance_1, covariance_2, covariance_3 = covariances
    if tests == 1:
        return readers - error + covariance_2, math.nan, error, math.nan, covariance_2, math.nan
    return (
        (readers - rest) / tests - covariance_1 + _or_zero(covariance_3),
        rest - error + covariance_1 + _or_zero(covariance_2) - _or_zero(covariance_3),
        error,
        *covariances,
    )


def _denominator(
    mean_square: float, freedom: int, error: float, between: float, r: int, *, readers: str, cases: str
) -> tuple[float, float]:
    """Return the denominator of the F test with its degrees of freedom (Hillis 2007, equation 14).

    Args:
        mean_square: of readers within the test, or of tests by readers.
        freedom: its degrees of freedom.
        error: error variance; if tests are compared, less the covariance within a reader.
        between: covariance between readers, likewise.
        r: number of readers.
        readers: "random" or "fixed".
        cases: "random" or "fixed".
    """
    if readers == "fixed":
        return max(0.0, error + (r - 1) * between), math.inf
    value = mean_square if cases == "fixed" else mean_square + max(0.0, r * between)
    # Without any spread between readers only the cases vary, and of these there are many.
    return value, value**2 / (mean_square**2 / freedom) if mean_square > 0 else math.inf


def _within_blocks(values: Floats, covariance: Floats, block: Integers, *, cases: str) -> tuple[float, float]:
    """Return the denominator and its degrees of freedom with the mean square pooled within blocks of readers.

    Hillis (Stat Med 2014) for split-plot designs: cases differ between blocks, and what differs with them must not
    count as a difference between readers. What the variance of the mean of all readers has beyond that mean square
    comes from the covariance over case samples.

    Args:
        values: shape (tests, readers), or (1, readers) for one test alone.
        covariance: shape (readers, readers), of a reader's value or (with several tests) its deviation.
        block: block of each reader; one of them or more holds two readers.
        cases: "random" or "fixed".
    """
    groups = [np.flatnonzero(block == code) for code in np.unique(block)]
    tests, r = values.shape
    degrees = max(1, tests - 1) * (r - len(groups))
    squares = expected = 0.0
    for group in groups:
        own = values[:, group]
        rest = own - own.mean(axis=1, keepdims=True)
        rest = rest - rest.mean(axis=0) if tests > 1 else rest
        squares += float((rest**2).sum())
        within, between = _within_and_between(covariance[np.ix_(group, group)])
        expected += (group.size - 1) * (within - _or_zero(between)) / (r - len(groups))
    mean_square = squares / degrees
    beyond = float(covariance.sum()) / r - expected
    value = mean_square if cases == "fixed" else mean_square + max(0.0, beyond)
    return value, value**2 / (mean_square**2 / degrees) if mean_square > 0 else math.inf


def _of_rest(blocks: Floats) -> Floats:
    """Covariance of readers with one test less that with two tests, each averaged over tests."""
    tests = len(blocks)
    same = np.mean([blocks[t, :, t, :] for t in range(tests)], axis=0)
    other = np.mean([blocks[a, :, b, :] for a in range(tests) for b in range(tests) if a != b], axis=0)
    return np.asarray(same - other)


def _global_test(mean_square: float, df1: int, denominator: float, df2: float) -> tuple[float, int, float, float]:
    if denominator == 0:
        f, p = (0.0, 1.0) if mean_square < 1e-24 else (math.nan, math.nan)
    else:
        f = mean_square / denominator
        p = float(stats.chi2.sf(f * df1, df1) if math.isinf(df2) else stats.f.sf(f, df1, df2))
    return f, df1, df2, p


def _within_and_between(block: Floats) -> tuple[float, float]:
    """Return the mean of the diagonal (one reader) and off it (two readers; NaN with a single reader)."""
    others = block[~np.eye(len(block), dtype=bool)]
    return float(np.diag(block).mean()), float(others.mean()) if others.size else math.nan


def _means(pairs: list[tuple[float, float]]) -> tuple[float, float]:
    if not pairs:
        return math.nan, math.nan
    within, between = np.mean(pairs, axis=0)
    return float(within), float(between)


def _variance(values: Floats) -> float:
    return float(np.var(values, ddof=1)) if values.size > 1 else math.nan


def _or_zero(value: float) -> float:
    return 0.0 if math.isnan(value) else value
