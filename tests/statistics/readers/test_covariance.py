"""Jackknife and unbiased covariance against their definitions, on data small enough for brute force."""

from itertools import product

import numpy as np
import pytest

from thyrosight.errors import StatisticsError
from thyrosight.statistics.readers.covariance import merits
from thyrosight.statistics.readers.design import ReaderStudy


def _study(ratings: np.ndarray, truth: np.ndarray, cluster: np.ndarray | None = None) -> ReaderStudy:
    tests, readers = ratings.shape[:2]
    return ReaderStudy(ratings, truth, cluster, tuple(range(tests)), tuple(range(readers)), "factorial")


def _auc(rating: np.ndarray, truth: np.ndarray) -> float:
    upper, lower = rating[truth == 1][:, None], rating[truth == 0]
    return float(((upper > lower) + 0.5 * (upper == lower)).mean())


@pytest.fixture
def study() -> ReaderStudy:
    rng = np.random.default_rng(11)
    return _study(rng.integers(1, 5, (2, 2, 9)).astype(float), np.array([0, 1, 0, 1, 1, 0, 0, 1, 0]))


def test_jackknife_leaves_out_one_case_at_a_time(study: ReaderStudy) -> None:
    values, matrix = merits(study, metric="auc", threshold=np.nan, covariance="jackknife")
    flat, n = study.ratings.reshape(4, -1), study.truth.size
    kept = [np.arange(n) != i for i in range(n)]
    left_out = np.array([[_auc(row[keep], study.truth[keep]) for keep in kept] for row in flat])
    assert matrix == pytest.approx((n - 1) ** 2 / n * np.cov(left_out), rel=1e-10)
    assert values.ravel() == pytest.approx([_auc(row, study.truth) for row in flat])


def test_unbiased_takes_pairs_without_a_common_case(study: ReaderStudy) -> None:
    values, matrix = merits(study, metric="auc", threshold=np.nan, covariance="unbiased")
    positives, negatives = np.flatnonzero(study.truth == 1), np.flatnonzero(study.truth == 0)
    flat = study.ratings.reshape(4, -1)

    def wins(unit: int, i: int, j: int) -> float:
        return float(flat[unit, i] > flat[unit, j]) + 0.5 * float(flat[unit, i] == flat[unit, j])

    for a, b in product(range(4), repeat=2):
        products = [
            wins(a, i, j) * wins(b, k, m)
            for i, k, j, m in product(positives, positives, negatives, negatives)
            if i != k and j != m
        ]
        assert matrix[a, b] == pytest.approx(values.flat[a] * values.flat[b] - np.mean(products), abs=1e-12)


def test_unbiased_is_unbiased() -> None:
    # Over all samples of 2 + 2 from a small population, the mean estimate is the true variance of the AUC.
    population = np.array([1.0, 2, 4]), np.array([1.0, 3, 3])
    estimates, aucs = [], []
    for draw in product(range(3), repeat=4):
        ratings = np.array([[[population[1][draw[0]], population[1][draw[1]], *(population[0][[draw[2], draw[3]]])]]])
        values, matrix = merits(
            _study(ratings, np.array([1, 1, 0, 0])), metric="auc", threshold=np.nan, covariance="unbiased"
        )
        estimates.append(matrix[0, 0])
        aucs.append(values[0, 0])
    assert np.mean(estimates) == pytest.approx(np.var(aucs), rel=1e-10)


def test_clustered_means_count_patients() -> None:
    truth = np.array([1, 1, 1, 1, 0, 0])
    ratings = np.array([[[3.0, 3, 1, 1, 1, 1]]])
    study = _study(ratings, truth, cluster=np.array([0, 0, 1, 1, 2, 3]))
    values, matrix = merits(study, metric="sensitivity", threshold=2, covariance="delong")
    # Two patients, all right and all wrong: sums of deviations 1 and -1, over n^2 = 16, times 2 / (2 - 1).
    assert (values[0, 0], matrix[0, 0]) == pytest.approx((0.5, 2 * 2 / 16))


def test_too_few_cases_are_refused() -> None:
    ratings = np.ones((1, 1, 4))
    with pytest.raises(StatisticsError, match="got 1 with truth 1 and 3 with truth 0"):
        merits(_study(ratings, np.array([1, 0, 0, 0])), metric="auc", threshold=np.nan, covariance="delong")
    with pytest.raises(StatisticsError, match="at least two cases to estimate sensitivity"):
        merits(_study(ratings, np.array([1, 0, 0, 0])), metric="sensitivity", threshold=1, covariance="delong")
    study = _study(ratings, np.array([1, 1, 0, 0]), cluster=np.array([0, 0, 1, 2]))
    with pytest.raises(StatisticsError, match="each class in at least two clusters"):
        merits(study, metric="auc", threshold=np.nan, covariance="delong")
