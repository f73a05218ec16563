"""Fisher's exact test against all permutations, scipy's 2 x 2 test and a value published for R."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import gammaln

from thyrosight.statistics.association.fisher import _compositions, _ways, fisher_exact, fisher_monte_carlo


def _table(rows: list[int], columns: list[int]) -> np.ndarray:
    table = np.zeros((max(rows) + 1, max(columns) + 1), dtype=np.int64)
    np.add.at(table, (rows, columns), 1)
    return table[table.any(axis=1)][:, table.any(axis=0)]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=3, max_size=6))
def test_equals_the_enumeration_of_all_permutations(pairs: list[tuple[int, int]]) -> None:
    rows, columns = [row for row, _ in pairs], [column for _, column in pairs]
    observed = _table(rows, columns)
    assume(min(observed.shape) > 1)
    # Every order of the column labels is equally likely; a table is as likely as 1 / product of cell factorials.
    likelihood = [-gammaln(_table(rows, list(order)) + 1.0).sum() for order in permutations(columns)]
    expected = np.mean(np.array(likelihood) <= -gammaln(observed + 1.0).sum() + 1e-9)
    assert fisher_exact(observed) == pytest.approx(expected, rel=1e-9)


@given(st.lists(st.integers(1, 60), min_size=4, max_size=4))
def test_equals_scipy_on_two_by_two(cells: list[int]) -> None:
    table = np.array(cells).reshape(2, 2)
    assert fisher_exact(table) == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-6)


def test_job_satisfaction_equals_the_example_of_r() -> None:
    # Agresti (2002, p. 57), the example of R's fisher.test: P = 0.7827.
    table = np.array([[1, 2, 1, 0], [3, 3, 6, 1], [10, 10, 14, 9], [6, 7, 12, 11]])
    assert fisher_exact(table) == pytest.approx(0.7827, abs=5e-5)


def test_rows_and_columns_may_change_places() -> None:
    table = np.array([[1, 4, 2], [6, 0, 3], [2, 5, 5], [0, 1, 7]])
    assert fisher_exact(table.T) == pytest.approx(fisher_exact(table[::-1, ::-1]), rel=1e-9)


@given(st.lists(st.lists(st.integers(0, 6), min_size=3, max_size=3), min_size=1, max_size=4), st.integers(0, 9))
def test_ways_are_counted_as_they_are_listed(rows: list[list[int]], column: int) -> None:
    states = np.array(rows)
    states = states[states.sum(axis=1) == states[0].sum()]  # states of one stage hold as many observations
    assume(column <= states[0].sum())
    listed, cells = _compositions(column, states)
    assert _ways(column, states).tolist() == np.bincount(listed, minlength=len(states)).tolist()
    assert (cells.sum(axis=1) == column).all() and ((cells >= 0) & (cells <= states[listed])).all()
    assert len(np.unique(np.column_stack([listed, cells]), axis=0)) == len(cells)


def test_thousands_of_observations_are_told_before_anything_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    listed: list[int] = []

    def watched(column: int, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        found = _compositions(column, states)
        listed.append(len(found[0]))
        return found

    monkeypatch.setattr("thyrosight.statistics.association.fisher._compositions", watched)
    assert fisher_exact(np.array([[700, 500, 300], [400, 500, 250], [208, 300, 100]])) is None
    assert len(listed) == 1


def test_a_table_too_large_to_enumerate_is_left_to_random_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("thyrosight.statistics.association.fisher._LARGEST_WORK", 10_000)
    table = np.full((6, 6), 8)
    table[np.diag_indices(6)] = 20
    assert fisher_exact(table) is None
    assert fisher_monte_carlo(table, replicates=999, seed=1) == fisher_monte_carlo(table, replicates=999, seed=1) < 0.05


def test_random_tables_agree_with_enumeration() -> None:
    table = np.array([[8, 2, 3], [1, 5, 4]])
    assert fisher_monte_carlo(table, replicates=20_000, seed=3) == pytest.approx(fisher_exact(table), abs=0.006)
