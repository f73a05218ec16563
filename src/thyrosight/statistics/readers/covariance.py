"""Figure of merit of each test and reader, with the covariance matrix of all of them."""

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError
from thyrosight.statistics.ranking import rank
from thyrosight.statistics.readers.design import FACTORIAL, READERS_IN_TESTS, UNBALANCED, ReaderStudy
from thyrosight.statistics.readers.partial import partial_merits
from thyrosight.statistics.roc.covariance import clustered_covariance, independent_covariance, independent_pairs
from thyrosight.statistics.validation import Floats, Integers

METRICS = ("auc", "sensitivity", "specificity", "accuracy")
COVARIANCES = ("delong", "jackknife", "unbiased")
_PAIRS_AT_ONCE = 4_000_000


def merits(study: ReaderStudy, *, metric: str, threshold: float, covariance: str) -> tuple[Floats, Floats]:
    """Return the metric, shape (tests, readers), and its covariance, shape (tests * readers, tests * readers).

    Units that share no case have covariance 0.

    Raises:
        StatisticsError: fewer than two cases of a class that the metric needs in some part of the study.
    """
    spanning = study.cluster is not None and study.design != FACTORIAL  # a patient may have cases in several parts
    if spanning or study.design in (UNBALANCED, READERS_IN_TESTS):
        return partial_merits(study, metric=metric, threshold=threshold)
    units = study.ratings.shape[0] * study.ratings.shape[1]
    flat = study.ratings.reshape(units, -1)
    values, matrix = np.zeros(units), np.zeros((units, units))
    for members, cases in study.blocks():
        ratings, truth = flat[np.ix_(members, cases)], study.truth[cases]
        cluster = None if study.cluster is None else np.unique(study.cluster[cases], return_inverse=True)[1]
        if metric == "auc":
            part = _auc(ratings, truth, cluster, covariance)
        else:
            right = ((ratings >= threshold) == (truth == 1)).astype(np.float64)
            used = _used(truth, metric)
            part = _means(right[:, used], None if cluster is None else cluster[used], metric)
        values[members], matrix[np.ix_(members, members)] = part
    return values.reshape(study.ratings.shape[:2]), matrix


def independent_units(study: ReaderStudy, *, metric: str) -> int:
    """Return the number of independent cases (for the AUC, pairs of cases) that every reader has judged at least."""
    counts = []
    for _, cases in study.blocks():
        truth = study.truth[cases]
        cluster = study.clusters()[cases]
        if metric == "auc":
            counts.append(independent_pairs(truth, cluster))
        else:
            counts.append(np.unique(cluster[_used(truth, metric)]).size)
    return min(counts)


def _used(truth: Integers, metric: str) -> npt.NDArray[np.bool_]:
    chosen = {"sensitivity": (1,), "specificity": (0,), "accuracy": (0, 1)}[metric]
    return np.isin(truth, chosen)


def _auc(ratings: Floats, truth: Integers, cluster: Integers | None, covariance: str) -> tuple[Floats, Floats]:
    positives, negatives = int(truth.sum()), int((1 - truth).sum())
    if min(positives, negatives) < 2:
        raise StatisticsError(
            "Expected at least two cases of each class wherever the same cases are read,"
            f" got {positives} with truth 1 and {negatives} with truth 0."
        )
    placed = np.array([rank(truth, row).placements() for row in ratings])
    values = placed[:, truth == 1].mean(axis=1)
    if cluster is not None:
        matrix = clustered_covariance(placed, truth, cluster)
        if np.isnan(matrix).any():
            raise StatisticsError("Expected cases of each class in at least two clusters.")
        return values, matrix
    if covariance == "delong":
        return values, independent_covariance(placed, truth)
    if covariance == "jackknife":
        return values, _jackknife(placed, truth, values)
    return values, _unbiased(ratings, truth, placed, values)


def _jackknife(placed: Floats, truth: Integers, values: Floats) -> Floats:
    """Jackknife covariance; the AUC without a case follows from that case's placement."""
    own = np.where(truth == 1, truth.sum(), (1 - truth).sum())
    left_out = (own * values[:, None] - placed) / (own - 1)
    deviations = left_out - left_out.mean(axis=1, keepdims=True)
    return np.asarray((truth.size - 1) / truth.size * deviations @ deviations.T)


def _unbiased(ratings: Floats, truth: Integers, placed: Floats, values: Floats) -> Floats:
    """Unbiased covariance of U-statistics (Gallas, "One-shot estimate of MRMC variance: AUC", Acad Radiol 2006).

    The product of two AUCs minus the mean product of two comparisons without a common case.
    """
    positives, negatives = int(truth.sum()), int((1 - truth).sum())
    by_positive, by_negative = placed[:, truth == 1] * negatives, placed[:, truth == 0] * positives
    totals = values * positives * negatives
    distinct = np.outer(totals, totals) - by_positive @ by_positive.T - by_negative @ by_negative.T
    positive_ratings, negative_ratings = ratings[:, truth == 1], ratings[:, truth == 0]
    rows = max(1, _PAIRS_AT_ONCE // (len(ratings) * negatives))
    for start in range(0, positives, rows):
        upper, lower = positive_ratings[:, start : start + rows, None], negative_ratings[:, None, :]
        wins = ((upper > lower) + 0.5 * (upper == lower)).reshape(len(ratings), -1)
        distinct += wins @ wins.T
    count = positives * (positives - 1) * negatives * (negatives - 1)
    return np.asarray(np.outer(values, values) - distinct / count)


def _means(right: Floats, cluster: Integers | None, metric: str) -> tuple[Floats, Floats]:
    """Share of correct calls per unit; for means, DeLong, jackknife and unbiased covariance are equal."""
    n = right.shape[1]
    groups = np.arange(n) if cluster is None else np.unique(cluster, return_inverse=True)[1]
    count = int(groups.max(initial=-1)) + 1
    if count < 2:
        unit = "cases" if cluster is None else "clusters"
        raise StatisticsError(f"Expected at least two {unit} to estimate {metric} with its variance, got {count}.")
    values = right.mean(axis=1)
    sums = np.array([np.bincount(groups, weights=row, minlength=count) for row in right - values[:, None]])
    return values, count / (count - 1) * (sums @ sums.T) / n**2
