"""The words of a report in its language: our own from message files, facts of models put over."""

from collections.abc import Collection
from functools import cache
from importlib.resources import files
from threading import Lock
from typing import Any, Final

from babel.messages.pofile import read_po

from thyrosight.languages import Translator, capitalised, catalogue_of, filled, read_catalogue
from thyrosight.server import sentences
from thyrosight.server.pages.words import catalogue

TAGS: Final = {"en": "en", "es": "es", "zh": "zh-CN"}
"""The languages of reports as documents, FHIR and DICOM call them (RFC 5646)."""
_TRANSLATING: Final = Lock()
"""A translator notes what it is looking for, and would answer a second thread with that."""


class Wording:
    """Words of a report in one language.

    Args:
        language: of `thyrosight.server.sentences.LANGUAGES`.
        names: somebody's own words, which stay where a fact holds them.

    >>> Wording("es").say("Nodule {0}", 2), Wording("zh").put("fine-needle aspiration or ultrasound follow-up")
    ('Nódulo 2', '细针穿刺或超声随访')
    """

    def __init__(self, language: str, *, names: Collection[str] = ()) -> None:
        self.language, self.tag = language, TAGS[language]
        self._messages = messages(language)
        self._translator = _translator(language).knowing(names)

    def say(self, message: str, *values: object) -> str:
        """A message of the report, with its values as they are."""
        return filled(self._messages.get(message, message), {place: str(one) for place, one in enumerate(values)})

    def put(self, text: str) -> str:
        """A finished English text of the programme or of a model; a piece that no message is known for stays."""
        if self.language == "en" or not text:
            return text
        with _TRANSLATING:
            found = self._translator.translate(text)
        known = found.cost <= sentences.MOST_ENGLISH * sum(character.isalpha() for character in text)
        return found.text if known else text

    def sentence(self, clause: str) -> str:
        """A fact that was noted without capital and full stop, put as a sentence."""
        return f"{capitalised(self.put(clause))}{'。' if self.language == 'zh' else '.'}"

    def listed(self, parts: Collection[str]) -> str:
        """Words beside each other."""
        return ("、" if self.language == "zh" else ", ").join(parts)

    def feature(self, name: str) -> str:
        """Name of a sonographic feature."""
        return self.put(name.replace("_", " ").capitalize())

    def terms(self, joined: str) -> str:
        """Terms of the lexicon for one feature, which are kept with a sign between them."""
        if self.language == "en":
            return joined
        return self.listed([self.put(term) for term in joined.split(" + ")])


@cache
def wording(language: str) -> Wording:
    """The words of a language."""
    return Wording(language)


def wording_of(body: dict[str, Any]) -> Wording:
    """The words of a report: earlier versions named no language, and wrote English."""
    return wording(body.get("language", "en"))


@cache
def messages(language: str) -> dict[str, str]:
    """The messages of reports with their translations; none for English, whose messages are their own."""
    if language == "en":
        return {}
    with (files("thyrosight.server.reporting") / "messages" / f"{language}.po").open("rb") as stream:
        return {str(one.id): str(one.string) for one in read_po(stream, locale=language) if one.id and one.string}


@cache
def _translator(language: str) -> Translator:
    """Knows what the pages call features, advice and flags, and what the server and studies say."""
    known: dict[str, str] = {}
    if language != "en":
        shown = {message: said for message, said in catalogue(language).items() if "{" not in message}
        known = {**read_catalogue(language).messages, **sentences.messages(language), **shown, **messages(language)}
    return Translator(catalogue_of(language, known))
