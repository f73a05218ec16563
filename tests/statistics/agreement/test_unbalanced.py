"""Intraclass correlation with missing cells: against lme4, the complete analysis, and its invariants."""

import math

import numpy as np
import pytest

from thyrosight.errors import StatisticsError
from thyrosight.statistics import intraclass_correlation, intraclass_correlation_mixed
from thyrosight.statistics.agreement.measurements import FORMS

COMPLETE = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
MISSING = [[9, 2, 5, 8], [6, 1, 3, None], [8, 4, 6, 8], [7, None, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


@pytest.mark.parametrize("form", FORMS)
def test_complete_data_give_the_analysis_of_variance(form: str) -> None:
    expected = intraclass_correlation(COMPLETE, form=form)
    found = intraclass_correlation_mixed(COMPLETE, form=form).coefficient
    assert (found.value, found.low, found.high) == pytest.approx(
        (expected.value, expected.low, expected.high), abs=2e-5, rel=1e-4
    )


@pytest.mark.parametrize(
    ("form", "value"),
    [
        # R package psych 2.2.9, ICC(x, missing = FALSE, lmer = TRUE) on lme4 1.1.31.
        ("2,1", 0.23109811556),
        ("3,1", 0.80047699563),
        ("2,k", 0.54591362929),
        ("3,k", 0.94134145154),
        # One-way from VarCorr(lmer(y ~ 1 + (1 | case))): 0.3012269844 and 6.2673402321.
        ("1,1", 0.3012269844 / (0.3012269844 + 6.2673402321)),
    ],
)
def test_missing_cells_equal_psych_and_lme4(form: str, value: float) -> None:
    found = intraclass_correlation_mixed(MISSING, form=form)
    assert found.coefficient.value == pytest.approx(value, rel=1e-4)
    assert (found.readings, found.missing) == (22, 2)
    assert found.coefficient.low < found.coefficient.value < found.coefficient.high


def test_offsets_of_readers_matter_to_absolute_agreement_only() -> None:
    moved = [[x + 5 * (j == 1) if x is not None else None for j, x in enumerate(row)] for row in MISSING]

    def value(table: list[list[float | None]], form: str) -> float:
        return intraclass_correlation_mixed(table, form=form).coefficient.value

    assert value(moved, "3,1") == pytest.approx(value(MISSING, "3,1"), abs=0.02)
    assert value(moved, "2,1") != pytest.approx(value(MISSING, "2,1"), abs=0.02)


def test_cases_without_a_reading_are_left_out_and_patients_are_resampled() -> None:
    with_empty = [*MISSING, [None] * 4]
    assert intraclass_correlation_mixed(with_empty).coefficient == intraclass_correlation_mixed(MISSING).coefficient
    found = intraclass_correlation_mixed(with_empty, cluster=list("aabbccd"), replicates=20).coefficient
    assert (found.n, found.clusters) == (6, 3)
    assert "readers the same" in found.method
    assert found.low <= found.high


def test_edges() -> None:
    agreeing = intraclass_correlation_mixed([[1, 1, 1], [2, 2, None], [3, 3, 3], [5, 5, 5]])
    assert agreeing.coefficient.value == pytest.approx(1, abs=1e-5)
    assert math.isnan(intraclass_correlation_mixed([[4, 4, 4], [4, 4, 4], [4, 4, None]]).coefficient.value)
    for bad, words in (
        ([[1, 2]], "two or more rows"),
        ([[1, None], [2, None]], "Reader 2 measured no case"),
        ([[1, 2], [2, None], [3, None]], "measured twice"),
        ([["a", 2], [2, 3]], "numbers"),
    ):
        with pytest.raises(StatisticsError, match=words):
            intraclass_correlation_mixed(bad)
    with pytest.raises(StatisticsError, match="form"):
        intraclass_correlation_mixed(MISSING, form="4,1")


def test_columns_are_readers() -> None:
    turned = np.array(MISSING, dtype=object).T
    assert intraclass_correlation_mixed(turned).coefficient.value != pytest.approx(
        intraclass_correlation_mixed(MISSING).coefficient.value, abs=0.05
    )
