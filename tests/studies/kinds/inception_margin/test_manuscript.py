"""The manuscript of such a study."""

from pathlib import Path

from tests.studies.reading import assert_manuscript
from thyrosight.studies import Result

HEADINGS = ("Parts of the cohort", "Margins and input sizes")


def test_the_text_says_what_the_tables_say(margin_study: tuple[Result, Path]) -> None:
    assert assert_manuscript(*margin_study, headings=HEADINGS)
