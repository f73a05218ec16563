"""The mean per case against a Student t interval of the cluster means."""

import math

import numpy as np
import pytest
from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics import mean_interval


def test_independent_cases_get_the_one_sample_t_interval() -> None:
    values = np.random.default_rng(0).gamma(2.0, size=30)
    found = mean_interval(values, confidence=0.9)
    limits = stats.ttest_1samp(values, 0).confidence_interval(0.9)
    assert (found.low, found.high) == pytest.approx((limits.low, limits.high))
    assert (found.value, found.se) == pytest.approx((values.mean(), stats.sem(values)))
    assert (found.n, found.clusters) == (30, None)


def test_clusters_of_equal_size_get_the_t_interval_of_their_means() -> None:
    values = np.random.default_rng(1).normal(size=(12, 4)) + np.arange(12)[:, None]
    found = mean_interval(values.ravel(), cluster=np.repeat(np.arange(12), 4))
    limits = stats.ttest_1samp(values.mean(axis=1), 0).confidence_interval()
    assert (found.low, found.high) == pytest.approx((limits.low, limits.high))
    assert (found.n, found.clusters) == (48, 12)


def test_one_cluster_gives_a_mean_without_an_interval() -> None:
    found = mean_interval([1.0, 3.0], cluster=["a", "a"])
    assert found.value == 2 and math.isnan(found.low) and math.isnan(found.se)


def test_a_value_that_is_not_finite_is_refused() -> None:
    with pytest.raises(StatisticsError, match="`values` to be finite numbers, got nan at position 1"):
        mean_interval([1.0, math.nan])
