"""Variance components against lme4."""

import numpy as np
import pytest

from thyrosight.statistics.agreement.crossed_model import Components, _deviance, _most_likely, _Sums, fit_crossed

N = np.nan
SHROUT_FLEISS = np.array([[9, 2, 5, 8], [6, 1, 3, N], [8, 4, 6, 8], [7, N, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])
SPARSE = np.array(
    [
        [20.8, N, 14.8, 20.9, 18.9],
        [20.3, 19.6, 18.1, N, 20.0],
        [18.2, N, N, N, N],
        [N, N, 19.5, 24.8, N],
        [18.2, 20.5, 20.0, N, N],
        [16.6, N, N, N, 15.1],
    ]
)


@pytest.mark.parametrize(
    ("table", "readers", "expected"),
    [
        # R package lme4 1.1.31, VarCorr(lmer(y ~ 1 + (1 | case) + (1 | reader))), its tolerance about 1e-5.
        (SHROUT_FLEISS, True, (1.9348541233, 5.9553092892, 0.4822723324)),
        (SHROUT_FLEISS, False, (0.3012269844, 0, 6.2673402321)),
        (SPARSE, True, (2.396030359, 1.782384561, 2.876841796)),
    ],
)
def test_lme4(table: np.ndarray, readers: bool, expected: tuple[float, float, float]) -> None:
    found = fit_crossed(table, readers=readers)
    assert (found.case, found.reader, found.residual) == pytest.approx(expected, rel=1e-4)


def test_cases_and_readers_are_told_apart_and_units_scale() -> None:
    found, turned = fit_crossed(SPARSE), fit_crossed(SPARSE.T)
    assert (found.case, found.reader) == pytest.approx((turned.reader, turned.case), rel=1e-3)
    scaled = fit_crossed(10 * SPARSE + 1000)
    assert scaled.case == pytest.approx(100 * found.case, rel=1e-4)


def test_a_start_nearby_finds_the_same() -> None:
    found = fit_crossed(SPARSE)
    again = fit_crossed(SPARSE, near=Components(1.0, 0.0, 5.0))
    assert (again.case, again.reader, again.residual) == pytest.approx(
        (found.case, found.reader, found.residual), rel=1e-3
    )


def test_constant_measurements_have_no_variance() -> None:
    assert fit_crossed(np.full((3, 3), 5.0)) == Components(0.0, 0.0, 0.0)


def test_a_complete_table_has_the_variances_of_its_analysis_of_variance() -> None:
    complete = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])
    # Mean squares of Shrout and Fleiss 1979, table 3, to more digits: cases 11.2417, readers 32.4861, residual 1.0194.
    found = fit_crossed(complete.astype(float))
    expected = ((11.241667 - 1.019444) / 4, (32.486111 - 1.019444) / 6, 1.019444)
    assert (found.case, found.reader, found.residual) == pytest.approx(expected, rel=1e-6)
    one_way = fit_crossed(complete.astype(float), readers=False)
    assert (one_way.case, one_way.residual) == pytest.approx(((11.241667 - 6.263889) / 4, 6.263889), rel=1e-6)


@pytest.mark.parametrize("readers", [True, False])
def test_complete_tables_are_fitted_as_those_with_missing_cells(readers: bool) -> None:
    """Where the analysis of variance gives no variance below 0 it is what the likelihood leads to."""
    drawn, compared = np.random.default_rng(1), 0
    for _ in range(40):
        cases, columns = drawn.integers(4, 20), drawn.integers(2, 6)
        table = drawn.normal(size=(cases, 1)) + drawn.normal(size=(1, columns)) + drawn.normal(size=(cases, columns))
        found = fit_crossed(table, readers=readers)
        sought = _most_likely(table, np.ones(table.shape, dtype=bool), readers=readers, near=None)
        if min(sought.case, sought.reader if readers else 1.0) > 0.05:
            compared += 1
            assert (found.case, found.reader, found.residual) == pytest.approx(
                (sought.case, sought.reader, sought.residual), rel=1e-4
            )
    assert compared > 15


@pytest.mark.parametrize("readers", [True, False])
def test_no_search_finds_a_more_likely_fit_of_a_complete_table_than_its_analysis_of_variance(readers: bool) -> None:
    """Also where a variance is 0, as it is in half of these small tables."""
    drawn, zero = np.random.default_rng(3), 0
    for _ in range(40):
        cases, columns = drawn.integers(3, 9), drawn.integers(2, 5)
        table = drawn.normal(size=(cases, columns)) + drawn.normal(scale=0.4, size=(cases, 1))
        found = fit_crossed(table, readers=readers)
        sought = _most_likely(table, np.ones(table.shape, dtype=bool), readers=readers, near=None)
        zero += min(found.case, found.reader if readers else 1.0) == 0
        assert _unlikely(table, found, readers=readers) <= _unlikely(table, sought, readers=readers) + 1e-9
    assert zero > 10


def _unlikely(table: np.ndarray, found: Components, *, readers: bool) -> float:
    """Twice the negative restricted log-likelihood of a complete table."""
    values = table - table.mean()
    sums = _Sums(np.ones(table.shape), values.sum(axis=1), values.sum(axis=0), float((values**2).sum()))
    return _deviance(sums, np.sqrt(np.array([found.case, found.reader][: 1 + readers]) / found.residual))[0]
