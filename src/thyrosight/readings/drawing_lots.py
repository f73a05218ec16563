"""Draws of lots that come out alike on every machine and for ever: by the hash of the words of a draw."""

import hashlib
from collections.abc import Callable, Iterable
from statistics import NormalDist
from typing import Any, TypeVar

_Item = TypeVar("_Item")


def lot(*words: Any) -> int:
    """A number from 0 to 2**64 - 1 that follows from the words alone.

    >>> lot(20, "reader A", "case 1") == lot(20, "reader A", "case 1") != lot(20, "reader", "A case 1")
    True
    """
    text = "\x1f".join(map(str, words))
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8"), digest_size=8).digest(), "big")


def uniform(*words: Any) -> float:
    """A number between 0 and 1 that follows from the words alone."""
    return (lot(*words) + 0.5) / 2**64


def normal(*words: Any) -> float:
    """A standard normal number that follows from the words alone.

    >>> round(normal("case 1"), 3) == round(normal("case 1"), 3) != round(normal("case 2"), 3)
    True
    """
    return NormalDist().inv_cdf(min(max(uniform(*words), 1e-12), 1 - 1e-12))


def shuffled(items: Iterable[_Item], *words: Any, key: Callable[[_Item], str] = str) -> list[_Item]:
    """The items in an order that follows from the words and the items' keys, whatever order they came in.

    >>> shuffled("abc", 1) == shuffled("cab", 1), "".join(sorted(shuffled("abc", 1)))
    (True, 'abc')
    """
    return sorted(items, key=lambda item: (lot(*words, key(item)), key(item)))
