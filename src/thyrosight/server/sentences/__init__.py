"""Sentences of the server in the language of who asks: written in English where they arise, and put over at the end.

Programs that name no language get English. A page sends the language that its user chose, or that the browser asks for.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from importlib.resources import files
from threading import Lock
from typing import Annotated, Any, Final

from babel.messages.pofile import read_po
from fastapi import Depends, Request
from pydantic import PlainSerializer
from starlette.requests import HTTPConnection

from thyrosight.languages import Translator, catalogue_of, read_catalogue
from thyrosight.server.sentences.choosing import LANGUAGE, LANGUAGES, chosen_language

__all__ = [
    "LANGUAGE",
    "LANGUAGES",
    "Language",
    "Said",
    "SaidFacts",
    "answering",
    "chosen_language",
    "in_language",
    "language_asked_for",
    "language_of",
    "messages",
]
MOST_ENGLISH: Final = 0.5
"""Share of a sentence's letters that may stay, as names and keys do; with more of them a message is missing."""


_TRANSLATING: Final = Lock()
"""A translator notes what it is looking for, and would answer a second thread with that."""
_ASKED: Final[ContextVar[str]] = ContextVar("asked", default="en")


def language_of(request: HTTPConnection) -> str:
    """The language in which a request is answered."""
    return chosen_language(request.cookies.get(LANGUAGE, ""), request.headers.get("accept-language", ""))


async def _language(request: Request) -> str:
    return language_of(request)


Language = Annotated[str, Depends(_language)]
"""The language of a request, as a parameter of a route."""


@lru_cache(maxsize=2048)
def in_language(sentence: str, language: str) -> str:
    """A sentence of the server in a language; English where no message is known for it.

    >>> in_language("You are pausing; go on to see the pictures.", "es")
    'Está en pausa; continúe para ver las imágenes.'
    >>> in_language("What nobody has translated stays.", "zh")
    'What nobody has translated stays.'
    """
    if language == "en" or not sentence:
        return sentence
    with _TRANSLATING:
        found = _translator(language).translate(sentence)
    known = found.cost <= MOST_ENGLISH * sum(character.isalpha() for character in sentence)
    return found.text if known else sentence


@contextmanager
def answering(language: str) -> Iterator[None]:
    """Give the sentences of answers inside the block in this language."""
    before = _ASKED.set(language)
    try:
        yield
    finally:
        _ASKED.reset(before)


def language_asked_for() -> str:
    """The language of the request that is being answered."""
    return _ASKED.get()


def _asked_for(sentence: str) -> str:
    return in_language(sentence, _ASKED.get())


def _facts_asked_for(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: _asked_for(value) if name in _IN_WORDS else value for name, value in facts.items()}


_IN_WORDS: Final = frozenset(("label_source", "model", "problem", "title"))
"""Facts of a model that are said in words of its maker; pages know the others."""
Said = Annotated[str, PlainSerializer(_asked_for, return_type=str)]
"""A sentence in an answer: kept in English, sent in the language of the request."""
SaidFacts = Annotated[dict[str, Any], PlainSerializer(_facts_asked_for, return_type=dict[str, Any])]
"""Facts of a model in an answer, likewise."""


def messages(language: str) -> dict[str, str]:
    """The server's own messages with their translations."""
    with (files("thyrosight.server.sentences") / f"{language}.po").open("rb") as stream:
        return {str(one.id): str(one.string) for one in read_po(stream, locale=language) if one.id and one.string}


@cache
def _translator(language: str) -> Translator:
    """Knows what reports say too: of the power of a design, of changes of a protocol."""
    return Translator(catalogue_of(language, {**read_catalogue(language).messages, **messages(language)}))
