"""Covariance of AUCs from structural components, for independent and for clustered observations.

DeLong, DeLong & Clarke-Pearson, Biometrics 1988 (independent); Obuchowski, Biometrics 1997 (clustered).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError
from thyrosight.statistics.bootstrap import cluster_codes
from thyrosight.statistics.estimate import Result
from thyrosight.statistics.ranking import placements
from thyrosight.statistics.sorting import BLOCK
from thyrosight.statistics.validation import Floats, Integers, as_numbers, as_truth, require_same_length


@dataclass(frozen=True, eq=False, slots=True)
class AucCovariance(Result):
    """AUCs of several scores on the same observations, with their covariance.

    Attributes:
        auc: one per score.
        covariance: square, in the order of the scores; NaN where it cannot be estimated (one positive, one cluster).
        method: "DeLong" or "Obuchowski".
        n: number of observations.
        clusters: number of clusters, or None.
    """

    auc: Floats
    covariance: Floats
    method: str
    n: int
    clusters: int | None

    def __str__(self) -> str:
        values = ", ".join(f"{value:.3f}" for value in self.auc)
        count = f"n = {self.n}" if self.clusters is None else f"n = {self.n} in {self.clusters} clusters"
        return f"AUC {values} ({self.method}; {count})"


def auc_covariance(
    truth: npt.ArrayLike, scores: npt.ArrayLike, *, cluster: npt.ArrayLike | None = None
) -> AucCovariance:
    """Return the AUCs of k scores on the same observations and their covariance matrix.

    Args:
        truth: 0 or 1 per observation.
        scores: shape (k, n), the higher the more likely 1; infinite scores are ranked like any other.
        cluster: patient of each observation; None when all are independent. Observations of one cluster may be
            correlated in any way, within a class and between classes.

    Raises:
        StatisticsError: one class only, lengths that differ, or missing values.

    >>> print(auc_covariance([0, 0, 1, 1], [[0.1, 0.4, 0.35, 0.8], [1, 2, 3, 4]]))
    AUC 0.750, 1.000 (DeLong; n = 4)
    """
    truth = as_truth(truth)
    rows = [as_numbers(row, name=f"scores[{i}]", finite=False) for i, row in enumerate(_rows(scores))]
    for i, row in enumerate(rows):
        require_same_length(truth=truth, **{f"scores[{i}]": row})
    placed = placements(truth, rows)
    codes, clusters = (None, None) if cluster is None else cluster_codes(cluster, truth.size)
    return AucCovariance(
        auc=areas(placed, truth),
        covariance=auc_covariance_of(placed, truth, codes),
        method="DeLong" if cluster is None else "Obuchowski",
        n=truth.size,
        clusters=clusters,
    )


def areas(placed: Floats, truth: Integers) -> Floats:
    """AUCs from placements (k, n): the mean over positives."""
    result: Floats = np.take(placed, np.flatnonzero(truth == 1), axis=1).mean(axis=1)
    return result


def auc_covariance_of(placed: Floats, truth: Integers, codes: Integers | None) -> Floats:
    """Covariance of AUCs from placements (k, n); `codes` are clusters, None when all are independent."""
    if codes is None:
        return independent_covariance(placed, truth)
    return clustered_covariance(placed, truth, codes)


def independent_covariance(placed: Floats, truth: Integers) -> Floats:
    """Covariance of AUCs from placements (k, n) of independent observations (DeLong 1988, equation 6).

    The mean placement is the AUC for positives and for negatives, so one value centres both.
    """
    result = np.zeros((len(placed), len(placed)))
    middle = areas(placed, truth)[:, None]
    for value in (1, 0):
        members = np.flatnonzero(truth == value)
        if members.size < 2:
            return np.full_like(result, np.nan)
        blocks = [members[start : start + BLOCK] for start in range(0, members.size, BLOCK)]
        squares = np.zeros_like(result)
        for block in blocks:
            centred = np.take(placed, block, axis=1) - middle
            squares += centred @ centred.T
        result += squares / (members.size * (members.size - 1))
    return result


def clustered_covariance(placed: Floats, truth: Integers, cluster: Integers) -> Floats:
    """Covariance of AUCs from placements (k, n) of clustered observations (Obuchowski 1997, section 3).

    With clusters of one observation it equals `independent_covariance`: no cluster then holds both classes.
    """
    clusters = int(cluster.max()) + 1
    result = np.zeros((len(placed), len(placed)))
    sums = {}
    for value in (1, 0):
        own = truth == value
        members = placed[:, own] - placed[:, own].mean(axis=1, keepdims=True)
        sums[value] = np.array([np.bincount(cluster[own], weights=row, minlength=clusters) for row in members])
        holding = int((np.bincount(cluster[own], minlength=clusters) > 0).sum())
        if holding < 2:
            return np.full_like(result, np.nan)
        result += holding / (holding - 1) * (sums[value] @ sums[value].T) / int(own.sum()) ** 2
    positives = int(truth.sum())
    between = clusters / (clusters - 1) * (sums[1] @ sums[0].T) / (positives * (truth.size - positives))
    result += between + between.T
    return result


def independent_pairs(truth: Integers, cluster: Integers | None) -> int:
    """The largest number of pairs of a positive and a negative in which no cluster occurs twice."""
    if cluster is None:
        return min(int(truth.sum()), int((1 - truth).sum()))
    with_positive = np.unique(cluster[truth == 1])
    with_negative = np.unique(cluster[truth == 0])
    clusters = np.union1d(with_positive, with_negative).size
    return min(with_positive.size, with_negative.size, clusters // 2)


def _rows(scores: npt.ArrayLike) -> npt.NDArray[np.generic]:
    array = np.asarray(scores)
    if array.ndim != 2 or not len(array):
        raise StatisticsError(f"Expected `scores` to have the shape (scores, observations), got {array.shape}.")
    return array
