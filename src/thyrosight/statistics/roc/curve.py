"""The empirical ROC curve with a pointwise band."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from thyrosight.statistics.bootstrap import codes_to_draw, drawn_blocks
from thyrosight.statistics.estimate import Result
from thyrosight.statistics.ranking import Ranking, rank
from thyrosight.statistics.validation import (
    Floats,
    Integers,
    as_numbers,
    as_truth,
    require_confidence,
    require_same_length,
)


@dataclass(frozen=True, eq=False, slots=True)
class RocCurve(Result):
    """Points of the ROC curve by ascending threshold: from everything called positive to nothing.

    Attributes:
        thresholds: a score of at least this is positive; minus infinity, then midpoints of neighbouring scores, then
            infinity.
        sensitivity: at each threshold.
        specificity: at each threshold.
        low: lower limit of the sensitivity at the specificity of each point (the upper end of vertical parts of the
            curve); NaN without a band.
        high: its upper limit.
        method: how the band was obtained.
        n: number of observations.
        clusters: number of clusters, or None.
        confidence: nominal coverage of the band at each single point.
    """

    thresholds: Floats
    sensitivity: Floats
    specificity: Floats
    low: Floats
    high: Floats
    method: str
    n: int
    clusters: int | None
    confidence: float = 0.95

    def __str__(self) -> str:
        count = f"n = {self.n}" if self.clusters is None else f"n = {self.n} in {self.clusters} clusters"
        return f"ROC curve of {self.thresholds.size} points ({self.method}; {count})"


def roc_curve(
    truth: npt.ArrayLike,
    score: npt.ArrayLike,
    *,
    cluster: npt.ArrayLike | None = None,
    confidence: float = 0.95,
    replicates: int = 2000,
    seed: int = 0,
) -> RocCurve:
    """Return every point of the empirical ROC curve, with a pointwise bootstrap band of the sensitivity.

    In each bootstrap sample the sensitivity is interpolated linearly at the specificities of the curve; the band holds
    the percentiles. It covers each point separately, not the whole curve.

    Args:
        truth: 0 or 1 per observation.
        score: finite; the higher, the more likely 1.
        cluster: patient of each observation, drawn as a whole; None when all are independent.
        confidence: nominal coverage.
        replicates: bootstrap samples; 0 for no band. Time grows with replicates times observations.
        seed: seed of the draws.

    Raises:
        StatisticsError: one class only, lengths that differ, or scores that are missing or infinite.

    >>> curve = roc_curve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], replicates=0)
    >>> curve.thresholds.round(3).tolist()
    [-inf, 0.225, 0.375, 0.6, inf]
    >>> curve.sensitivity.tolist(), curve.specificity.tolist()
    ([1.0, 1.0, 0.5, 0.5, 0.0], [0.0, 0.5, 0.5, 1.0, 1.0])
    """
    truth, score = as_truth(truth), as_numbers(score, name="score")
    require_same_length(truth=truth, score=score)
    require_confidence(confidence)
    ranking = rank(truth, score)
    codes, clusters = codes_to_draw(ranking, cluster)
    sensitivity, specificity = (rates[0] for rates in ranking.weighted_rates(np.ones((1, truth.size))))
    low, high = _band(ranking, codes, specificity, confidence=confidence, replicates=replicates, seed=seed)
    kind = "" if cluster is None else "cluster "
    return RocCurve(
        thresholds=np.concatenate([[-math.inf], midpoints(ranking.distinct), [math.inf]]),
        sensitivity=sensitivity,
        specificity=specificity,
        low=low,
        high=high,
        method=f"pointwise percentile band, {kind}bootstrap, {replicates} replicates" if replicates else "no band",
        n=truth.size,
        clusters=None if cluster is None else clusters,
        confidence=confidence,
    )


def midpoints(distinct: Floats) -> Floats:
    """Thresholds between neighbouring ascending scores: above the lower one, at most the upper one."""
    with np.errstate(over="ignore"):
        middle = distinct[:-1] + (distinct[1:] - distinct[:-1]) / 2
    # Between neighbouring floating-point numbers the midpoint rounds to one of them, and between huge ones the gap
    # overflows: the upper score itself then separates them.
    return np.where((middle > distinct[:-1]) & np.isfinite(middle), middle, distinct[1:])


def drawn_curves(ranking: Ranking, codes: Integers, *, replicates: int, seed: int) -> Iterator[tuple[Floats, Floats]]:
    """Yield sensitivity and specificity (by ascending threshold) of each bootstrap sample that holds both classes."""
    for block in drawn_blocks(int(codes.max()) + 1, codes.size, replicates, seed):
        for sensitivity, specificity in zip(*ranking.weighted_rates(block[:, codes]), strict=True):
            if not (math.isnan(sensitivity[0]) or math.isnan(specificity[0])):
                yield sensitivity, specificity


def sensitivity_at(specificity: Floats, curve: tuple[Floats, Floats]) -> Floats:
    """Interpolate the sensitivity at given specificities; the upper end of vertical parts counts."""
    alarms, heights = 1 - curve[1][::-1], curve[0][::-1]
    wanted = 1 - specificity
    # Thresholds compute 1 - specificity by different routes; a rounding error must not miss the vertical piece.
    left = np.clip(np.searchsorted(alarms, wanted + 1e-12, side="right") - 1, 0, alarms.size - 1)
    right = np.minimum(left + 1, alarms.size - 1)
    run = alarms[right] - alarms[left]
    part = np.divide(wanted - alarms[left], run, out=np.zeros_like(wanted), where=run > 0)
    result: Floats = heights[left] + np.clip(part, 0, 1) * (heights[right] - heights[left])
    return result


def specificity_at(sensitivity: Floats, curve: tuple[Floats, Floats]) -> Floats:
    """Interpolate the specificity at given sensitivities; the right end of horizontal parts counts."""
    return sensitivity_at(sensitivity, (curve[1][::-1], curve[0][::-1]))


def _band(
    ranking: Ranking, codes: Integers, specificity: Floats, *, confidence: float, replicates: int, seed: int
) -> tuple[Floats, Floats]:
    places, back = np.unique(specificity, return_inverse=True)
    drawn = [sensitivity_at(places, curve) for curve in drawn_curves(ranking, codes, replicates=replicates, seed=seed)]
    if not drawn:
        return np.full(specificity.size, math.nan), np.full(specificity.size, math.nan)
    tail = (1 - confidence) / 2
    low, high = np.quantile(np.array(drawn), [tail, 1 - tail], axis=0)
    return low[back], high[back]
