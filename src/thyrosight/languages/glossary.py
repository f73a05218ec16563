"""How terms of the field are translated, everywhere alike: `messages/glossary.csv`, which translators read first."""

import csv
import re
from functools import cache
from importlib import resources
from typing import NamedTuple


class Term(NamedTuple):
    """A term with its translations; several that are right stand side by side, for example by number or in compounds.

    `unless` names longer terms in which it is translated otherwise.
    """

    english: str
    zh: tuple[str, ...]
    es: tuple[str, ...]
    unless: tuple[str, ...]

    def stands_in(self, message: str) -> bool:
        """Whether an English message has the term, outside of the longer ones."""
        left = re.sub("`[^`]*`", "", message.lower())
        for longer in self.unless:
            left = left.replace(longer, "")
        return bool(re.search(rf"(?<![\w-]){re.escape(self.english)}s?(?![\w-])", left))

    def is_used(self, said: str, language: str) -> bool:
        """Whether a translation has the term as it should be."""
        return any(way in said.lower() for way in (self.zh if language == "zh" else self.es))


@cache
def read_glossary() -> tuple[Term, ...]:
    """The terms."""
    file = resources.files("thyrosight.languages") / "messages" / "glossary.csv"
    with file.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    return tuple(
        Term(row["english"], *(tuple(filter(None, row[name].split("|"))) for name in Term._fields[1:])) for row in rows
    )
