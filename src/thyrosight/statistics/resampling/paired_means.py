"""Comparison of the means of paired values, such as the Dice of two networks on the same images."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from thyrosight.statistics.bootstrap import bootstrap_weights, cluster_codes
from thyrosight.statistics.estimate import Result
from thyrosight.statistics.resampling.few_groups import LEAST_GROUPS
from thyrosight.statistics.resampling.means import mean_interval
from thyrosight.statistics.validation import as_numbers, require_confidence, require_same_length

_NO_ERROR = 1e-12
"""Rounding errors of a width that is 0."""


@dataclass(frozen=True, slots=True)
class PairedMeanDifference(Result):
    """Mean difference (a minus b) of paired values.

    Attributes:
        difference: mean of a minus b.
        low, high: limits of its percentile bootstrap interval, whole clusters resampled; of Student's interval with
            fewer clusters than `LEAST_GROUPS`; NaN where every cluster shows the same.
        p: two-sided bootstrap P value: twice the smaller share of replicates on one side of zero, counting the data.
            NaN with fewer clusters than `LEAST_GROUPS`.
        method: how it was obtained.
        n: pairs.
        clusters: patients, or None where pairs were taken as independent.
        confidence: nominal coverage.
    """

    difference: float
    low: float
    high: float
    p: float
    method: str
    n: int
    clusters: int | None
    confidence: float = 0.95


def paired_mean_difference(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    *,
    cluster: npt.ArrayLike | None = None,
    replicates: int = 2000,
    confidence: float = 0.95,
    seed: int = 0,
) -> PairedMeanDifference:
    """Compare the means of paired values by a bootstrap that draws whole clusters.

    The same image tested in several divisions counts as several pairs of one patient's cluster.

    Args:
        a, b: one finite number per pair.
        cluster: patient of each pair; None when all are independent.
        replicates: bootstrap samples.
        confidence: nominal coverage.
        seed: of the bootstrap.

    Raises:
        StatisticsError: values that are not finite, or lengths that differ.

    >>> found = paired_mean_difference([0.9, 0.8, 0.7, 0.9] * 3, [0.6, 0.7, 0.7, 0.5] * 3, replicates=500)
    >>> round(found.difference, 3), found.low > 0
    (0.2, True)
    """
    require_confidence(confidence)
    first, second = as_numbers(a, name="a"), as_numbers(b, name="b")
    require_same_length(a=first, b=second)
    difference = first - second
    codes, clusters = cluster_codes(cluster, len(difference))
    shown = None if cluster is None else clusters
    if clusters < LEAST_GROUPS:
        mean = mean_interval(difference, cluster=codes, confidence=confidence)
        low, high = (mean.low, mean.high) if mean.se > _NO_ERROR else (math.nan, math.nan)
        words = f"Student t: {clusters} groups are too few (below {LEAST_GROUPS}) for a bootstrap or a P value"
        return PairedMeanDifference(mean.value, low, high, math.nan, words, len(difference), shown, confidence)
    sums = np.bincount(codes, weights=difference, minlength=clusters)
    counts = np.bincount(codes, minlength=clusters).astype(np.float64)
    weights = bootstrap_weights(np.arange(clusters), replicates=replicates, seed=seed)
    drawn = (weights @ sums) / (weights @ counts)
    tail = 100 * (1 - confidence) / 2
    low, high = np.percentile(drawn, (tail, 100 - tail)) if np.ptp(drawn) > _NO_ERROR else (math.nan, math.nan)
    below, above = int((drawn <= 0).sum()) + 1, int((drawn >= 0).sum()) + 1
    return PairedMeanDifference(
        difference=float(difference.mean()),
        low=float(low),
        high=float(high),
        p=min(1.0, 2 * min(below, above) / (replicates + 1)),
        method=f"paired{' patient-clustered' if cluster is not None else ''} bootstrap ({replicates} replicates)",
        n=len(difference),
        clusters=shown,
        confidence=confidence,
    )
