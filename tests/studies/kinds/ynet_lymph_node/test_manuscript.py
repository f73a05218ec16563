"""The manuscript of such a study."""

from pathlib import Path

from tests.studies.reading import assert_manuscript
from thyrosight.studies import Result

HEADINGS = ("Patients and images", "Outlines", "Classes")


def test_the_text_says_what_the_tables_say(ynet_study: tuple[Result, Path]) -> None:
    assert assert_manuscript(*ynet_study, headings=HEADINGS)
