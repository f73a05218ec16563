"""Firth's penalty where its answer is known, and profile intervals against their definition."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thyrosight.statistics.regression.firth import fit_firth, profile_interval, profile_p


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=4, max_size=4).filter(lambda c: c[0] + c[1] > 0 and c[2] + c[3] > 0))
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


def test_interval_ends_where_the_test_of_that_value_reaches_five_percent() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=40)
    outcome = (x + rng.normal(size=40) > 0).astype(int)
    design = np.column_stack([np.ones(40), x])
    fit = fit_firth(outcome, design)
    low, high = profile_interval(outcome, design, fit, 1, confidence=0.95)
    assert low < fit.coefficients[1] < high
    for limit in (low, high):
        held = fit_firth(outcome, design, fixed=(1, limit))
        assert 2 * (fit.log_likelihood - held.log_likelihood) == pytest.approx(3.841459, rel=1e-4)
    assert (profile_p(outcome, design, fit, 1) < 0.05) == (low > 0 or high < 0)


def test_many_observations_make_the_penalty_vanish() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=20_000)
    outcome = (rng.random(20_000) < 1 / (1 + np.exp(-x))).astype(int)
    fit = fit_firth(outcome, np.column_stack([np.ones(20_000), x]))
    residual = outcome - 1 / (1 + np.exp(-(fit.coefficients[0] + fit.coefficients[1] * x)))
    assert abs(residual.sum()) < 1 and abs(residual @ x) < 2  # nearly the likelihood equations
