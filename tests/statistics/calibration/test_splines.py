"""Knots and basis against Hmisc's rcspline.eval, and the straight tails that give the spline its name."""

from typing import Any

import numpy as np
import pytest
from scipy.special import logit

from thyrosight.errors import StatisticsError
from thyrosight.statistics.calibration.splines import knots_at_quantiles, spline_basis, usual_knots


@pytest.mark.parametrize(("name", "count"), [("three", 3), ("four", 4), ("five", 5)])
def test_knots_are_those_of_hmisc(in_r_calibration: dict[str, Any], name: str, count: int) -> None:
    found = knots_at_quantiles(logit(in_r_calibration["risk"]), count)
    assert found == pytest.approx(in_r_calibration["spline"][name]["knots"])


def test_basis_by_hand() -> None:
    # Hmisc 4.8.0, rcspline.eval(c(-1, 0.5, 3), knots = c(0, 1, 2), inclx = TRUE): second column 0, 0.03125, 3.
    found = spline_basis(np.array([-1, 0.5, 3]), np.array([0.0, 1, 2]))
    assert found.tolist() == [[-1, 0], [0.5, 0.03125], [3, 3]]


def test_tails_are_straight_and_joints_smooth() -> None:
    knots = np.array([-2.0, -1, 0, 1.5])
    right = spline_basis(np.array([3.0, 4, 5]), knots)
    assert np.diff(right, 2, axis=0) == pytest.approx(0, abs=1e-9)
    assert spline_basis(np.array([-5.0, -3]), knots)[:, 1:] == pytest.approx(0)
    step = 1e-4
    for knot in knots:
        near = spline_basis(knot + step * np.arange(-2, 3), knots)
        assert np.abs(np.diff(near, 2, axis=0)).max() < 1e-6


def test_the_rarer_outcome_chooses_the_knots() -> None:
    values = np.arange(200.0)
    assert [usual_knots(values, rarer=rarer).size for rarer in (5, 29, 30, 99, 100)] == [3, 3, 4, 4, 5]
    assert knots_at_quantiles(np.array([0.0] * 90 + [1] * 10), 5).tolist() == [0, 1]


def test_bad_input() -> None:
    with pytest.raises(StatisticsError, match="3, 4 or 5 knots, got 6"):
        knots_at_quantiles(np.arange(9.0), 6)
