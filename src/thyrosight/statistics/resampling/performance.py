"""AUC, sensitivity and specificity bootstrapped together, vectorised, with whole clusters drawn."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError
from thyrosight.statistics.bootstrap import INTERVALS, bootstrap_estimate, codes_to_draw, drawn_blocks
from thyrosight.statistics.estimate import Estimate, Result
from thyrosight.statistics.proportions.confusion import cell_of, measures
from thyrosight.statistics.ranking import Ranking, rank
from thyrosight.statistics.roc.area import left_out_areas
from thyrosight.statistics.validation import (
    Floats,
    Integers,
    as_numbers,
    as_truth,
    require_choice,
    require_confidence,
    require_same_length,
)

_NAMES = ("auc", "sensitivity", "specificity")


@dataclass(frozen=True, slots=True)
class Performance(Result):
    """AUC of a score, and sensitivity and specificity at a threshold, from the same bootstrap samples."""

    auc: Estimate
    sensitivity: Estimate
    specificity: Estimate
    threshold: float

    def __str__(self) -> str:
        rates = f"sensitivity {self.sensitivity}\nspecificity {self.specificity}"
        return f"AUC {self.auc}\nat a threshold of {self.threshold:g}:\n{rates}"


def bootstrap_performance(
    truth: npt.ArrayLike,
    score: npt.ArrayLike,
    *,
    threshold: float,
    cluster: npt.ArrayLike | None = None,
    replicates: int = 2000,
    method: str = "percentile",
    seed: int = 0,
    confidence: float = 0.95,
) -> Performance:
    """Return AUC, and sensitivity and specificity at a fixed threshold, with patient-clustered bootstrap intervals.

    The scores are sorted once; every sample is a set of weights on the sorted rows. The draws are those of
    `bootstrap_weights` with the same clusters and seed.

    Args:
        truth: 0 or 1 per observation.
        score: the higher, the more likely 1.
        threshold: a score of at least this is positive.
        cluster: patient of each observation; None when all are independent.
        replicates: number of bootstrap samples.
        method: "percentile" or "bca".
        seed: seed of the draws.
        confidence: nominal coverage.

    Raises:
        StatisticsError: one class only, lengths that differ, missing values, or an unknown option.

    >>> truth, score = [0, 0, 0, 1, 1, 1], [1, 2, 4, 3, 5, 6]
    >>> result = bootstrap_performance(truth, score, threshold=3.5, cluster=list("abcabc"), replicates=200)
    >>> [round(item.value, 3) for item in (result.auc, result.sensitivity, result.specificity)]
    [0.889, 0.667, 0.667]
    """
    truth, score = as_truth(truth), as_numbers(score, name="score", finite=False)
    require_same_length(truth=truth, score=score)
    require_choice(method, INTERVALS, name="method")
    require_confidence(confidence)
    if math.isnan(threshold):
        raise StatisticsError("Expected `threshold` to be a number, got nan.")
    ranking, cell = rank(truth, score), cell_of(truth, (score >= threshold).astype(np.int64))
    codes, clusters = codes_to_draw(ranking, cluster)
    counts = np.bincount(codes * 4 + cell, minlength=clusters * 4).reshape(clusters, 4).astype(np.float64)
    drawn = _drawn(ranking, codes, counts, replicates=replicates, seed=seed)
    values = {"auc": ranking.weighted_auc(np.ones((1, truth.size)))[0]} | measures(counts.sum(axis=0))
    left_out: dict[str, Floats | None] = dict.fromkeys(_NAMES)
    if method == "bca":
        without = measures(counts.sum(axis=0) - counts)
        left_out.update({name: without[name] for name in _NAMES[1:]}, auc=left_out_areas(ranking, codes, clusters))
    sizes = {"auc": truth.size, "sensitivity": ranking.positives, "specificity": ranking.negatives}
    found = [
        bootstrap_estimate(
            float(values[name]),
            drawn[:, i],
            n=sizes[name],
            clusters=None if cluster is None else clusters,
            confidence=confidence,
            left_out=left_out[name],
        )
        for i, name in enumerate(_NAMES)
    ]
    return Performance(found[0], found[1], found[2], float(threshold))


def _drawn(ranking: Ranking, codes: Integers, counts: Floats, *, replicates: int, seed: int) -> Floats:
    """AUC, sensitivity and specificity of each sample: shape (replicates, 3)."""
    parts = []
    for block in drawn_blocks(len(counts), codes.size, replicates, seed):
        rates = measures(block.astype(np.float64) @ counts)
        parts.append(np.stack([ranking.weighted_auc(block[:, codes]), rates["sensitivity"], rates["specificity"]], 1))
    return np.concatenate(parts) if parts else np.empty((0, 3))
