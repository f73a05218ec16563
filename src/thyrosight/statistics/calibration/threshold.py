"""Choice of the threshold at which a score is called positive, with its optimism."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError
from thyrosight.intervals import limits_in_words
from thyrosight.statistics.bootstrap import bootstrap_estimate, codes_to_draw
from thyrosight.statistics.calibration.threshold_rules import FLOOR, rule_in_words
from thyrosight.statistics.estimate import Estimate, Result
from thyrosight.statistics.ranking import Ranking, rank
from thyrosight.statistics.roc.curve import drawn_curves, midpoints
from thyrosight.statistics.validation import (
    Floats,
    Integers,
    as_numbers,
    as_truth,
    require_confidence,
    require_same_length,
)

_Goodness = Callable[[Floats, Floats], Floats]


@dataclass(frozen=True, slots=True)
class OperatingPointResult(Result):
    """A threshold chosen on data, its performance there, and its expected performance on new data.

    Attributes:
        rule: the rule as asked for.
        threshold: a score of at least this is positive; finite, midway between two scores of the data.
        threshold_low: lower limit of the bootstrap interval of the threshold.
        threshold_high: its upper limit.
        sensitivity: on the data that chose the threshold (optimistic), with its bootstrap interval.
        specificity: likewise.
        corrected_sensitivity: sensitivity less the optimism (Harrell 1996). Optimism is the mean over bootstrap samples
            of the sensitivity in the sample minus that in the data, at the threshold chosen in the sample. The interval
            is shifted by the same amount. Most of the optimism is removed, not all: new data are needed for that.
        corrected_specificity: likewise.
        method: how the intervals were obtained.
        n: number of observations.
        clusters: number of clusters, or None.
        confidence: nominal coverage.
    """

    rule: str
    threshold: float
    threshold_low: float
    threshold_high: float
    sensitivity: Estimate
    specificity: Estimate
    corrected_sensitivity: Estimate
    corrected_specificity: Estimate
    method: str
    n: int
    clusters: int | None
    confidence: float = 0.95

    def __str__(self) -> str:
        rule = rule_in_words(self.rule)
        rates = f"sensitivity {self.sensitivity.value:.3f}, specificity {self.specificity.value:.3f}"
        corrected = f"{self.corrected_sensitivity.value:.3f} and {self.corrected_specificity.value:.3f}"
        interval = limits_in_words(
            self.threshold_low, self.threshold_high, digits=4, confidence=self.confidence, general=True
        )
        point = f"{rule[0].upper()}{rule[1:]}: threshold {self.threshold:.4g} ({interval})"
        return f"{point}; {rates}; corrected for optimism {corrected}"


def operating_point(
    truth: npt.ArrayLike,
    score: npt.ArrayLike,
    *,
    rule: str = "youden",
    cluster: npt.ArrayLike | None = None,
    false_negative_cost: float = 1.0,
    prevalence: float | None = None,
    confidence: float = 0.95,
    replicates: int = 2000,
    seed: int = 0,
) -> OperatingPointResult:
    """Choose a threshold by a rule; each bootstrap sample chooses its own, which gives intervals and optimism.

    Of thresholds that serve the rule equally well, the one with the highest sensitivity is taken.

    Args:
        truth: 0 or 1 per observation.
        score: finite; the higher, the more likely 1.
        rule: "youden" (largest sensitivity + specificity), "closest" (to sensitivity 1, specificity 1),
            "sensitivity>=0.95" (highest specificity at that sensitivity), "specificity>=0.9" (highest sensitivity at
            that specificity) or "cost" (lowest expected cost).
        cluster: patient of each observation, drawn as a whole; None when all are independent.
        false_negative_cost: for "cost": cost of a false negative, in false positives.
        prevalence: for "cost": prevalence where the threshold will be used; by default that of the data.
        confidence: nominal coverage.
        replicates: bootstrap samples; 0 for no intervals and no correction (NaN).
        seed: seed of the draws.

    Raises:
        StatisticsError: one class only, lengths that differ, missing or infinite scores, or an unknown rule.

    >>> point = operating_point([0, 0, 0, 1, 1, 1], [1, 2, 4, 3, 5, 6], rule="sensitivity>=0.95")
    >>> point.threshold, point.sensitivity.value, round(point.specificity.value, 3)
    (2.5, 1.0, 0.667)
    """
    truth, score = as_truth(truth), as_numbers(score, name="score")
    require_same_length(truth=truth, score=score)
    require_confidence(confidence)
    prevalence = float(truth.mean()) if prevalence is None else prevalence
    goodness = _goodness(rule, false_negative_cost=false_negative_cost, prevalence=prevalence)
    ranking = rank(truth, score)
    codes, clusters = codes_to_draw(ranking, cluster)
    thresholds = _finite_thresholds(ranking.distinct)
    sensitivity, specificity = (rates[0] for rates in ranking.weighted_rates(np.ones((1, truth.size))))
    chosen = int(np.argmax(goodness(sensitivity, specificity)))
    drawn = _drawn(ranking, codes, goodness, replicates=replicates, seed=seed)
    limits = [math.nan, math.nan]
    if drawn.size:
        tail = (1 - confidence) / 2
        limits = np.quantile(thresholds[drawn[:, 0].astype(int)], [tail, 1 - tail]).tolist()
    make = partial(_with_optimism, n_clusters=None if cluster is None else clusters, confidence=confidence)
    apparent, corrected = zip(
        make(sensitivity, chosen, drawn[:, [0, 1]], n=ranking.positives),
        make(specificity, chosen, drawn[:, [0, 2]], n=ranking.negatives),
        strict=True,
    )
    return OperatingPointResult(
        rule=rule,
        threshold=float(thresholds[chosen]),
        threshold_low=limits[0],
        threshold_high=limits[1],
        sensitivity=apparent[0],
        specificity=apparent[1],
        corrected_sensitivity=corrected[0],
        corrected_specificity=corrected[1],
        method=f"{'' if cluster is None else 'cluster '}bootstrap, {replicates} replicates; each chooses its threshold",
        n=truth.size,
        clusters=None if cluster is None else clusters,
        confidence=confidence,
    )


def _goodness(rule: str, *, false_negative_cost: float, prevalence: float) -> _Goodness:
    """Return what the rule maximises, from sensitivity and specificity; rounded, so that ties are ties."""
    floor = FLOOR.fullmatch(rule.strip())
    if floor and float(floor[2]) <= 1:
        return partial(_above_floor, least=float(floor[2]), of_sensitivity=floor[1] == "sensitivity")
    if rule == "youden":
        return lambda sensitivity, specificity: np.round(sensitivity + specificity, 12)
    if rule == "closest":
        return lambda sensitivity, specificity: -np.round((1 - sensitivity) ** 2 + (1 - specificity) ** 2, 12)
    if rule != "cost":
        raise StatisticsError(
            "Expected `rule` to be youden, closest, cost, sensitivity>=x or specificity>=x with x from 0 to 1,"
            f" got {rule!r}."
        )
    if not (0 < prevalence < 1 and 0 < false_negative_cost < math.inf):
        raise StatisticsError(
            "Expected a prevalence between 0 and 1 and a positive `false_negative_cost`,"
            f" got {prevalence} and {false_negative_cost}."
        )
    missed, alarmed = prevalence * false_negative_cost, 1 - prevalence
    return lambda sensitivity, specificity: -np.round((1 - sensitivity) * missed + (1 - specificity) * alarmed, 12)


def _above_floor(sensitivity: Floats, specificity: Floats, *, least: float, of_sensitivity: bool) -> Floats:
    kept, wanted = (sensitivity, specificity) if of_sensitivity else (specificity, sensitivity)
    return np.where(kept >= least - 1e-12, np.round(wanted, 12), -1.0)


def _finite_thresholds(distinct: Floats) -> Floats:
    """Thresholds by which a program can compare: the ends stand at the lowest score and just above the highest."""
    return np.concatenate([distinct[:1], midpoints(distinct), [np.nextafter(distinct[-1], math.inf)]])


def _drawn(ranking: Ranking, codes: Integers, goodness: _Goodness, *, replicates: int, seed: int) -> Floats:
    """Per bootstrap sample: the place of its threshold, and sensitivity and specificity there; shape (samples, 3)."""
    rows = []
    for sensitivity, specificity in drawn_curves(ranking, codes, replicates=replicates, seed=seed):
        place = int(np.argmax(goodness(sensitivity, specificity)))
        rows.append((place, sensitivity[place], specificity[place]))
    return np.array(rows).reshape(-1, 3)


def _with_optimism(
    rates: Floats, chosen: int, drawn: Floats, *, n: int, n_clusters: int | None, confidence: float
) -> tuple[Estimate, Estimate]:
    """Return the apparent rate and the rate less its optimism; `drawn` holds place and rate of each sample."""
    value = float(rates[chosen])
    apparent = bootstrap_estimate(value, drawn[:, 1], n=n, clusters=n_clusters, confidence=confidence)
    if not len(drawn):
        nan = math.nan
        return apparent, Estimate(nan, nan, nan, nan, "no replicates, no correction", n, n_clusters, confidence)
    optimism = float(np.mean(drawn[:, 1] - rates[drawn[:, 0].astype(int)]))
    moved = [float(np.clip(number - optimism, 0, 1)) for number in (value, apparent.low, apparent.high)]
    words = f"{apparent.method}, corrected for optimism"
    return apparent, Estimate(moved[0], moved[1], moved[2], apparent.se, words, n, n_clusters, confidence)
