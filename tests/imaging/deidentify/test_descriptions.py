"""A cleaned description holds words of the list and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from thyrosight.imaging.deidentify.descriptions import KEPT_WORDS, clean_description


@given(st.text(max_size=80))
def test_only_listed_words_come_through_and_cleaning_twice_changes_nothing(text: str) -> None:
    cleaned = clean_description(text)
    assert all(word.casefold() in KEPT_WORDS for word in cleaned.split())
    assert clean_description(cleaned) == cleaned


def test_names_numbers_and_dates_go() -> None:
    assert clean_description("THYROID US  Mrs. Agatha Featherstone 12345 2026-03-01 lt lobe") == "THYROID US lt lobe"
