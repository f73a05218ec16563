"""Separation in data where it is known by eye."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thyrosight.statistics.regression.likelihood import fit_logistic
from thyrosight.statistics.regression.separation import determined_rows, is_separated, separated_columns


def _design(*columns: list[float]) -> np.ndarray:
    return np.column_stack([np.ones(len(columns[0])), *columns])


def test_a_level_without_events_is_quasi_complete_separation() -> None:
    # Every nodule of the level (second column) is benign, the other nodules are mixed: only its coefficient runs away.
    outcome = np.array([0, 1, 0, 1, 0, 0, 0])
    assert separated_columns(outcome, _design([0, 0, 0, 0, 1, 1, 1])) == {1: -1.0}


def test_two_levels_without_events_are_both_named() -> None:
    outcome = np.array([0, 1, 1, 0, 0, 0, 1, 1])
    design = _design([0, 0, 0, 0, 1, 1, 0, 0], [0, 0, 0, 0, 0, 0, 1, 1], [1, 1, 2, 2, 1, 2, 2, 1])
    assert separated_columns(outcome, design) == {1: -1.0, 2: 1.0}


def test_two_predictors_separate_only_together() -> None:
    x, y = [0.0, 1, 2, 0, 1, 2, 0, 1, 2], [0.0, 0, 0, 1, 1, 1, 2, 2, 2]
    outcome = (np.array(x) + np.array(y) > 1.5).astype(int)
    assert separated_columns(outcome, _design(x)) == {}
    assert separated_columns(outcome, _design(y)) == {}
    assert separated_columns(outcome, _design(x, y)) == {0: -1.0, 1: 1.0, 2: 1.0}


@given(st.integers(0, 5000), st.floats(1e-3, 1e3))
def test_units_do_not_matter(seed: int, unit: float) -> None:
    rng = np.random.default_rng(seed)
    x, outcome = rng.integers(0, 4, 12).astype(float), rng.integers(0, 2, 12)
    assert separated_columns(outcome, _design(x * unit)) == separated_columns(outcome, _design(x))


def test_a_reference_level_without_events_takes_the_intercept_along() -> None:
    # The intercept falls; the other level and the intercept must add up to something finite, so that level rises.
    outcome = np.array([0, 0, 0, 1, 0, 1])
    design = _design([0, 0, 0, 1, 1, 1])
    assert separated_columns(outcome, design) == {0: -1.0, 1: 1.0}
    assert determined_rows(outcome, design).tolist() == [True, True, True, False, False, False]


def test_nothing_is_determined_in_overlapping_data() -> None:
    assert not determined_rows(np.array([0, 1, 0, 1]), _design([0, 0, 1, 1])).any()


@pytest.mark.parametrize("outcome", [0, 1])
@pytest.mark.parametrize("columns", [[], [[0.0, 1, 2]], [[0.0, 1, 2], [1.0, 0, 1]]])
def test_one_outcome_alone_is_separated_by_the_intercept(outcome: int, columns: list[list[float]]) -> None:
    outcomes, design = np.full(3, outcome), np.column_stack([np.ones(3), *columns])
    assert is_separated(outcomes, design)
    assert fit_logistic(outcomes, design) is None
    assert set(separated_columns(outcomes, design)) == set(range(design.shape[1]))
    assert determined_rows(outcomes, design).all()
