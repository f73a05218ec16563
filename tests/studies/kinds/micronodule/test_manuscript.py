"""The manuscript of such a study."""

from pathlib import Path

from tests.studies.reading import assert_manuscript
from thyrosight.studies import Result

HEADINGS = ("Patients and nodules", "Network", "Network and readers")


def test_the_text_says_what_the_tables_say(micronodule_study: tuple[Result, Path]) -> None:
    assert assert_manuscript(*micronodule_study, headings=HEADINGS)
