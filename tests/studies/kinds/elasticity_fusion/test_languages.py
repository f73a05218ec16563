"""No text of the report is left in English: it would stand unread among the others."""

from pathlib import Path

import pytest

from tests.languages.reading import english_left
from thyrosight.studies import Result


@pytest.mark.parametrize("language", ["zh", "es"])
def test_every_text_of_the_report_is_translated(language: str, fusion_study: tuple[Result, Path]) -> None:
    assert english_left(fusion_study[0].document, language, names=()) == []
