"""Riley's criteria against the worked examples of the papers and pmsampsize."""

import math

import pytest

from thyrosight.errors import StatisticsError
from thyrosight.statistics import cox_snell_from_c_statistic, patients_for_development


def test_example_of_pmsampsize() -> None:
    # pmsampsize 0.1.0 (Python) and its manual: csrsquared = 0.288, parameters = 24, prevalence = 0.174.
    found = patients_for_development(24, prevalence=0.174, cox_snell=0.288)
    assert [item.patients for item in found.criteria] == [623, 662, 221]
    assert (found.patients, found.events) == (662, 116)
    assert found.events_per_parameter == pytest.approx(4.8, abs=0.005)
    same = patients_for_development(24, prevalence=0.174, nagelkerke=0.288 / 0.60319)
    assert same.patients == 662


def test_pre_eclampsia_of_the_bmj() -> None:
    # Riley et al., BMJ 2020, example of pre-eclampsia: 30 parameters, outcome 5 %, R2 0.05; pmsampsize 0.1.0 agrees.
    found = patients_for_development(30, prevalence=0.05, cox_snell=0.05, absolute_error=0.05)
    assert [item.patients for item in found.criteria] == [5249, 1770, 73, 544]
    assert (found.patients, found.events) == (5249, 263)


def test_c_statistic_is_turned_into_r2() -> None:
    # pmsampsize 0.1.0: cstatistic = 0.89, prevalence = 0.174 simulates a Cox-Snell R2 of 0.2908, and 660 patients.
    assert cox_snell_from_c_statistic(0.89, prevalence=0.174) == pytest.approx(0.2908, abs=5e-4)
    found = patients_for_development(24, prevalence=0.174, c_statistic=0.89)
    assert [item.patients for item in found.criteria] == [615, 660, 221]


def test_r2_vanishes_with_discrimination_and_stays_below_its_greatest_value() -> None:
    assert cox_snell_from_c_statistic(0.501, prevalence=0.3) == pytest.approx(0, abs=1e-4)
    assert cox_snell_from_c_statistic(0.999, prevalence=0.5) < 1 - math.exp(-2 * math.log(2))


def test_a_stronger_model_needs_fewer_patients_and_more_parameters_more() -> None:
    weak, strong = (patients_for_development(10, prevalence=0.2, c_statistic=c).patients for c in (0.7, 0.85))
    assert strong < weak
    many = patients_for_development(20, prevalence=0.2, c_statistic=0.7).patients
    assert many > 1.9 * weak


def test_bad_input() -> None:
    with pytest.raises(StatisticsError, match="exactly one"):
        patients_for_development(5, prevalence=0.2)
    with pytest.raises(StatisticsError, match="exactly one"):
        patients_for_development(5, prevalence=0.2, cox_snell=0.1, c_statistic=0.7)
    with pytest.raises(StatisticsError, match=r"below 0\.328"):
        patients_for_development(5, prevalence=0.05, cox_snell=0.4)
    with pytest.raises(StatisticsError, match="at least one parameter"):
        patients_for_development(0, prevalence=0.2, cox_snell=0.1)
    with pytest.raises(StatisticsError, match="up to 30"):
        patients_for_development(31, prevalence=0.2, cox_snell=0.1, absolute_error=0.05)
    with pytest.raises(StatisticsError, match="`shrinkage`"):
        patients_for_development(3, prevalence=0.2, cox_snell=0.1, shrinkage=1)
