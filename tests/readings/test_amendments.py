"""Amendments: what may change while a study is open, and the sentences on it."""

from dataclasses import replace
from typing import Any

import pytest

from tests.readings.conftest import cases, protocol_with
from thyrosight.errors import ReadingsError
from thyrosight.readings import Case, Protocol, Reader, amend, orders, parse_protocol, study_changes


def with_question(protocol: Protocol, key: str, **changes: Any) -> Protocol:
    """The protocol with one question changed."""
    tree = protocol.to_json()
    tree["questions"] = [one | (changes if one["key"] == key else {}) for one in tree["questions"]]
    return parse_protocol(tree)


def test_wording_may_change_and_is_told(protocol: Protocol) -> None:
    found = amend(protocol, with_question(protocol, "biopsy", text="Would you advise FNA?"))
    assert found.protocol.version == 2
    assert found.changes == (
        "The wording of the question biopsy was changed from 'Would you advise a biopsy?' to 'Would you advise FNA?'.",
    )
    assert amend(found.protocol, protocol).protocol.version == 3


def test_questions_come_and_go(protocol: Protocol) -> None:
    tree = protocol.to_json()
    tree["questions"] = [one for one in tree["questions"] if one["key"] != "depth"]
    tree["questions"].append({"key": "seen", "kind": "yes-no", "text": "Have you seen the case before?"})
    assert amend(protocol, parse_protocol(tree)).changes == (
        "The question depth is asked no longer.",
        "The question seen was added: Have you seen the case before?",
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 21}, {"repeats": 1}, {"practice": 1}, {"attention": 1}, {"action": None}, {"reading": "nested"},
        {"main_question": "confidence"}, {"arms": [{"name": "unaided"}, {"name": "aided", "model": "other"}]},
        {"design": "independent"}, {"power": {"difference": 0.1}},
    ],
)  # fmt: skip
def test_what_readings_rest_on_stays(protocol: Protocol, changes: dict[str, Any]) -> None:
    with pytest.raises(ReadingsError, match=f"^{next(iter(changes))}: this cannot change once the study is open"):
        amend(protocol, protocol_with(**changes))


@pytest.mark.parametrize(
    ("key", "changes", "said"),
    [
        ("confidence", {"choices": ["low", "high"]}, "questions, confidence, choices"),
        ("features", {"system": "eu"}, "questions, features, system"),
        ("depth", {"highest": 50}, "questions, depth, highest"),
        ("depth", {"kind": "score", "unit": None, "lowest": None, "highest": None}, "questions, depth, kind"),
    ],
)
def test_a_question_keeps_its_meaning(protocol: Protocol, key: str, changes: dict[str, Any], said: str) -> None:
    tree = protocol.to_json()
    tree["questions"] = [one | (changes if one["key"] == key else {}) for one in tree["questions"]]
    tree["questions"] = [{name: value for name, value in one.items() if value is not None} for one in tree["questions"]]
    with pytest.raises(ReadingsError, match=said):
        amend(protocol, parse_protocol(tree))


def test_the_columns_of_readings_stay(protocol: Protocol) -> None:
    tree = protocol.to_json()
    tree["questions"] = [one for one in tree["questions"] if one["key"] != "marks"]
    with pytest.raises(ReadingsError, match="questions, marks: this question cannot be left out"):
        amend(protocol, parse_protocol(tree))


def test_cases_and_readers_come_and_are_withdrawn() -> None:
    before, who = cases(4, malignant=1), [Reader("A")]
    after = [replace(before[0], withdrawn=True), replace(before[1], truth=1), *before[2:], Case("d", 1, since=2)]
    assert study_changes((before, who), (after, [*who, Reader("B", since=2)]), version=2) == (
        "1 case joined (1 malignant): d.",
        "The case c0 was withdrawn.",
        "The truth of the case c1 was changed from 0 to 1.",
        "1 reader joined: B.",
    )


@pytest.mark.parametrize(
    ("after", "who", "said"),
    [
        (cases(3), [Reader("A")], "The case 'c3' is gone"),
        (cases(4), [Reader("B", since=2)], "The reader 'A' is gone"),
        ([*cases(4), Case("d")], [Reader("A")], "'d' joined with version 1, but this is version 2"),
        ([*cases(3), Case("c3", 0, role="attention")], [Reader("A")], "'c3': role cannot change"),
    ],
)
def test_who_was_there_stays(after: list[Case], who: list[Reader], said: str) -> None:
    with pytest.raises(ReadingsError, match=said):
        study_changes((cases(4), [Reader("A")]), (after, who), version=2)


def test_an_amended_question_leaves_the_orders_alone(protocol: Protocol) -> None:
    plain = protocol_with(practice=0, attention=0)
    amended = amend(plain, with_question(plain, "biopsy", text="FNA?")).protocol
    assert orders(amended, cases(8, malignant=3), [Reader("A")]) == orders(plain, cases(8, malignant=3), [Reader("A")])
