"""Local regression against loess of R, and polynomials that it must reproduce."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from thyrosight.errors import StatisticsError
from thyrosight.statistics.calibration.loess import local_regression


def test_curve_is_that_of_r(simulated: pd.DataFrame, in_r_calibration: dict[str, Any]) -> None:
    # R 4.2.2, loess(truth ~ risk, degree = 2, span = 0.75, control = loess.control(surface = "direct")).
    risk = np.array(in_r_calibration["risk"])
    found = local_regression(risk, simulated["truth"].to_numpy(float), risk)
    assert found == pytest.approx(in_r_calibration["loess_direct"]["curve"], abs=1e-9)


@pytest.mark.parametrize("degree", [1, 2])
def test_a_polynomial_of_its_degree_is_kept(degree: int) -> None:
    x = np.random.default_rng(1).random(40)
    places = np.linspace(0.05, 0.95, 7)
    assert local_regression(x, 3 - x**degree, places, degree=degree, span=0.5) == pytest.approx(3 - places**degree)


def test_order_of_cases_changes_nothing() -> None:
    rng = np.random.default_rng(2)
    x, y, order = rng.random(50), rng.random(50), rng.permutation(50)
    assert local_regression(x[order], y[order], x) == pytest.approx(local_regression(x, y, x))


def test_tied_values_give_their_mean() -> None:
    x, y = np.repeat([0.2, 0.8], 10), np.tile([0.0, 1, 1, 1, 0], 4)
    assert local_regression(x, y, np.array([0.2, 0.8]), span=0.5) == pytest.approx([0.6, 0.6])


def test_bad_input() -> None:
    x = np.arange(5.0)
    with pytest.raises(StatisticsError, match="holds 2 of 5 cases"):
        local_regression(x, x, x, span=0.5)
    with pytest.raises(StatisticsError, match="`degree` 1 or 2"):
        local_regression(x, x, x, degree=3)
    with pytest.raises(StatisticsError, match="`span`"):
        local_regression(x, x, x, span=1.2)
