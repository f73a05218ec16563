"""Tests of association against published output of R, arithmetic by hand, and bad tables."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thyrosight.errors import StatisticsError
from thyrosight.statistics.association.hypothesis_tests import (
    adjust_p_values,
    chi_square_test,
    compare_means,
    compare_means_from_summary,
    contingency_table,
    fisher_exact_test,
    mann_whitney_test,
)

# Student's sleep data, the example of R's t.test.
SLEEP = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0], [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def test_welch_equals_the_example_of_r() -> None:
    result = compare_means(*SLEEP)
    assert result.test.statistic == pytest.approx(-1.8608, abs=5e-5)
    assert result.test.df == pytest.approx(17.776, abs=5e-4)
    assert result.test.p == pytest.approx(0.07939, abs=5e-6)
    assert (result.difference.low, result.difference.high) == pytest.approx((-3.3654832, 0.2054832), abs=5e-8)


def test_student_equals_r_and_needs_only_what_papers_print() -> None:
    raw = compare_means(*SLEEP, method="student")
    assert raw.test.p == pytest.approx(0.07919, abs=5e-6)
    summaries = [(float(np.mean(group)), float(np.std(group, ddof=1)), 10) for group in SLEEP]
    assert compare_means_from_summary(*summaries, method="student").to_dict() == raw.to_dict()


def test_mann_whitney_equals_the_example_of_r() -> None:
    x, y = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46], [1.15, 0.88, 0.90, 0.74, 1.21]
    result = mann_whitney_test(x, y)
    assert result.statistic == 35
    assert result.p == pytest.approx(0.2544, abs=5e-5)
    assert "exact" in result.method and "exact" not in mann_whitney_test(x, [*y, 0.80]).method


def test_ranks_bear_infinity_but_means_do_not() -> None:
    assert mann_whitney_test([1, 2, np.inf], [4, 5, 6]).p == mann_whitney_test([1, 2, 99], [4, 5, 6]).p
    with pytest.raises(StatisticsError, match="Expected `a` to be finite"):
        compare_means([1, 2, np.inf], [4, 5, 6])


def test_equal_values_everywhere_are_no_evidence() -> None:
    assert mann_whitney_test([2, 2], [2, 2, 2]).p == 1
    with pytest.raises(StatisticsError, match="Both groups are constant"):
        compare_means([2, 2], [2, 2, 2])


def test_yates_takes_a_half_from_every_deviation() -> None:
    # 20 of 40 against 10 of 40: |20 - 15| = 5, four deviations over expected 15, 15, 25, 25.
    table = [[20, 20], [10, 30]]
    assert chi_square_test(table).statistic == pytest.approx(25 * (2 / 15 + 2 / 25))
    assert chi_square_test(table, yates=True).statistic == pytest.approx(4.5**2 * (2 / 15 + 2 / 25))
    with pytest.raises(StatisticsError, match=r"2 rows and 2 columns, got 2 x 3"):
        chi_square_test([[1, 2, 3], [3, 2, 1]], yates=True)


def test_a_category_unseen_in_both_groups_changes_nothing() -> None:
    with_empty, without = [[194, 14], [0, 0], [1, 0]], [[194, 14], [1, 0]]
    assert chi_square_test(with_empty) == chi_square_test(without)
    assert fisher_exact_test(with_empty) == fisher_exact_test(without)


def test_small_expected_counts_are_said() -> None:
    assert chi_square_test([[194, 14], [1, 0]]).note == "fewer than 5 expected in 2 of 4 cells"
    assert chi_square_test([[20, 20], [10, 30]]).note == ""


def test_random_tables_are_named_in_the_method(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("thyrosight.statistics.association.fisher._LARGEST_WORK", 10_000)
    table = np.full((6, 6), 8)
    assert fisher_exact_test(table, replicates=99, seed=4).method == "Fisher's test by 99 random tables (seed 4)"


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 2)), min_size=1))
def test_counting_loses_no_pair(pairs: list[tuple[str, int]]) -> None:
    rows, columns = zip(*pairs, strict=True)
    table = contingency_table(rows, columns)
    assert table.sum() == len(pairs)
    assert table.shape == (len(set(rows)), len(set(columns)))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([[1, 2], [3, -1]], "got -1 in row 1, column 1"),
        ([[1, 2.5], [3, 1]], "got 2.5 in row 0, column 1"),
        ([[1, np.nan], [3, 1]], "got nan in row 0, column 1"),
        ([[1, 2], [0, 0]], "at least two rows and two columns with observations in `table`, got 1 and 2"),
        ([[1, 2], [3]], "rows of counts, each of the same length"),
        ([1, 2], "two dimensions, got 1"),
    ],
)
def test_tables_that_are_none_are_refused(table: object, message: str) -> None:
    for test in (chi_square_test, fisher_exact_test):
        with pytest.raises(StatisticsError, match=message):
            test(table)  # type: ignore[arg-type]


def test_corrections_by_hand() -> None:
    p = [0.01, 0.02, 0.03, 0.5]
    assert adjust_p_values(p, method="bonferroni").tolist() == pytest.approx([0.04, 0.08, 0.12, 1])
    # Holm: 4 x 0.01, 3 x 0.02, 2 x 0.03, 0.5, never falling; Benjamini-Hochberg: 4/1, 4/2, 4/3, 4/4, never rising back.
    assert adjust_p_values(p, method="holm").tolist() == pytest.approx([0.04, 0.06, 0.06, 0.5])
    assert adjust_p_values(p, method="benjamini-hochberg").tolist() == pytest.approx([0.04, 0.04, 0.04, 0.5])
    with pytest.raises(StatisticsError, match="between 0 and 1"):
        adjust_p_values([0.2, 1.2])


def test_groups_too_small_for_a_t_test() -> None:
    with pytest.raises(StatisticsError, match="at least 2 values in each group, got 1 and 3"):
        compare_means([1], [1, 2, 3])
    with pytest.raises(StatisticsError, match="standard deviation of 0 or more"):
        compare_means_from_summary((1.0, -1.0, 5), (2.0, 1.0, 5))
