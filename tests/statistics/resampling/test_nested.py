"""Variation within and between groups: by hand, at the edges, and that limits hold what they promise."""

import numpy as np
import pytest
from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics import nested_variation

AREAS = [[0.80, 0.83, 0.84], [0.70, 0.72, 0.73], [0.78, 0.80, 0.83], [0.88, 0.81, 0.86]]


def test_it_is_the_analysis_of_variance() -> None:
    found, table = nested_variation(AREAS), np.array(AREAS)
    f, _ = stats.f_oneway(*AREAS)
    within = table.var(axis=1, ddof=1).mean()
    assert found.within.value == pytest.approx(np.sqrt(within))
    assert found.between.value == pytest.approx(np.sqrt((f - 1) * within / 3))
    assert (found.groups, found.values, found.mean) == (4, 3, pytest.approx(table.mean()))
    low, high = stats.chi2.ppf([0.975, 0.025], 8)
    assert (found.within.low, found.within.high) == pytest.approx(
        (np.sqrt(8 * within / low), np.sqrt(8 * within / high))
    )
    assert found.between.low < found.between.value < found.between.high
    wide = nested_variation(AREAS, confidence=0.99)
    assert wide.between.high > found.between.high and wide.within.low < found.within.low


def test_groups_and_values_are_not_exchanged() -> None:
    assert nested_variation(AREAS).between.value > nested_variation(AREAS).within.value
    turned = nested_variation(np.array(AREAS).T)
    assert turned.between.value < turned.within.value


def test_no_variation_between_groups_is_zero_and_one_group_has_none() -> None:
    none = nested_variation([[0.7, 0.8], [0.8, 0.7]])
    assert none.between.value == 0 and none.between.low == 0
    alone = nested_variation([[0.7, 0.8, 0.75]])
    assert np.isnan(alone.between.value) and alone.between.method == "one group only"
    assert alone.within.value == pytest.approx(0.05)
    alike = nested_variation([[0.7, 0.7], [0.8, 0.8]])
    assert alike.within.value == 0 and alike.between.value == pytest.approx(np.std([0.7, 0.8], ddof=1))


@pytest.mark.parametrize("values", [[0.7, 0.8], [[0.7], [0.8]], [[0.7, np.nan], [0.8, 0.9]]])
def test_what_cannot_be_told_apart_is_refused(values: list[object]) -> None:
    with pytest.raises(StatisticsError, match="Expected"):
        nested_variation(values)


@pytest.mark.parametrize(("between", "least"), [(0.03, 0.93), (0.0, 0.96)])
def test_intervals_hold_the_truth_as_often_as_they_say(between: float, least: float) -> None:
    random, held = np.random.default_rng(4), 0
    for _ in range(400):
        values = random.normal(0, between, (5, 1)) + random.normal(0, 0.02, (5, 3))
        found = nested_variation(values).between
        held += found.low <= between <= found.high
    assert least <= held / 400 <= 1
