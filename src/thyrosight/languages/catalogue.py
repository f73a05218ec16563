"""Messages with their translations, read from `messages/LANGUAGE.po`: a file that translators' editors open."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Final

from thyrosight.errors import LanguageError

LANGUAGES: Final = {"en": "English", "zh": "简体中文", "es": "español"}
"""Languages of reports by their codes, each called by its own name."""
HTML_CODES: Final = {"en": "en", "zh": "zh-Hans", "es": "es"}
"""The same codes as browsers know them: Chinese in its simplified script."""

_PLACE: Final = re.compile(r"\{(n?)(\d+)\}")
_BETWEEN_SENTENCES: Final = re.compile(r"[.?!] *[A-Z{(±Δ“]|\} +[A-Z]")


@dataclass(frozen=True)
class Template:
    """A message with places for values, and what it is called in the language.

    Attributes:
        message: the English text; `{0}` stands for any value, `{n0}` for a number.
        parts: its fixed texts, with a place between each two of them.
        order: the number of each place, from left to right.
        numeric: of each place, whether it takes a number alone.
        said: the translation.
    """

    message: str
    parts: tuple[str, ...]
    order: tuple[int, ...]
    numeric: tuple[bool, ...]
    said: str

    @cached_property
    def letters(self) -> int:
        """How much of the message is fixed text."""
        return sum(character.isalnum() for part in self.parts for character in part)

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of its fixed text."""
        return frozenset(word for part in self.parts for word in re.findall(r"\w+", part))

    @cached_property
    def spans(self) -> bool:
        """Whether it may be more than one sentence."""
        return bool(_BETWEEN_SENTENCES.search(self.message))


@dataclass(frozen=True)
class Catalogue:
    """All messages of one language.

    Attributes:
        language: its code.
        messages: every message with its translation.
        templates: those with places for values, the longest fixed text first, the plainer of two last.
    """

    language: str
    messages: Mapping[str, str]
    templates: tuple[Template, ...]


def catalogue_of(language: str, messages: Mapping[str, str]) -> Catalogue:
    """A catalogue of messages with their translations."""
    with_places = [template(message, said) for message, said in messages.items() if _PLACE.search(message)]
    return Catalogue(
        language, messages, tuple(sorted(with_places, key=lambda item: (-item.letters, -len(item.message))))
    )


def template(message: str, said: str) -> Template:
    """A message taken apart at its places.

    Raises:
        ValueError: two places have one number, so that the value of one would be printed in both.

    >>> template("{n0} of {n1} images", "{n1} 张图像中的 {n0} 张").parts
    ('', ' of ', ' images')
    """
    pieces = _PLACE.split(message)
    order = tuple(int(number) for number in pieces[2::3])
    if len(set(order)) < len(order):  # {0} and {n0} are one number too
        raise ValueError(f"Two places of the message {message!r} have one number; give each its own.")
    return Template(message, tuple(pieces[::3]), order, tuple(map(bool, pieces[1::3])), said)


def filled(said: str, values: Mapping[int, str]) -> str:
    """A translation with its values.

    >>> filled("de {n1}, {n0}", {0: "a", 1: "b"})
    'de b, a'
    """
    return _PLACE.sub(lambda found: values[int(found.group(2))], said)


@cache
def read_catalogue(language: str) -> Catalogue:
    """The catalogue of a language; that of English is empty.

    Raises:
        LanguageError: there are no messages in that language.
    """
    require_language(language)
    if language == "en":
        return catalogue_of(language, {})
    from babel.messages.pofile import read_po  # English needs none of it

    file = resources.files("thyrosight.languages") / "messages" / f"{language}.po"
    with file.open("rb") as stream:
        found = read_po(stream, locale=language, abort_invalid=True)
    return catalogue_of(language, {str(item.id): str(item.string) for item in found if item.id and item.string})


def require_language(language: str) -> str:
    """The code of a language that reports can be written in.

    Raises:
        LanguageError: names those there are.
    """
    if language not in LANGUAGES:
        there = ", ".join(f"{code} ({name})" for code, name in LANGUAGES.items())
        raise LanguageError(f"There are no reports in the language {language!r}; choose one of {there}.")
    return language
