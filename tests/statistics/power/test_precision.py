"""Widths of intervals of proportions and of kappa against epiR, vcd and the intervals themselves."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thyrosight.errors import StatisticsError
from thyrosight.statistics import (
    cases_for_kappa,
    kappa_standard_error,
    patients_for_sensitivity,
    patients_for_sensitivity_and_specificity,
    proportion_interval,
)


def test_sensitivity_of_buderer() -> None:
    # Buderer 1996: n = z^2 p (1 - p) / (width / 2)^2 = 1.96^2 * 0.9 * 0.1 / 0.05^2 = 138.3 positives (Wald).
    size = patients_for_sensitivity(0.9, width=0.1, prevalence=0.2, interval="wald")
    assert size.positives == pytest.approx(139, abs=3)
    assert size.negatives == 4 * size.positives
    # epiR 2.0.57: epi.ssdxsesp(test = 0.9, type = "se", Py = 0.2, epsilon = 0.05, error = "absolute"): 691.46.
    assert size.total == pytest.approx(691.46, abs=16)


@settings(max_examples=10, deadline=None)
@given(st.floats(0.6, 0.98), st.floats(0.05, 0.3), st.sampled_from(["wilson", "clopper-pearson"]))
def test_the_interval_is_as_narrow_as_asked(sensitivity: float, width: float, interval: str) -> None:
    n = patients_for_sensitivity(sensitivity, width=width, interval=interval).positives
    for m in range(n, n + 12):
        found = proportion_interval(round(sensitivity * m), m, method=interval)
        assert found.high - found.low <= width + 1e-12


def test_the_measure_that_needs_more_patients_decides() -> None:
    # epiR 2.0.57, epi.ssdxsesp as above: 691.5 patients for the sensitivity, 244.9 for a specificity of 0.85.
    size = patients_for_sensitivity_and_specificity(0.9, 0.85, width=0.1, prevalence=0.2, interval="wald")
    assert size.total == pytest.approx(691.46, abs=16)
    assert "sensitivity decides" in size.method
    often = patients_for_sensitivity_and_specificity(0.9, 0.85, width=0.1, prevalence=0.8, interval="wald")
    alone = patients_for_sensitivity(0.85, width=0.1, prevalence=0.2, interval="wald")
    assert (often.positives, often.negatives) == (alone.negatives, alone.positives)
    assert "specificity decides" in often.method and "sensitivity 0.85" not in often.method


def test_kappa_error_is_that_of_the_expected_table() -> None:
    # vcd 1.4.11, Kappa(): ASE of the tables 21.6, 8.4, 8.4, 61.6 and 450, 50, 50, 450.
    assert kappa_standard_error(0.6, prevalence=0.3, cases=100) == pytest.approx(0.0876356092, abs=1e-9)
    assert kappa_standard_error(0.8, prevalence=0.5, cases=1000) == pytest.approx(0.01897366596, abs=1e-9)


@given(st.floats(0.1, 0.95), st.floats(0.1, 0.9), st.floats(0.1, 0.5))
def test_cases_for_kappa_are_the_fewest(kappa: float, prevalence: float, width: float) -> None:
    cases = cases_for_kappa(kappa, width=width, prevalence=prevalence)
    assert 2 * 1.959964 * kappa_standard_error(kappa, prevalence=prevalence, cases=cases) <= width * (1 + 1e-6)
    if cases > 2:
        fewer = kappa_standard_error(kappa, prevalence=prevalence, cases=cases - 1)
        assert 2 * 1.959964 * fewer > width * (1 - 1e-6)


def test_bad_input() -> None:
    with pytest.raises(StatisticsError, match="`prevalence`"):
        patients_for_sensitivity(0.9, width=0.1, prevalence=0)
    with pytest.raises(StatisticsError, match=r"`kappa` from -0\.11"):
        kappa_standard_error(-0.5, prevalence=0.1, cases=20)
    with pytest.raises(StatisticsError, match="at least one case"):
        kappa_standard_error(0.5, prevalence=0.1, cases=0)
    with pytest.raises(StatisticsError, match="`width`"):
        cases_for_kappa(0.5, width=0, prevalence=0.1)
