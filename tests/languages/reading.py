"""What of a document is still in English, for the tests of every kind of study."""

import re
from collections.abc import Collection

from thyrosight.documents import Document
from thyrosight.documents.translation import in_words_of
from thyrosight.languages import Translator, translator


def english_left(document: Document, language: str, *, names: Collection[str] = ()) -> list[str]:
    """Pieces of a document that no message is known for, but for names that the user gave."""
    known = {*names, document.subtitle.split("“")[1].split("”")[0]} if "“" in document.subtitle else set(names)
    left: dict[str, None] = {}

    def say(text: str) -> str:
        said = translator(language).translate(text)
        left.update(dict.fromkeys(piece for piece in said.left if not _named(piece, known)))
        assert numbers(text) == numbers(said.text), f"{text}\n{said.text}"
        return said.text

    in_words_of(document, say, language=language)
    return list(left)


def _named(piece: str, names: Collection[str]) -> bool:
    bare = piece.strip(",.:; ")
    return any(re.fullmatch(name, bare) for name in names)


def numbers(text: str) -> list[str]:
    """The numbers of a text in their order of size, as they are written."""
    return sorted(re.findall(r"\d+(?:[.,]\d+)*", text))


__all__ = ["Translator", "english_left", "numbers"]
