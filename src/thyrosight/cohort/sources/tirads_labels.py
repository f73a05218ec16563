"""Labels from TI-RADS categories, by a rule that the user can see and change."""

from collections.abc import Iterable, Mapping
from typing import Final

from thyrosight.cohort.columns import closest, in_words
from thyrosight.cohort.sources.base import Option
from thyrosight.errors import CohortError

CATEGORIES: Final = ("2", "3", "4a", "4b", "4c", "5")
"""The categories of DDTI (Kwak and colleagues), from least to most suspicious."""

OPTIONS: Final = {
    "tirads-malignant-from": Option(
        "4a", "the lowest TI-RADS category that counts as malignant; all below count as benign", allowed=CATEGORIES[1:]
    ),
    "tirads-exclude": Option("", "TI-RADS categories to leave out, for example 4a,4b"),
}


def label_of(category: str, *, malignant_from: str) -> str:
    """The label of a category.

    >>> label_of("3", malignant_from="4a"), label_of("4c", malignant_from="4a")
    ('benign', 'malignant')
    """
    return "malignant" if CATEGORIES.index(category) >= CATEGORIES.index(malignant_from) else "benign"


def left_out(options: Mapping[str, str]) -> tuple[str, ...]:
    """The categories that the option `tirads-exclude` names."""
    names = tuple(name.strip().lower() for name in options["tirads-exclude"].split(",") if name.strip())
    for name in names:
        if name not in CATEGORIES:
            meant = closest(name, CATEGORIES)
            hint = f"; did you mean {meant}?" if meant else ""
            raise CohortError(f"Option tirads-exclude: {name!r} is not one of {in_words(CATEGORIES)}{hint}")
    return names


def policy(options: Mapping[str, str]) -> str:
    """The rule in words.

    >>> policy({"tirads-malignant-from": "4a", "tirads-exclude": ""})
    'TI-RADS 2 and 3 benign, 4a and above malignant'
    """
    cut = CATEGORIES.index(options["tirads-malignant-from"])
    text = f"TI-RADS {_joined(CATEGORIES[:cut])} benign, {_above(CATEGORIES[cut:])} malignant"
    out = left_out(options)
    return f"{text}; {_joined(out)} left out" if out else text


def _joined(names: Iterable[str]) -> str:
    return in_words(names, last="and")


def _above(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and above"
