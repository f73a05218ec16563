"""Protocols: what is read, what is refused, and what their hash rests on."""

import json

import pytest

from tests.readings.conftest import TEXT, protocol_with
from thyrosight.errors import ReadingsError
from thyrosight.readings import Protocol, parse_protocol, template


def test_yaml_and_json_hold_the_same_protocol(protocol: Protocol) -> None:
    assert parse_protocol(protocol.to_yaml()) == protocol
    assert parse_protocol(json.dumps(protocol.to_json())) == protocol


def test_the_hash_follows_what_is_said_and_not_how(protocol: Protocol) -> None:
    spelt_out = parse_protocol(TEXT + "repeats: 0\nversion: 1\nreading: crossed\n")
    assert spelt_out.sha256 == protocol.sha256
    assert protocol_with(seed=21).sha256 != protocol.sha256
    assert protocol.sha256 == "832840c63c83bab01a2fb14e87ad3bd1a2cc575678e36180e37af53eb416decd"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"design": "single"}, "design: a single design has one arm, not 2"),
        ({"design": "sequential", "arms": [{"name": "aided", "model": "risk"}]}, "arms: a sequential design needs"),
        ({"design": "independent", "arms": [{"name": "a"}]}, "design: an independent design needs two arms"),
        ({"design": "concurrent", "arms": [{"name": "a"}]}, "arms: a concurrent design needs an arm with a model"),
        ({"arms": [{"name": "a"}, {"name": "b"}]}, "arms: two arms show the same model, or none"),
        ({"arms": [{"name": "a"}, {"name": "a", "model": "risk"}]}, "arms: two of them have the name 'a'"),
        ({"washout_days": 28}, "washout_days: every reader has one session"),
        ({"reading": "blocks"}, "readers_per_case: goes with reading: blocks"),
        ({"readers": "nested"}, "readers: nested"),
        ({"main_question": "biopsy"}, "main_question: biopsy is a question of kind yes-no"),
        ({"main_question": "risk"}, "main_question: there is no question 'risk'; the questions are score"),
        ({"action": "score"}, "action: score is no yes-no question"),
        ({"action": {"question": "features", "at_least": "TR9"}}, "action.at_least: 'TR9' is no category"),
        ({"action": {"question": "score", "at_least": 0}}, "action.at_least: expected more than 0"),
        ({"action": {"question": "confidence", "at_least": "sure"}}, "action.at_least: 'sure' is none of low"),
        ({"washout": 28}, "washout: unknown key; did you mean washout_days?"),
        ({"seed": -1}, "seed: "),
    ],
)
def test_what_contradicts_itself_is_refused_with_its_key(changes: dict[str, object], said: str) -> None:
    with pytest.raises(ReadingsError, match="Protocol protocol") as error:
        protocol_with(**changes)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kind: score}", "kind: scor}", "questions, score: kind should be one of 'score', 'descriptors', "),
        ("system: acr", "system: acx", "questions, features, system: There is no system 'acx'; the systems are"),
        ("unit: mm", "units: mm", "questions, depth, units: unknown key"),
        ("highest: 100", "highest: 0", "questions, depth: lowest (0) should be below highest (0)"),
        ("{key: biopsy, ", "{", "questions, question 3, key: this key is required"),
        ("choices: [low, middle, high]", "choices: [low]", "questions, confidence, choices: "),
    ],
)
def test_what_is_wrong_with_a_question_is_said_with_its_key(old: str, new: str, said: str) -> None:
    assert old in TEXT
    with pytest.raises(ReadingsError) as error:
        parse_protocol(TEXT.replace(old, new), "own.yaml")
    assert str(error.value).startswith(f"Protocol own.yaml, {said}")
    assert "\n" not in str(error.value)


def test_the_template_is_a_protocol() -> None:
    assert parse_protocol(template()).design == "sequential"


@pytest.mark.parametrize("text", ["", "- a\n", "{", "a: [", "{1: 2", "&a [*a]"])
def test_what_is_no_yaml_is_refused(text: str) -> None:
    with pytest.raises(ReadingsError, match="Protocol"):
        parse_protocol(text)
