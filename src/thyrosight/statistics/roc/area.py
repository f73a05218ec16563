"""Area under the ROC curve with its interval."""

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy import stats
from scipy.special import expit

from thyrosight.errors import StatisticsError
from thyrosight.statistics.bootstrap import INTERVALS, bootstrap_estimate, cluster_codes, codes_to_draw, drawn_blocks
from thyrosight.statistics.estimate import Estimate
from thyrosight.statistics.ranking import Ranking, placements, rank
from thyrosight.statistics.roc.covariance import areas, auc_covariance_of, independent_pairs
from thyrosight.statistics.validation import (
    Floats,
    Integers,
    as_numbers,
    as_truth,
    require_choice,
    require_confidence,
    require_same_length,
)

_ANALYTIC = ("logit", "wald")
_NO_VARIANCE = 1e-14  # rounding errors of a variance that is 0; a real one is above 1e-10 for a billion observations


def auc(
    truth: npt.ArrayLike,
    score: npt.ArrayLike,
    *,
    cluster: npt.ArrayLike | None = None,
    method: str | None = None,
    interval: str | None = None,
    confidence: float = 0.95,
    replicates: int = 2000,
    seed: int = 0,
) -> Estimate:
    """Return the area under the empirical ROC curve; equal scores count half.

    Time is O(n log n) and memory linear in n. If every positive scores above every negative (or every one below), no
    variance can be estimated: the interval is then exact for the number of independent pairs of a positive and a
    negative, limit ** pairs = (1 - confidence) / 2, and `method` says so. With one positive, one negative or one
    cluster of either, the interval is NaN. A constant score has an area of 0.5 by definition.

    Args:
        truth: 0 or 1 per observation.
        score: the higher, the more likely 1; infinite scores are ranked like any other, NaN is refused.
        cluster: patient of each observation; None when all are independent.
        method: variance by "delong" (independent; the default without clusters), "obuchowski" (clustered; the default
            with clusters) or "bootstrap" (resamples clusters).
        interval: "logit" (default) or "wald" with the first two, "percentile" (default) or "bca" with the bootstrap.
        confidence: nominal coverage.
        replicates: bootstrap samples.
        seed: seed of the bootstrap.

    Raises:
        StatisticsError: one class only, lengths that differ, missing values, or options that do not fit together.

    >>> print(auc([0, 0, 0, 1, 1, 1], [1, 2, 4, 3, 5, 6]))
    0.889 (95 % interval 0.261 to 0.995; DeLong, logit; n = 6)
    """
    truth, score = as_truth(truth), as_numbers(score, name="score", finite=False)
    require_same_length(truth=truth, score=score)
    require_confidence(confidence)
    method = method or ("delong" if cluster is None else "obuchowski")
    require_choice(method, ("delong", "obuchowski", "bootstrap"), name="method")
    allowed = INTERVALS if method == "bootstrap" else _ANALYTIC
    interval = interval or allowed[0]
    require_choice(interval, allowed, name="interval")
    if method == "delong" and cluster is not None:
        raise StatisticsError("DeLong's variance ignores clusters; use method 'obuchowski' or 'bootstrap'.")
    codes = None if cluster is None else cluster_codes(cluster, truth.size)[0]
    if codes is None and method == "obuchowski":
        codes = np.arange(truth.size)
    placed = placements(truth, [score])
    variance = auc_covariance_of(placed, truth, codes)[0, 0]
    found = area_with_interval(
        placed[0], float(variance), truth=truth, codes=codes, interval=interval, confidence=confidence
    )
    if method == "bootstrap" and found.value not in (0.0, 1.0):
        found = _bootstrap(rank(truth, score), codes, found, interval=interval, replicates=replicates, seed=seed)
    return found if cluster is not None else replace(found, clusters=None)


def area_with_interval(
    placed: Floats, variance: float, *, truth: Integers, codes: Integers | None, interval: str, confidence: float
) -> Estimate:
    """AUC and its interval from the placements of one score; `codes` are clusters, None when all are independent."""
    value = float(areas(placed[None], truth)[0])
    clusters = None if codes is None else int(codes.max()) + 1
    if value in (0.0, 1.0):
        low, high, words = _separated(value, independent_pairs(truth, codes), confidence)
        return Estimate(value, low, high, math.nan, words, truth.size, clusters, confidence)
    words = f"{'DeLong' if codes is None else 'Obuchowski'}, {interval}"
    if variance > _NO_VARIANCE:
        low, high = normal_interval(value, variance, interval=interval, confidence=confidence)
    elif placed.min() == placed.max():
        low = high = value
        words += "; the score does not vary"
    else:
        low = high = math.nan
        words += "; no interval: too few, or identical, positives, negatives or clusters"
    return Estimate(value, low, high, standard_error(variance), words, truth.size, clusters, confidence)


def standard_error(variance: float) -> float:
    """Root of a variance: 0 if it is negative by rounding error alone, NaN if it is clearly negative.

    Obuchowski's variance can be negative with few clusters; there is then no estimate.

    >>> standard_error(0.04), standard_error(-1e-17), standard_error(-0.01)
    (0.2, 0.0, nan)
    """
    if abs(variance) <= _NO_VARIANCE:
        return 0.0
    return math.sqrt(variance) if variance > 0 else math.nan


def normal_interval(value: float, variance: float, *, interval: str, confidence: float) -> tuple[float, float]:
    """Limits on the logit scale, or symmetric and cut at 0 and 1, for an area strictly between 0 and 1."""
    margin = float(stats.norm.isf((1 - confidence) / 2)) * math.sqrt(variance)
    if interval == "wald":
        return max(0.0, value - margin), min(1.0, value + margin)
    middle = math.log(value / (1 - value))
    margin /= value * (1 - value)
    return float(expit(middle - margin)), float(expit(middle + margin))


def _separated(value: float, pairs: int, confidence: float) -> tuple[float, float, str]:
    """Limits of an area of 0 or 1, and how they were found.

    If the true area is A, all of k independent pairs are ordered correctly with probability A ** k, and the sample's
    area is 1 only if they are. So every A with A ** k below the tail is rejected; likewise for 0.
    """
    if not pairs:
        return math.nan, math.nan, "classes fully separated; no interval from one cluster"
    limit = ((1 - confidence) / 2) ** (1 / pairs)
    words = f"classes fully separated: exact interval of {pairs} independent pairs"
    return (limit, 1.0, words) if value == 1.0 else (0.0, 1 - limit, words)


def _bootstrap(
    ranking: Ranking, codes: Integers | None, area: Estimate, *, interval: str, replicates: int, seed: int
) -> Estimate:
    codes, clusters = codes_to_draw(ranking, codes)
    drawn = [ranking.weighted_auc(block[:, codes]) for block in drawn_blocks(clusters, area.n, replicates, seed)]
    return bootstrap_estimate(
        area.value,
        np.concatenate(drawn) if drawn else np.empty(0),
        n=area.n,
        clusters=clusters,
        confidence=area.confidence,
        left_out=left_out_areas(ranking, codes, clusters) if interval == "bca" else None,
    )


def left_out_areas(ranking: Ranking, codes: Integers, clusters: int) -> Floats:
    """AUC without each cluster in turn."""
    rows = max(1, 250_000 // codes.size)
    parts = []
    for start in range(0, clusters, rows):
        without = np.arange(start, min(start + rows, clusters))
        parts.append(ranking.weighted_auc((codes[None, :] != without[:, None]).astype(np.float64)))
    return np.concatenate(parts)
