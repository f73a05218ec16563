"""Reporting guidelines as data: their items in our own words, and what the software knows of each."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from pydantic import Field

from thyrosight.parts import Part
from thyrosight.studies.guidelines import data_answers, method_answers, reader_answers
from thyrosight.studies.guidelines.known import Known, Told

NAMES = ("tripod-ai", "claim", "stard-ai", "grras", "mrmc")


class Item(Part):
    """One item of a guideline.

    Attributes:
        item: its number in the publication.
        asks: what is to be reported, in our own words.
        answer: name of the software's answer; empty where it knows none.
        rest: what is to be written besides; empty where the answer is all.
    """

    item: str
    topic: str
    asks: str
    answer: str = ""
    rest: str = ""


class Guideline(Part):
    """A guideline: what it is about, where it was published, and its items by section.

    Attributes:
        applies: name of an answer that must be known for the guideline to apply; empty where it always does.
    """

    name: str
    about: str
    reference: str
    doi: str
    main_items: int
    applies: str = ""
    sections: dict[str, tuple[Item, ...]]

    def rows(self) -> Iterator[tuple[str, Item]]:
        """Every item with its section, in order."""
        for section, items in self.sections.items():
            for item in items:
                yield section, item


class Saying(Part):
    """A sentence that needs no computing, and where the report has what it speaks of.

    Attributes:
        otherwise: the sentence where the report holds none of these.
    """

    text: str
    table: tuple[str, ...] = ()
    figure: tuple[str, ...] = ()
    section: tuple[str, ...] = ()
    otherwise: str = Field("", alias="else")

    def of(self, known: Known) -> Told | None:
        """The sentence for a study; None where it cannot be said of it."""
        places = (known.table(*self.table), known.figure(*self.figure), known.section(*self.section))
        place = next((found for found in places if found), "")
        if place or not (self.table or self.figure or self.section):
            return Told(self.text, place)
        return Told(self.otherwise) if self.otherwise else None


@cache
def load_guideline(name: str) -> Guideline:
    """A guideline of the package, by the name of its file."""
    return Guideline.model_validate(_read(name))


def answer_of(name: str, known: Known) -> Told | None:
    """Answer to an item, by the name that the item gives; None where the software does not know it.

    Raises:
        KeyError: there is no such answer.
    """
    return None if not name else _answers()[name](known)


@cache
def _answers() -> dict[str, Callable[[Known], Told | None]]:
    found: dict[str, Callable[[Known], Told | None]] = {}
    for module in (data_answers, method_answers, reader_answers):
        own: dict[str, Any] = {k: v for k, v in vars(module).items() if getattr(v, "__module__", "") == module.__name__}
        found |= own
    return found | {name: Saying.model_validate(saying).of for name, saying in _read("answers").items()}


def _read(name: str) -> dict[str, Any]:
    text = files("thyrosight.studies.guidelines").joinpath("items", f"{name}.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def of_study(known: Known, names: Sequence[str] = NAMES) -> dict[str, Guideline]:
    """The guidelines that apply to a study, by the name of their files."""
    every = {name: load_guideline(name) for name in names}
    return {name: found for name, found in every.items() if not found.applies or answer_of(found.applies, known)}
