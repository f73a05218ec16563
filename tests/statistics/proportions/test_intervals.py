"""Proportions against exact references and the definition of the sandwich variance."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thyrosight.errors import StatisticsError
from thyrosight.statistics.proportions.intervals import PROPORTION_INTERVALS, gee_proportion, proportion_interval
from thyrosight.statistics.regression.gee import fit_clustered_logistic


def test_exact_and_wilson_intervals_equal_the_reference(reference: Callable[[str], Any]) -> None:
    expected = reference("proportions")
    for method, name in (("clopper-pearson", "clopper_290_323"), ("wilson", "wilson_290_323")):
        result = proportion_interval(290, 323, method=method)
        assert (result.low, result.high) == pytest.approx(expected[name], rel=1e-10)


# statsmodels 0.14: proportion_confint(count, 30, method="agresti_coull" and "jeffreys"); limits at 0 and 30 by
# the boundary rule of Brown, Cai & DasGupta (2001): R 4.2.2, qbeta(0.975, 0.5, 30.5) = 0.07967817381726
IN_STATSMODELS = [
    ("agresti-coull", 0, 0.0, 0.1347116961396264),
    ("agresti-coull", 1, 0.0, 0.1809179845326112),
    ("agresti-coull", 5, 0.06861248552229185, 0.340396443260354),
    ("jeffreys", 0, 0.0, 0.07967817381726),
    ("jeffreys", 1, 0.0036204643737916633, 0.14541777735402017),
    ("jeffreys", 5, 0.06657395356745498, 0.3274277516634613),
    ("jeffreys", 29, 0.8545822226459798, 0.9963795356262083),
    ("jeffreys", 30, 0.92032182618274, 1.0),
]


@pytest.mark.parametrize(("method", "successes", "low", "high"), IN_STATSMODELS)
def test_agresti_coull_and_jeffreys_equal_statsmodels(method: str, successes: int, low: float, high: float) -> None:
    result = proportion_interval(successes, 30, method=method)
    assert (result.low, result.high) == pytest.approx((low, high), rel=1e-10)
    assert result.method.lower() == method


@pytest.mark.parametrize("correlation", ["independence", "exchangeable"])
def test_clustered_proportion_of_a_simulated_study_equals_geepack(
    correlation: str, simulated: pd.DataFrame, in_r: dict[str, Any]
) -> None:
    model = in_r["prevalence"][correlation]
    log_odds, se = model["coefficient"]["(Intercept)"], model["robust_se"]["(Intercept)"]
    found = gee_proportion(simulated["truth"], simulated["patient"], correlation=correlation)
    limits = [log_odds + side * 1.959963984540054 * se for side in (0, -1, 1)]
    assert [math.log(x / (1 - x)) for x in (found.value, found.low, found.high)] == pytest.approx(limits, rel=1e-6)


@given(st.integers(1, 400), st.data(), st.sampled_from(list(PROPORTION_INTERVALS)))
def test_interval_holds_the_value_and_mirrors_with_failures(n: int, data: st.DataObject, method: str) -> None:
    successes = data.draw(st.integers(0, n))
    one, other = proportion_interval(successes, n, method=method), proportion_interval(n - successes, n, method=method)
    assert 0 <= one.low <= one.value <= one.high <= 1
    assert (one.low, one.high) == pytest.approx((1 - other.high, 1 - other.low), abs=1e-9)


def test_no_observation_has_no_proportion() -> None:
    for result in (proportion_interval(0, 0), gee_proportion([])):
        assert math.isnan(result.value) and math.isnan(result.low) and result.n == 0
        assert "undefined" in str(result)


@pytest.mark.parametrize("successes", [-1, 2.5, "a", math.nan, math.inf, [1], None])
def test_counts_must_be_counts(successes: object) -> None:
    with pytest.raises(StatisticsError, match="Expected `successes` to be a whole number of 0 or more"):
        proportion_interval(successes, 10)  # type: ignore[arg-type]


def test_more_successes_than_observations_are_refused() -> None:
    with pytest.raises(StatisticsError, match="got 11 of 10"):
        proportion_interval(11, 10)


def test_clusters_of_one_give_the_independent_standard_error() -> None:
    outcome = np.repeat([1, 0], [37, 9])
    assert gee_proportion(outcome).se == pytest.approx(proportion_interval(37, 46).se, rel=1e-12)


def test_pairs_of_twins_widen_the_standard_error_by_the_square_root_of_two() -> None:
    outcome = np.repeat([1, 0], [37, 9])
    twins = gee_proportion(np.tile(outcome, 2), np.tile(np.arange(46), 2))
    assert twins.se == pytest.approx(math.sqrt(2) * proportion_interval(74, 92).se, rel=1e-12)
    assert (twins.n, twins.clusters) == (92, 46)


def test_closed_form_of_independence_equals_the_fitted_model() -> None:
    rng = np.random.default_rng(7)
    cluster, outcome = rng.integers(0, 30, 120), rng.integers(0, 2, 120)
    codes = np.unique(cluster, return_inverse=True)[1]
    fit = fit_clustered_logistic(outcome, np.ones((120, 1)), codes, correlation="independence")
    result = gee_proportion(outcome, cluster)
    assert math.log(result.value / (1 - result.value)) == pytest.approx(fit.coefficients[0], rel=1e-9)
    assert result.se / (result.value * (1 - result.value)) == pytest.approx(math.sqrt(fit.covariance[0, 0]), rel=1e-7)


def test_exchangeable_equals_independence_in_clusters_of_one_size() -> None:
    # With equal cluster sizes the weights of all clusters are equal, whatever the correlation.
    outcome, cluster = np.random.default_rng(3).integers(0, 2, 60), np.repeat(np.arange(20), 3)
    one, other = (gee_proportion(outcome, cluster, correlation=name) for name in ("independence", "exchangeable"))
    assert (one.value, one.low, one.high, one.se) == pytest.approx((other.value, other.low, other.high, other.se))


def test_all_alike_counts_patients_not_nodules() -> None:
    result = gee_proportion([1, 1, 1, 1, 1, 1], [1, 1, 1, 2, 2, 3])
    assert (result.value, result.low, result.high) == pytest.approx((1, 0.025 ** (1 / 3), 1))
    assert result.method == "Clopper-Pearson on clusters, as all outcomes are alike"


def test_one_patient_gives_a_value_without_interval() -> None:
    result = gee_proportion([1, 0], [5, 5])
    assert result.value == 0.5 and math.isnan(result.low) and math.isnan(result.se)


def test_lengths_and_correlation_are_checked() -> None:
    with pytest.raises(StatisticsError, match="outcome with 3 and cluster with 2"):
        gee_proportion([1, 0, 1], [1, 2])
    with pytest.raises(StatisticsError, match="Expected `correlation` to be one of"):
        gee_proportion([1, 0, 1], correlation="ar1")
