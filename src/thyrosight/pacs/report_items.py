"""Items that all measurement groups of a report share."""

from collections.abc import Callable
from typing import Final

from highdicom import sr
from pydicom import Dataset

from thyrosight.inference import Assessment
from thyrosight.pacs import codes
from thyrosight.pacs.common import algorithm_name, algorithm_version, concept
from thyrosight.pacs.findings import Findings


def site(findings: Findings) -> sr.FindingSite:
    """Where the finding is: the thyroid, or one of its lobes."""
    return sr.FindingSite(concept(codes.LOBES.get(findings.laterality, codes.THYROID)))


def algorithm(assessment: Assessment) -> sr.AlgorithmIdentification:
    """Program, model and operating point."""
    point = assessment.operating_point
    return sr.AlgorithmIdentification(
        name=algorithm_name(assessment),
        version=algorithm_version(assessment),
        parameters=[f"operating point {point.threshold:.6g} ({point.rule_in_words}, {point.chosen_on})"],
    )


def text_item(line: str) -> sr.TextContentItem:
    """A comment."""
    return sr.TextContentItem(
        name=concept(codes.COMMENT), value=line, relationship_type=sr.RelationshipTypeValues.CONTAINS
    )


_IN_WORDS: Final = (codes.COMMENT.value, "111002")
"""Comments, and the parameters of an algorithm: what is written in words of a language and not in codes."""


def put_comments(item: Dataset, put: Callable[[str], str]) -> None:
    """Put each comment below a content item into a language; identifiers and names of programmes stay."""
    for inside in item.get("ContentSequence", ()):
        if inside.ValueType == "TEXT" and inside.ConceptNameCodeSequence[0].CodeValue in _IN_WORDS:
            inside.TextValue = put(inside.TextValue)
        put_comments(inside, put)
