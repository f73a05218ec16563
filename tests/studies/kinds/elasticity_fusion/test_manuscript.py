"""The manuscript of such a study."""

from pathlib import Path

from tests.studies.reading import assert_manuscript
from thyrosight.studies import Result

HEADINGS = ("Patients and images", "Methods")


def test_the_text_says_what_the_tables_say(fusion_study: tuple[Result, Path]) -> None:
    assert assert_manuscript(*fusion_study, headings=HEADINGS)
