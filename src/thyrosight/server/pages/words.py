"""Words of the pages: English stands in templates and modules, other languages in message files beside this one."""

from functools import cache
from importlib.resources import files
from typing import Final

from babel.messages.pofile import read_po

LANGUAGES: Final = {"en": "English", "es": "Español", "zh": "中文"}
"""The languages of the pages, by their names in themselves."""


class Catalogue:
    """Messages of one language.

    >>> catalogue("es").get("Worklist"), catalogue("en").get("Worklist")
    ('Lista de trabajo', 'Worklist')
    """

    def __init__(self, messages: dict[str, str]) -> None:
        self._messages = messages

    def get(self, message: str, **values: object) -> str:
        """The message in this language, in English where it has none, with `{names}` replaced."""
        text = self._messages.get(message, message)
        for name, value in values.items():
            text = text.replace("{" + name + "}", str(value))
        return text

    def items(self) -> list[tuple[str, str]]:
        """All messages with their translations."""
        return list(self._messages.items())


@cache
def catalogue(language: str) -> Catalogue:
    """The messages of a language; none for English, whose messages are their own translation."""
    if language == "en":
        return Catalogue({})
    with (files("thyrosight.server.pages") / "messages" / f"{language}.po").open("rb") as stream:
        found = read_po(stream, locale=language)
    return Catalogue({str(one.id): str(one.string) for one in found if one.id and one.string})


def chosen_language(cookie: str, accepted: str) -> str:
    """The language of a page: the one that the user chose, else the first known one that the browser asks for.

    >>> chosen_language("", "de-DE, zh-CN;q=0.8, en;q=0.5"), chosen_language("es", "zh"), chosen_language("xx", "")
    ('zh', 'es', 'en')
    """
    if cookie in LANGUAGES:
        return cookie
    wishes: list[tuple[float, int, str]] = []
    for part in accepted.split(","):
        name, _, weight = part.strip().partition(";q=")
        code = name.split("-")[0].lower()
        if code in LANGUAGES:
            wishes.append((-_number(weight), len(wishes), code))
    return min(wishes)[2] if wishes else "en"


def _number(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0
