"""The language that a page is being drawn in: for the few words that stand in no document, such as "Figure"."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from thyrosight.languages.catalogue import filled, read_catalogue, require_language
from thyrosight.languages.typography import set_in

_LANGUAGE: ContextVar[str] = ContextVar("language", default="en")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Draw in a language; afterwards the one before is back.

    Raises:
        LanguageError: there are no messages in that language.
    """
    before = _LANGUAGE.set(require_language(language))
    try:
        yield
    finally:
        _LANGUAGE.reset(before)


def current_language() -> str:
    """The code of the language that is spoken now."""
    return _LANGUAGE.get()


def say(message: str, *values: object) -> str:
    """A message in the language that is spoken now, with its values; in English where it has no translation.

    >>> say("above {0}", 0.5)
    'above 0.5'
    >>> with speaking("es"):
    ...     say("undefined")
    'no definido'
    """
    language = current_language()
    found = read_catalogue(language).messages.get(message, message)
    if not values:
        return found
    return set_in(language, filled(found, {number: str(value) for number, value in enumerate(values)}))


def set_in_current(text: str) -> str:
    """A text with the marks and spaces of the language that is spoken now."""
    return set_in(current_language(), text)


def one_after_another(sentences: Sequence[str]) -> str:
    """Sentences as a paragraph: Chinese sets no spaces between them.

    >>> one_after_another(["One.", "Two."])
    'One. Two.'
    """
    return ("" if current_language() == "zh" else " ").join(sentences)
