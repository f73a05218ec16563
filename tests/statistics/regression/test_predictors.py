"""Columns of a design and the sentence for predictors that cannot make one."""

from typing import Any

import numpy as np
import pytest

from thyrosight.errors import StatisticsError
from thyrosight.statistics.regression.predictors import design_matrix


def _design(predictors: dict[str, Any], **options: Any) -> tuple[np.ndarray, list[str]]:
    matrix, columns = design_matrix(predictors, 4, **({"reference": {}, "categorical": ()} | options))
    return matrix, [str(column) for column in columns]


def test_text_becomes_levels_against_the_first_or_the_named_one() -> None:
    margin = ["smooth", "lobulated", "smooth", "irregular"]
    matrix, names = _design({"margin": margin})
    assert names == ["margin: lobulated against irregular", "margin: smooth against irregular"]
    assert matrix.tolist() == [[1, 0, 1], [1, 1, 0], [1, 0, 1], [1, 0, 0]]
    assert _design({"margin": margin}, reference={"margin": "smooth"})[1][0] == "margin: irregular against smooth"


def test_numbers_stay_numbers_unless_named() -> None:
    assert _design({"size": [1, 2, 3, 5]})[0][:, 1].tolist() == [1, 2, 3, 5]
    assert _design({"grade": [4, 5, 5, 4]}, categorical=["grade"])[1] == ["grade: 5 against 4"]
    assert _design({"grade": [4, 5, 5, 4]}, reference={"grade": 5})[1] == ["grade: 4 against 5"]
    assert _design({"taller": [True, False, True, True]})[0][:, 1].tolist() == [1, 0, 1, 1]


@pytest.mark.parametrize(
    ("predictors", "options", "message"),
    [
        ({}, {}, "at least one predictor"),
        ({"x": [1, 1, 1, 1]}, {}, "Predictor 'x' has the same value everywhere"),
        ({"x": ["a"] * 4}, {}, "Predictor 'x' has the same value everywhere"),
        ({"x": [1, 2, np.nan, 3]}, {}, "`x` to be finite numbers, got nan at position 2"),
        ({"x": ["a", None, "b", "a"]}, {}, "every value of `x` to be given, but position 1 is empty"),
        ({"x": [1, 2, 3]}, {}, "outcome with 4 and x with 3"),
        ({"x": [1, 2, 3, 5], "y": [2, 4, 6, 10]}, {}, "The column 'y' follows from the columns before it"),
        ({"x": [1, 2, 3, 5]}, {"categorical": ["z"]}, "No predictor 'z' among 'x'"),
        ({"x": list("abab")}, {"reference": {"x": "c"}}, "no level 'c', only 'a', 'b'"),
    ],
)
def test_unfit_predictors_are_refused(predictors: dict[str, Any], options: dict[str, Any], message: str) -> None:
    with pytest.raises(StatisticsError, match=message):
        _design(predictors, **options)
