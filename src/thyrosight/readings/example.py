"""A simulated reader study to try things on: nobody's data, and the same rows on every machine."""

from typing import Final, NamedTuple

from thyrosight.readings.cases import Case, Reader
from thyrosight.readings.protocol import Protocol, parse_protocol
from thyrosight.readings.simulated import (
    Simulation,
    Skill,
    simulated_cases,
    simulated_lesions,
    simulated_readings,
)
from thyrosight.readings.table import Row

PROTOCOL: Final = """
title: A model as second reader (simulated)
aim: Does the model's answer change the AUC of radiologists?
seed: 20
design: sequential
arms:
  - {name: unaided}
  - {name: aided, model: risk}
repeats: 10
practice: 2
attention: 2
questions:
  - {key: score, kind: score, text: "How likely is the nodule malignant?"}
  - {key: features, kind: descriptors, system: acr}
  - {key: biopsy, kind: yes-no, text: "Would you advise a biopsy?"}
  - {key: marks, kind: marks}
  - {key: confidence, kind: choice, choices: [low, middle, high]}
main_question: score
action: biopsy
power: {difference: 0.03}
"""
READERS: Final = {
    Reader("R1", "senior"): Skill(auc=0.88, gain=0.02, reliance=0.3, seconds=30),
    Reader("R2", "senior"): Skill(auc=0.86, gain=0.03, reliance=0.3, seconds=34),
    Reader("R3", "senior"): Skill(auc=0.85, gain=0.03, reliance=0.4, seconds=41),
    Reader("R4", "junior"): Skill(auc=0.80, gain=0.06, reliance=0.6, seconds=46),
    Reader("R5", "junior"): Skill(auc=0.78, gain=0.06, reliance=0.6, seconds=52),
    Reader("R6", "junior"): Skill(auc=0.76, gain=0.07, reliance=0.7, seconds=44),
}
"""Six readers of known skill: the juniors gain more from the model, and follow it further where it is wrong."""
CASES: Final = 120
MALIGNANT: Final = 40


class ExampleStudy(NamedTuple):
    """A whole study: its protocol, its readings, the lesions of its cases, its cases and its readers."""

    protocol: Protocol
    rows: list[Row]
    lesions: list[Row]
    cases: list[Case]
    readers: tuple[Reader, ...]


def example_study() -> ExampleStudy:
    """Six readers read 120 nodules of 60 patients, 40 of them malignant, without a model and then with it.

    >>> len(example_study().rows)
    1608
    """
    protocol = parse_protocol(PROTOCOL)
    cases = simulated_cases(CASES, malignant=MALIGNANT, per_patient=2, protocol=protocol)
    lesions = simulated_lesions(cases)
    rows = simulated_readings(protocol, cases, READERS, simulation=Simulation(seed=20), lesions=lesions)
    return ExampleStudy(protocol, rows, lesions, cases, tuple(READERS))
