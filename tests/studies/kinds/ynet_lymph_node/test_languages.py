"""No text of report and manuscript is left in English, where it would stand unread among the others."""

import re
from pathlib import Path

import pytest

from tests.languages.reading import english_left, english_left_in_manuscript, english_left_in_model_of
from thyrosight.studies import Result


def keywords(result: Result) -> set[str]:
    """The words that reports were searched for, and reports as they were written, stay in their language."""
    return {re.escape(str(row["keyword"])) for row in result.table("table-1").rows}


@pytest.mark.parametrize("language", ["zh", "es"])
def test_every_text_of_the_report_is_translated(language: str, ynet_study: tuple[Result, Path]) -> None:
    result, _ = ynet_study
    assert english_left(result.document, language, names=keywords(result)) == []


@pytest.mark.parametrize("language", ["zh", "es"])
def test_every_text_of_the_manuscript_is_translated(language: str, ynet_study: tuple[Result, Path]) -> None:
    assert english_left_in_manuscript(*ynet_study, language, names=keywords(ynet_study[0])) == []


@pytest.mark.parametrize("language", ["zh", "es"])
def test_every_text_of_the_model_card_is_translated(language: str, ynet_study: tuple[Result, Path]) -> None:
    assert english_left_in_model_of(ynet_study[0], language) == []
