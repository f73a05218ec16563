"""Repeatability: how far repeated measurements of the same thing lie apart."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics.agreement.linearised import jackknife_error, t_margin
from thyrosight.statistics.bootstrap import cluster_codes
from thyrosight.statistics.estimate import Estimate, Result
from thyrosight.statistics.validation import (
    Floats,
    Integers,
    as_labels,
    as_numbers,
    require_confidence,
    require_same_length,
)


@dataclass(frozen=True, slots=True)
class Repeatability(Result):
    """Spread of repeated measurements of a subject (a nodule, a patient).

    Attributes:
        within_sd: within-subject standard deviation.
        smallest_detectable_change: a change of a subject above this is unlikely (5 %) to be error of measurement alone;
            Bland and Altman call it the repeatability coefficient.
        coefficient_of_variation: within-subject standard deviation as a share of the mean, from logarithms; undefined
            if a measurement is 0 or less.
        size_dependence: rank correlation (Kendall) of each subject's standard deviation with its mean. If it is not
            near 0, one standard deviation does not serve all sizes; use the coefficient of variation.
        size_dependence_p: P value of that correlation.
        subjects: subjects measured more than once.
        single: subjects measured once; they say nothing of repeatability and were left out.
    """

    within_sd: Estimate
    smallest_detectable_change: Estimate
    coefficient_of_variation: Estimate
    size_dependence: float
    size_dependence_p: float
    subjects: int
    single: int

    def __str__(self) -> str:
        return (
            f"within-subject SD {self.within_sd}\nsmallest detectable change {self.smallest_detectable_change}\n"
            f"coefficient of variation {self.coefficient_of_variation}"
        )


def repeatability(
    value: npt.ArrayLike,
    subject: npt.ArrayLike,
    *,
    cluster: npt.ArrayLike | None = None,
    multiple: float = 1.96,
    confidence: float = 0.95,
) -> Repeatability:
    """Return the within-subject standard deviation with what follows from it.

    Bland & Altman, BMJ 1996 (313:744, and 313:106 for the coefficient of variation from logarithms). Intervals follow
    the chi-square distribution of the pooled variance within subjects, for which the errors are taken as normal with
    one standard deviation for all subjects (of the logarithms: one coefficient of variation). With clusters nothing is
    assumed of the errors: one patient after the other is left out, with Student's t on the log scale.

    Args:
        value: n measurements.
        subject: whom or what each measures; the number per subject may differ.
        cluster: patient of each measurement; None where subjects are independent.
        multiple: of the standard deviation of a difference of two measurements; 1.96 holds 95 % of them.
        confidence: coverage of the intervals.

    Raises:
        StatisticsError: no subject measured twice, a single patient, unequal lengths, or missing values.

    >>> print(repeatability([10.1, 10.5, 12.0, 11.6, 9.0, 9.3, 14.2, 14.9], list("aabbccdd")).within_sd)
    0.335 (95 % interval 0.201 to 0.964; pooled within subjects, chi-square, 4 degrees of freedom; n = 8)
    """
    require_confidence(confidence)
    if not (math.isfinite(multiple) and multiple > 0):
        raise StatisticsError(f"Expected `multiple` above 0 (usually 1.96), got {multiple}.")
    values = as_numbers(value, name="value")
    codes, _ = as_labels(subject, name="subject")
    require_same_length(value=values, subject=codes)
    times = np.bincount(codes)
    repeated = times[codes] > 1
    if not repeated.any():
        raise StatisticsError("Expected at least one subject measured more than once.")
    patients = None if cluster is None else cluster_codes(cluster, values.size)[0][repeated]
    values, codes = values[repeated], np.unique(codes[repeated], return_inverse=True)[1].astype(np.int64)
    within = _pooled(values, codes, patients, confidence)
    factor = multiple * math.sqrt(2)
    change = _transformed(within, lambda sd: factor * sd, f"{multiple:g} * sqrt(2) * within-subject SD")
    variation = _variation(values, codes, patients, confidence)
    correlation, p = _dependence(values, codes)
    single = int((times == 1).sum())
    return Repeatability(within, change, variation, correlation, p, int((times > 1).sum()), single)


def _pooled(values: Floats, codes: Integers, patients: Integers | None, confidence: float) -> Estimate:
    """Standard deviation within subjects, with its interval."""
    counts = np.bincount(codes)
    means = np.bincount(codes, weights=values) / counts
    freedom = values.size - counts.size
    squares = np.bincount(codes, weights=(values - means[codes]) ** 2).astype(np.float64)
    sd = math.sqrt(float(squares.sum()) / freedom)
    if patients is not None:
        return _of_patients(sd, squares, (counts - 1).astype(np.float64), codes, patients, confidence=confidence)
    tail = (1 - confidence) / 2
    low, high = (sd * math.sqrt(freedom / float(stats.chi2.isf(q, freedom))) for q in (tail, 1 - tail))
    words = f"pooled within subjects, chi-square, {freedom} degrees of freedom"
    return Estimate(sd, low, high, sd / math.sqrt(2 * freedom), words, values.size, None, confidence)


def _of_patients(
    sd: float, squares: Floats, freedom: Floats, codes: Integers, patients: Integers, *, confidence: float
) -> Estimate:
    """The same when a patient has several subjects (nodules): the pooled variance is a ratio of sums over patients."""
    of_subject = np.zeros(squares.size, dtype=np.int64)
    of_subject[codes] = patients
    if (of_subject[codes] != patients).any():
        raise StatisticsError("Expected one value of `cluster` within a subject, got several.")
    sums = np.array([np.bincount(of_subject, weights=part) for part in (squares, freedom)])
    sums = sums[:, sums[1] > 0]
    units = sums.shape[1]
    if units < 2:
        raise StatisticsError("Expected at least two patients with repeated measurements.")
    rest = (sums.sum(axis=1, keepdims=True) - sums)[0] / (sums[1].sum() - sums[1])
    se = jackknife_error(0.5 * np.log(np.where(rest > 0, rest, np.nan)))
    reach = math.exp(t_margin(se, units, confidence))
    words = "pooled within subjects, clustered, jackknife on the log scale"
    return Estimate(sd, sd / reach, sd * reach, sd * se, words, codes.size, units, confidence)


def _transformed(estimate: Estimate, change: Callable[[float], float], method: str) -> Estimate:
    value, low, high = (change(x) for x in (estimate.value, estimate.low, estimate.high))
    return Estimate(value, low, high, math.nan, method, estimate.n, estimate.clusters, estimate.confidence)


def _variation(values: Floats, codes: Integers, patients: Integers | None, confidence: float) -> Estimate:
    """Coefficient of variation of measurements whose logarithms have one standard deviation within subjects."""
    if values.min() <= 0:
        words = "coefficient of variation, a measurement is 0 or less"
        return Estimate(math.nan, math.nan, math.nan, math.nan, words, values.size, None, confidence)
    return _transformed(
        _pooled(np.log(values), codes, patients, confidence), math.expm1, "from the within-subject SD of logarithms"
    )


def _dependence(values: Floats, codes: Integers) -> tuple[float, float]:
    counts = np.bincount(codes)
    means = np.bincount(codes, weights=values) / counts
    spread = np.sqrt(np.bincount(codes, weights=(values - means[codes]) ** 2) / (counts - 1))
    if counts.size < 3 or min(np.ptp(means), np.ptp(spread)) == 0:
        return math.nan, math.nan
    found = stats.kendalltau(means, spread)
    return float(found.statistic), float(found.pvalue)
