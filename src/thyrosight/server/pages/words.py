"""Words of the pages: English stands in templates and modules, other languages in message files beside this one."""

from functools import cache
from importlib.resources import files

from babel.messages.pofile import read_po


class Catalogue:
    """Messages of one language.

    >>> catalogue("es").get("Worklist"), catalogue("en").get("Worklist")
    ('Lista de trabajo', 'Worklist')
    """

    def __init__(self, messages: dict[str, str], counted: dict[str, tuple[str, ...]] | None = None) -> None:
        self._messages = messages
        self.counted = counted or {}
        """Messages with a count, by their English singular: a text for each form of the language, that of 1 first."""

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
    plain = {str(one.id): str(one.string) for one in found if one.id and not one.pluralizable}
    return Catalogue(plain, {one.id[0]: tuple(one.string or ()) for one in found if one.pluralizable})
