"""AFROC and LROC curves against the areas that are computed without them."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thyrosight.statistics import MarkedCases, localisation_curve
from thyrosight.statistics.localisation.figures_of_merit import AREAS


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000))
def test_the_trapezoids_sum_to_the_area(drawn: Callable[..., MarkedCases], seed: int) -> None:
    for metric in AREAS:
        curve = localisation_curve(drawn(seed), metric=metric)
        assert np.trapezoid(curve.true_fraction, curve.false_fraction) == pytest.approx(curve.area.value, abs=1e-12)
        assert (curve.false_fraction[0], curve.false_fraction[-1]) == pytest.approx((0, 1))
        end = 1 if curve.pcl is None else curve.pcl.value
        assert curve.true_fraction[-1] == pytest.approx(end)
        assert (np.diff(curve.thresholds) < 0).all()


def test_points_by_hand(by_hand: MarkedCases) -> None:
    curve = localisation_curve(by_hand)
    assert curve.thresholds.tolist() == [np.inf, 80, 60, 50, -np.inf]
    assert curve.false_fraction.tolist() == pytest.approx([0, 0, 1 / 3, 2 / 3, 1])
    assert curve.true_fraction.tolist() == pytest.approx([0, 0.375, 0.375, 0.875, 1])
    assert curve.pcl is None


def test_an_lroc_curve_ends_at_the_share_of_right_answers(drawn: Callable[..., MarkedCases]) -> None:
    curve = localisation_curve(drawn(7), metric="lroc")
    assert curve.pcl is not None and curve.pcl.value < 1
    assert "share of right localisations: " in str(curve)
