"""Linking things into groups (union-find)."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


class Links:
    """Which of `count` things have been joined, directly or through others.

    >>> links = Links(3); links.join(0, 2); links.joined(2, 0), links.joined(0, 1)
    (True, False)
    """

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))

    def _root(self, thing: int) -> int:
        while self._parent[thing] != thing:
            self._parent[thing] = self._parent[self._parent[thing]]
            thing = self._parent[thing]
        return thing

    def join(self, one: int, two: int) -> None:
        """Put the groups of two things together."""
        low, high = sorted((self._root(one), self._root(two)))
        self._parent[high] = low

    def joined(self, one: int, two: int) -> bool:
        """Whether two things are in one group."""
        return self._root(one) == self._root(two)

    def numbers(self) -> NDArray[np.intp]:
        """The group of each thing, numbered in order of first appearance."""
        order: dict[int, int] = {}
        roots = (self._root(thing) for thing in range(len(self._parent)))
        return np.array([order.setdefault(root, len(order)) for root in roots], dtype=np.intp)


def linked(count: int, pairs: Iterable[tuple[int, int]]) -> NDArray[np.intp]:
    """The group of each of `count` things, numbered in order of first appearance.

    >>> linked(5, [(0, 3), (3, 4)]).tolist()
    [0, 1, 2, 0, 0]
    """
    links = Links(count)
    for one, two in pairs:
        links.join(one, two)
    return links.numbers()
