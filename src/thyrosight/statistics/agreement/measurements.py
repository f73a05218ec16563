"""Agreement of readers or devices on measurements: intraclass correlation and limits of agreement."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics.estimate import Estimate, Result
from thyrosight.statistics.validation import (
    Floats,
    as_numbers,
    require_choice,
    require_confidence,
    require_same_length,
)

FORMS = ("1,1", "2,1", "3,1", "1,k", "2,k", "3,k")


@dataclass(frozen=True, slots=True)
class BlandAltman(Result):
    """Differences (first minus second) of paired measurements.

    Attributes:
        bias: mean difference.
        lower_limit: lower limit of agreement, with an interval of its own.
        upper_limit: upper limit of agreement, likewise.
        sd: standard deviation of the differences.
    """

    bias: Estimate
    lower_limit: Estimate
    upper_limit: Estimate
    sd: float

    def __str__(self) -> str:
        return f"bias {self.bias}\nlower limit {self.lower_limit}\nupper limit {self.upper_limit}"


@dataclass(frozen=True, slots=True)
class _MeanSquares:
    """Mean squares of a two-way table: between cases, within cases, between readers, and residual."""

    cases: float
    within: float
    readers: float
    error: float
    n: int
    k: int


def intraclass_correlation(ratings: npt.ArrayLike, *, form: str = "2,1", confidence: float = 0.95) -> Estimate:
    """Return an intraclass correlation in one of the six forms of Shrout and Fleiss (1979), with its F interval.

    The value is NaN if the estimated variance of a rating is not positive: ratings are constant, or cases differ less
    than expected by chance.

    Args:
        ratings: measurements (cases, readers), none missing.
        form: model and unit. Model 1: each case has other readers; 2: the same readers, a sample of all readers
            (absolute agreement); 3: the same readers, the only ones of interest (consistency). Unit 1: one reader;
            k: the mean of all k readers.
        confidence: coverage of the interval.

    Raises:
        StatisticsError: fewer than two cases or readers, missing values, or an unknown form.

    >>> table = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> print(intraclass_correlation(table, form="3,1"))
    0.715 (95 % interval 0.342 to 0.946; ICC(3,1); n = 6)
    """
    require_choice(form, FORMS, name="form")
    require_confidence(confidence)
    table = _as_table(ratings)
    squares = _mean_squares(table)
    name = f"ICC({form})"
    tail = (1 - confidence) / 2
    single = {"1": _one_way, "2": _two_way_random, "3": _two_way_mixed}[form[0]](squares, tail)
    # The mean of k readers: the Spearman-Brown formula turns each single-reader form into its average form.
    value, low, high = single if form[2] == "1" else tuple(spearman_brown(x, squares.k) for x in single)
    if not math.isfinite(value):
        name += ", undefined: the estimated total variance is not positive"
        return Estimate(math.nan, math.nan, math.nan, math.nan, name, len(table), None, confidence)
    return Estimate(value, low, high, math.nan, name, len(table), None, confidence)


def bland_altman(
    a: npt.ArrayLike, b: npt.ArrayLike, *, interval: str = "exact", multiple: float = 1.96, confidence: float = 0.95
) -> BlandAltman:
    """Return bias and limits of agreement of paired measurements, each with its interval.

    Args:
        a: n measurements by the first method or reader.
        b: n measurements of the same cases by the second.
        interval: of the limits: "exact", from the noncentral t distribution (Carkeet 2015), correct for normal
            differences at any n, or "approximate" and symmetric (Bland and Altman 1999, section 2.2).
        multiple: limits lie this many standard deviations from the bias; Bland and Altman's first paper took 2.
        confidence: coverage of the intervals.

    Raises:
        StatisticsError: fewer than two pairs, unequal lengths, missing values or a multiple that is not positive.

    >>> print(bland_altman([10.1, 12.3, 8.8, 15.0, 11.2], [10.4, 12.0, 9.5, 15.1, 11.9]).bias)
    -0.300 (95 % interval -0.827 to 0.227; mean difference, Student t; n = 5)
    """
    require_choice(interval, ("exact", "approximate"), name="interval")
    require_confidence(confidence)
    first, second = as_numbers(a, name="a"), as_numbers(b, name="b")
    require_same_length(a=first, b=second)
    n = len(first)
    if n < 2:
        raise StatisticsError("Expected at least two pairs of measurements.")
    if not (math.isfinite(multiple) and multiple > 0):
        raise StatisticsError(f"Expected `multiple` above 0 (usually 1.96), got {multiple}.")
    difference = first - second
    mean, sd = float(difference.mean()), float(difference.std(ddof=1))
    margin = float(stats.t.isf((1 - confidence) / 2, n - 1)) * sd / math.sqrt(n)
    words = "mean difference, Student t"
    bias = Estimate(mean, mean - margin, mean + margin, sd / math.sqrt(n), words, n, None, confidence)
    se = sd * math.sqrt(1 / n + multiple**2 / (2 * (n - 1)))
    above, below = _limit_offsets(n, multiple, interval, confidence)
    words = f"limit of agreement, {interval} interval"
    upper = Estimate(mean + multiple * sd, mean + above[0] * sd, mean + above[1] * sd, se, words, n, None, confidence)
    lower = Estimate(mean - multiple * sd, mean + below[0] * sd, mean + below[1] * sd, se, words, n, None, confidence)
    return BlandAltman(bias, lower, upper, sd)


def _limit_offsets(
    n: int, multiple: float, interval: str, confidence: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Ends of the intervals of the upper and lower limit, in standard deviations from the bias."""
    tail = (1 - confidence) / 2
    if interval == "exact":
        # sqrt(n) (mean + multiple sd - observed mean) / observed sd follows a noncentral t distribution.
        low, high = (float(stats.nct.ppf(q, n - 1, multiple * math.sqrt(n))) / math.sqrt(n) for q in (tail, 1 - tail))
    else:
        margin = float(stats.t.isf(tail, n - 1)) * math.sqrt(1 / n + multiple**2 / (2 * (n - 1)))
        low, high = multiple - margin, multiple + margin
    return (low, high), (-high, -low)


def _as_table(ratings: npt.ArrayLike) -> Floats:
    shape = np.shape(np.asarray(ratings, dtype=object))
    if len(shape) != 2 or min(shape) < 2:
        raise StatisticsError(f"Expected `ratings` with two or more rows (cases) and columns (readers), got {shape}.")
    return as_numbers(np.asarray(ratings, dtype=object).ravel(), name="ratings").reshape(shape)


def _mean_squares(table: Floats) -> _MeanSquares:
    n, k = table.shape
    grand = table.mean()
    cases = k * ((table.mean(axis=1) - grand) ** 2).sum()
    readers = n * ((table.mean(axis=0) - grand) ** 2).sum()
    within = ((table - table.mean(axis=1, keepdims=True)) ** 2).sum()
    error = within - readers
    # Rounding leaves traces where a sum of squares is zero; they must not be divided by.
    trace = 1e-12 * float(((table - grand) ** 2).sum()) + 1e-24 * float(grand**2)
    cases, within, readers, error = (float(x) if x > trace else 0.0 for x in (cases, within, readers, error))
    return _MeanSquares(cases / (n - 1), within / (n * (k - 1)), readers / (k - 1), error / ((n - 1) * (k - 1)), n, k)


def _one_way(squares: _MeanSquares, tail: float) -> tuple[float, float, float]:
    return _from_f(squares.cases, squares.within, squares.n * (squares.k - 1), squares, tail)


def _two_way_mixed(squares: _MeanSquares, tail: float) -> tuple[float, float, float]:
    return _from_f(squares.cases, squares.error, (squares.n - 1) * (squares.k - 1), squares, tail)


def _from_f(above: float, below: float, degrees: int, squares: _MeanSquares, tail: float) -> tuple[float, float, float]:
    n, k = squares.n, squares.k
    wide, narrow = _f_above(tail, n - 1, degrees), _f_above(tail, degrees, n - 1)

    def correlation(factor: float) -> float:
        total = above * factor + (k - 1) * below
        return (above * factor - below) / total if total else math.nan

    return correlation(1.0), correlation(1 / wide), correlation(narrow)


def _two_way_random(squares: _MeanSquares, tail: float) -> tuple[float, float, float]:
    """Shrout and Fleiss 1979, page 424 (approximate degrees of freedom by Satterthwaite)."""
    n, k, cases, readers, error = squares.n, squares.k, squares.cases, squares.readers, squares.error
    total = cases + (k - 1) * error + k * (readers - error) / n
    if total <= 0:
        return math.nan, math.nan, math.nan
    value = (cases - error) / total
    if error == 0:
        return value, math.nan, math.nan
    ratio = readers / error
    spread = n * (1 + (k - 1) * value) - k * value
    below = (n - 1) * k**2 * value**2 * ratio**2 + spread**2
    if below == 0:
        return value, math.nan, math.nan
    degrees = (k - 1) * (n - 1) * (k * value * ratio + spread) ** 2 / below
    wide, narrow = _f_above(tail, n - 1, degrees), _f_above(tail, degrees, n - 1)
    rest = k * readers + (k * n - k - n) * error
    low = n * (cases - wide * error) / (wide * rest + n * cases)
    high = n * (narrow * cases - error) / (rest + n * narrow * cases)
    return value, low, high


def _f_above(tail: float, above: float, below: float) -> float:
    """The value that F exceeds in `tail` of all cases; `scipy.stats.f.isf` gives the same, a hundred times slower."""
    return float(special.fdtri(above, below, 1 - tail))


def spearman_brown(value: float, k: int) -> float:
    """Return the reliability of the mean of k readings from that of one.

    >>> spearman_brown(0.5, 2)
    0.6666666666666666
    """
    below = 1 + (k - 1) * value
    return k * value / below if below > 0 else -math.inf
