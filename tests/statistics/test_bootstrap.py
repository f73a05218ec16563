"""The bootstrap that draws whole clusters: its draws, its vectorised AUC and its intervals."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import roc_auc_score

from thyrosight.errors import StatisticsError
from thyrosight.statistics import auc, bootstrap_weights, clustered_bootstrap, weighted_auc
from thyrosight.statistics.bootstrap import stratified_blocks


def test_weights_are_multinomial_counts() -> None:
    weights = bootstrap_weights(list("abbbcd"), replicates=20_000, seed=3)
    assert weights.shape == (20_000, 4)
    assert (weights.sum(axis=1) == 4).all()
    # Each count is binomial (4, 1/4): mean 1, variance 3/4; two counts have the covariance -1/4.
    np.testing.assert_allclose(weights.mean(axis=0), 1, atol=0.03)
    np.testing.assert_allclose(np.cov(weights.T), np.eye(4) - 0.25, atol=0.03)


def test_weights_depend_on_the_seed_and_the_clusters_but_not_on_the_rows() -> None:
    one = bootstrap_weights(list("abc"), replicates=50, seed=1)
    assert np.array_equal(one, bootstrap_weights(list("cbabca"), replicates=50, seed=1))
    assert not np.array_equal(one, bootstrap_weights(list("abc"), replicates=50, seed=2))
    assert np.array_equal(one[:20], bootstrap_weights(list("abc"), replicates=20, seed=1))


def test_strata_keep_their_size() -> None:
    cluster, stratum = np.repeat(np.arange(10), 2), np.repeat([0, 1], [6, 14])
    weights = bootstrap_weights(cluster, replicates=100, stratify=stratum)
    assert (weights[:, :3].sum(axis=1) == 3).all()
    assert (weights[:, 3:].sum(axis=1) == 7).all()
    with pytest.raises(StatisticsError, match="one value of `stratify` within a cluster, got several for 7"):
        bootstrap_weights([7, 7], replicates=2, stratify=[0, 1])


@given(st.integers(0, 2**32), st.integers(4, 60))
def test_weighted_auc_equals_scikit_learns(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    truth, score, weights = rng.integers(0, 2, n), rng.integers(0, 5, n), rng.integers(0, 3, (5, n))
    for found, row in zip(weighted_auc(truth, score, weights), weights, strict=True):
        if row[truth == 1].sum() and row[truth == 0].sum():
            assert found == pytest.approx(roc_auc_score(truth, score, sample_weight=row), abs=1e-12)
        else:
            assert math.isnan(found)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([[1, 1]], "shape .replicates, 3."),
        ([1, 1, 1], "shape"),
        ([[1, -1, 1]], "negative"),
        ([[1, np.nan, 1]], "missing"),
    ],
)
def test_wrong_weights_are_refused(weights: list, message: str) -> None:
    with pytest.raises(StatisticsError, match=message):
        weighted_auc([0, 1, 1], [1, 2, 3], weights)


def test_any_statistic_equals_the_vectorised_path_draw_by_draw() -> None:
    rng = np.random.default_rng(0)
    cluster = rng.integers(0, 15, 40)
    truth, score = rng.integers(0, 2, 40), rng.integers(0, 6, 40).astype(float)
    for method in ("percentile", "bca"):
        slow = clustered_bootstrap(
            lambda t, s: auc(t, s).value, truth, score, cluster=cluster, replicates=200, method=method, seed=5
        )
        fast = auc(truth, score, cluster=cluster, method="bootstrap", interval=method, replicates=200, seed=5)
        assert (slow.value, slow.low, slow.high) == pytest.approx((fast.value, fast.low, fast.high), abs=1e-12)


def test_bca_equals_scipys() -> None:
    data = np.random.default_rng(2).exponential(size=40)
    found = clustered_bootstrap(np.mean, data, method="bca", replicates=20_000, seed=1)
    expected = stats.bootstrap((data,), np.mean, method="BCa", n_resamples=20_000, rng=0).confidence_interval
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.01)


def test_mean_of_clusters_has_the_textbook_standard_error() -> None:
    rng = np.random.default_rng(4)
    means = rng.normal(size=100)
    found = clustered_bootstrap(np.mean, np.repeat(means, 5), cluster=np.repeat(np.arange(100), 5), replicates=4000)
    assert found.se == pytest.approx(means.std() / 10, rel=0.05)
    assert (found.n, found.clusters) == (500, 100)


def test_undefined_samples_are_counted_and_identical_ones_confessed() -> None:
    found = clustered_bootstrap(lambda t, s: auc(t, s).value, [0, 0, 1, 1], [1, 3, 2, 4], replicates=500)
    undefined = int(found.method.split("of which ")[1].split()[0])
    # Both classes are missed by 2 / 16 of the samples.
    assert 30 < undefined < 100
    assert "no measure of uncertainty" in clustered_bootstrap(np.mean, [1.0, 1, 1], replicates=50).method


def test_a_wrong_statistic_is_not_swallowed() -> None:
    with pytest.raises(ZeroDivisionError):
        clustered_bootstrap(lambda values: 1 / 0, [1.0, 2.0], replicates=5)
    with pytest.raises(StatisticsError, match="at least one array"):
        clustered_bootstrap(np.mean)
    with pytest.raises(StatisticsError, match="array 2 with 3"):
        clustered_bootstrap(np.mean, [1, 2], [1, 2, 3])


def test_stratified_blocks_keep_the_number_drawn_of_each_stratum() -> None:
    strata = np.array([0, 1, 1, 0, 1, 2])
    drawn = np.concatenate(list(stratified_blocks(strata, 100_000, 500, seed=1)))
    assert drawn.shape == (500, 6)
    for stratum, size in ((0, 2), (1, 3), (2, 1)):
        assert (drawn[:, strata == stratum].sum(axis=1) == size).all()
    np.testing.assert_allclose(drawn.mean(axis=0), 1, atol=0.15)
