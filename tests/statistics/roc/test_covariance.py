"""Covariance of AUCs against published clustered results."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics import auc, auc_covariance


def _mitosis(real_data: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    table = pd.read_csv(real_data / "readers" / "mitosis.csv")
    readers = [f"observer.{i}" for i in range(1, 6)]
    wide = table.pivot(index=["targetID", "wsiName", "truth"], columns="modalityID", values=readers).reset_index()
    scores = [wide[(reader, modality)] for modality in ("microscope", "scanner.A") for reader in readers]
    return wide["truth"].to_numpy(), np.array(scores), wide["wsiName"].to_numpy()


def test_areas_and_clustered_covariance_equal_the_published_ones(
    real_data: Path, reference: Callable[[str], Any]
) -> None:
    truth, scores, cluster = _mitosis(real_data)
    expected = reference("mitosis_clustered")
    found = auc_covariance(truth, scores, cluster=cluster)
    np.testing.assert_allclose(found.auc, np.ravel(expected["theta"]), atol=1e-12)
    np.testing.assert_allclose(found.covariance, expected["cov"], atol=1e-15)


def test_published_reader_test_follows_from_the_areas(real_data: Path, reference: Callable[[str], Any]) -> None:
    # Readers random, cases fixed: a paired t test of the five readers' differences, F = t ** 2 with 1 and 4 df.
    truth, scores, cluster = _mitosis(real_data)
    expected = reference("mitosis_clustered")
    areas = auc_covariance(truth, scores, cluster=cluster).auc
    found = stats.ttest_rel(areas[:5], areas[5:])
    assert found.statistic**2 == pytest.approx(expected["F"], rel=1e-9)
    assert found.pvalue == pytest.approx(expected["p"], rel=1e-9)
    assert stats.sem(areas[:5] - areas[5:]) == pytest.approx(expected["se_difference"], rel=1e-9)


def test_diagonal_is_the_variance_of_each_score_alone() -> None:
    rng = np.random.default_rng(0)
    truth, cluster = rng.integers(0, 2, 200), rng.integers(0, 60, 200)
    scores = rng.normal(size=(3, 200)) + truth
    for labels in (None, cluster):
        found = auc_covariance(truth, scores, cluster=labels)
        single = [auc(truth, score, cluster=labels).se ** 2 for score in scores]
        np.testing.assert_allclose(np.diag(found.covariance), single, rtol=1e-12)
        np.testing.assert_allclose(found.covariance, found.covariance.T, atol=1e-18)


def test_clusters_of_one_equal_no_clusters_exactly() -> None:
    rng = np.random.default_rng(2)
    truth, scores = rng.integers(0, 2, 50), rng.integers(0, 5, (4, 50))
    plain = auc_covariance(truth, scores).covariance
    np.testing.assert_allclose(auc_covariance(truth, scores, cluster=np.arange(50)).covariance, plain, atol=1e-16)


def test_clustered_covariance_never_gives_a_negative_variance() -> None:
    rng = np.random.default_rng(3)
    for _ in range(200):
        truth = np.append(rng.integers(0, 2, 16), [0, 1, 0, 1])
        scores, cluster = rng.integers(0, 3, (3, 20)), np.append(rng.integers(0, 4, 16), [0, 1, 2, 3])
        covariance = auc_covariance(truth, scores, cluster=cluster).covariance
        assert np.isnan(covariance).all() or np.linalg.eigvalsh(covariance).min() > -1e-15


@pytest.mark.parametrize(
    ("scores", "message"),
    [([1, 2, 3, 4], "shape .scores, observations."), ([[1, 2, 3]], r"scores\[0\] with 3"), ([], "got \\(0,\\)")],
)
def test_scores_of_another_shape_are_refused(scores: list, message: str) -> None:
    with pytest.raises(StatisticsError, match=message):
        auc_covariance([0, 1, 0, 1], scores)
