"""Intraclass correlation and limits of agreement against the papers that defined them."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thyrosight.errors import StatisticsError
from thyrosight.statistics import bland_altman, intraclass_correlation
from thyrosight.statistics.agreement.measurements import FORMS

# Shrout and Fleiss 1979, table 2: six targets, four judges.
SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]

# Bland and Altman 1986, table 1: peak flow (l/min) by the Wright and the mini Wright meter, first measurement of each.
WRIGHT = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
MINI = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]


@pytest.mark.parametrize(
    ("form", "value", "low", "high"),
    [
        # Values: Shrout and Fleiss 1979, table 4. Intervals: as printed by `ICC` of the R package psych on this table.
        ("1,1", 0.17, -0.133, 0.72),
        ("2,1", 0.29, 0.019, 0.76),
        ("3,1", 0.71, 0.342, 0.95),
        ("1,k", 0.44, -0.884, 0.91),
        ("2,k", 0.62, 0.071, 0.93),
        ("3,k", 0.91, 0.676, 0.99),
    ],
)
def test_shrout_and_fleiss(form: str, value: float, low: float, high: float) -> None:
    result = intraclass_correlation(SHROUT_FLEISS, form=form)
    assert result.value == pytest.approx(value, abs=6e-3)  # the paper cuts .715 to .71
    assert result.low == pytest.approx(low, abs=6e-4)
    assert result.high == pytest.approx(high, abs=6e-3)


def test_bland_and_altman_1986() -> None:
    result = bland_altman(WRIGHT, MINI, interval="approximate", multiple=2)
    assert result.bias.value == pytest.approx(-2.1, abs=0.05)
    assert result.sd == pytest.approx(38.8, abs=0.05)
    assert (result.bias.low, result.bias.high) == (pytest.approx(-22.0, abs=0.1), pytest.approx(17.8, abs=0.1))
    assert result.lower_limit.value == pytest.approx(-79.7, abs=0.1)
    assert result.upper_limit.value == pytest.approx(75.5, abs=0.1)
    # The paper rounds the variance of a limit, s^2 (1/n + 4 / (2 (n - 1))), up to 3 s^2 / n: its intervals
    # (-114.3 to -45.1 and 40.9 to 110.1) are 16.3 * 2.12 to each side; ours use the unrounded form, a little wider.
    assert result.lower_limit.se == pytest.approx(38.77 * math.sqrt(1 / 17 + 2 / 16), abs=0.01)
    assert result.upper_limit.high == pytest.approx(110.1, abs=2)


def test_exact_interval_of_a_limit_covers_its_percentile() -> None:
    # 4,000 samples of 10 normal differences: the true limit is 1.96; the exact interval must hold it in 95 %.
    rng = np.random.default_rng(1)
    offsets = bland_altman(np.arange(10.0), np.zeros(10))
    low = (offsets.upper_limit.low - offsets.bias.value) / offsets.sd
    high = (offsets.upper_limit.high - offsets.bias.value) / offsets.sd
    sample = rng.normal(size=(4000, 10))
    mean, sd = sample.mean(axis=1), sample.std(axis=1, ddof=1)
    covered = ((mean + low * sd <= 1.96) & (mean + high * sd >= 1.96)).mean()
    assert 0.94 <= covered <= 0.96


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.floats(-100, 100), min_size=3, max_size=3), min_size=3, max_size=12), st.integers(-50, 50))
def test_icc_ignores_a_common_shift_and_the_order_of_cases(table: list[list[float]], shift: int) -> None:
    values = np.round(np.array(table), 3)
    if values.std(axis=0).min() < 0.1 or values.std(axis=1).min() < 0.1:
        return
    for form in ("1,1", "2,1", "3,1", "2,k"):
        one = intraclass_correlation(values, form=form)
        other = intraclass_correlation(values[::-1] + shift, form=form)
        assert one.value == pytest.approx(other.value, abs=1e-6, rel=1e-6, nan_ok=True)
        assert one.value <= 1 + 1e-9 or math.isnan(one.value)


def test_consistency_ignores_a_readers_offset_and_absolute_agreement_does_not() -> None:
    table = np.array(SHROUT_FLEISS, dtype=float)
    moved = table + np.array([0, 3, 0, 0])
    assert intraclass_correlation(moved, form="3,1").value == pytest.approx(
        intraclass_correlation(table, form="3,1").value
    )
    assert intraclass_correlation(moved, form="2,1").value != pytest.approx(
        intraclass_correlation(table, form="2,1").value
    )


def test_edges() -> None:
    assert all(math.isnan(intraclass_correlation([[1, 1], [1, 1]], form=form).value) for form in FORMS)
    agreeing = intraclass_correlation([[1, 1], [2, 2], [3, 3]], form="2,1")
    assert agreeing.value == pytest.approx(1)
    with pytest.raises(StatisticsError, match="rows"):
        intraclass_correlation([[1, 2]])
    with pytest.raises(StatisticsError, match="finite"):
        intraclass_correlation([[1, 2], [math.nan, 2]])
    with pytest.raises(StatisticsError, match="form"):
        intraclass_correlation([[1, 2], [2, 2]], form="4,1")
    with pytest.raises(StatisticsError, match="two pairs"):
        bland_altman([1], [2])
    with pytest.raises(StatisticsError, match="multiple"):
        bland_altman([1, 2], [2, 2], multiple=0)
