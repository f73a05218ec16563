"""Simulated readers have the skill that they were given."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from thyrosight.readings import Reader, parse_protocol
from thyrosight.readings.example import PROTOCOL, example_study
from thyrosight.readings.simulated import Simulation, Skill, simulated_cases, simulated_lesions, simulated_readings
from thyrosight.readings.table import Row

GIVEN = {"weak": Skill(auc=0.70, gain=0.12, reliance=0.7, seconds=60, faster=0.5), "strong": Skill(auc=0.90, gain=0.0)}
READERS = {Reader(name): skill for name, skill in GIVEN.items()}
PLAIN = parse_protocol(
    parse_protocol(PROTOCOL).to_json()
    | {"design": "independent", "repeats": 0, "practice": 0, "attention": 0, "main_question": "score"}
    | {"questions": [{"key": "score", "kind": "score"}, {"key": "biopsy", "kind": "yes-no"}]}
)
MODEL_AUC = 0.85


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    cases = simulated_cases(1200, malignant=400)
    return simulated_readings(PLAIN, cases, READERS, simulation=Simulation(model_auc=MODEL_AUC, seed=1))


def of(rows: list[Row], reader: str, arm: str, column: str) -> np.ndarray:
    own = sorted((r for r in rows if r["reader"] == reader and r["arm"] == arm), key=lambda r: str(r["case"]))
    return np.array([row[column] for row in own], dtype=float)


@pytest.mark.parametrize("reader", list(GIVEN))
def test_areas_without_and_with_the_model_are_those_that_were_given(rows: list[Row], reader: str) -> None:
    skill = GIVEN[reader]
    for arm, auc in (("unaided", skill.auc), ("aided", skill.auc + skill.gain)):
        found = roc_auc_score(of(rows, reader, arm, "truth"), of(rows, reader, arm, "score"))
        assert found == pytest.approx(auc, abs=0.025), arm


def test_scores_are_risks_and_the_action_is_the_readers_own(rows: list[Row]) -> None:
    for reader, skill in GIVEN.items():
        score = of(rows, reader, "unaided", "score")
        assert score.mean() == pytest.approx(100 / 3, abs=3)
        assert of(rows, reader, "unaided", "biopsy").tolist() == (score >= skill.threshold).tolist()


def test_who_relies_on_the_model_follows_it_and_others_do_not(rows: list[Row]) -> None:
    """The error of the model among benign cases goes with that of the reader as far as the reader relies on it."""
    benign = of(rows, "weak", "aided", "truth") == 0
    model = of(rows, "weak", "aided", "model_score")[benign]

    def goes_with(reader: str, arm: str) -> float:
        score = of(rows, reader, arm, "score")[benign]
        logit = np.log((score + 0.5) / (100.5 - score))
        return float(np.corrcoef(logit, np.log(model / (1 - model)))[0, 1])

    assert goes_with("weak", "aided") == pytest.approx(0.7, abs=0.06)
    assert goes_with("weak", "unaided") == pytest.approx(0.0, abs=0.08)
    assert goes_with("strong", "aided") == pytest.approx(0.4, abs=0.08)


def test_the_model_alone_and_times_are_as_given(rows: list[Row]) -> None:
    truth, score = (of(rows, "weak", "aided", name) for name in ("truth", "model_score"))
    assert roc_auc_score(truth, score) == pytest.approx(MODEL_AUC, abs=0.025)
    first = [row for row in rows if row["reader"] == "weak" and row["position"] <= 100]
    for arm, middle in (("unaided", 60), ("aided", 30)):
        seconds = np.median([row["active_seconds"] for row in first if row["arm"] == arm])
        assert seconds == pytest.approx(middle * 0.998**50, rel=0.12)


def test_a_reader_reads_alike_whoever_else_reads(rows: list[Row]) -> None:
    alone = simulated_readings(
        PLAIN,
        simulated_cases(1200, malignant=400),
        {Reader("weak"): GIVEN["weak"]},
        simulation=Simulation(model_auc=MODEL_AUC, seed=1),
    )
    assert of(alone, "weak", "aided", "score").tolist() == of(rows, "weak", "aided", "score").tolist()
    assert of(alone, "weak", "aided", "score").tolist() != of(rows, "strong", "aided", "score").tolist()


def test_cases_and_lesions_have_the_numbers_that_were_asked_for() -> None:
    cases = simulated_cases(50, malignant=13, per_patient=3, protocol=parse_protocol(PROTOCOL))
    study = [case for case in cases if case.role == "study"]
    assert (len(study), sum(case.truth or 0 for case in study), len({case.cluster for case in study})) == (50, 13, 17)
    assert [case.role for case in cases[50:]] == ["practice", "practice", "attention", "attention"]
    boxes = {row["case"]: row for row in simulated_lesions(study)}
    assert {case.key for case in study} == set(boxes)
    for case in study:
        box = boxes[case.key]
        assert bool(box["lesion"]) == bool(case.truth)
        assert not case.truth or (0 <= box["left"] < box["right"] <= 800 and 0 <= box["top"] < box["bottom"] <= 600)


def test_the_example_is_the_same_on_every_machine() -> None:
    found = example_study()
    assert len(found.rows) == 1608
    first = found.rows[4]
    assert (first["reader"], first["case"], first["arm"], first["score"], first["active_seconds"]) == (
        "R1", "C065", "unaided", 22, 44.9,
    )  # fmt: skip
