"""One protocol that the tests of the room share and vary."""

from typing import Any

import pytest

from thyrosight.readings import Case, Protocol, parse_protocol

TEXT = """
title: Second reader for thyroid nodules
seed: 20
design: sequential
arms:
  - {name: unaided}
  - {name: aided, model: risk}
practice: 2
attention: 2
questions:
  - {key: score, kind: score}
  - {key: features, kind: descriptors, system: acr}
  - {key: biopsy, kind: yes-no}
  - {key: marks, kind: marks}
  - {key: confidence, kind: choice, choices: [low, middle, high]}
  - {key: depth, kind: number, unit: mm, lowest: 0, highest: 100, required: false}
  - {key: comment, kind: text}
main_question: score
action: biopsy
"""


def protocol_with(**changes: Any) -> Protocol:
    """The protocol with other values of some keys."""
    return parse_protocol(parse_protocol(TEXT).to_json() | changes)


def cases(number: int, *, malignant: int = 0, since: int = 1, name: str = "c") -> list[Case]:
    """Study cases, the first of them malignant."""
    return [Case(f"{name}{place}", truth=int(place < malignant), since=since) for place in range(number)]


PRACTICE = [Case(f"p{place}", truth=1, role="practice") for place in range(3)]
ATTENTION = [Case(f"a{place}", truth=1, role="attention") for place in range(2)]


@pytest.fixture
def protocol() -> Protocol:
    """A sequential design with a question of every kind."""
    return parse_protocol(TEXT)
