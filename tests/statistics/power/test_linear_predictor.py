"""Distributions of the linear predictor: moments, prevalence, C statistic and information."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit

from thyrosight.errors import StatisticsError
from thyrosight.statistics import calibration_slope
from thyrosight.statistics.power.linear_predictor import (
    given_predictor,
    normal_predictor,
    predictor_from_c_statistic,
    require_c_statistic,
)


def test_normal_moments() -> None:
    found = normal_predictor(-1.5, 0.7)
    assert found.mean(found.values) == pytest.approx(-1.5)
    assert found.mean((found.values + 1.5) ** 2) == pytest.approx(0.49, rel=1e-5)


@pytest.mark.parametrize(("c", "share"), [(0.7, 0.1), (0.89, 0.5), (0.8, 0.018)])
def test_the_mixture_is_calibrated_and_has_its_c_statistic(c: float, share: float) -> None:
    found = predictor_from_c_statistic(c, prevalence=share)
    risk = expit(found.values)
    assert found.mean(risk) == pytest.approx(share, rel=1e-6)
    rng = np.random.default_rng(1)
    drawn = rng.choice(found.values, size=4000, p=found.weights)
    event = rng.random(4000) < expit(drawn)
    if event.sum() > 50:
        wins = (drawn[event][:, None] > drawn[~event][None, :]).mean()
        assert wins == pytest.approx(c, abs=0.035)


def test_information_is_that_of_the_calibration_model() -> None:
    rng = np.random.default_rng(2)
    eta = rng.normal(-0.5, 1.0, 20_000)
    truth = (rng.random(20_000) < expit(eta)).astype(int)
    found = calibration_slope(truth, expit(eta))
    covariance = np.linalg.inv(20_000 * given_predictor(eta).information())
    assert np.sqrt(covariance[1, 1]) == pytest.approx(found.slope.se, rel=0.02)
    assert np.sqrt(covariance[0, 0]) == pytest.approx(found.intercept.se, rel=0.02)


def test_accuracy_of_true_risks() -> None:
    sensitivity, specificity = predictor_from_c_statistic(0.8, prevalence=0.5).accuracy(0.5)
    # Two normal distributions d apart, cut half way: both rates are the distribution function at d / 2.
    distance = np.sqrt(2) * stats.norm.ppf(0.8)
    assert (sensitivity, specificity) == pytest.approx((stats.norm.cdf(distance / 2),) * 2, abs=2e-3)


def test_bad_input() -> None:
    with pytest.raises(StatisticsError, match="standard deviation above 0"):
        normal_predictor(0, 0)
    with pytest.raises(StatisticsError, match="different values"):
        given_predictor([1.0, 1.0])
    with pytest.raises(StatisticsError, match=r"above 0\.5"):
        require_c_statistic(0.5)
