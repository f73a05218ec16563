"""Paired differences of means: the interval covers what it should, and clusters are drawn whole."""

import numpy as np
import pytest
from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics import paired_mean_difference


def test_agrees_with_the_t_interval_where_pairs_are_independent() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.normal(0.8, 0.1, 400), rng.normal(0.78, 0.1, 400)
    found = paired_mean_difference(a, b, replicates=4000)
    expected = stats.ttest_rel(a, b)
    limits = expected.confidence_interval()
    assert found.difference == pytest.approx((a - b).mean())
    assert (found.low, found.high) == pytest.approx((limits.low, limits.high), abs=0.001)
    assert found.p == pytest.approx(expected.pvalue, abs=0.01)
    assert (found.n, found.clusters) == (400, None)


def test_a_patient_with_many_alike_images_counts_as_one() -> None:
    rng = np.random.default_rng(5)
    own = rng.normal(0.02, 0.1, 30)
    cluster = np.repeat(np.arange(30), 10)
    repeated = np.repeat(own, 10)
    clustered = paired_mean_difference(repeated, np.zeros(300), cluster=cluster, replicates=3000)
    naive = paired_mean_difference(repeated, np.zeros(300), replicates=3000)
    single = paired_mean_difference(own, np.zeros(30), cluster=np.arange(30), replicates=3000)
    assert clustered.high - clustered.low > 2.5 * (naive.high - naive.low)
    assert (clustered.low, clustered.high) == pytest.approx((single.low, single.high))
    assert clustered.clusters == 30


def test_few_patients_give_students_interval_and_no_p_value() -> None:
    rng = np.random.default_rng(4)
    a, b = rng.normal(0.8, 0.1, 9), rng.normal(0.7, 0.1, 9)
    found = paired_mean_difference(a, b, cluster=np.arange(9))
    limits = stats.ttest_rel(a, b).confidence_interval()
    assert (found.low, found.high) == pytest.approx((limits.low, limits.high))
    assert np.isnan(found.p) and "9 groups are too few (below 10)" in found.method


def test_equal_values_have_no_difference_and_no_interval_and_bad_ones_are_refused() -> None:
    same = paired_mean_difference([0.1, 0.5] * 5, [0.1, 0.5] * 5, replicates=200)
    assert (same.difference, same.p) == (0, 1)
    assert np.isnan([same.low, same.high]).all(), "an interval of no width would say that nothing can differ"
    with pytest.raises(StatisticsError):
        paired_mean_difference([0.1, np.nan], [0.1, 0.5])
    with pytest.raises(StatisticsError):
        paired_mean_difference([0.1], [0.1, 0.5])
