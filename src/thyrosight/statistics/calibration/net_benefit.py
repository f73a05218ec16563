"""Clinical use of a model: net benefit, and biopsies avoided at a stated rate of missed cancers."""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError
from thyrosight.statistics.bootstrap import bootstrap_estimate, cluster_codes, drawn_blocks
from thyrosight.statistics.calibration.calibrators import as_probability
from thyrosight.statistics.estimate import Estimate, Result
from thyrosight.statistics.resampling.few_groups import exact_limits, unseen_share
from thyrosight.statistics.resampling.means import mean_interval
from thyrosight.statistics.validation import (
    Floats,
    Integers,
    as_numbers,
    as_truth,
    require_confidence,
    require_same_length,
)

_EXACT = "exact at this threshold, counting patients"
NO_CASE_DIFFERS = "exact limits of each class, counting patients, as no case differs"


@dataclass(frozen=True, slots=True)
class DecisionPoint(Result):
    """Net benefit at one threshold, in true positives per case.

    Attributes:
        threshold: risk from which one would act; a false positive then costs threshold / (1 - threshold) true ones.
        model: net benefit of acting where the model's risk is at or above the threshold.
        treat_all: net benefit of acting on everyone.
        treat_none: 0 by definition.
        interventions_avoided: share of cases that the model spares compared with acting on everyone, less the cost
            of missed positives.
    """

    threshold: float
    model: Estimate
    treat_all: Estimate
    treat_none: float
    interventions_avoided: Estimate


@dataclass(frozen=True, slots=True)
class DecisionCurve(Result):
    """Net benefit over a range of thresholds."""

    points: tuple[DecisionPoint, ...]
    prevalence: float
    n: int


@dataclass(frozen=True, slots=True)
class BiopsiesAvoided(Result):
    """Biopsies spared by the highest threshold that misses few cancers.

    Attributes:
        miss_rate: greatest share of positives that may fall below the threshold.
        threshold: the highest score with this miss rate; a biopsy is taken at or above it.
        missed: share of positives below it in these data.
        avoided: share of all cases below it.
        benign_avoided: share of negatives below it (specificity).
    """

    miss_rate: float
    threshold: float
    missed: Estimate
    avoided: Estimate
    benign_avoided: Estimate


def decision_curve(
    truth: npt.ArrayLike,
    probability: npt.ArrayLike,
    thresholds: npt.ArrayLike | None = None,
    *,
    cluster: npt.ArrayLike | None = None,
    confidence: float = 0.95,
) -> DecisionCurve:
    """Return the net benefit of a model, of treating all and of treating none (Vickers and Elkin 2006).

    Net benefit at threshold t = TP/n - FP/n * t / (1 - t). It is a mean over cases, so its interval is that of a mean
    (clustered if patients are given); where the model acts on all alike, or on none, see `benefit_interval`. The
    prevalence is that of the data: a curve on enriched data does not apply to
    the clinic.

    Args:
        truth: n values of 0 and 1.
        probability: n calibrated risks of truth being 1.
        thresholds: risks strictly between 0 and 1; by default 0.01 to 0.99 in steps of 0.01.
        cluster: patient of each case; None when all are independent.
        confidence: coverage of the intervals.

    Raises:
        StatisticsError: one class only, values outside 0 to 1, or unequal lengths.

    >>> curve = decision_curve([0, 0, 0, 1, 1], [0.1, 0.2, 0.7, 0.6, 0.9], [0.25])
    >>> point = curve.points[0]
    >>> round(point.model.value, 4), round(point.treat_all.value, 4)  # 2/5 - 1/5 * 1/3 and 2/5 - 3/5 * 1/3
    (0.3333, 0.2)
    """
    labels, risk = as_truth(truth), as_probability(probability)
    require_same_length(truth=labels, probability=risk)
    require_confidence(confidence)
    levels = as_thresholds(np.arange(1, 100) / 100 if thresholds is None else thresholds)
    patients = None if cluster is None else cluster_codes(cluster, len(labels))[0]
    points = tuple(_decision_point(labels, risk, float(level), patients, confidence) for level in levels)
    return DecisionCurve(points, float(labels.mean()), len(labels))


def biopsies_avoided(
    truth: npt.ArrayLike,
    score: npt.ArrayLike,
    *,
    miss_rate: float = 0.05,
    cluster: npt.ArrayLike | None = None,
    replicates: int = 2000,
    seed: int = 0,
    confidence: float = 0.95,
) -> BiopsiesAvoided:
    """Return how many biopsies a model spares if it may miss at most a share `miss_rate` of the cancers.

    The threshold is chosen on the same cases, so the shares are somewhat optimistic. Each bootstrap replicate (drawn by
    patient) chooses its own threshold, so the intervals include the choice. What is missed never passes the miss rate
    in a replicate: its interval is the exact one of this threshold, counting patients, and so are those of shares of 0
    and 1. For an unbiased figure choose the threshold
    on other data and use `diagnostic_table`.

    Args:
        truth: n values of 0 and 1.
        score: n numbers, the higher, the more likely 1.
        miss_rate: greatest share of positives below the threshold, at least 0 and below 1.
        cluster: patient of each case; None when all are independent.
        replicates: number of bootstrap samples.
        seed: seed of the draws.
        confidence: coverage of the intervals.

    Raises:
        StatisticsError: one class only, unequal lengths, or a miss rate outside the range.

    >>> found = biopsies_avoided([0, 0, 0, 1, 0, 1, 1, 1], [0.1, 0.2, 0.3, 0.35, 0.4, 0.6, 0.7, 0.9], miss_rate=0.25)
    >>> found.threshold, found.avoided.value, found.benign_avoided.value
    (0.6, 0.625, 1.0)
    """
    labels, values = as_truth(truth), as_numbers(score, name="score")
    require_same_length(truth=labels, score=values)
    require_confidence(confidence)
    if not 0 <= miss_rate < 1:
        raise StatisticsError(f"Expected `miss_rate` from 0 to below 1, got {miss_rate}.")
    codes, clusters = cluster_codes(cluster, len(labels))
    order = np.argsort(values, kind="stable")
    levels, starts = np.unique(values[order], return_index=True)
    sorted_truth, sorted_codes = labels[order], codes[order]

    def shares(counts: npt.NDArray[np.int32]) -> Floats:
        return _shares_below(sorted_truth, counts[:, sorted_codes], starts, miss_rate)

    observed = shares(np.ones((1, clusters), dtype=np.int32))[0]
    drawn = np.concatenate([shares(block) for block in drawn_blocks(clusters, len(labels), replicates, seed)])
    patients = None if cluster is None else clusters
    everyone = np.ones(len(labels), dtype=bool)
    found = []
    for i, own in enumerate((labels == 1, everyone, labels == 0)):
        value = float(observed[i])
        one = bootstrap_estimate(value, drawn[:, i], n=int(own.sum()), clusters=patients, confidence=confidence)
        if i == 0 or value in (0.0, 1.0):
            low, high = exact_limits(value, np.unique(codes[own]).size, confidence=confidence)
            one = replace(one, low=low, high=high, se=math.nan, method=_EXACT)
        found.append(one)
    missed, avoided, benign = found
    return BiopsiesAvoided(miss_rate, float(levels[int(observed[3])]), missed, avoided, benign)


def as_thresholds(thresholds: npt.ArrayLike) -> Floats:
    """Return thresholds of risk as floats, refusing those outside the open interval from 0 to 1."""
    levels = as_numbers(thresholds, name="thresholds")
    if ((levels <= 0) | (levels >= 1)).any():
        raise StatisticsError(f"Expected `thresholds` strictly between 0 and 1, got {levels.min()} to {levels.max()}.")
    return levels


def _decision_point(
    labels: Integers, risk: Floats, threshold: float, patients: Integers | None, confidence: float
) -> DecisionPoint:
    price = threshold / (1 - threshold)
    everyone = labels - (1 - labels) * price
    chosen = np.where(risk >= threshold, everyone, 0.0)

    def mean(values: Floats, name: str, *, worth: tuple[float, float] = (1.0, -price)) -> Estimate:
        return benefit_interval(values, labels, worth=worth, cluster=patients, confidence=confidence, method=name)

    return DecisionPoint(
        threshold=threshold,
        model=mean(chosen, "net benefit of the model"),
        treat_all=mean(everyone, "net benefit of treating all"),
        treat_none=0.0,
        interventions_avoided=mean((chosen - everyone) / price, "net interventions avoided", worth=(-1.0 / price, 1.0)),
    )


def benefit_interval(
    values: Floats,
    labels: Integers,
    *,
    worth: tuple[float, float],
    cluster: npt.ArrayLike | None,
    confidence: float,
    method: str,
    both_ways: bool = False,
) -> Estimate:
    """Return the mean of what is won or lost by each case, with an interval that has a width where no case shows any.

    Where some value is not 0 the interval is that of `mean_interval`. Where all are 0, as with a model that acts on
    all, other patients may still differ: of the positives at most the exact limit for 0 of their patients, each by its
    `worth`, and so of the negatives. The limits hold for the share of positives in these cases.

    Args:
        values: won (or lost, below 0) by each case.
        labels: 0 or 1 per case, both present.
        worth: what a positive, and what a negative, would count if it differed; one is above 0 and the other below.
        cluster: patient of each case; None when all are independent.
        confidence: coverage of the interval.
        method: name that the estimate carries.
        both_ways: whether each could differ in either direction, as between two models.
    """
    found = mean_interval(values, cluster=cluster, confidence=confidence, method=method)
    if np.any(values):
        return found
    patients = cluster_codes(cluster, len(labels))[0]
    reach = []
    for truth, by in zip((1, 0), worth, strict=True):
        own = labels == truth
        unseen = unseen_share(np.unique(patients[own]).size, confidence=confidence)
        reach.append(by * float(own.mean()) * unseen)
    low, high = min(reach), max(reach)
    if both_ways:
        low, high = low - high, high - low
    return replace(found, low=low, high=high, method=NO_CASE_DIFFERS)


def _shares_below(truth: Integers, weights: npt.NDArray[np.int32], starts: Integers, miss_rate: float) -> Floats:
    """Per row of weights: shares missed, avoided and benign avoided, and the index of the threshold.

    `truth` and `weights` are in ascending order of score; `starts` are the first positions of the distinct scores.
    """
    empty = np.zeros((len(weights), 1))
    all_below = np.hstack([empty, np.cumsum(weights, axis=1, dtype=np.float64)])
    positives_below = np.hstack([empty, np.cumsum(weights * truth, axis=1, dtype=np.float64)])
    positives = positives_below[:, -1]
    allowed = positives_below[:, starts] <= miss_rate * positives[:, None] + 1e-9
    level = allowed.sum(axis=1) - 1  # positives below never fall, so the allowed thresholds come first
    rows, cut = np.arange(len(weights)), starts[level]
    below, lost = all_below[rows, cut], positives_below[rows, cut]
    total = all_below[:, -1]
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = np.stack([lost / positives, below / total, (below - lost) / (total - positives), level], axis=1)
    shares[positives == 0] = math.nan
    return shares
