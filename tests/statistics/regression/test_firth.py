"""Firth's penalty where its answer is known, and profile intervals against their definition."""

import importlib.util
import math
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import expit
from scipy.stats import chi2

from thyrosight.statistics.regression.climbing import standardised
from thyrosight.statistics.regression.firth import fit_firth, fit_profiles
from thyrosight.statistics.regression.odds_ratios import logistic_regression


@pytest.fixture(scope="module")
def search() -> ModuleType:
    """The search for greater maxima, which runs over 1,000 data sets as a benchmark."""
    path = Path(__file__).parents[3] / "benchmarks" / "search_firth.py"
    spec = importlib.util.spec_from_file_location("search_firth", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=4, max_size=4).filter(lambda c: c[0] + c[1] > 0 and c[2] + c[3] > 0))
@example([1, 0, 1, 0])
@example([0, 3, 0, 2])
def test_saturated_table_adds_half_to_every_cell(cells: list[int]) -> None:
    a, b, c, d = cells
    outcome = np.repeat([1, 0, 1, 0], cells)
    design = np.column_stack([np.ones(outcome.size), np.repeat([1.0, 1, 0, 0], cells)])
    fit = fit_firth(outcome, design)
    assert fit.coefficients[0] == pytest.approx(math.log((c + 0.5) / (d + 0.5)), abs=2e-4)
    assert fit.coefficients[1] == pytest.approx(math.log((a + 0.5) * (d + 0.5) / (b + 0.5) / (c + 0.5)), abs=2e-4)


def test_intercept_alone_is_jeffreys_estimate() -> None:
    outcome = np.repeat([1, 0], [3, 9])
    fit = fit_firth(outcome, np.ones((12, 1)))
    assert 1 / (1 + math.exp(-fit.coefficients[0])) == pytest.approx(3.5 / 13, rel=1e-6)


def _height(outcome: np.ndarray, design: np.ndarray, beta: np.ndarray) -> float:
    """Penalised log likelihood, from its definition."""
    linear = design @ beta
    weight = expit(linear) * expit(-linear)
    determinant = np.linalg.slogdet((design * weight[:, None]).T @ design)[1]
    return float(outcome @ linear - np.logaddexp(0, linear).sum() + determinant / 2)


def test_interval_ends_where_the_test_of_that_value_reaches_five_percent() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=40)
    outcome = (x + rng.normal(size=40) > 0).astype(int)
    design = standardised(np.column_stack([np.ones(40), x]))[0]
    fit, [(low, high, p)] = fit_profiles(outcome, design, confidence=0.95)
    assert low < fit.coefficients[1] < high

    def held(value: float) -> float:
        found = minimize_scalar(lambda intercept: -_height(outcome, design, np.array([intercept, value])))
        return -found.fun

    for limit in (low, high):
        assert 2 * (fit.log_likelihood - held(limit)) == pytest.approx(3.841459, rel=1e-5)
    assert p == pytest.approx(chi2.sf(2 * (fit.log_likelihood - held(0)), 1), rel=1e-4)


def test_many_observations_make_the_penalty_vanish() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=20_000)
    outcome = (rng.random(20_000) < 1 / (1 + np.exp(-x))).astype(int)
    fit = fit_firth(outcome, np.column_stack([np.ones(20_000), x]))
    residual = outcome - 1 / (1 + np.exp(-(fit.coefficients[0] + fit.coefficients[1] * x)))
    assert abs(residual.sum()) < 1 and abs(residual @ x) < 2  # nearly the likelihood equations


def _one_number_one_category(seed: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """A number that separates the outcomes, beside a rare category that does not."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    return (x > 0).astype(int), np.column_stack([np.ones(n), x, rng.normal(size=n) > 1]).astype(float)


# Greatest of the penalised log likelihood by a grid of coefficients, refined by the simplex method.
@pytest.mark.parametrize(
    ("seed", "n", "height"),
    [
        *((0, 20, -3.834629), (4, 20, -4.287550), (10, 20, -4.016629), (27, 20, -3.855184)),
        *((2, 100, -4.522012), (8, 100, -5.672041), (22, 100, -3.975901), (26, 100, -6.493096)),
    ],
)
def test_separated_data_are_fitted_at_their_greatest_maximum(seed: int, n: int, height: float) -> None:
    outcome, design = _one_number_one_category(seed, n)
    fit = fit_firth(outcome, design)
    assert fit.log_likelihood == pytest.approx(height, abs=2e-6)
    assert _height(outcome, design, fit.coefficients) == pytest.approx(height, abs=2e-6)
    assert all(_height(outcome, design, other) <= height + 1e-5 for other in fit.others)


def test_separated_sets_hold_no_higher_place(search: ModuleType) -> None:
    for seed in (0, 1, 2, 3, 183):
        outcome, design = search.separated_set(seed)
        height, _ = search.greatest_by_grid(outcome, design, steps=600)
        assert fit_firth(outcome, design).log_likelihood == pytest.approx(height, abs=1e-5), seed


@pytest.mark.parametrize(("seed", "n"), [(0, 20), (2, 100), (4, 20)])
def test_profiles_of_separated_data_hold_the_fit_and_no_held_fit_is_better(seed: int, n: int) -> None:
    outcome, design = _one_number_one_category(seed, n)
    result = logistic_regression(outcome, {"x": design[:, 1], "w": design[:, 2]}, penalty="firth")
    x, w = result.odds_ratios
    assert x.estimate.low > 1 and x.p < 0.05
    assert w.estimate.low < w.estimate.value < w.estimate.high
    assert 0 < w.p < 1
