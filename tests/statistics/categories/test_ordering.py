"""Categories against an independent fit, invariants of the tests of trend, and the edges."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from statsmodels.discrete.discrete_model import Logit

from thyrosight.errors import StatisticsError
from thyrosight.statistics.categories.ordering import categorisation

NODULES = st.lists(st.tuples(st.integers(0, 1), st.integers(2, 5)), min_size=8, max_size=60)


def _draw(seed: int, n: int = 200) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    category = rng.integers(1, 6, n)
    return (rng.random(n) < 0.1 + 0.15 * category).astype(int), category


@pytest.mark.parametrize("seed", range(3))
def test_equals_logistic_regression_of_statsmodels(seed: int) -> None:
    malignant, category = _draw(seed)
    linear = Logit(malignant, np.column_stack([np.ones(200), category])).fit(disp=0)
    classes = Logit(malignant, np.eye(5)[category - 1]).fit(disp=0)
    result = categorisation(malignant, category)
    assert result.aic == pytest.approx(linear.aic, rel=1e-9)
    assert result.likelihood_ratio.statistic == pytest.approx(linear.llr, rel=1e-6)
    assert result.linear_trend.statistic == pytest.approx((linear.params[1] / linear.bse[1]) ** 2, rel=1e-6)
    assert result.class_aic == pytest.approx(classes.aic, rel=1e-6)


@settings(max_examples=60, deadline=None)
@given(NODULES, st.floats(0.1, 10), st.floats(-5, 5))
def test_units_of_the_category_number_do_not_matter(nodules: list[tuple[int, int]], unit: float, shift: float) -> None:
    malignant, category = (np.array(values) for values in zip(*nodules, strict=True))
    assume(0 < malignant.sum() < malignant.size and np.unique(category).size > 1)
    one, other = categorisation(malignant, category), categorisation(malignant, category * unit + shift)
    assert other.aic == pytest.approx(one.aic, rel=1e-7, abs=1e-6)
    assert other.linear_trend.statistic == pytest.approx(one.linear_trend.statistic, rel=1e-5, abs=1e-6, nan_ok=True)
    assert one.cochran_armitage.statistic == pytest.approx(other.cochran_armitage.statistic, rel=1e-7, abs=1e-7)
    # The number of the category is one way to order classes, so classes never fit worse.
    assert one.class_likelihood_ratio.statistic >= one.likelihood_ratio.statistic - 1e-6


def test_numbers_keep_gaps_and_names_do_not() -> None:
    malignant, category = _draw(5)
    gap = np.array([1, 2, 3, 4, 9])[category - 1]
    names = np.array(["TR1", "TR2", "TR3", "TR4", "TR5"])[category - 1]
    assert categorisation(malignant, gap).aic != pytest.approx(categorisation(malignant, category).aic)
    assert categorisation(malignant, names).aic == pytest.approx(categorisation(malignant, category).aic)


def test_a_category_without_nodules_keeps_its_place() -> None:
    malignant, category = _draw(6)
    category = np.where(category == 3, 4, category)
    names = np.array(["low", "mild", "none here", "mid", "high"])[category - 1]
    result = categorisation(malignant, names, order=["low", "mild", "none here", "mid", "high"])
    assert result.aic == pytest.approx(categorisation(malignant, category).aic)
    assert result.total[2] == 0 and math.isnan(result.malignancy_rate[2].value)
    assert result.class_likelihood_ratio.df == 3


def test_perfect_sorting_is_said_and_keeps_what_is_defined() -> None:
    result = categorisation([0, 0, 1, 1], ["4a", "4a", "5", "5"])
    assert "no finite slope" in result.note
    assert math.isnan(result.linear_trend.statistic) and result.to_dict()["linear_trend"]["p"] is None
    # Deviance 4 * 2 ln 2 without categories, 0 with them.
    assert result.likelihood_ratio.statistic == pytest.approx(8 * math.log(2), rel=1e-9)
    assert result.aic == pytest.approx(4, abs=1e-9)


def test_quasi_separation_keeps_the_mixed_category() -> None:
    result = categorisation([0, 1, 0, 1, 1], ["b", "b", "a", "c", "c"])
    assert result.aic == pytest.approx(4 * math.log(2) + 4, abs=1e-6)
    assert "no finite slope" in result.note


@pytest.mark.parametrize(
    ("malignant", "category", "order", "message"),
    [
        ([1, 1], [4, 5], None, "`malignant` to hold both 0 and 1"),
        ([1, 0], [4, 4], None, "at least two categories"),
        ([1, 0], [4, 5, 5], None, "malignant with 2 and category with 3"),
        ([1, 0], ["4a", "5"], ["4a", "4b"], "Category '5' is not in `order`, which holds '4a', '4b'"),
        ([1, 0], ["4a", "5"], ["4a", "5", "4a"], "each category once"),
        ([1, 0], [4, 5], [5, 4], "rising numbers"),
        ([1, 0], [4, math.nan], None, "position 1 is empty"),
    ],
)
def test_unfit_categories_are_refused(malignant: list[int], category: list, order: list | None, message: str) -> None:
    with pytest.raises(StatisticsError, match=message):
        categorisation(malignant, category, order=order)
