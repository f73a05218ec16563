"""Groups of images or patients that are linked directly or through others."""

from collections.abc import Iterable

import numpy as np
import scipy
from numpy.typing import NDArray


def linked(count: int, pairs: Iterable[tuple[int, int]]) -> NDArray[np.intp]:
    """Return the group of each of `count` items, numbered in order of first appearance.

    >>> linked(5, [(0, 3), (3, 4)]).tolist()
    [0, 1, 2, 0, 0]
    """
    groups, order = scipy.cluster.hierarchy.DisjointSet(range(count)), dict[int, int]()
    for one, two in pairs:
        groups.merge(one, two)
    return np.array([order.setdefault(groups[item], len(order)) for item in range(count)], dtype=np.intp)
