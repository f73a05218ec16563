"""Sonographic features in words that can be counted: one level per image, whatever spelling the cohort has."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from thyrosight.tirads import VOCABULARIES
from thyrosight.tirads.words import plain

FEATURES: Final = ("composition", "echogenicity", "calcification", "margin", "shape")
"""The columns that hold them, in the order of the paper's tables."""

_EMPTY: Final = frozenset({"", "nan", "unknown", "not recorded", "na", "n/a"})
_COARSE: Final = {
    frozenset({"macrolobulated", "microlobulated"}): "lobulated",
    frozenset({"predominantly cystic", "predominantly solid"}): "mixed",
}
# Guan et al. 2019 count a halo apart from a smooth margin; the TI-RADS systems do not.
_OWN: Final = {("margin", "halo"): "halo"}


class UnknownWordError(ValueError):
    """A word that no vocabulary of sonographic features holds."""


def level(feature: str, word: object) -> str | None:
    """The level of a feature that a cell of a table says; None where it says nothing.

    Several calcifications, joined by "+", ";" or "|", are a level of their own.

    Raises:
        UnknownWordError: nobody spells the feature like that.

    >>> level("margin", "well-defined"), level("margin", "lobular"), level("calcification", "micro+macro")
    ('smooth', 'lobulated', 'macrocalcification + microcalcification')
    >>> level("calcification", "non"), level("shape", float("nan"))
    ('none', None)
    """
    text = str(word).strip()
    if text.casefold() in _EMPTY:
        return None
    parts = text.replace(";", "+").replace("|", "+").split("+") if feature == "calcification" else [text]
    return " + ".join(sorted({_level(feature, plain(part)) for part in parts if plain(part)}))


def _level(feature: str, word: str) -> str:
    if (feature, word) in _OWN:
        return _OWN[feature, word]
    words = VOCABULARIES["any"].words[feature]
    if word not in words:
        raise UnknownWordError(word)
    terms = frozenset(term.value for term in words[word])
    if len(terms) == 1:
        return next(iter(terms))
    return _COARSE.get(terms, word) if terms else "none"


@dataclass(frozen=True, eq=False)
class Descriptors:
    """The features of a cohort's images.

    Attributes:
        table: a column `key`, and one per feature with its level, empty where unknown.
        problems: sentences about spellings that could not be read; these cells count as unknown.
        absent: features that the cohort does not describe at all.
        unread: per feature the keys of the images whose spelling could not be read.
    """

    table: pd.DataFrame
    problems: tuple[str, ...]
    absent: tuple[str, ...]
    unread: Mapping[str, frozenset[str]]

    @property
    def described(self) -> tuple[str, ...]:
        """Features with at least one known level."""
        return tuple(feature for feature in FEATURES if feature not in self.absent)


def read_descriptors(cohort: pd.DataFrame) -> Descriptors:
    """Read every feature of a cohort's table.

    >>> cohort = pd.DataFrame({"key": ["a", "b", "c"], "margin": ["smooth", "smoth", None], "shape": ["taller"] * 3})
    >>> read_descriptors(cohort).problems
    ("margin: 'smoth' (1 image, for example b) is not a known word and counts as unknown; correct it in the cohort.",)
    """
    columns: dict[str, list[str | None]] = {}
    problems: list[str] = []
    unread: dict[str, frozenset[str]] = {}
    for feature in FEATURES:
        if feature not in cohort:
            columns[feature] = [None] * len(cohort)
            continue
        columns[feature], unknown = _read_column(feature, cohort)
        unread[feature] = frozenset(key for keys in unknown.values() for key in keys)
        for word, keys in unknown.items():
            images = "1 image" if len(keys) == 1 else f"{len(keys)} images"
            problems.append(
                f"{feature}: {word!r} ({images}, for example {keys[0]}) is not a known word and counts as unknown; "
                "correct it in the cohort."
            )
    table = pd.DataFrame({"key": cohort["key"].to_numpy(), **columns}, dtype=object)
    absent = tuple(feature for feature in FEATURES if table[feature].isna().all())
    return Descriptors(table, tuple(problems), absent, unread)


def _read_column(feature: str, cohort: pd.DataFrame) -> tuple[list[str | None], dict[str, list[str]]]:
    """The levels of one column, and the images of each word that is not known."""
    levels: list[str | None] = []
    unknown: dict[str, list[str]] = {}
    for key, word in zip(cohort["key"], cohort[feature], strict=True):
        try:
            levels.append(level(feature, word))
        except UnknownWordError:
            levels.append(None)
            unknown.setdefault(str(word), []).append(str(key))
    return levels, unknown
