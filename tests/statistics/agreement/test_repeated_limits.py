"""Limits of agreement with repeated measurements, against the tables of Bland and Altman 2007."""

import math

import numpy as np
import pytest

from thyrosight.errors import StatisticsError
from thyrosight.statistics import bland_altman, bland_altman_repeated

# Bland and Altman 1999, table 4 (again in 2007): cardiac output by radionuclide ventriculography and by impedance.
CARDIAC = """
1 7.83 6.57 1 7.42 5.62 1 7.89 6.90 1 7.12 6.57 1 7.88 6.35 2 6.16 4.06 2 7.26 4.29 2 6.71 4.26 2 6.54 4.09
3 4.75 4.71 3 5.24 5.50 3 4.86 5.08 3 4.78 5.02 3 6.05 6.01 3 5.42 5.67 4 4.21 4.14 4 3.61 4.20 4 3.72 4.61
4 3.87 4.68 4 3.92 5.04 5 3.13 3.03 5 2.98 2.86 5 2.85 2.77 5 3.17 2.46 5 3.09 2.32 5 3.12 2.43 6 5.92 5.90
6 6.42 5.81 6 5.92 5.70 6 6.27 5.76 7 7.13 5.09 7 6.62 4.63 7 6.58 4.61 7 6.93 5.09 8 4.54 4.72 8 4.81 4.61
8 5.11 4.36 8 5.29 4.20 8 5.39 4.36 8 5.57 4.20 9 4.48 3.17 9 4.92 3.12 9 3.97 2.96 10 4.22 4.35 10 4.65 4.62
10 4.74 3.16 10 4.44 3.53 10 4.50 3.53 11 6.78 7.20 11 6.07 6.09 11 6.52 7.00 11 6.42 7.10 11 6.41 7.40
11 5.76 6.80 12 5.06 4.50 12 4.72 4.20 12 4.90 3.80 12 4.80 3.80 12 4.90 4.20 12 5.10 4.50
"""
SUBJECT, RADIONUCLIDE, IMPEDANCE = np.array(CARDIAC.split(), dtype=float).reshape(-1, 3).T


@pytest.mark.parametrize(
    ("true_value", "sd", "lower", "upper"),
    [
        # Bland & Altman 2007, sections 3 and 2: standard deviation and limits as computed there.
        ("varies", 0.99062408, -1.3394565, 2.5437899),
        ("constant", 1.0518506, -1.4594605, 2.6637939),
    ],
)
def test_bland_and_altman_2007(true_value: str, sd: float, lower: float, upper: float) -> None:
    found = bland_altman_repeated(RADIONUCLIDE, IMPEDANCE, SUBJECT, true_value=true_value)
    assert found.bias.value == pytest.approx(0.6021667, abs=1e-7)
    assert found.sd == pytest.approx(sd, abs=1e-7)
    assert (found.lower_limit.value, found.upper_limit.value) == pytest.approx((lower, upper), abs=1e-6)
    assert (found.bias.n, found.subjects) == (60, 12)


def test_components_of_2007() -> None:
    varies = bland_altman_repeated(RADIONUCLIDE, IMPEDANCE, SUBJECT)
    # Residual mean square 0.170714026; mean square of subjects 4.2090856, divisor 4.9818182.
    assert varies.within_variance == pytest.approx(0.170714026, abs=5e-8)
    assert varies.between_variance == pytest.approx((4.2090856 - 0.170714026) / 4.9818182, abs=1e-6)
    constant = bland_altman_repeated(RADIONUCLIDE, IMPEDANCE, SUBJECT, true_value="constant")
    assert constant.within_variance == pytest.approx(0.107227795 + 0.137874069, abs=1e-7)


def test_swapping_the_methods_turns_the_limits_round() -> None:
    one = bland_altman_repeated(RADIONUCLIDE, IMPEDANCE, SUBJECT)
    other = bland_altman_repeated(IMPEDANCE, RADIONUCLIDE, SUBJECT)
    assert one.upper_limit.value == pytest.approx(-other.lower_limit.value)
    assert (one.upper_limit.low, one.upper_limit.high) == pytest.approx(
        (-other.lower_limit.high, -other.lower_limit.low)
    )


def test_intervals_of_the_limits_cover() -> None:
    rng = np.random.default_rng(5)
    subject = np.repeat(np.arange(20), 3)
    truth = 0.3 + 1.96 * math.sqrt(0.8**2 + 0.5**2)
    held = 0
    for _ in range(300):
        difference = 0.3 + 0.8 * rng.normal(size=20)[subject] + 0.5 * rng.normal(size=60)
        found = bland_altman_repeated(difference, np.zeros(60), subject).upper_limit
        held += found.low <= truth <= found.high
    assert 0.91 <= held / 300 <= 0.98


def test_unequal_replicates_of_a_constant_value_may_be_missing() -> None:
    gaps = RADIONUCLIDE.copy()
    gaps[[1, 7, 20]] = math.nan
    found = bland_altman_repeated(gaps, IMPEDANCE, SUBJECT, true_value="constant")
    assert found.bias.value == pytest.approx(0.60, abs=0.05)
    with pytest.raises(StatisticsError, match="finite"):
        bland_altman_repeated(gaps, IMPEDANCE, SUBJECT)
    gaps[SUBJECT == 3] = math.nan
    with pytest.raises(StatisticsError, match="both methods"):
        bland_altman_repeated(gaps, IMPEDANCE, SUBJECT, true_value="constant")


def test_no_variance_between_subjects_gives_the_pooled_spread() -> None:
    difference = np.array([-1.0, 1.0, 1.0, -1.0, -1.0, 1.0, 1.0, -1.0])
    found = bland_altman_repeated(difference, np.zeros(8), [1, 1, 2, 2, 3, 3, 4, 4])
    assert found.between_variance == pytest.approx(0, abs=1e-12)
    assert found.sd == pytest.approx(math.sqrt(2))
    assert found.sd > bland_altman(difference, np.zeros(8)).sd


def test_edges() -> None:
    with pytest.raises(StatisticsError, match="three or more subjects"):
        bland_altman_repeated([1, 2, 3], [1, 2, 2], [1, 2, 3])
    with pytest.raises(StatisticsError, match="true_value"):
        bland_altman_repeated([1, 2, 3], [1, 2, 2], [1, 2, 2], true_value="other")
    with pytest.raises(StatisticsError, match="multiple"):
        bland_altman_repeated([1, 2, 3, 4], [1, 2, 2, 4], [1, 2, 3, 3], multiple=0)
