"""Which tables are reader studies, and the sentence for those that are not."""

import math

import numpy as np
import pytest

from thyrosight.errors import StatisticsError
from thyrosight.statistics.readers.design import read_study

NAMES = {"test": "test", "reader": "reader", "case": "case", "truth": "truth", "rating": "rating"}


def _table() -> dict[str, list]:
    rows = [(t, r, c, c % 2, float(c)) for t in "AB" for r in ("Kim", "Ola") for c in range(4)]
    return {name: list(column) for name, column in zip(NAMES, zip(*rows, strict=True), strict=True)}


def test_readings_stand_where_they_belong_whatever_the_order() -> None:
    table = _table()
    table["rating"] = list(range(16))
    order = np.random.default_rng(0).permutation(16)
    study = read_study({name: [column[i] for i in order] for name, column in table.items()}, **NAMES)
    assert study.ratings.ravel().tolist() == list(range(16))
    assert (study.tests, study.readers, study.truth.tolist()) == (("A", "B"), ("Kim", "Ola"), [0, 1, 0, 1])
    assert study.design == "factorial"


def test_nested_cases_are_recognised_by_their_names() -> None:
    table = _table()
    of_reader = table | {"case": [f"{r}{c}" for r, c in zip(table["reader"], table["case"], strict=True)]}
    of_test = table | {"case": [f"{t}{c}" for t, c in zip(table["test"], table["case"], strict=True)]}
    assert read_study(of_reader, **NAMES).design == "cases nested in readers"
    assert read_study(of_test, **NAMES).design == "cases nested in tests"
    assert [units.tolist() for units, _ in read_study(of_reader, **NAMES).blocks()] == [[0, 2], [1, 3]]
    assert [units.tolist() for units, _ in read_study(of_test, **NAMES).blocks()] == [[0, 1], [2, 3]]


def test_a_missing_reading_is_named() -> None:
    table = {name: column[:5] + column[6:] for name, column in _table().items()}
    with pytest.raises(StatisticsError, match=r"case 1 by reader Ola with test A is missing \(1 of 16 are\)"):
        read_study(table, **NAMES)


def test_a_reading_given_twice_is_named() -> None:
    table = {name: [*column, column[0]] for name, column in _table().items()}
    with pytest.raises(StatisticsError, match="case 0 by reader Kim with test A is given 2 times"):
        read_study(table, **NAMES)


def test_a_case_with_two_truths_is_named() -> None:
    table = _table()
    table["truth"][6] = 1
    with pytest.raises(StatisticsError, match="Case 2 has more than one truth"):
        read_study(table, **NAMES)


def test_a_case_in_two_clusters_is_named() -> None:
    table = _table() | {"slide": ["s"] * 15 + ["t"]}
    with pytest.raises(StatisticsError, match="Case 3 has more than one cluster"):
        read_study(table, **NAMES, cluster="slide")


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("rating", [np.nan] * 16, "Expected `rating` to be finite numbers, got nan"),
        ("rating", ["high"] * 16, "Expected `rating` to hold numbers, got 'high'"),
        ("truth", [2] * 16, "Expected `truth` to hold only 0 and 1, got 2"),
        ("truth", [1] * 16, "to hold both 0 and 1"),
        ("reader", [None] * 16, "Expected every value of `reader` to be given"),
        ("reader", ["Kim"] * 15, "got test with 16, reader with 15"),
    ],
)
def test_columns_are_checked_by_their_own_names(column: str, values: list, message: str) -> None:
    with pytest.raises(StatisticsError, match=message):
        read_study(_table() | {column: values}, **NAMES)


def _without(gaps: set[tuple[str, str, int]], table: dict[str, list], *, as_nan: bool) -> dict[str, list]:
    """The table without some readings: without their rows, or with a rating of NaN."""
    keys = list(zip(table["test"], table["reader"], [c % 10 for c in table["case"]], strict=True))
    if as_nan:
        ratings = [float("nan") if key in gaps else r for key, r in zip(keys, table["rating"], strict=True)]
        return table | {"rating": ratings}
    return {name: [v for v, key in zip(column, keys, strict=True) if key not in gaps] for name, column in table.items()}


@pytest.mark.parametrize("as_nan", [True, False])
def test_cases_with_a_missing_reading_are_left_out_on_request(as_nan: bool) -> None:
    table = _without({("A", "Ola", 1)}, _table(), as_nan=as_nan)
    study = read_study(table, **NAMES, missing="drop-case")
    assert (study.design, study.cases, study.dropped) == ("factorial", (0, 2, 3), (1,))
    assert study.ratings.shape == (2, 2, 3) and study.truth.tolist() == [0, 0, 1]


def test_nested_designs_lose_the_incomplete_cases_alone() -> None:
    table = _table()
    table["case"] = [c + 10 * (r == "Ola") for r, c in zip(table["reader"], table["case"], strict=True)]
    study = read_study(_without({("A", "Ola", 1)}, table, as_nan=False), **NAMES, missing="drop-case")
    assert (study.design, study.cases) == ("cases nested in readers", (0, 1, 2, 3, 10, 12, 13))
    of_test = _table()
    of_test["case"] = [c + 10 * (t == "B") for t, c in zip(of_test["test"], of_test["case"], strict=True)]
    study = read_study(_without({("B", "Kim", 2)}, of_test, as_nan=True), **NAMES, missing="drop-case")
    assert (study.design, study.cases) == ("cases nested in tests", (0, 1, 2, 3, 10, 11, 13))


def test_nothing_left_is_refused() -> None:
    table = _without({("A", "Ola", c) for c in range(4)}, _table(), as_nan=False)
    with pytest.raises(StatisticsError, match="Every case has a reading missing"):
        read_study(table, **NAMES, missing="drop-case")
    with pytest.raises(StatisticsError, match="--missing drop-case"):
        read_study(table, **NAMES)


def _split(table: dict[str, list]) -> dict[str, list]:
    """Two blocks: Kim and Ola read four cases, Ada and Ben four others."""
    other = table | {
        "reader": [{"Kim": "Ada", "Ola": "Ben"}[name] for name in table["reader"]],
        "case": [10 + number for number in table["case"]],
    }
    return {name: [*column, *other[name]] for name, column in table.items()}


def test_blocks_are_recognised_by_the_names_of_the_cases() -> None:
    study = read_study(_split(_table()), **NAMES)
    assert study.design == "split-plot: readers and cases in blocks"
    assert study.readers == ("Ada", "Ben", "Kim", "Ola")
    assert study.reader_block is not None
    assert study.reader_block.tolist() == [0, 0, 1, 1]
    assert [units.tolist() for units, _ in study.blocks()] == [[0, 1, 4, 5], [2, 3, 6, 7]]
    assert read_study(_table(), **NAMES).reader_block is None


def test_a_column_of_blocks_must_hold_readers_and_cases_apart() -> None:
    table = _split(_table())
    table["block"] = ["b" if case >= 10 else "a" for case in table["case"]]
    assert read_study(table, block="block", **NAMES).design == "split-plot: readers and cases in blocks"
    table["block"][0] = "b"
    with pytest.raises(StatisticsError, match="Reader Kim is in more than one block of 'block'"):
        read_study(table, block="block", **NAMES)


def test_missing_readings_can_be_analysed() -> None:
    table = {name: column[:5] + column[6:] for name, column in _table().items()}
    study = read_study(table, missing="analyse", **NAMES)
    assert study.design == "unbalanced: readers read parts of the cases"
    assert np.isnan(study.ratings).sum() == 1
    assert study.dropped == ()
    assert read_study(_table(), missing="analyse", **NAMES).design == "factorial"
    # A rating of NaN is a missing reading as well; a case that nobody read is left out.
    empty = {name: list(column) for name, column in _table().items()}
    empty["rating"] = [
        math.nan if case == 2 else rating for case, rating in zip(empty["case"], empty["rating"], strict=True)
    ]
    assert read_study(empty, missing="analyse", **NAMES).cases == (0, 1, 3)


def test_blocks_stay_when_a_reading_in_them_is_missing() -> None:
    table = {name: column[1:] for name, column in _split(_table()).items()}
    study = read_study(table, missing="analyse", **NAMES)
    assert study.design == "unbalanced: readers read parts of the cases"
    assert study.reader_block is not None and study.reader_block.tolist() == [0, 0, 1, 1]
    dropped = read_study(table, missing="drop-case", **NAMES)
    assert dropped.design == "split-plot: readers and cases in blocks"
    assert (len(dropped.cases), dropped.dropped) == (7, (0,))


def test_a_reader_without_a_reading_under_a_test_is_named() -> None:
    table = _table()
    kept = [i for i in range(16) if not (table["reader"][i] == "Ola" and table["test"][i] == "B")]
    with pytest.raises(StatisticsError, match="Reader Ola has no reading with test B"):
        read_study({name: [column[i] for i in kept] for name, column in table.items()}, missing="analyse", **NAMES)
