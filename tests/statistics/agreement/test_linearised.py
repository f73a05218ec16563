"""Standard errors that follow patients."""

import math

import numpy as np
import pytest

from thyrosight.errors import StatisticsError
from thyrosight.statistics.agreement.linearised import jackknife_error, linearised_error, t_limits, t_margin


def test_independent_observations_give_the_error_of_a_mean() -> None:
    values = np.array([3.0, 5.0, 4.0, 9.0, 1.0])
    se, units = linearised_error(values - values.mean(), None)
    assert se == pytest.approx(values.std(ddof=1) / math.sqrt(5))
    assert units == 5
    assert jackknife_error(np.array([np.delete(values, i).mean() for i in range(5)])) == pytest.approx(se)


def test_copies_of_an_observation_in_one_cluster_add_no_information() -> None:
    values = np.array([-2.0, 0.5, 1.5])
    copied = linearised_error(np.repeat(values, 4), np.repeat(["a", "b", "c"], 4))
    assert copied == (pytest.approx(linearised_error(values, None)[0]), 3)


def test_edges() -> None:
    with pytest.raises(StatisticsError, match="two clusters"):
        linearised_error(np.array([-1.0, 1.0]), ["a", "a"])
    assert math.isnan(jackknife_error(np.array([0.5, math.nan])))
    assert t_limits(0.9, 0.2, 5, 0.95) == (pytest.approx(0.9 - t_margin(0.2, 5, 0.95)), 1.0)
    assert all(math.isnan(limit) for limit in t_limits(math.nan, 0.1, 5, 0.95))
