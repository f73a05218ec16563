"""Fields: what a column of a hospital's table can hold, with its names in four languages."""

import difflib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

import yaml

from thyrosight.cohort.mapping.headers import plain_words, read_header

LEAVE_OUT: Final = "leave out"
KEEP: Final = "keep"
"""Choices beside the fields: to leave a column out, or to keep it under its own name."""

_LOADER: Final = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@dataclass(frozen=True)
class Field:
    """A kind of content.

    Attributes:
        name: by which a mapping names it.
        about: what it is.
        to: the cohort's column; empty if it only helps to make others.
        names: of headers, in plain words.
        several: whether several columns may hold it.
        private: whether it is left out unless asked for.
        of_patient: whether all rows of a patient have the same.
    """

    name: str
    about: str
    to: str
    names: tuple[str, ...]
    several: bool = False
    private: bool = False
    of_patient: bool = False


@cache
def data_file(name: str) -> Any:
    """The content of a YAML file beside this one; all values are texts."""
    text = resources.files("thyrosight.cohort.mapping").joinpath(name).read_text(encoding="utf-8")
    return yaml.load(text, Loader=_LOADER)  # which makes no truth value of the word "no"


@cache
def known_fields() -> dict[str, Field]:
    """Every field by its name."""
    return {name: _field(name, entry) for name, entry in data_file("fields.yaml").items()}


def _field(name: str, entry: dict[str, Any]) -> Field:
    names = [plain_words(str(word)) for words in entry["names"].values() for word in words]
    return Field(
        name=name,
        about=entry["about"],
        to=entry.get("to", name),
        names=tuple(dict.fromkeys([plain_words(name), *names])),
        several=entry.get("several") == "true",
        private=entry.get("private") == "true",
        of_patient=entry.get("of_patient") == "true",
    )


@cache
def _by_name() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for field in known_fields().values():
        for name in field.names:
            found.setdefault(name, []).append(field.name)
            found.setdefault(name.replace(" ", ""), []).append(field.name)
    return {name: tuple(dict.fromkeys(named)) for name, named in found.items()}


def fields_of_header(text: str) -> list[tuple[str, float]]:
    """Fields that a header names, best first, each with how sure that is from 0 to 1.

    >>> [fields_of_header(text)[0] for text in ("Größter Durchmesser (mm)", "F. nacimiento", "病理结果")]
    [('size_mm', 1.0), ('birth_date', 1.0), ('histology', 1.0)]
    """
    found = _named(text)
    if not found:
        for form in read_header(text).words:
            for name, sure in _resembling(form):
                found[name] = max(found.get(name, 0.0), sure)
    return sorted(found.items(), key=lambda pair: -pair[1])


def is_known_header(text: str) -> bool:
    """Whether a text is probably the header of a column, rather than a value."""
    return bool(text) and len(text) < 60 and bool(_named(text))


def _named(text: str) -> dict[str, float]:
    """Fields with exactly the name that a header has, or that it has without what stands in brackets."""
    found: dict[str, float] = {}
    for place, form in enumerate(read_header(text).words):
        for name in _by_name().get(form, ()) or _by_name().get(form.replace(" ", ""), ()):
            found.setdefault(name, 1.0 if place == 0 else 0.9)
    return found


def _resembling(form: str) -> list[tuple[str, float]]:
    """Fields with a name that stands inside the header, or is nearly the header."""
    padded = f" {form} "
    found: dict[str, tuple[int, float]] = {}
    for name, named in _by_name().items():
        chinese = not name.isascii()
        if len(name) < (2 if chinese else 4) or not (name in form if chinese else f" {name} " in padded):
            continue
        for field in named:
            length = len(name)
            if length > found.get(field, (0, 0.0))[0]:
                found[field] = (length, 0.7 if length >= len(form) / 2 else 0.6)
    longest = max((length for length, _ in found.values()), default=0)
    inside = [(field, sure if length == longest else sure - 0.15) for field, (length, sure) in found.items()]
    if inside or len(form) < 5:
        return inside
    near = difflib.get_close_matches(form, list(_by_name()), n=1, cutoff=0.84)
    return [(field, 0.65) for field in _by_name()[near[0]]] if near else []
