"""Power of reader studies against the published Van Dyke analysis and its own inverse."""

import math
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics import (
    VarianceComponents,
    cases_for_reader_study,
    compare_readers,
    nested_readers_power,
    reader_study_power,
)

# Van Dyke data, published variance components (reference/vandyke_obuchowski_rockette.json), 5 readers, 114 cases.
VAN_DYKE = VarianceComponents(0.0015364254, 0.0002045840, 0.0007921325, 0.0003420090, 0.0003395265, 0.0002358497)


def test_at_the_observed_difference_the_noncentrality_is_the_observed_f() -> None:
    plan = reader_study_power(VAN_DYKE, difference=-0.04380032, readers=5, cases=114, pilot_cases=114)
    assert plan.noncentrality == pytest.approx(4.484854, rel=1e-5)
    assert plan.df == pytest.approx(15.06611, rel=1e-5)
    limit = stats.f.isf(0.05, 1, 15.06611)
    assert plan.power == pytest.approx(stats.ncf.sf(limit, 1, 15.06611, 4.484854), rel=1e-4)


def test_fixed_readers_by_hand() -> None:
    plan = reader_study_power(VAN_DYKE, difference=0.05, readers=5, cases=228, pilot_cases=114, reader_effect="fixed")
    variance = (0.0007921325 - 0.0003420090 + 4 * (0.0003395265 - 0.0002358497)) / 2
    assert plan.noncentrality == pytest.approx(5 * 0.05**2 / 2 / variance)
    z = math.sqrt(plan.noncentrality)
    assert plan.power == pytest.approx(stats.norm.sf(1.959964 - z) + stats.norm.cdf(-1.959964 - z), rel=1e-5)


def test_more_readers_and_more_cases_give_more_power() -> None:
    def power(readers: int, cases: int) -> float:
        return reader_study_power(VAN_DYKE, difference=0.04, readers=readers, cases=cases, pilot_cases=114).power

    assert power(5, 100) < power(8, 100) < power(8, 200) < power(12, 400)


def test_the_number_of_cases_is_the_least() -> None:
    size = cases_for_reader_study(VAN_DYKE, difference=0.05, readers=6, pilot_cases=114)
    fewer = reader_study_power(VAN_DYKE, difference=0.05, readers=6, cases=size.cases - 1, pilot_cases=114)
    assert fewer.power < 0.8 <= size.power


def test_too_few_readers_cannot_be_mended_by_cases() -> None:
    with pytest.raises(StatisticsError, match="plan more readers"):
        cases_for_reader_study(VAN_DYKE, difference=0.01, readers=2, pilot_cases=114)


def test_bad_input() -> None:
    with pytest.raises(StatisticsError, match="two random readers"):
        reader_study_power(VAN_DYKE, difference=0.05, readers=1, cases=100, pilot_cases=114)
    with pytest.raises(StatisticsError, match="other than 0"):
        reader_study_power(VAN_DYKE, difference=0, readers=4, cases=100, pilot_cases=114)
    alone = VarianceComponents(0.001, math.nan, 0.001, math.nan, 0.0003, math.nan)
    with pytest.raises(StatisticsError, match="two tests"):
        reader_study_power(alone, difference=0.05, readers=4, cases=100, pilot_cases=114)


def test_with_a_test_for_each_reader_the_noncentrality_is_the_observed_f(real_data: Path) -> None:
    """Van Dyke's readers 1 to 3 with one test, 4 and 5 with the other: planned as it is, it is what was found."""
    table = pd.read_csv(real_data / "readers" / "vandyke.csv", dtype=str)
    numbers = table[["reader", "treatment"]].astype(int)
    kept = table[(numbers["reader"] <= 3) == (numbers["treatment"] == 1)]
    columns = {name: kept[name].to_numpy() for name in ("treatment", "reader", "case")}
    columns |= {name: kept[name].astype(float).to_numpy() for name in ("truth", "rating")}
    found = compare_readers(
        columns, test="treatment", reader="reader", case="case", truth="truth", rating="rating", missing="analyse"
    )
    parts, apart = replace(found.components, test_by_reader=0.0), found.differences[0]
    assert found.components.reader > 0 and math.isnan(found.components.covariance_1)
    plan = nested_readers_power(parts, difference=apart.estimate.value, readers=(3, 2), cases=114, pilot_cases=114)
    assert plan.noncentrality == pytest.approx(apart.statistic**2)
    assert plan.df == pytest.approx(apart.df)


def test_readers_with_a_test_each_by_hand() -> None:
    plan = nested_readers_power(VAN_DYKE, difference=0.1, readers=(6, 3), cases=228, pilot_cases=114)
    apart = 0.0015364254 + 0.0002045840 + (0.0007921325 - 0.0003395265) / 2
    variance = apart * (1 / 6 + 1 / 3) + (0.0003395265 - 0.0002358497)
    assert plan.noncentrality == pytest.approx(0.01 / variance)
    assert plan.df == pytest.approx(7 * (variance / (apart / 2)) ** 2)
    fixed = nested_readers_power(
        VAN_DYKE, difference=0.1, readers=(6, 3), cases=228, pilot_cases=114, reader_effect="fixed"
    )
    assert fixed.noncentrality == pytest.approx(0.01 / (variance - (apart - 0.0002263030) / 2))
    crossed = reader_study_power(VAN_DYKE, difference=0.1, readers=9, cases=228, pilot_cases=114)
    assert plan.power < crossed.power
    with pytest.raises(StatisticsError, match="with that between readers"):
        nested_readers_power(replace(VAN_DYKE, reader=math.nan), difference=0.1, readers=(3, 3), cases=9, pilot_cases=9)
