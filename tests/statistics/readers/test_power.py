"""Power of reader studies against the published Van Dyke analysis and its own inverse."""

import math

import pytest
from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics import VarianceComponents, cases_for_reader_study, reader_study_power

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
