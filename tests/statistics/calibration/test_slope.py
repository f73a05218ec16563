"""Calibration slope and intercepts against their estimating equations and known truth."""

import math

import numpy as np
import pytest
from scipy.special import expit, logit

from thyrosight.errors import StatisticsError
from thyrosight.statistics import calibration_slope


def _distorted(n: int, slope: float, shift: float, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Truth with log odds eta; a network whose log odds are (eta - shift) / slope, so that (slope, shift) undo it."""
    rng = np.random.default_rng(seed)
    eta = rng.normal(-0.5, 1.3, n)
    return (rng.random(n) < expit(eta)).astype(int), expit((eta - shift) / slope)


def test_known_distortion_is_found() -> None:
    result = calibration_slope(*_distorted(20_000, 0.5, 0.4))
    assert result.slope.low < 0.5 < result.slope.high
    assert result.intercept.low < 0.4 < result.intercept.high
    assert result.slope.high - result.slope.low < 0.05


def test_estimating_equations_hold() -> None:
    truth, probability = _distorted(300, 1.2, -0.2)
    result = calibration_slope(truth, probability)
    x = logit(probability)
    residual = truth - expit(result.intercept.value + result.slope.value * x)
    assert residual.sum() == pytest.approx(0, abs=1e-6)
    assert (residual * x).sum() == pytest.approx(0, abs=1e-6)
    risk = expit(result.intercept_in_the_large.value + x)
    assert (truth - risk).sum() == pytest.approx(0, abs=1e-6)
    assert result.intercept_in_the_large.se == pytest.approx(1 / math.sqrt((risk * (1 - risk)).sum()))
    information = np.linalg.inv(
        (np.column_stack([np.ones(300), x]) * (r := truth - residual)[:, None] * (1 - r)[:, None]).T
        @ np.column_stack([np.ones(300), x])
    )
    assert result.slope.se == pytest.approx(math.sqrt(information[1, 1]), rel=1e-6)


def test_copies_of_a_patient_tell_nothing_new() -> None:
    truth, probability = _distorted(150, 1, 0)
    copies = [np.repeat(a, 4) for a in (truth, probability, np.arange(150))]
    naive = calibration_slope(truth, probability)
    fourfold = calibration_slope(copies[0], copies[1])
    clustered = calibration_slope(copies[0], copies[1], cluster=copies[2])
    assert fourfold.slope.se == pytest.approx(naive.slope.se / 2)
    assert clustered.slope.value == pytest.approx(naive.slope.value)
    assert clustered.slope.se == pytest.approx(naive.slope.se, rel=0.15)
    assert clustered.slope.clusters == 150
    order = np.random.default_rng(0).permutation(600)
    shuffled = calibration_slope(copies[0][order], copies[1][order], cluster=copies[2][order])
    assert shuffled.slope.se == pytest.approx(clustered.slope.se)


def test_undefined_slopes_say_why() -> None:
    separated = calibration_slope([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9])
    assert math.isnan(separated.slope.value) and "perfectly separated" in separated.slope.method
    assert math.isfinite(separated.intercept_in_the_large.value)
    touching = calibration_slope([0, 0, 1, 1], [0.1, 0.5, 0.5, 0.9])
    assert math.isnan(touching.slope.value)
    constant = calibration_slope([0, 1, 1], [0.5, 0.5, 0.5])
    assert "equal" in constant.slope.method
    assert constant.intercept_in_the_large.value == pytest.approx(math.log(2))  # odds of 2 to 1
    certain = calibration_slope([0, 1, 0, 1], [0.0, 1.0, 1.0, 0.3])
    assert math.isfinite(certain.slope.value)
    for estimate in (certain.slope, certain.intercept, certain.intercept_in_the_large):
        assert "3 probabilities of 0 or 1 moved by one in a million" in str(estimate)
    assert "moved" not in touching.slope.method


def test_one_patient_has_no_interval() -> None:
    result = calibration_slope([0, 1, 1, 0], [0.2, 0.4, 0.7, 0.6], cluster=["p"] * 4)
    assert math.isfinite(result.slope.value) and math.isnan(result.slope.se)


def test_bad_input() -> None:
    with pytest.raises(StatisticsError, match="both 0 and 1"):
        calibration_slope([1, 1], [0.2, 0.3])
    with pytest.raises(StatisticsError, match="one length"):
        calibration_slope([0, 1], [0.2, 0.3, 0.4])


def test_close_classes_are_told_from_touching_ones() -> None:
    # One case on the wrong side by a hair's breadth makes the slope finite, and steep.
    gap = 1e-6
    separated = calibration_slope([0, 0, 1, 1], [0.1, 0.5 - gap, 0.5, 0.9])
    overlapping = calibration_slope([0, 0, 1, 1], [0.1, 0.5, 0.5 - gap, 0.9])
    assert math.isnan(separated.slope.value) and overlapping.slope.value > 5


def test_clusters_whose_sums_cancel_have_no_standard_error() -> None:
    """At the maximum the sums of clusters that are alike are 0 each, and what rounding leaves may be negative."""
    rng = np.random.default_rng(3)
    for n in range(4, 12):
        truth, risk = np.array([0, 1] * n), rng.uniform(0.05, 0.95, 2 * n)
        result = calibration_slope(np.tile(truth, 3), np.tile(risk, 3), cluster=np.repeat(["a", "b", "c"], 2 * n))
        assert math.isfinite(result.slope.value) and math.isnan(result.slope.se) and math.isnan(result.slope.low)
