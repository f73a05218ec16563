"""No figure of a text is lost, doubled or put into another's place, whatever message it stands in."""

import re
from collections.abc import Iterator, Sequence

import pytest

from thyrosight.languages import LANGUAGES, Translator, catalogue_of, read_catalogue, translator
from thyrosight.languages.catalogue import Template, filled, template

TRANSLATED = tuple(code for code in LANGUAGES if code != "en")
FIGURES = tuple(str(figure) for figure in range(40013, 41000, 17))
"""Figures that no message has, none of which stands in another one."""
_FIGURE = re.compile(r"40\d{3}")


def fillings(item: Template) -> Iterator[tuple[str, ...]]:
    """Values for the places of a message: figures, and ranges of figures where it takes any text."""
    yield FIGURES[: len(item.order)]
    pairs = zip(FIGURES[::2], FIGURES[1::2], strict=False)
    yield tuple(low if number else f"{low} to {high}" for number, (low, high) in zip(item.numeric, pairs, strict=False))


def english(item: Template, values: Sequence[str]) -> str:
    """The message with values in its places, from left to right."""
    return filled(item.message, dict(zip(item.order, values, strict=True)))


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_message_filled_with_figures_has_exactly_them_in_every_language(language: str) -> None:
    wrong = {}
    for item in read_catalogue(language).templates:
        for values in fillings(item):
            text = english(item, values)
            said = translator(language)(text)
            if sorted(_FIGURE.findall(said)) != sorted(_FIGURE.findall(text)):
                wrong[text] = said
    assert wrong == {}


@pytest.mark.parametrize("language", TRANSLATED)
def test_each_figure_stands_where_its_message_puts_it(language: str) -> None:
    """With its own message alone: a longer text may be read by another one, which is as right."""
    for item in read_catalogue(language).templates:
        values = FIGURES[: len(item.order)]
        alone = Translator(catalogue_of(language, {item.message: item.said}))
        said = filled(item.said, dict(zip(item.order, values, strict=True)))
        assert _FIGURE.findall(alone(english(item, values))) == _FIGURE.findall(said), item.message


def test_a_message_with_one_number_for_two_places_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Two places of the message '\{n0\} to \{0\}' have one number"):
        template("{n0} to {0}", "{n0} a {0}")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("es", "Faltan 455 de 1140 lecturas: un lector ha leído 113 a 114 de 114 casos con una prueba."),
        ("zh", "1140次阅片中缺失455次：一位阅片者以一种方式阅读了114个病例中的113至114个。"),
    ],
)
def test_missing_readings_are_told_as_they_were_counted(language: str, said: str) -> None:
    text = "455 of 1140 readings are missing: a reader has read 113 to 114 of 114 cases with a test."
    assert translator(language)(text) == said
