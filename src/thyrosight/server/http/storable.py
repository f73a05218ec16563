"""Values that no database, file or other program can keep: refused before a route sees them."""

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic_core import PydanticCustomError

_DEEPEST: Final = 32
"""Levels of a body: the deepest that a route takes has ten."""
_LARGEST: Final = 2**63 - 1
"""Of whole numbers: what a column holds, and what becomes a floating-point number without an error."""

_SHOWN: Final = 200
"""Characters of a place: its names are those of the sender."""


def fault_of_text(text: str) -> str | None:
    """Fault of a text, as the end of a sentence; None where the text can be kept everywhere.

    PostgreSQL keeps no NUL, and half of a surrogate pair, which JSON can write, has no form in UTF-8.
    """
    if "\0" in text:
        return "holds the character NUL"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "holds half of a surrogate pair"
    return None


def require_storable(body: Any) -> Any:
    """A body as JSON gave it, where all of it can be kept.

    Raises:
        PydanticCustomError: a text holds NUL or half of a surrogate pair, a number is not finite or has more than 64
            bits, or the body nests deeper than any route needs; names the first place.
    """
    for place, fault in _faults(body, place="", depth=0):
        raise PydanticCustomError(
            "storable", "{place} {fault}", {"place": place[:_SHOWN] or "the body", "fault": fault}
        )
    return body


def _faults(given: Any, *, place: str, depth: int) -> Iterator[tuple[str, str]]:
    if depth > _DEEPEST:
        yield place.rpartition(".")[0], f"has more than {_DEEPEST} levels"
    elif isinstance(given, str):
        fault = fault_of_text(given)
        if fault:
            yield place, fault
    elif isinstance(given, float):
        if not math.isfinite(given):
            yield place, "is no finite number"
    elif isinstance(given, int):
        if abs(given) > _LARGEST:
            yield place, "has more than 64 bits"
    elif isinstance(given, Mapping):
        for key, value in given.items():
            fault = fault_of_text(key) if isinstance(key, str) else None
            if fault:
                yield place, f"has a key that {fault}"
                return
            yield from _faults(value, place=f"{place}.{key}" if place else str(key), depth=depth + 1)
    elif isinstance(given, list | tuple):
        for number, value in enumerate(given):
            yield from _faults(value, place=f"{place}.{number}" if place else str(number), depth=depth + 1)
