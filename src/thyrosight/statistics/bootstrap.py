"""Bootstrap that resamples whole clusters (patients), so that nodules of one patient stay together.

Davison & Hinkley, "Bootstrap Methods and their Application", 1997, section 3.8 (resampling clusters) and 5.3 (BCa).
"""

import math
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics.estimate import Estimate
from thyrosight.statistics.ranking import Ranking, rank
from thyrosight.statistics.validation import (
    Floats,
    Integers,
    as_count,
    as_labels,
    as_numbers,
    as_truth,
    require_choice,
    require_confidence,
    require_same_length,
)

INTERVALS = ("percentile", "bca")
Counts = npt.NDArray[np.int32]
_CELLS_AT_ONCE = 250_000  # of weights, so that a block stays in the processor's cache whatever the size of the data


def bootstrap_weights(
    cluster: npt.ArrayLike, *, replicates: int, seed: int = 0, stratify: npt.ArrayLike | None = None
) -> Counts:
    """Draw clusters with replacement and return how often each was drawn: shape (replicates, clusters).

    Columns follow the sorted distinct values of `cluster`; each row sums to their number. The same seed gives the same
    counts, whatever the order or number of rows per cluster.

    Args:
        cluster: cluster of each row, or simply the distinct clusters.
        replicates: how many bootstrap samples.
        seed: seed of the draws.
        stratify: stratum of each entry of `cluster`, constant within a cluster; clusters are drawn within strata.

    Raises:
        StatisticsError: a missing cluster, or a stratum that differs within a cluster.

    >>> bootstrap_weights(["a", "b", "b", "c"], replicates=2, seed=1).sum(axis=1)
    array([3, 3])
    """
    codes, distinct = as_labels(cluster, name="cluster")
    replicates = as_count(replicates, name="replicates")
    strata = np.zeros(distinct.size, dtype=np.int64)
    if stratify is not None:
        labels, _ = as_labels(stratify, name="stratify")
        require_same_length(cluster=codes, stratify=labels)
        strata[codes] = labels
        if (strata[codes] != labels).any():
            wrong = distinct[codes[(strata[codes] != labels).argmax()]]
            raise StatisticsError(f"Expected one value of `stratify` within a cluster, got several for {wrong}.")
    generator = np.random.default_rng(seed)
    weights = np.zeros((replicates, distinct.size), dtype=np.int32)
    for stratum in range(int(strata.max()) + 1):
        members = np.flatnonzero(strata == stratum)
        done = 0
        for block in _drawn(generator, members.size, replicates):
            weights[done : done + len(block), members] = block
            done += len(block)
    return weights


def weighted_auc(truth: npt.ArrayLike, score: npt.ArrayLike, weights: npt.ArrayLike) -> Floats:
    """Return the AUC under each row of weights. Scores are sorted only once.

    Args:
        truth: 0 or 1 per observation.
        score: the higher, the more likely 1; infinite scores are ranked like any other.
        weights: shape (replicates, observations), none negative, for example counts of a bootstrap.

    Returns:
        Shape (replicates,); NaN where the weights leave no positive or no negative.

    Raises:
        StatisticsError: lengths that differ, or negative or missing weights.

    >>> weighted_auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], [[1, 1, 1, 1], [1, 0, 1, 1], [1, 1, 0, 0]])
    array([0.75, 1.  ,  nan])
    """
    truth, score = as_truth(truth, both_classes=False), as_numbers(score, name="score", finite=False)
    require_same_length(truth=truth, score=score)
    weights = np.asarray(weights)
    if weights.ndim != 2 or weights.shape[1] != truth.size or weights.dtype.kind not in "biuf":
        raise StatisticsError(
            f"Expected `weights` to hold numbers of shape (replicates, {truth.size}), got {weights.shape}."
        )
    if weights.size and not weights.min() >= 0:
        raise StatisticsError("Expected `weights` to be 0 or more, got a negative or missing one.")
    ranking = rank(truth, score)
    rows = max(1, _CELLS_AT_ONCE // truth.size)
    blocks = [ranking.weighted_auc(weights[start : start + rows]) for start in range(0, len(weights), rows)]
    return np.concatenate(blocks) if blocks else np.empty(0)


def clustered_bootstrap(
    statistic: Callable[..., float],
    *arrays: npt.ArrayLike,
    cluster: npt.ArrayLike | None = None,
    weighted: Callable[[Counts], Floats] | None = None,
    replicates: int = 2000,
    method: str = "percentile",
    seed: int = 0,
    confidence: float = 0.95,
) -> Estimate:
    """Return any statistic with a bootstrap interval that resamples whole clusters.

    A replicate in which the statistic is NaN or raises StatisticsError (for example an AUC when only one class was
    drawn) is left out, and `method` says how many were.

    Args:
        statistic: called with the arrays, each reduced to the drawn rows; returns one number.
        arrays: one entry per observation along the first axis.
        cluster: patient of each observation; None when all are independent.
        weighted: the statistic of many samples at once, `(samples,)`, from how often each observation was drawn
            `(samples, observations)`; quicker than `statistic` for each.
        replicates: number of bootstrap samples.
        method: "percentile", or "bca" (bias-corrected and accelerated; adds one evaluation per cluster).
        seed: seed of the draws.
        confidence: nominal coverage.

    Raises:
        StatisticsError: no array, lengths that differ, or an unknown option.

    >>> data = np.arange(20.0)
    >>> print(clustered_bootstrap(np.mean, data, cluster=np.arange(20) // 2, replicates=500))
    9.500 (95 % interval 5.9... to 13.1...; percentile bootstrap, 500 replicates; n = 20 in 10 clusters)
    """
    require_choice(method, INTERVALS, name="method")
    require_confidence(confidence)
    if not arrays:
        raise StatisticsError("Expected at least one array to resample, got none.")
    columns = [np.asarray(array) for array in arrays]
    require_same_length(**{f"array {i + 1}": column for i, column in enumerate(columns)})
    n = len(columns[0])
    codes, clusters = cluster_codes(cluster, n)

    def evaluate(counts: Counts) -> float:
        rows = np.repeat(np.arange(n), counts[codes])
        try:
            return float(statistic(*(column[rows] for column in columns)))
        except StatisticsError:
            return math.nan

    def of_all(block: Counts) -> Floats:
        return np.array([evaluate(row) for row in block]) if weighted is None else weighted(block[:, codes])

    drawn = np.concatenate([of_all(block) for block in drawn_blocks(clusters, n, replicates, seed)])
    left_out = of_all(1 - np.eye(clusters, dtype=np.int32)) if method == "bca" else None
    return bootstrap_estimate(
        float(statistic(*columns)),
        drawn,
        left_out=left_out,
        n=n,
        clusters=clusters if cluster is not None else None,
        confidence=confidence,
    )


def bootstrap_estimate(
    value: float,
    drawn: Floats,
    *,
    n: int,
    clusters: int | None,
    confidence: float = 0.95,
    left_out: Floats | None = None,
) -> Estimate:
    """Make an estimate from bootstrap replicates: BCa if leave-one-cluster-out values are given, else percentile.

    Replicates that are all alike give no interval: its width would be 0, and nothing is that certain.
    """
    defined = drawn[~np.isnan(drawn)]
    words = f"{'percentile' if left_out is None else 'BCa'} bootstrap, {drawn.size} replicates"
    if defined.size < drawn.size:
        words += f" of which {drawn.size - defined.size} undefined"
    alike = bool(defined.size) and bool(defined.min() == defined.max())
    if alike:
        words += ", all alike: no measure of uncertainty"
    if math.isnan(value) or defined.size < 2 or alike:
        return Estimate(value, math.nan, math.nan, math.nan, words, n, clusters, confidence)
    tails = np.array([(1 - confidence) / 2, (1 + confidence) / 2])
    levels = tails if left_out is None else _bca_levels(value, defined, left_out[~np.isnan(left_out)], tails)
    low, high = _quantiles(defined, levels)
    se = float(defined.std(ddof=1)) if np.isfinite(defined).all() else math.nan
    return Estimate(value, low, high, se, words, n, clusters, confidence)


def cluster_codes(cluster: npt.ArrayLike | None, n: int) -> tuple[Integers, int]:
    """Return the cluster of each of `n` rows as a code 0..k-1, and k; without clusters every row is its own."""
    if cluster is None:
        return np.arange(n), n
    codes, distinct = as_labels(cluster, name="cluster")
    require_same_length(observations=np.empty(n), cluster=codes)
    return codes, distinct.size


def codes_to_draw(ranking: Ranking, cluster: npt.ArrayLike | None) -> tuple[Integers, int]:
    """Return `cluster_codes`; independent rows are numbered by score and truth, so that their order changes no draw."""
    n = ranking.order.size
    codes, clusters = cluster_codes(cluster, n)
    if clusters == n:
        codes = np.empty(n, dtype=np.int64)
        codes[ranking.order[np.lexsort((ranking.truth, ranking.group))]] = np.arange(n)
    return codes, clusters


def drawn_blocks(clusters: int, n: int, replicates: int, seed: int) -> Iterator[Counts]:
    """Yield the rows of `bootstrap_weights` in blocks, so that weights of `n` observations need little memory."""
    return _drawn(np.random.default_rng(seed), clusters, as_count(replicates, name="replicates"), n=n)


def stratified_blocks(strata: Integers, n: int, replicates: int, seed: int) -> Iterator[Counts]:
    """Yield the same, with clusters drawn within strata; `strata` holds the code 0..k-1 of each cluster."""
    generator, replicates = np.random.default_rng(seed), as_count(replicates, name="replicates")
    members = [np.flatnonzero(strata == stratum) for stratum in range(int(strata.max()) + 1)]
    rows = max(1, _CELLS_AT_ONCE // max(strata.size, n))
    for start in range(0, replicates, rows):
        count = min(rows, replicates - start)
        block = np.zeros((count, strata.size), dtype=np.int32)
        for own in members:
            if own.size:
                block[:, own] = next(_drawn(generator, own.size, count))
        yield block


def _drawn(generator: np.random.Generator, clusters: int, replicates: int, *, n: int = 1) -> Iterator[Counts]:
    rows = max(1, _CELLS_AT_ONCE // max(clusters, n))
    for start in range(0, replicates, rows):
        count = min(rows, replicates - start)
        drawn = generator.integers(0, clusters, size=(count, clusters), dtype=np.int32).astype(np.int64)
        drawn += clusters * np.arange(count)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=count * clusters)
        yield counts.reshape(count, clusters).astype(np.int32)


def _bca_levels(value: float, drawn: Floats, left_out: Floats, tails: Floats) -> Floats:
    """Quantiles of the replicates that bound the BCa interval (Davison & Hinkley 1997, equations 5.21 and 5.22)."""
    below = ((drawn < value).sum() + 0.5 * (drawn == value).sum()) / drawn.size
    bias = stats.norm.ppf(np.clip(below, 0.5 / drawn.size, 1 - 0.5 / drawn.size))
    deviations = left_out.mean() - left_out if left_out.size else np.zeros(1)
    spread = float(np.sum(deviations**2)) ** 1.5
    acceleration = float(np.sum(deviations**3)) / (6 * spread) if spread > 0 else 0.0
    shifted = bias + stats.norm.ppf(tails)
    levels: Floats = stats.norm.cdf(bias + shifted / (1 - acceleration * shifted))
    return levels


def _quantiles(values: Floats, levels: Floats) -> tuple[float, float]:
    """Linear quantiles, or plain order statistics where infinite values (likelihood ratios) forbid interpolation."""
    finite = bool(np.isfinite(values).all())
    limits = np.quantile(values, levels) if finite else np.quantile(values, levels, method="nearest")
    return float(limits[0]), float(limits[1])
