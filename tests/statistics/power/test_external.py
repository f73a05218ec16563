"""Sizes of validations against Riley et al. 2021, their published code and pmvalsampsize."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit, logit

from thyrosight.errors import StatisticsError
from thyrosight.statistics import calibration_slope, patients_for_external_validation


def _patients(**options: object) -> list[int]:
    found = patients_for_external_validation(**options)  # type: ignore[arg-type]
    return [item.patients for item in found.criteria]


def test_examples_of_pmvalsampsize() -> None:
    # pmvalsampsize 0.2.1 (Python), prevalence 0.018, C 0.8, width of O/E 1; a million simulated values. It counts the
    # standard error of O/E in steps of 0.0001 up and says 905.
    normal = _patients(prevalence=0.018, c_statistic=0.8, linear_predictor=(-5, 2.5), ratio_width=1)
    assert normal == pytest.approx([905, 4544, 4252], rel=0.004) and normal[2] == 4252
    # The same with lpcstat = -4.7.
    from_c = _patients(prevalence=0.018, c_statistic=0.8, ratio_width=1)
    assert from_c == pytest.approx([905, 17080, 4252], rel=0.004)
    # prevalence 0.43, risks from a beta distribution (1.33, 1.75), usual widths.
    risks = stats.beta.ppf((np.arange(5000) + 0.5) / 5000, 1.33, 1.75)
    beta = _patients(prevalence=0.43, c_statistic=0.8, linear_predictor=logit(risks))
    assert beta == pytest.approx([510, 2136, 308], rel=0.004)
    # The same with threshold = 0.3: 281 for the standardised net benefit.
    with_benefit = _patients(prevalence=0.43, c_statistic=0.8, linear_predictor=logit(risks), threshold=0.3)
    assert with_benefit[3] == pytest.approx(281, abs=2)


def test_examples_of_the_paper() -> None:
    # Riley et al. 2021 with their R code: sections 3.1.1 (O/E: 384 at 0.5, 3460 at 0.1 and a standard error of 0.051)
    # and 3.4.1 (net benefit: sensitivity 0.6, specificity 0.88, threshold 0.8, outcome in 72 %).
    half = patients_for_external_validation(prevalence=0.5, c_statistic=0.8)
    assert half.criteria[0].patients == pytest.approx(1 / 0.051**2, rel=0.005)
    tenth = patients_for_external_validation(prevalence=0.1, c_statistic=0.8)
    assert tenth.criteria[0].patients == pytest.approx(0.9 / 0.1 / 0.051**2, rel=0.005)
    benefit = _patients(prevalence=0.72, c_statistic=0.8, threshold=0.8, sensitivity=0.6, specificity=0.88)[3]
    price = 0.28 / 0.72 * 4
    variance = 0.24 / 0.72 + price**2 * 0.88 * 0.12 / 0.28 + price**2 * 0.12**2 / (0.72 * 0.28)
    assert benefit == pytest.approx(variance / 0.05102**2, abs=1)


def test_the_planned_slope_is_as_precise_as_wanted() -> None:
    found = patients_for_external_validation(prevalence=0.3, c_statistic=0.75, slope_width=0.4)
    n = found.criteria[1].patients
    rng = np.random.default_rng(6)
    distance = np.sqrt(2) * stats.norm.ppf(0.75)
    truth = (rng.random(n) < 0.3).astype(int)
    eta = logit(0.3) - distance**2 / 2 + distance**2 * truth + distance * rng.normal(size=n)
    slope = calibration_slope(truth, 1 / (1 + np.exp(-eta))).slope
    assert slope.high - slope.low == pytest.approx(0.4, rel=0.08)


def test_the_curve_needs_most_patients_where_risks_are_rare() -> None:
    near, far = (
        _patients(prevalence=0.2, c_statistic=0.75, linear_predictor=(-1.6, 0.9), curve_at=risk)[3]
        for risk in (0.2, 0.7)
    )
    assert far > 2 * near
    assert _patients(prevalence=0.2, c_statistic=0.75, curve_at=0.2, curve_width=1.5)[3] == 0


def test_the_planned_curve_is_as_precise_as_wanted() -> None:
    eta = np.random.default_rng(7).normal(-1.2, 1.0, 5000)
    n = _patients(prevalence=0.25, c_statistic=0.75, linear_predictor=eta, curve_at=0.3, curve_width=0.12)[3]
    weight = expit(eta) * (1 - expit(eta))
    design = np.column_stack([np.ones(5000), eta])
    covariance = np.linalg.inv((design * weight[:, None]).T @ design / 5000) / n
    at = np.array([1.0, logit(0.3)])
    se = np.sqrt(at @ covariance @ at)
    width = expit(logit(0.3) + 1.959964 * se) - expit(logit(0.3) - 1.959964 * se)
    assert width == pytest.approx(0.12, rel=0.01)


def test_net_benefit_takes_rates_from_the_linear_predictor() -> None:
    found = _patients(prevalence=0.5, c_statistic=0.8, threshold=0.5)
    rate = stats.norm.cdf(stats.norm.ppf(0.8) / np.sqrt(2))
    given = _patients(prevalence=0.5, c_statistic=0.8, threshold=0.5, sensitivity=rate, specificity=rate)
    assert found[3] == pytest.approx(given[3], abs=3)


def test_bad_input() -> None:
    with pytest.raises(StatisticsError, match="`c_statistic`"):
        patients_for_external_validation(prevalence=0.2, c_statistic=0.4)
    with pytest.raises(StatisticsError, match="`slope_width`"):
        patients_for_external_validation(prevalence=0.2, c_statistic=0.7, slope_width=0)
    with pytest.raises(StatisticsError, match="`threshold`"):
        patients_for_external_validation(prevalence=0.2, c_statistic=0.7, threshold=1)
    with pytest.raises(StatisticsError, match="`sensitivity` from 0 to 1"):
        patients_for_external_validation(prevalence=0.2, c_statistic=0.7, threshold=0.3, sensitivity=90)
    with pytest.raises(StatisticsError, match="standard deviation"):
        patients_for_external_validation(prevalence=0.2, c_statistic=0.7, linear_predictor=(-1, 0))
