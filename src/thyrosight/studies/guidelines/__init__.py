"""Reporting guidelines: what a study says on their items, and what a person writes besides."""

from thyrosight.studies.guidelines.checklist import Checklist, Entry
from thyrosight.studies.guidelines.page import (
    SECTION,
    checklists_of,
    take_up_answers,
    with_guidelines,
    without_guidelines,
    write_checklists,
)

__all__ = [
    "SECTION",
    "Checklist",
    "Entry",
    "checklists_of",
    "take_up_answers",
    "with_guidelines",
    "without_guidelines",
    "write_checklists",
]
