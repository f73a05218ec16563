"""Rules for choosing a threshold, and their names; apart from the choice itself, which needs SciPy."""

import re
from typing import Final

FLOOR: Final = re.compile(r"(sensitivity|specificity)\s*>=\s*([0-9]*\.?[0-9]+)")
"""Rule that demands a least sensitivity or specificity."""
_NAMES: Final = {
    "youden": "Youden's index",
    "closest": "closest to the perfect corner",
    "cost": "lowest expected cost",
}


def rule_in_words(rule: str) -> str:
    """The rule of a threshold as readers know it; a text that is no rule stays as it is.

    >>> rule_in_words("youden"), rule_in_words("sensitivity>=0.95")
    ("Youden's index", 'sensitivity at least 0.95')
    """
    floor = FLOOR.fullmatch(rule.strip())
    return f"{floor[1]} at least {floor[2]}" if floor else _NAMES.get(rule, rule)
