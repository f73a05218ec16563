"""Comparison of two readers (or systems) on the same nodules: sensitivity, predictive values and so on."""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import stats
from scipy.special import expit

from thyrosight.errors import StatisticsError
from thyrosight.intervals import limits_in_words, p_in_words
from thyrosight.statistics.estimate import Estimate, Result
from thyrosight.statistics.proportions.intervals import gee_proportion, proportion_interval
from thyrosight.statistics.proportions.newcombe import paired_newcombe_interval
from thyrosight.statistics.proportions.paired import MCNEMAR_METHODS, mcnemar, tango_interval
from thyrosight.statistics.proportions.readings import QUANTITIES, Readings, readings_of, weighted_score
from thyrosight.statistics.regression.gee import CORRELATIONS, fit_clustered_logistic
from thyrosight.statistics.validation import (
    Floats,
    as_labels,
    as_truth,
    require_choice,
    require_confidence,
    require_same_length,
)

_BORDER = "exact sign test of patients, interval from the limits of both (MOVER), as a proportion is 0 or 1"
PAIRED_INTERVALS = {"tango": "score interval (Tango)", "newcombe": "hybrid score interval (Newcombe)"}


@dataclass(frozen=True, slots=True)
class ProportionComparison(Result):
    """Two proportions of the same nodules, their difference `a - b` with interval, and the test of no difference.

    Attributes:
        quantity: "sensitivity", "specificity", "accuracy", "ppv" or "npv".
        a: proportion of the first reader.
        b: proportion of the second reader.
        difference: a - b.
        low: lower limit of the difference.
        high: upper limit of the difference.
        se: standard error of the difference.
        statistic: z of the Wald test on the log odds ratio (GEE), or chi-square (McNemar, score); NaN for exact and
            mid-P, and at 0 or 1.
        p: two-sided P value.
        method: test and interval in words.
        n: nodules in the comparison.
        clusters: patients, or None where nodules were taken as independent.
        confidence: nominal coverage of the intervals.
    """

    quantity: str
    a: Estimate
    b: Estimate
    difference: float
    low: float
    high: float
    se: float
    statistic: float
    p: float
    method: str
    n: int
    clusters: int | None
    confidence: float = 0.95

    def __str__(self) -> str:
        interval = limits_in_words(self.low, self.high, confidence=self.confidence)
        return (
            f"{self.quantity}: {self.a.value:.3f} against {self.b.value:.3f}, difference {self.difference:.3f}"
            f" ({interval}), {p_in_words(self.p)} ({self.method}; n = {self.n})"
        )


def compare_proportions(
    truth: npt.ArrayLike,
    predicted_a: npt.ArrayLike,
    predicted_b: npt.ArrayLike,
    *,
    quantity: str,
    method: str = "gee",
    correlation: str = "independence",
    interval: str = "tango",
    cluster: npt.ArrayLike | None = None,
    confidence: float = 0.95,
) -> ProportionComparison:
    """Compare two readers' sensitivity, specificity, accuracy, PPV or NPV on the same nodules.

    "gee" is logistic regression with generalised estimating equations: one row per reader and nodule, a coefficient for
    the reader, robust variance over patients (Leisenring et al. 2000 for predictive values). The P value is that of the
    reader's coefficient; the difference and its interval follow by the delta method. If a proportion is 0 or 1, its log
    odds are infinite and its variance says nothing: the interval then follows from the limits of both proportions
    (MOVER, taken as independent), the P value from the exact sign test of the patients whom the readers judge
    differently (for predictive values from the score test and the robust variance, the larger), and `method` says so.

    "score" is the weighted generalised score test (Kosinski, Stat Med 2013), made for predictive values; for the other
    quantities it is McNemar's chi-square. The difference and its interval are those of the GEE.

    The McNemar methods need independent nodules and the same denominator for both readers: sensitivity, specificity and
    accuracy without `cluster`. Their interval is the score interval of Tango (1998), which excludes 0 exactly when the
    uncorrected chi-square is significant, or the hybrid score interval of Newcombe (1998, method 10).

    Args:
        truth: 1 malignant, 0 benign, per nodule.
        predicted_a: call of the first reader for each nodule, 0 or 1.
        predicted_b: call of the second reader.
        quantity: "sensitivity", "specificity", "accuracy", "ppv" or "npv".
        method: "gee", "score", "mcnemar-exact", "mcnemar-mid-p", "mcnemar-chi-square" or
            "mcnemar-chi-square-corrected".
        correlation: working correlation of the GEE, "independence" or "exchangeable".
        interval: of the difference under a McNemar method, "tango" or "newcombe"; the others have their own.
        cluster: patient of each nodule; None when every nodule comes from another patient.
        confidence: nominal coverage.

    Raises:
        StatisticsError: unfit data or options, or a reader whose denominator is empty.

    >>> result = compare_proportions([1, 1, 1, 1, 1, 0], [1, 1, 1, 1, 0, 0], [1, 0, 0, 1, 0, 1],
    ...     quantity="sensitivity", method="mcnemar-exact")
    >>> print(result)
    sensitivity: 0.800 against 0.400, difference 0.400 (95 % interval -0.208 to 0.769), P = 0.5
    (McNemar, exact; n = 5)
    """
    require_choice(quantity, QUANTITIES, name="quantity")
    require_choice(method, ("gee", "score", *MCNEMAR_METHODS), name="method")
    require_choice(correlation, CORRELATIONS, name="correlation")
    require_choice(interval, tuple(PAIRED_INTERVALS), name="interval")
    require_confidence(confidence)
    truth = as_truth(truth, both_classes=False)
    a = as_truth(predicted_a, name="predicted_a", both_classes=False)
    b = as_truth(predicted_b, name="predicted_b", both_classes=False)
    codes = as_labels(cluster, name="cluster")[0] if cluster is not None else None
    require_same_length(truth=truth, predicted_a=a, predicted_b=b, cluster=codes)
    if method in MCNEMAR_METHODS and quantity in ("ppv", "npv"):
        raise StatisticsError(
            f"McNemar's test cannot compare {quantity.upper()}, whose denominators differ between readers;"
            " use method='score' or 'gee'."
        )
    if method != "gee" and codes is not None:
        test = "The score test" if method == "score" else "McNemar's test"
        raise StatisticsError(f"{test} takes nodules as independent; use method='gee' with `cluster`.")
    readings = readings_of(truth, (a, b), quantity, np.arange(truth.size) if codes is None else codes)
    if method in MCNEMAR_METHODS:
        return _compare_by_mcnemar(readings, quantity, method=method, interval=interval, confidence=confidence)
    found = _compare_by_gee(
        readings, quantity, correlation=correlation, confidence=confidence, clustered=codes is not None
    )
    if method == "gee":
        return found
    statistic, p = weighted_score(readings)
    limits = "no interval: the difference does not vary" if math.isnan(found.low) else "interval by GEE"
    words = f"weighted generalised score test (Kosinski); {limits}"
    return replace(found, statistic=statistic, p=p, method=words)


@dataclass(frozen=True, slots=True)
class _TwoProportions:
    """Both proportions with their robust covariance, and the contrast that is tested."""

    values: Floats
    covariance: Floats
    contrast: float
    se_contrast: float
    method: str


def _compare_by_mcnemar(
    readings: Readings, quantity: str, *, method: str, interval: str, confidence: float
) -> ProportionComparison:
    n = readings.nodules
    right_a, right_b = readings.right[:n], readings.right[n:]
    only_a, only_b = int((right_a > right_b).sum()), int((right_a < right_b).sum())
    statistic, p = mcnemar(only_a, only_b, method=method)
    if interval == "tango":
        low, high = tango_interval(only_a, only_b, n, confidence=confidence)
    else:
        both = int((right_a & right_b).sum())
        pairs = (both, only_a, only_b, n - both - only_a - only_b)
        low, high = paired_newcombe_interval(pairs, confidence=confidence)
    a, b = (
        proportion_interval(int(right.sum()), n, method="wilson", confidence=confidence) for right in (right_a, right_b)
    )
    return ProportionComparison(
        quantity=quantity,
        a=a,
        b=b,
        difference=(only_a - only_b) / n,
        low=low,
        high=high,
        se=math.sqrt(only_a + only_b - (only_a - only_b) ** 2 / n) / n,
        statistic=statistic,
        p=p,
        method=MCNEMAR_METHODS[method]
        if interval == "tango"
        else f"{MCNEMAR_METHODS[method]}; {PAIRED_INTERVALS[interval]}",
        n=n,
        clusters=None,
        confidence=confidence,
    )


def _compare_by_gee(
    readings: Readings, quantity: str, *, correlation: str, confidence: float, clustered: bool
) -> ProportionComparison:
    clusters = int(readings.patient.max()) + 1
    if clusters < 2:
        raise StatisticsError(f"Expected nodules of at least two patients to compare {quantity}, got one patient.")
    fit = _fit_two_proportions(readings, correlation)
    difference = float(fit.values[0] - fit.values[1])
    se = _se_of_difference(fit.covariance)
    margin = float(stats.norm.isf((1 - confidence) / 2)) * se if se > 1e-12 else math.nan
    statistic, p = _wald(fit.contrast, fit.se_contrast)
    shown = clusters if clustered else None
    a, b = (_estimate(fit, reader, readings, shown, confidence) for reader in (0, 1))
    if fit.method == _BORDER:
        low = max(-1.0, difference - math.hypot(a.value - a.low, b.high - b.value))
        high = min(1.0, difference + math.hypot(a.high - a.value, b.value - b.low))
        p, nan = _border_p(readings, quantity, p), math.nan
        return ProportionComparison(
            quantity, a, b, difference, low, high, nan, nan, p, _BORDER, readings.nodules, shown, confidence
        )
    return ProportionComparison(
        quantity=quantity,
        a=a,
        b=b,
        difference=difference,
        low=math.nan if math.isnan(margin) else max(-1.0, difference - margin),
        high=math.nan if math.isnan(margin) else min(1.0, difference + margin),
        se=se,
        statistic=statistic,
        p=p,
        method=fit.method + ("; no interval: the difference does not vary" if math.isnan(margin) else ""),
        n=readings.nodules,
        clusters=shown,
        confidence=confidence,
    )


def _border_p(readings: Readings, quantity: str, wald: float) -> float:
    """The P value where a proportion is 0 or 1: Wald's is far too small there."""
    if quantity in ("ppv", "npv"):
        known = [p for p in (wald, weighted_score(readings)[1]) if not math.isnan(p)]
        return max(known, default=math.nan)
    signs = np.where(readings.is_b == 1, -readings.right, readings.right)
    gained = np.bincount(readings.patient, weights=signs)
    differing = int((gained != 0).sum())
    return float(stats.binomtest(int((gained > 0).sum()), differing).pvalue) if differing else 1.0


def _fit_two_proportions(readings: Readings, correlation: str) -> _TwoProportions:
    """Fit correct ~ reader. Under independence the model is saturated and has a closed-form solution."""
    right, is_b, patient = readings.right, readings.is_b, readings.patient
    values = np.array([right[is_b == reader].mean() for reader in (0, 1)])
    influence = np.stack(
        [
            np.bincount(patient[is_b == reader], right[is_b == reader] - value, minlength=int(patient.max()) + 1)
            / (is_b == reader).sum()
            for reader, value in enumerate(values)
        ]
    )
    covariance = influence @ influence.T
    if (values == 0).any() or (values == 1).any():
        return _TwoProportions(values, covariance, values[0] - values[1], _se_of_difference(covariance), _BORDER)
    if correlation == "exchangeable":
        fit = fit_clustered_logistic(right, np.eye(2)[is_b], patient, correlation=correlation)
        values = np.asarray(expit(fit.coefficients))
        log_odds_covariance = fit.covariance
        slopes = values * (1 - values)
        covariance = log_odds_covariance * np.outer(slopes, slopes)
    else:
        slopes = values * (1 - values)
        log_odds_covariance = covariance / np.outer(slopes, slopes)
    log_odds = np.log(values / (1 - values))
    method = f"logistic GEE, {correlation}, robust variance"
    return _TwoProportions(
        values, covariance, log_odds[0] - log_odds[1], _se_of_difference(log_odds_covariance), method
    )


def _estimate(
    fit: _TwoProportions, reader: int, readings: Readings, clusters: int | None, confidence: float
) -> Estimate:
    """Return one reader's proportion with the interval of its log odds."""
    value, se = float(fit.values[reader]), math.sqrt(fit.covariance[reader, reader])
    own = readings.is_b == reader
    if value in (0.0, 1.0):
        return gee_proportion(readings.right[own], readings.patient[own], confidence=confidence)
    log_odds = math.log(value / (1 - value))
    margin = float(stats.norm.isf((1 - confidence) / 2)) * se / (value * (1 - value))
    low, high = float(expit(log_odds - margin)), float(expit(log_odds + margin))
    return Estimate(value, low, high, se, fit.method, int(own.sum()), clusters, confidence)


def _se_of_difference(covariance: Floats) -> float:
    return math.sqrt(max(0.0, covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]))


def _wald(value: float, se: float) -> tuple[float, float]:
    """Return z and its two-sided P. Without variance, P is 1 for a difference of 0 and NaN for any other."""
    # Readers that agree everywhere leave rounding errors of this order in the standard error.
    if se < 1e-12:
        return (0.0, 1.0) if abs(value) < 1e-12 else (math.nan, math.nan)
    return value / se, 2 * float(stats.norm.sf(abs(value / se)))
