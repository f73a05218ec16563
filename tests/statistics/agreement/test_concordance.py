"""Concordance correlation against R, and its invariants."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thyrosight.errors import StatisticsError
from thyrosight.statistics import concordance_correlation
from thyrosight.statistics.agreement.concordance import Concordance

# Bland and Altman 1986, table 1: peak flow (l/min) by the Wright and the mini Wright meter, first measurement of each.
WRIGHT = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
MINI = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]


@pytest.mark.parametrize(
    ("b", "coefficient", "bias", "shifts"),
    [
        # R package epiR 2.0.57, epi.ccc(a, b, ci = "z-transform"): rho.c, C.b, s.shift and l.shift.
        (
            MINI,
            (0.942742431427, 0.850491873169, 0.97872627917),
            0.999430693136,
            (0.972509121336, 0.0190302500916),
        ),
        (
            [0.8 * x + 30 for x in MINI],
            (0.783666400178, 0.593698168655, 0.89089482306),
            0.830789224509,
            (0.778007297069, -0.586521257557),
        ),
    ],
)
def test_epir(
    b: list[float], coefficient: tuple[float, float, float], bias: float, shifts: tuple[float, float]
) -> None:
    found = concordance_correlation(WRIGHT, b)
    assert (found.coefficient.value, found.coefficient.low, found.coefficient.high) == pytest.approx(
        coefficient, rel=1e-9
    )
    assert found.bias_correction == pytest.approx(bias, rel=1e-9)
    # epiR shifts the second against the first; here, as in Lin's paper and in `bland_altman`, it is the first.
    assert found.scale_shift == pytest.approx(1 / shifts[0], rel=1e-9)
    assert found.location_shift == pytest.approx(-shifts[1], rel=1e-9)
    assert found.coefficient.value == pytest.approx(found.correlation * found.bias_correction)


def test_swapping_the_two_turns_the_shifts_round() -> None:
    one, other = concordance_correlation(WRIGHT, MINI), concordance_correlation(MINI, WRIGHT)
    assert one.coefficient == other.coefficient
    assert one.location_shift == pytest.approx(-other.location_shift)
    assert one.scale_shift == pytest.approx(1 / other.scale_shift)


def _clustered(copies: int) -> Concordance:
    cluster = np.repeat(np.arange(17), copies)
    return concordance_correlation(np.repeat(WRIGHT, copies), np.repeat(MINI, copies), cluster=cluster)


def test_copies_within_patients_add_no_information() -> None:
    one, three = _clustered(1).coefficient, _clustered(3).coefficient
    assert (one.value, one.low, one.high) == pytest.approx((three.value, three.low, three.high))
    assert (three.n, three.clusters) == (51, 17)


def test_the_clustered_error_is_that_of_leaving_patients_out() -> None:
    rng = np.random.default_rng(2)
    patient = np.repeat(np.arange(60), 3)
    a = rng.normal(size=60)[patient] + rng.normal(size=180)
    b = 0.2 + a + 0.5 * rng.normal(size=60)[patient] + 0.3 * rng.normal(size=180)
    left_out = np.array(
        [concordance_correlation(a[patient != p], b[patient != p]).coefficient.value for p in range(60)]
    )
    jackknife = math.sqrt(59 / 60 * ((left_out - left_out.mean()) ** 2).sum())
    assert concordance_correlation(a, b, cluster=patient).coefficient.se == pytest.approx(jackknife)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.floats(0.01, 100), st.floats(-50, 50))
def test_units_change_nothing(seed: int, factor: float, shift: float) -> None:
    rng = np.random.default_rng(seed)
    a = rng.normal(size=12)
    b = a + rng.normal(size=12)
    one, other = concordance_correlation(a, b), concordance_correlation(factor * a + shift, factor * b + shift)
    assert one.coefficient.value == pytest.approx(other.coefficient.value, abs=1e-8)
    assert one.coefficient.low == pytest.approx(other.coefficient.low, abs=1e-6)
    assert abs(one.coefficient.value) <= abs(one.correlation) + 1e-12


def test_edges() -> None:
    same = concordance_correlation([1, 2, 3, 4], [1, 2, 3, 4]).coefficient
    assert (same.value, same.low, same.high) == (1, 1, 1)
    constant = concordance_correlation([2, 2, 2, 2], [1, 2, 3, 4]).coefficient
    assert math.isnan(constant.value)
    assert "no spread" in constant.method
    uncorrelated = concordance_correlation([1, 1, 2, 2], [1, 2, 1, 2]).coefficient
    assert uncorrelated.value == pytest.approx(0, abs=1e-12)
    assert -1 < uncorrelated.low < 0 < uncorrelated.high < 1
    with pytest.raises(StatisticsError, match="four pairs"):
        concordance_correlation([1, 2, 3], [1, 2, 3])
    with pytest.raises(StatisticsError, match="one length"):
        concordance_correlation([1, 2, 3, 4], [1, 2, 3, 4, 5])
    with pytest.raises(StatisticsError, match="two clusters"):
        concordance_correlation([1, 2, 3, 4], [1, 2, 4, 4], cluster=["a"] * 4)
