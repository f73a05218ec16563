"""Answers: one form for each, and one sentence for each that does not fit."""

import json
import math
from typing import Any

import pytest

from thyrosight.errors import ReadingsError
from thyrosight.readings import Protocol, check_answers

FEATURES = {
    "composition": "solid", "echogenicity": "hypoechoic", "margin": "smooth", "calcification": "none",
    "shape": "taller than wide",
}  # fmt: skip
WHOLE = {
    "score": 70, "features": FEATURES, "biopsy": True, "marks": [[10, 20, 90], [30.5, 40, 5, 2, 7]],
    "confidence": "high", "depth": 12.0, "comment": "a rim",
}  # fmt: skip


def test_answers_have_one_form(protocol: Protocol) -> None:
    found = check_answers(protocol.questions, WHOLE)
    assert found["marks"] == [[10, 20, 90, 1, 0], [30.5, 40, 5, 2, 7]]
    assert found["depth"] == 12
    assert check_answers(protocol.questions, json.loads(json.dumps(found))) == found


@pytest.mark.parametrize("key", ["score", "features", "biopsy", "marks", "confidence"])
def test_a_required_answer_may_be_missing_in_a_draft_alone(protocol: Protocol, key: str) -> None:
    given = {name: value for name, value in WHOLE.items() if name != key}
    assert key not in check_answers(protocol.questions, given, draft=True)
    with pytest.raises(ReadingsError, match=f"^{key}: an answer is required"):
        check_answers(protocol.questions, given)


def test_no_mark_at_all_is_an_answer(protocol: Protocol) -> None:
    assert check_answers(protocol.questions, {**WHOLE, "marks": []})["marks"] == []


@pytest.mark.parametrize(
    ("key", "given"),
    [
        ("score", 101), ("score", -1), ("score", True), ("score", "70"), ("score", math.nan),
        ("features", {"composition": "soled"}), ("features", {"colour": "grey"}), ("features", "solid"),
        ("features", {"composition": "solid"}), ("biopsy", "yes"), ("biopsy", 1), ("marks", [[1, 2]]),
        ("marks", [[1, 2, 101]]), ("marks", [[-1, 2, 50]]), ("marks", [[1, 2, 3, 0, 0]]), ("marks", [[1, 2, 3]] * 21),
        ("confidence", "High"), ("depth", 101), ("depth", -0.1), ("comment", "x" * 4001), ("comment", 5),
    ],
)  # fmt: skip
def test_an_answer_that_does_not_fit_is_refused_with_its_key(protocol: Protocol, key: str, given: Any) -> None:
    with pytest.raises(ReadingsError, match=f"^{key}: ") as error:
        check_answers(protocol.questions, {**WHOLE, key: given})
    assert len(str(error.value)) < 400


def test_an_answer_to_no_question_is_refused(protocol: Protocol) -> None:
    with pytest.raises(ReadingsError, match=r"^mood: no question has this key; asked are score, features"):
        check_answers(protocol.questions, {**WHOLE, "mood": "good"})
