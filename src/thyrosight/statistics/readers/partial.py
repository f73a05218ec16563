"""Figure of merit and covariance where each reader, with each test, has read cases of their own choice or chance.

Every unit (a reader with a test) has its value on the cases that it read. A case enters the covariance of two units by
the product of its influences on both, and by nothing if one of them did not read it: the structural components of
DeLong (1988) and Obuchowski (1997), with 0 for cases not read. The matrix has no negative eigenvalue, and on complete
readings it is theirs.
"""

import math
from dataclasses import dataclass

import numpy as np

from thyrosight.errors import StatisticsError
from thyrosight.statistics.ranking import rank
from thyrosight.statistics.readers.design import READERS_IN_TESTS, ReaderStudy
from thyrosight.statistics.validation import Floats, Integers

_CLASSES = {"auc": (0, 1), "sensitivity": (1,), "specificity": (0,), "accuracy": (0, 1)}


@dataclass(frozen=True, eq=False, slots=True)
class _Influence:
    """Influence of each cluster on the value of one unit.

    Attributes:
        value: figure of merit.
        parts: shape (parts, clusters), one part for each class that is averaged by itself, scaled so that the sum of
            its squares is the variance of that part.
        crossing: shape (parts, clusters), scaled for products of different parts.
    """

    value: float
    parts: Floats
    crossing: Floats


def partial_merits(study: ReaderStudy, *, metric: str, threshold: float) -> tuple[Floats, Floats]:
    """Return the metric, shape (tests, readers), and its covariance, shape (tests * readers, tests * readers).

    Where readers are nested in tests, the metric is NaN and the covariance 0 for a test that a reader did not use.

    Raises:
        StatisticsError: a reader who, with some test, read fewer than two cases (clusters) of a class that is needed.
    """
    tests, readers, _ = study.ratings.shape
    found = [_of_unit(study, t, r, metric, threshold) for t in range(tests) for r in range(readers)]
    values = np.array([unit.value for unit in found])
    matrix = np.zeros((values.size, values.size))
    parts = len(found[0].parts)
    for a in range(parts):
        own = np.array([unit.parts[a] for unit in found])
        matrix += own @ own.T
        for b in range(parts):
            if a != b:
                first, second = (np.array([unit.crossing[part] for unit in found]) for part in (a, b))
                matrix += first @ second.T
    return values.reshape(tests, readers), matrix


def _of_unit(study: ReaderStudy, test: int, reader: int, metric: str, threshold: float) -> _Influence:
    row, cluster = study.ratings[test, reader], study.clusters()
    size, read = int(cluster.max()) + 1, np.flatnonzero(~np.isnan(row))
    if study.design == READERS_IN_TESTS and not read.size:
        parts = len(_CLASSES[metric]) if metric == "auc" else 1
        return _Influence(math.nan, np.zeros((parts, size)), np.zeros((parts, size)))
    read = read[np.isin(study.truth[read], _CLASSES[metric])]
    _require_both(study, test, reader, read, metric)
    truth = study.truth[read]
    if metric == "auc":
        return _of_area(row[read], truth, cluster[read], size)
    right = ((row[read] >= threshold) == (truth == 1)).astype(np.float64)
    return _of_mean(right, cluster[read], size)


def _of_area(ratings: Floats, truth: Integers, cluster: Integers, size: int) -> _Influence:
    placed = rank(truth, ratings).placements()
    value = float(placed[truth == 1].mean())
    clusters = np.unique(cluster).size
    parts, crossing = np.zeros((2, size)), np.zeros((2, size))
    for label in (0, 1):
        own = truth == label
        sums = np.bincount(cluster[own], weights=placed[own] - value, minlength=size) / own.sum()
        holding = np.unique(cluster[own]).size
        parts[label] = math.sqrt(holding / (holding - 1)) * sums
        crossing[label] = math.sqrt(clusters / (clusters - 1)) * sums
    return _Influence(value, parts, crossing)


def _of_mean(right: Floats, cluster: Integers, size: int) -> _Influence:
    value, clusters = float(right.mean()), np.unique(cluster).size
    sums = np.bincount(cluster, weights=right - value, minlength=size) / right.size
    return _Influence(value, (math.sqrt(clusters / (clusters - 1)) * sums)[None], np.zeros((1, size)))


def _require_both(study: ReaderStudy, test: int, reader: int, read: Integers, metric: str) -> None:
    groups = [study.truth[read] == label for label in (0, 1)] if metric == "auc" else [np.ones(read.size, dtype=bool)]
    cluster = study.clusters()
    if min(np.unique(cluster[read[group]]).size for group in groups) >= 2:
        return
    unit = "cases" if study.cluster is None else "clusters"
    classes = " of each class" if metric == "auc" else ""
    raise StatisticsError(
        f"Reader {study.readers[reader]!s} read too little with test {study.tests[test]!s}: expected at least two"
        f" {unit}{classes}; leave this reader out."
    )
