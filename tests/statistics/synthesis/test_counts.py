"""Tables of sites."""

import pytest

from thyrosight.errors import StatisticsError
from thyrosight.statistics import SiteCounts, count_sites


def test_rows_are_counted_by_site_truth_and_call() -> None:
    found = count_sites(list("bbbbbaaa"), [1, 1, 1, 0, 0, 1, 0, 0], [1, 1, 0, 1, 0, 0, 0, 0])
    assert found == SiteCounts(("a", "b"), (0, 2), (1, 1), (0, 1), (2, 1))
    assert found.right.tolist() == [[0, 2], [2, 1]]
    assert found.totals.tolist() == [[1, 2], [3, 2]]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (((), (), (), (), ()), "at least one site"),
        ((("a", "a"), (1, 1), (1, 1), (1, 1), (1, 1)), "one row per site, got several of a"),
        ((("a", "b"), (1, 0), (1, 0), (1, 1), (1, 1)), "Site b has no diseased nodule"),
        ((("a", "b"), (1, 1), (1, 1), (0, 1), (0, 1)), "Site a has no healthy nodule"),
        ((("a",), (1.5,), (1,), (1,), (1,)), "`true_positive` to be a whole number"),
        ((("a", "b"), (1,), (1, 1), (1, 1), (1, 1)), "arrays of one length"),
    ],
)
def test_bad_tables_get_one_sentence(columns: tuple, message: str) -> None:
    with pytest.raises(StatisticsError, match=message):
        SiteCounts(*columns)


def test_bad_rows_get_one_sentence() -> None:
    with pytest.raises(StatisticsError, match="predicted with 1"):
        count_sites(["a", "a"], [1, 0], [1])
