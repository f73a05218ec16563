"""The dictionary of an original report: words that decide, and words that say how they are meant."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from thyrosight.errors import RecipeError
from thyrosight.parts import Part

SpeaksFor = Literal["benign", "malignant", "neither"]
Words = tuple[str, ...]
DICTIONARY = Path(__file__).with_name("report_keywords.yaml")
GAP = "..."
_SIGNS_IN_GAP = 10
_WORDS_IN_GAP = 7


class Keywords(Part):
    """The keywords of one class, those that the paper lists apart from those added here."""

    paper: Words = ()
    ours: Words = ()

    @property
    def words(self) -> Words:
        """All of them."""
        return (*self.paper, *self.ours)


class KeywordDictionary(Part):
    """The words of a report; `report_keywords.yaml` says what each list is for.

    A class may also be given as a plain list of words, which then count as ours.

    >>> words = load_dictionary()
    >>> words.speaks_for("metastasis"), words.speaks_for("benign"), words.speaks_for("indeterminate")
    ('malignant', 'benign', 'neither')
    >>> "metastasis" in words.malignant.paper, "suspicious lymph node" in words.malignant.ours
    (True, True)
    """

    malignant: Keywords
    benign: Keywords
    cannot_be_told: Words = ()
    no_keyword: Words = ()
    benign_when_negated: Words = ()
    gives_way_to_benign: Words = ()
    primary_tumour: Words = ()
    negated_by: Words = ()
    negated_after_by: Words = ()
    no_negation: Words = ()
    ends_negation: Words = ()
    comma_before_ends_negation: Words = ()
    comma_after_ends_negation: Words = ()
    history_by: Words = ()
    history_of_tumour_by: Words = ()
    history_after_by: Words = ()
    ends_history: Words = ()
    asked_by: Words = ()
    open_after_by: Words = ()
    elsewhere_by: Words = ()
    elsewhere_after_by: Words = ()
    may_stand_between: Words = ()
    request_headings: Words = ()
    finding_headings: Words = ()
    conclusion_headings: Words = ()
    sides: tuple[Words, ...] = Field(default=())

    @field_validator("malignant", "benign", mode="before")
    @classmethod
    def _one_list_is_ours(cls, value: Any) -> Any:
        return {"ours": value} if isinstance(value, list | tuple) else value

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name in ("malignant", "benign"):
            if not getattr(self, name).words:
                raise ValueError(f"{name} has no keyword")
        if any(not word.strip() for word in self._all_words()):
            raise ValueError("an empty keyword would match everything")
        both = {normal(word) for word in self.malignant.words} & {normal(word) for word in self.benign.words}
        if both:
            raise ValueError(f"{min(both)!r} is both malignant and benign")
        for name in ("benign_when_negated", "gives_way_to_benign", "primary_tumour"):
            if unknown := set(getattr(self, name)) - set(self.malignant.words):
                raise ValueError(f"{min(unknown)!r} of {name} is not a malignant keyword")
        return self

    def _all_words(self) -> Iterator[str]:
        for name in type(self).model_fields:
            value = getattr(self, name)
            yield from value.words if isinstance(value, Keywords) else sum(value, ()) if name == "sides" else value

    @cached_property
    def _classes(self) -> Mapping[str, SpeaksFor]:
        classes: dict[str, SpeaksFor] = dict.fromkeys(self.cannot_be_told, "neither")
        return classes | dict.fromkeys(self.benign.words, "benign") | dict.fromkeys(self.malignant.words, "malignant")

    @cached_property
    def listed_by_paper(self) -> frozenset[str]:
        """The keywords that the paper lists."""
        return frozenset((*self.malignant.paper, *self.benign.paper))

    def speaks_for(self, keyword: str) -> SpeaksFor:
        """The class of a keyword; `neither` for one of `cannot_be_told`."""
        return self._classes[keyword]

    @cached_property
    def _searched(self) -> tuple[Words, Words]:
        """Keywords and what only looks like them, longer ones first: those without a gap, and those with one."""
        whole = sorted((*self._classes, *self.no_keyword), key=len, reverse=True)
        return tuple(word for word in whole if GAP not in word), tuple(word for word in whole if GAP in word)

    def keywords_in(self, clause: str) -> list[tuple[str, int, int]]:
        """Keywords with their places, in order: longer ones first, and those with a gap only around no other one."""
        found: list[tuple[str, int, int]] = []
        for words in self._searched:
            taken = np.zeros(len(clause) + 1, dtype=bool)
            for _, start, end in found:
                taken[start:end] = True
            found += [one for one in _places(words, clause) if not taken[one[1] : one[2]].any()]
        return sorted((one for one in found if one[0] in self._classes), key=lambda one: one[1])


def _places(words: Words, clause: str) -> Iterator[tuple[str, int, int]]:
    """Words with their places from left to right; of two at one place the first, and the next begins behind its end."""
    folded = clause.casefold()
    possible = [word for word in words if _longest_piece(word) in folded]
    place = 0
    while possible:
        ahead = [(word, pattern((word,)).search(clause, place)) for word in possible]
        matches = [(word, match) for word, match in ahead if match is not None]
        if not matches:
            return
        word, match = min(matches, key=lambda one: one[1].start())
        yield word, match.start(), match.end()
        place, possible = match.end(), [word for word, _ in matches]


@cache
def _longest_piece(word: str) -> str:
    """The longest part of a word that stands in every text with it, in small letters."""
    return max((piece for part in normal(word).split(GAP) for piece in part.split()), key=len, default="").casefold()


@cache
def load_dictionary(path: Path = DICTIONARY) -> KeywordDictionary:
    """Read a dictionary of keywords from a YAML file in UTF-8; without a path the one that comes with ThyroSight.

    Raises:
        RecipeError: the file cannot be read, or holds something else; names the entry.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
        return KeywordDictionary.model_validate(content)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        text = " ".join(str(error).split())
        raise RecipeError(
            f"{path}: the keywords cannot be read as YAML in UTF-8 ({text}); correct the file."
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        place, problem = ".".join(map(str, first["loc"])), first["msg"].removeprefix("Value error, ")
        where = f", {place}" if place else ""
        raise RecipeError(f"{path}{where}: {problem}; correct the file.") from error


@cache
def pattern(words: Words) -> "re.Pattern[str]":
    """Matches any of the words; each is a group. Without words it matches nothing."""
    return re.compile("|".join(f"({_word(word)})" for word in words) or r"(?!)")


def any_of(words: Words) -> str:
    """A pattern for any of the words, longer ones first, without groups; without words it matches nothing."""
    return "|".join(_word(word) for word in sorted(words, key=len, reverse=True)) or r"(?!)"


def _word(word: str) -> str:
    """A word as a pattern: blanks of any width; Latin ones whole, also with a plural s; a capital makes case count.

    `...` stands for a few words, or Chinese signs, of the same clause; before a number for none that holds a number.
    """
    text = normal(word).strip()
    joined = ""
    for part in text.split(GAP):
        joined += (_gap(part.strip()) if joined else "") + _part(part.strip())
    return joined if any(sign.isupper() for sign in text) else rf"(?i:{joined})"


def _part(text: str) -> str:
    escaped = r"\s+".join(re.escape(piece) for piece in text.split())
    before = r"(?<![A-Za-z])" if re.match(r"[A-Za-z]", text) else ""
    if re.search(r"[A-Za-z0-9]$", text):
        after = r"(?![A-Za-z0-9]|-\d)" if re.search(r"\d[A-Za-z]?$", text) else r"s?(?![A-Za-z0-9])"
        return before + escaped + after
    return before + escaped


def _gap(following: str) -> str:
    if following[:1].isdigit():
        return r"[^\d,.;，。；]{0,16}?"
    if re.match(r"[A-Za-z]", following):
        return rf"(?:[\s\-/()]+[^\s\-/(),;:，。；]+){{0,{_WORDS_IN_GAP}}}?[\s\-]+"
    return rf"[^,.;:，。；：\s]{{0,{_SIGNS_IN_GAP}}}?"


def normal(text: str) -> str:
    """Full-width Latin letters and digits made ordinary ones; punctuation stays, as a Chinese comma ends a clause."""
    return "".join(unicodedata.normalize("NFKC", sign) if sign.isalnum() else sign for sign in text)
