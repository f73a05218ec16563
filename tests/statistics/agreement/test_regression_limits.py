"""Proportional bias against linear models of R."""

import math

import numpy as np
import pytest

from thyrosight.errors import StatisticsError
from thyrosight.statistics import bland_altman_regression

WRIGHT = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
MINI = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]


def test_equals_linear_models_of_r() -> None:
    # R 4.2: f <- lm(d ~ m); confint(f); lm(abs(resid(f)) ~ m), with d = a - b and m = (a + b) / 2.
    found = bland_altman_regression(WRIGHT, MINI)
    slope = found.bias_slope
    assert (slope.value, slope.se) == pytest.approx((0.02868744515, 0.08820640828), rel=1e-8)
    assert (slope.low, slope.high) == pytest.approx((-0.1593200637, 0.216694954), rel=1e-7)
    assert (found.bias_intercept, found.bias_slope_p) == pytest.approx((-15.0674973, 0.7494985336), rel=1e-8)
    assert found.spread_slope == pytest.approx(-0.08552653602, rel=1e-8)
    assert found.spread_slope_p == pytest.approx(0.11407130793, rel=1e-8)
    assert found.sd_intercept == pytest.approx(67.71813550446 * math.sqrt(math.pi / 2), rel=1e-8)
    lower, bias, upper = found.limits(400)
    assert bias == pytest.approx(-15.0674973 + 400 * 0.02868744515)
    assert upper - bias == pytest.approx(bias - lower)
    assert upper - bias == pytest.approx(1.96 * math.sqrt(math.pi / 2) * (67.71813550446 - 400 * 0.08552653602))


def test_a_wrong_scale_is_found_and_its_sign_is_that_of_the_first() -> None:
    rng = np.random.default_rng(6)
    true = rng.uniform(5, 50, size=200)
    a, b = 1.1 * true + rng.normal(size=200), true + rng.normal(size=200)
    found = bland_altman_regression(a, b)
    assert found.bias_slope.value == pytest.approx(0.1 / 1.05, abs=0.03)
    assert found.bias_slope_p < 1e-6
    assert bland_altman_regression(b, a).bias_slope.value == pytest.approx(-found.bias_slope.value)


def test_copies_within_patients_add_no_information() -> None:
    def interval(copies: int) -> tuple[float, float]:
        found = bland_altman_regression(
            np.repeat(WRIGHT, copies), np.repeat(MINI, copies), cluster=np.repeat(np.arange(17), copies)
        ).bias_slope
        return found.low, found.high

    assert interval(1) == pytest.approx(interval(3))


def test_edges() -> None:
    with pytest.raises(StatisticsError, match="whose means differ"):
        bland_altman_regression([1, 1, 1, 1], [2, 2, 2, 2])
    with pytest.raises(StatisticsError, match="four or more"):
        bland_altman_regression([1, 2, 3], [1, 2, 3])
    exact = bland_altman_regression([2, 4, 6, 8], [1, 2, 3, 4])
    assert exact.bias_slope.value == pytest.approx(2 / 3)
