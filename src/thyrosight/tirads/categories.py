"""Categories as readers record them."""

import re
from typing import Final

from thyrosight.tirads.lexicon import TiradsError
from thyrosight.tirads.system import System
from thyrosight.tirads.systems import find_system

_PREFIX: Final = re.compile(r"^(acr|ai|eu|k|c|ksthr|kwak|ata)?[\s-]*(ti-?rads?|tr|category)?[\s-]*", re.IGNORECASE)


def read_category(system: str | System, text: str, *, where: str = "") -> str | None:
    """The category that a recorded text stands for in a system; None for an empty text or "unknown".

    Upper and lower case and a prefix ("TI-RADS 4a", "TR4", "K-TIRADS 5") do not matter.

    Raises:
        TiradsError: the system has no such category.

    >>> read_category("acr", "4"), read_category("kwak", "TI-RADS 4C"), read_category("ata", "High suspicion")
    ('TR4', '4c', 'high suspicion')
    """
    found = find_system(system) if isinstance(system, str) else system
    cell = str(text).strip().casefold().removesuffix(".0")
    if cell in ("", "unknown", "nan"):
        return None
    bare = _PREFIX.sub("", cell)
    for category in found.categories:
        if category.name.casefold() in (cell, bare) or category.name.casefold().removeprefix("tr") == bare:
            return category.name
    place = f"{where}: " if where else ""
    names = ", ".join(category.name for category in found.categories)
    raise TiradsError(f"{place}{text!r} is no category of {found.title}; its categories are {names}.")


def category_rank(system: str | System, category: str) -> int:
    """Place of a category in its system's scale, 1 for the least suspicious: a rating for ROC analysis.

    Raises:
        TiradsError: the system has no such category.

    >>> category_rank("kwak", "4a"), category_rank("acr", "TR5")
    (3, 5)
    """
    found = find_system(system) if isinstance(system, str) else system
    name = read_category(found, category)
    if name is None:
        raise TiradsError(f"An empty category has no place in the scale of {found.title}.")
    return found.rank(name)
