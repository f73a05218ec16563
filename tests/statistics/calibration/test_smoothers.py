"""The two smoothers: fitted values against glm and loess of R, ties, and data that allow no curve."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from thyrosight.statistics.calibration.smoothers import Loess, Spline, loess_smoother, spline_smoother


@pytest.mark.parametrize(("name", "knots"), [("three", 3), ("four", 4), ("five", 5)])
def test_spline_is_glm_on_rcs(simulated: pd.DataFrame, in_r_calibration: dict[str, Any], name: str, knots: int) -> None:
    # rms 6.5.0: glm(truth ~ rcs(qlogis(risk), knots), family = binomial), predicted at four risks.
    truth, risk = simulated["truth"].to_numpy(), np.array(in_r_calibration["risk"])
    found = spline_smoother(truth, risk, np.array([0.1, 0.3, 0.5, 0.8]), knots=knots)
    assert isinstance(found, Spline) and f"{knots} knots" in found.method
    _, at = found.curves(truth, np.ones((1, len(risk)), dtype=np.int64))
    assert at[0] == pytest.approx(in_r_calibration["spline"][name]["at"], abs=1e-7)


def test_loess_of_many_values_is_interpolated() -> None:
    rng = np.random.default_rng(1)
    risk = rng.random(900)
    truth = (rng.random(900) < risk).astype(np.int64)
    found = loess_smoother(truth, risk, np.linspace(0.1, 0.9, 5), span=0.75, degree=2)
    assert isinstance(found, Loess) and found.places.size == 256
    _, at = found.curves(truth, np.ones((1, 900), dtype=np.int64))
    assert at[0] == pytest.approx(np.linspace(0.1, 0.9, 5), abs=0.1)


def test_ties_leave_fewer_bends() -> None:
    truth, risk = np.array([0, 1, 0, 1, 1, 0] * 10), np.tile([0.2, 0.2, 0.7, 0.7, 0.9, 0.9], 10)
    found = spline_smoother(truth, risk, risk, knots=5)
    assert isinstance(found, Spline) and found.design.shape[1] <= 3
    at_cases, _ = found.curves(truth, np.ones((1, 60), dtype=np.int64))
    assert at_cases[0] == pytest.approx(0.5, abs=1e-6)
    two = spline_smoother(truth, np.where(risk > 0.5, 0.6, 0.3), risk, knots=3)
    assert isinstance(two, Spline) and "straight line" in two.method


def test_why_there_is_no_curve() -> None:
    truth = np.array([0, 0, 0, 1, 1, 1])
    risk = np.array([0.1, 0.2, 0.3, 0.6, 0.7, 0.9])
    assert spline_smoother(truth, risk, risk, knots=3) == "the curve separates the classes perfectly"
    assert spline_smoother(truth, np.full(6, 0.4), risk, knots=None) == "all probabilities are equal"
    assert loess_smoother(truth, np.full(6, 0.4), risk, span=0.75, degree=1) == "all probabilities are equal"
