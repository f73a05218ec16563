"""Intervals of measures of a two-by-two table other than plain proportions, with or without clusters.

Standard errors come from the influence of each observation, summed within clusters (the robust variance of GEE under
working independence); with independent observations these are the textbook formulas.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from thyrosight.statistics.estimate import Estimate
from thyrosight.statistics.proportions.intervals import gee_proportion, proportion_interval
from thyrosight.statistics.validation import Floats, Integers

Mask = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


@dataclass(frozen=True, eq=False, slots=True)
class Calls:
    """Truth and prediction of each observation, and the kind of interval.

    Attributes:
        truth: True for positives.
        predicted: True where called positive.
        cluster: code of the cluster, or None when all are independent.
        interval: "wald", "wilson", "clopper-pearson" or "gee".
        confidence: nominal coverage.
    """

    truth: Mask
    predicted: Mask
    cluster: Integers | None
    interval: str
    confidence: float

    @property
    def clusters(self) -> int | None:
        """Number of clusters, or None."""
        return None if self.cluster is None else int(self.cluster.max()) + 1

    def proportion(self, success: Mask, among: Mask, *, confidence: float | None = None) -> Estimate:
        """Proportion of `success` among some observations."""
        level = confidence or self.confidence
        if self.interval != "gee":
            return proportion_interval(
                int((success & among).sum()), int(among.sum()), method=self.interval, confidence=level
            )
        codes = None if self.cluster is None else self.cluster[among]
        found = gee_proportion(success[among], codes, confidence=level)
        return found if self.cluster is not None else replace(found, clusters=None)

    def variance(self, influence: Floats) -> float:
        """Robust variance: influences are summed within clusters, then squared and added; NaN for a single cluster."""
        if self.cluster is None:
            return float(np.sum(influence**2))
        sums = np.bincount(self.cluster, weights=influence)
        return float(np.sum(sums**2)) if sums.size > 1 else math.nan

    def estimate(self, value: float, limits: tuple[float, float], se: float, words: str) -> Estimate:
        """An estimate based on all observations."""
        low, high = limits
        return Estimate(value, low, high, se, words, self.truth.size, self.clusters, self.confidence)

    @property
    def normal_quantile(self) -> float:
        """Half-width of the interval in standard errors."""
        return float(stats.norm.isf((1 - self.confidence) / 2))


def balanced_accuracy(calls: Calls, sensitivity: Estimate, specificity: Estimate) -> Estimate:
    """Mean of sensitivity and specificity; limits by MOVER from theirs and their correlation (Zou & Donner 2008)."""
    truth, n_positive, n_negative = calls.truth, int(calls.truth.sum()), int((~calls.truth).sum())
    of_sensitivity = np.where(truth, calls.predicted - sensitivity.value, 0.0) / n_positive
    of_specificity = np.where(truth, 0.0, ~calls.predicted - specificity.value) / n_negative
    apart = [calls.variance(of_sensitivity), calls.variance(of_specificity)]
    together = calls.variance(of_sensitivity + of_specificity)
    product = math.sqrt(apart[0] * apart[1])
    correlation = (together - sum(apart)) / (2 * product) if product > 0 else 0.0
    value = (sensitivity.value + specificity.value) / 2
    below = _joined(sensitivity.value - sensitivity.low, specificity.value - specificity.low, correlation)
    above = _joined(sensitivity.high - sensitivity.value, specificity.high - specificity.value, correlation)
    words = f"MOVER from the limits of both rates ({sensitivity.method})"
    return calls.estimate(value, (value - below, value + above), math.sqrt(together) / 2, words)


def f1_score(calls: Calls) -> Estimate:
    """F1 = 2 J / (1 + J), where J is the share of true positives among all that are positive or called so."""
    involved = calls.truth | calls.predicted
    share = calls.proportion(calls.truth & calls.predicted, involved)
    value, low, high = (2 * x / (1 + x) for x in (share.value, share.low, share.high))
    words = f"{share.method}, transformed from TP / (TP + FP + FN)"
    se = 2 * share.se / (1 + share.value) ** 2
    return Estimate(value, low, high, se, words, share.n, share.clusters, share.confidence)


def likelihood_ratio(calls: Calls, *, of_positive_call: bool) -> Estimate:
    """Ratio of the shares of positives and of negatives with this call; interval on the log scale (Simel et al. 1991).

    The log ratio has no standard error if no case of a class has this call, or if all cases of both have it. Limits
    then combine exact limits of the two shares, each at half the error (Bonferroni).
    """
    call = calls.predicted if of_positive_call else ~calls.predicted
    n_positive, n_negative = int(calls.truth.sum()), int((~calls.truth).sum())
    above, below = float((call & calls.truth).sum() / n_positive), float((call & ~calls.truth).sum() / n_negative)
    if above == 0 or below == 0 or above == below == 1:
        return _ratio_with_empty_cell(calls, call, above, below)
    influence = np.where(calls.truth, (call - above) / (above * n_positive), -(call - below) / (below * n_negative))
    se = math.sqrt(calls.variance(influence))
    margin = calls.normal_quantile * se
    value = above / below
    words = "log scale, Simel" if calls.cluster is None else "log scale, robust variance"
    return calls.estimate(value, (value * math.exp(-margin), value * math.exp(margin)), value * se, words)


def diagnostic_odds_ratio(calls: Calls) -> Estimate:
    """Odds ratio of the table, TP TN / (FP FN); interval on the log scale (Glas et al., J Clin Epidemiol 2003).

    If a cell is empty, 0.5 is added to each (Haldane 1956, Anscombe 1956). The four half observations are then taken as
    independent of each other and of all patients, which for independent nodules gives the usual sum of reciprocals.
    """
    truth, predicted = calls.truth, calls.predicted
    classes = [(truth & predicted, truth & ~predicted), (~truth & ~predicted, ~truth & predicted)]
    cells = [(float(right.sum()), float(wrong.sum())) for right, wrong in classes]
    added = 0.5 if min(map(min, cells)) == 0 else 0.0
    value, variance_of_added, influence = 1.0, 0.0, np.zeros(truth.size)
    for (right, wrong), (count_right, count_wrong) in zip(classes, cells, strict=True):
        of_right, of_wrong = 1 / (count_right + added), 1 / (count_wrong + added)
        value *= of_wrong / of_right
        influence += right * of_right - wrong * of_wrong
        variance_of_added += added * (of_right**2 + of_wrong**2)
    se = math.sqrt(calls.variance(influence) + variance_of_added)
    margin = calls.normal_quantile * se
    words = "log scale, Woolf" if calls.cluster is None else "log scale, robust variance"
    words += "; 0.5 added to each cell, as one is empty" if added else ""
    return calls.estimate(value, (value * math.exp(-margin), value * math.exp(margin)), value * se, words)


def matthews_correlation(calls: Calls, value: float) -> Estimate:
    """Correlation of truth and prediction, with limits on Fisher's z scale and the variance of a correlation."""
    if abs(value) >= 1 - 1e-12:
        return calls.estimate(
            value, (math.nan, math.nan), 0.0, "no interval: truth and prediction agree or differ throughout"
        )
    x, y = ((v - v.mean()) / v.std() for v in (calls.truth.astype(np.float64), calls.predicted.astype(np.float64)))
    se = math.sqrt(calls.variance((x * y - value * (x**2 + y**2) / 2) / x.size))
    margin = calls.normal_quantile * se / (1 - value**2)
    middle = math.atanh(value)
    words = f"Fisher z, {'delta method' if calls.cluster is None else 'robust variance'}"
    return calls.estimate(value, (math.tanh(middle - margin), math.tanh(middle + margin)), se, words)


def at_prevalence(ratio: Estimate, prevalence: float, *, of_positive_call: bool) -> Estimate:
    """PPV or NPV at a prevalence, from the likelihood ratio of the call by Bayes' theorem."""

    def disease(likelihood_ratio: float) -> float:
        """Probability of disease after the call; each form is finite for the ratios it is used for."""
        if likelihood_ratio > 1:
            return prevalence / (prevalence + (1 - prevalence) / likelihood_ratio)
        return prevalence * likelihood_ratio / (prevalence * likelihood_ratio + 1 - prevalence)

    value, low, high = (disease(x) for x in (ratio.value, ratio.low, ratio.high))
    slope = prevalence * (1 - prevalence) / (prevalence * ratio.value + 1 - prevalence) ** 2
    if not of_positive_call:
        value, low, high = 1 - value, 1 - high, 1 - low
    words = f"at prevalence {prevalence:g}, from the likelihood ratio ({ratio.method})"
    return replace(ratio, value=value, low=low, high=high, se=ratio.se * slope, method=words)


def _joined(first: float, second: float, correlation: float) -> float:
    return math.sqrt(max(0.0, first**2 + second**2 + 2 * correlation * first * second)) / 2


def _ratio_with_empty_cell(calls: Calls, call: Mask, above: float, below: float) -> Estimate:
    exact = replace(calls, interval="clopper-pearson" if calls.cluster is None else "gee")
    level = (1 + calls.confidence) / 2
    first = exact.proportion(call, calls.truth, confidence=level)
    second = exact.proportion(call, ~calls.truth, confidence=level)
    value = above / below if below > 0 else math.inf
    # Of a share that one patient's cases decide, nothing is known but that it lies between 0 and 1.
    (low, high), (below_low, below_high) = (
        (0.0, 1.0) if math.isnan(share.low) else (share.low, share.high) for share in (first, second)
    )
    limits = (low / below_high, high / below_low if below_low > 0 else math.inf)
    words = "empty cell: limits of both shares combined (Bonferroni)"
    return calls.estimate(value, limits, math.nan, words)
