"""No text of report and manuscript is left in English, where it would stand unread among the others."""

from pathlib import Path

import pytest

from tests.languages.reading import english_left, english_left_in_manuscript, english_left_in_model_of
from thyrosight.studies import Result

NAMES = ("True", "False")


@pytest.mark.parametrize("language", ["zh", "es"])
def test_every_text_of_the_report_is_translated(language: str, fusion_study: tuple[Result, Path]) -> None:
    assert english_left(fusion_study[0].document, language, names=NAMES) == []


@pytest.mark.parametrize("language", ["zh", "es"])
def test_every_text_of_the_manuscript_is_translated(language: str, fusion_study: tuple[Result, Path]) -> None:
    assert english_left_in_manuscript(*fusion_study, language, names=NAMES) == []


@pytest.mark.parametrize("language", ["zh", "es"])
def test_every_text_of_the_model_card_is_translated(language: str, fusion_study: tuple[Result, Path]) -> None:
    assert english_left_in_model_of(fusion_study[0], language, names=NAMES) == []
