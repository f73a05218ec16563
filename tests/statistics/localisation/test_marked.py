"""Marks and lesions arranged by case, and tables that must be refused."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from thyrosight.errors import StatisticsError
from thyrosight.statistics import MarkedCases, marked_cases

LESIONS = {"case": ["a", "a", "b"], "lesion": ["1", "2", None], "patient": ["p", "p", "q"], "weight": [3, 1, 0]}
MARKS = {"case": ["b", "a"], "lesion": [None, "2"], "confidence": [0.5, 0.75]}


def test_the_highest_mark_on_a_lesion_counts(by_hand: MarkedCases) -> None:
    assert by_hand.cases == ("a", "b", "f", "g", "h")
    assert by_hand.lesions == (("a", "1"), ("a", "2"), ("b", "1"))
    assert by_hand.lesion_rating.tolist() == [80, -np.inf, 50]
    assert by_hand.lesion_weight.tolist() == [0.75, 0.25, 1]
    assert by_hand.highest_false.tolist() == [70, -np.inf, 60, 50, -np.inf]
    assert by_hand.with_lesion.tolist() == [True, True, False, False, False]
    assert by_hand.repeated == 1
    assert str(by_hand) == "5 cases, 3 without a lesion; 2 of 3 lesions marked; 4 false marks"


def test_empty_cells_of_any_kind_are_false_marks() -> None:
    frame = pd.DataFrame({"case": list("abb"), "lesion": [1, np.nan, np.nan], "confidence": [3, 2, 1]})
    found = marked_cases(frame, pd.DataFrame(LESIONS), cluster="patient")  # type: ignore[arg-type]
    assert found.lesion_rating.tolist() == [3, -np.inf]  # pandas made 1 of the column a float
    assert found.false_rating.tolist() == [2, 1]
    assert (found.clusters, found.cluster_of_case.tolist()) == (2, [0, 1])
    other = marked_cases({"case": ["a"], "lesion": [pd.NA], "confidence": [1]}, LESIONS)
    assert other.false_case.tolist() == [0]


def test_nothing_marked_at_all() -> None:
    found = marked_cases({"case": [], "lesion": [], "confidence": []}, LESIONS)
    assert found.false_case.size == 0 and np.isneginf(found.lesion_rating).all()


@pytest.mark.parametrize(
    ("marks", "lesions", "options", "message"),
    [
        ({"case": ["z", "a"]}, {}, {}, "Case z has marks but no row in the table of lesions"),
        ({"lesion": [None, "3"]}, {}, {}, "A mark in case a hits lesion '3', which the table of lesions does not hold"),
        ({"lesion": ["1", "2"]}, {}, {}, "A mark in case b hits lesion '1'"),
        ({"confidence": [0.5, np.nan]}, {}, {}, "Expected `confidence` to be finite"),
        ({"confidence": [0.5]}, {}, {}, "Expected arrays of one length"),
        ({}, {"lesion": ["1", "1", None]}, {}, "Case a has lesion '1' twice"),
        ({}, {"lesion": ["1", None, None]}, {}, "Case a has a row without a lesion beside its lesions"),
        ({}, {"patient": ["p", "q", "q"]}, {"cluster": "patient"}, "Case a has more than one patient"),
        ({}, {"weight": [1, 0, 0]}, {"weight": "weight"}, "Expected `weight` above 0 for every lesion, got 0"),
        ({}, {}, {"cluster": "hospital"}, "No column 'hospital' among 'case', 'lesion'.* of the lesions"),
        ({}, {}, {"confidence": "score"}, "No column 'score' among 'case', 'lesion', 'confidence' of the marks"),
    ],
)
def test_unfit_tables_are_refused(
    marks: dict[str, Any], lesions: dict[str, Any], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(StatisticsError, match=message):
        marked_cases(MARKS | marks, LESIONS | lesions, **options)
