"""Limits of agreement where each method measured a patient several times."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics.agreement.linearised import linearised_error, t_margin
from thyrosight.statistics.agreement.measurements import BlandAltman
from thyrosight.statistics.estimate import Estimate
from thyrosight.statistics.validation import (
    Floats,
    Integers,
    as_labels,
    as_numbers,
    require_choice,
    require_confidence,
    require_same_length,
)

TRUE_VALUES = ("varies", "constant")


@dataclass(frozen=True, slots=True)
class RepeatedBlandAltman(BlandAltman):
    """Limits of agreement from several pairs of measurements per subject.

    Attributes:
        between_variance: of the subjects' mean differences beyond what repeated measurement explains, 0 at least.
        within_variance: of a difference of two single measurements of one subject.
        subjects: number of subjects.
    """

    between_variance: float
    within_variance: float
    subjects: int


@dataclass(frozen=True, eq=False, slots=True)
class _Side:
    """Measurements by one method, with their subjects; mean and number of each subject."""

    values: Floats
    codes: Integers
    means: Floats
    counts: Integers

    @classmethod
    def of(cls, column: Floats, codes: Integers) -> "_Side":
        given = ~np.isnan(column)
        counts = np.bincount(codes[given], minlength=int(codes.max()) + 1)
        if counts.min() == 0:
            raise StatisticsError("Expected every subject to be measured by both methods.")
        means = np.bincount(codes[given], weights=column[given], minlength=counts.size) / counts
        return cls(column[given], codes[given], means, counts)


@dataclass(frozen=True, slots=True)
class _Part:
    """A variance between or within subjects with its degrees of freedom and its factor in the total."""

    variance: float
    factor: float
    freedom: int


def bland_altman_repeated(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    subject: npt.ArrayLike,
    *,
    true_value: str = "varies",
    multiple: float = 1.96,
    confidence: float = 0.95,
) -> RepeatedBlandAltman:
    """Return bias and limits of agreement of two methods that measured each subject several times.

    Bland & Altman, J Biopharm Stat 2007 (17:571). The limits are those of a single measurement by each method; their
    intervals follow Zou, Stat Methods Med Res 2013 (variance estimates recovered).

    Args:
        a: n measurements by the first method or reader.
        b: n measurements by the second, paired with those of `a` if the true value varies. If it is constant, NaN in
            either stands for none.
        subject: patient or nodule of each row.
        true_value: "varies" between the pairs of a subject (section 3 of the paper), or "constant": a subject's
            measurements by each method repeat each other (section 2).
        multiple: limits lie this many standard deviations from the bias.
        confidence: coverage of the intervals.

    Raises:
        StatisticsError: fewer than three subjects, a subject that one method did not measure, no repeated
            measurements, unequal lengths or missing values.

    >>> first, second = [5.1, 5.3, 4.0, 4.4, 6.2, 6.0, 7.1], [4.9, 5.2, 4.1, 4.0, 6.0, 5.7, 6.6]
    >>> print(bland_altman_repeated(first, second, list("aabbccd")).bias)
    0.229 (95 % interval 0.043 to 0.414; mean difference, repeated measurements, true value varies;
    n = 7 in 4 clusters)
    """
    require_choice(true_value, TRUE_VALUES, name="true_value")
    require_confidence(confidence)
    if not (math.isfinite(multiple) and multiple > 0):
        raise StatisticsError(f"Expected `multiple` above 0 (usually 1.96), got {multiple}.")
    repeats = true_value == "constant"
    first, second = as_numbers(a, name="a", missing=repeats), as_numbers(b, name="b", missing=repeats)
    codes, distinct = as_labels(subject, name="subject")
    require_same_length(a=first, b=second, subject=codes)
    subjects, n = distinct.size, codes.size
    sides = _Side.of(first, codes), _Side.of(second, codes)
    if subjects < 3 or any(side.values.size == subjects for side in sides):
        raise StatisticsError("Expected three or more subjects, of whom each method measured one or more repeatedly.")
    parts = _constant(*sides) if repeats else _varying(first - second, codes)
    bias, error = _mean_difference(*sides)
    sd = math.sqrt(sum(part.factor * part.variance for part in parts))
    margin = t_margin(error, subjects, confidence)
    below, above = _reach(parts, sd, margin, multiple, confidence)
    words = f"repeated measurements, true value {true_value}"

    def estimate(value: float, less: float, more: float, se: float, what: str) -> Estimate:
        return Estimate(value, value - less, value + more, se, f"{what}, {words}", n, subjects, confidence)

    within = sum(part.variance for part in parts[1:])
    return RepeatedBlandAltman(
        estimate(bias, margin, margin, error, "mean difference"),
        estimate(bias - multiple * sd, above, below, math.nan, "limit of agreement"),
        estimate(bias + multiple * sd, below, above, math.nan, "limit of agreement"),
        sd,
        max(0.0, sd**2 - within),
        within,
        subjects,
    )


def _varying(difference: Floats, codes: Integers) -> tuple[_Part, ...]:
    """One-way analysis of variance of the differences; total variance is that between subjects plus that within."""
    counts = np.bincount(codes)
    n, subjects = difference.size, counts.size
    means = np.bincount(codes, weights=difference) / counts
    within = float(((difference - means[codes]) ** 2).sum()) / (n - subjects)
    between = float((counts * (means - difference.mean()) ** 2).sum()) / (subjects - 1)
    divisor = (n**2 - float((counts**2).sum())) / ((subjects - 1) * n)
    if between <= within:  # no variance between subjects beyond chance
        return _Part(0.0, 1.0, subjects - 1), _Part(within, 1.0, n - subjects)
    return _Part(between, 1 / divisor, subjects - 1), _Part(within, 1 - 1 / divisor, n - subjects)


def _constant(a: _Side, b: _Side) -> tuple[_Part, ...]:
    """Variance of the subjects' mean differences plus what averaging took away from the variance of each method."""
    parts = [_Part(float((a.means - b.means).var(ddof=1)), 1.0, a.means.size - 1)]
    for side in (a, b):
        freedom = side.values.size - side.means.size
        within = float(((side.values - side.means[side.codes]) ** 2).sum()) / freedom
        parts.append(_Part(within, 1 - float((1 / side.counts).mean()), freedom))
    return tuple(parts)


def _mean_difference(a: _Side, b: _Side) -> tuple[float, float]:
    """Mean of the differences with its error; a subject counts by the harmonic mean of its two numbers of readings."""
    weight = 2 * a.counts * b.counts / (a.counts + b.counts)
    difference = a.means - b.means
    bias = float(np.average(difference, weights=weight))
    error, _ = linearised_error(weight / weight.mean() * (difference - bias), None)
    return bias, error


def _reach(
    parts: tuple[_Part, ...], sd: float, margin: float, multiple: float, confidence: float
) -> tuple[float, float]:
    """How far the interval of the upper limit reaches below and above it (Zou 2013, by recovered variances)."""
    tail = (1 - confidence) / 2
    less = more = 0.0
    for part in parts:
        share = part.factor * part.variance
        low = share * part.freedom / float(stats.chi2.isf(tail, part.freedom))
        high = share * part.freedom / float(stats.chi2.isf(1 - tail, part.freedom))
        less, more = less + (share - low) ** 2, more + (high - share) ** 2
    down = multiple * (sd - math.sqrt(max(0.0, sd**2 - math.sqrt(less))))
    up = multiple * (math.sqrt(sd**2 + math.sqrt(more)) - sd)
    return math.hypot(margin, down), math.hypot(margin, up)
