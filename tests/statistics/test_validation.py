"""Checks of arguments: each refusal is one sentence that names the argument, the position and the value."""

import math

import numpy as np
import pandas as pd
import pytest

from thyrosight.errors import StatisticsError
from thyrosight.statistics.validation import as_count, as_labels, as_numbers, as_truth, require_confidence


def test_truth_is_read_from_any_kind_of_zero_and_one() -> None:
    objects = [np.array(pair, object) for pair in ([False, True], [0, 1.0], [np.bool_(False), np.int64(1)])]
    for values in ([0, 1], [0.0, 1.0], [False, True], np.array([0, 1], np.uint8), *objects):
        assert as_truth(values).tolist() == [0, 1] and as_truth(values).dtype == np.int64
    assert as_truth([1, 1], both_classes=False).tolist() == [1, 1]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["0", "1"], "`truth` to hold only 0 and 1, got '0' at position 0"),
        (np.array(["a", "b"]), "got 'a' at position 0"),
        (np.array([True, None], object), "got None at position 1"),
        (np.array([1, "benign"], object), "got 'benign' at position 1"),
        (np.array([0, np.int64(2)], object), "got 2 at position 1"),
        ([0, 1, math.nan], "got nan at position 2"),
        ([1, 1, 1], "both 0 and 1, got only 1 in 3 values"),
        ([[0, 1]], r"one dimension, got shape \(1, 2\)"),
        ([], "at least one value, got none"),
    ],
)
def test_other_truths_are_refused(values: list, message: str) -> None:
    with pytest.raises(StatisticsError, match=message):
        as_truth(values)


def test_numbers_name_the_first_that_is_none() -> None:
    with pytest.raises(StatisticsError, match="`score` to hold numbers, got 'high' at position 1"):
        as_numbers([0.5, "high"], name="score")
    with pytest.raises(StatisticsError, match="got inf at position 0"):
        as_numbers([math.inf], name="score")
    assert as_numbers([math.inf], name="score", finite=False).tolist() == [math.inf]


def test_labels_become_codes_in_sorted_order() -> None:
    codes, distinct = as_labels(["b", "a", "b"], name="cluster")
    assert codes.tolist() == [1, 0, 1] and distinct.tolist() == ["a", "b"]


@pytest.mark.parametrize("values", [[1, "1"], np.array([1, "1"], object), [2, 1, "1"]])
def test_labels_that_read_alike_are_not_merged(values: object) -> None:
    with pytest.raises(StatisticsError, match="`cluster` to be of one kind, got both 1 and '1'"):
        as_labels(values, name="cluster")


def test_equal_labels_are_one_however_they_are_stored() -> None:
    codes, distinct = as_labels(np.array([1, 1.0, "b", np.str_("b")], object), name="cluster")
    assert codes.tolist() == [0, 0, 1, 1] and distinct.tolist() == ["1", "b"]


@pytest.mark.parametrize("values", [["a", pd.NA], ["a", None], [1.0, math.nan], np.array(["a", math.nan], object)])
def test_a_missing_label_is_refused(values: object) -> None:
    with pytest.raises(StatisticsError, match="`cluster` to be given, but position 1 is empty"):
        as_labels(values, name="cluster")


@pytest.mark.parametrize("value", [-1, 2.5, math.inf, "3", None])
def test_a_count_is_a_whole_number(value: object) -> None:
    with pytest.raises(StatisticsError, match="`n` to be a whole number of 0 or more"):
        as_count(value, name="n")


@pytest.mark.parametrize("confidence", [0, 1, 95, math.nan])
def test_confidence_lies_between_zero_and_one(confidence: float) -> None:
    with pytest.raises(StatisticsError, match="`confidence` between 0 and 1"):
        require_confidence(confidence)
