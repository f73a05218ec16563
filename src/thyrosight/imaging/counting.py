"""Exact counts in pictures at the speed of one pass over their bytes: marked pixels of lines, quantiles."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def marked_per_row(mask: NDArray[np.bool_]) -> NDArray[np.unsignedinteger[Any]]:
    """How many pixels of each row are marked.

    >>> marked_per_row(np.array([[True, False, True], [False, False, False]]))
    array([2, 0], dtype=uint16)
    """
    return _sums(mask.view(np.uint8), axis=1)


def marked_per_column(mask: NDArray[np.bool_]) -> NDArray[np.unsignedinteger[Any]]:
    """How many pixels of each column are marked."""
    return _sums(mask.view(np.uint8), axis=0)


def _sums(values: NDArray[np.uint8], axis: int) -> NDArray[np.unsignedinteger[Any]]:
    # The narrowest type that holds the count: numpy adds several times faster in it than in its default.
    return np.asarray(values.sum(axis=axis, dtype=np.uint16 if values.shape[axis] < 2**16 else np.uint32))


def median(values: NDArray[Any]) -> float:
    """The median of a line of numbers, as `numpy.median` computes it.

    >>> median(np.array([3, 1, 4, 1]))
    2.0
    """
    ordered, middle = np.sort(values), values.size // 2
    return float(ordered[middle]) if values.size % 2 else float((0.0 + ordered[middle - 1] + ordered[middle]) / 2)


def quantile_of_sorted(ordered: NDArray[Any], share: float, *, count: int | None = None, before: int = 0) -> float:
    """The quantile of sorted numbers, as `numpy.quantile` computes it (linear between neighbours).

    Of `count` numbers only those around the quantile need be given, and how many come before them.

    >>> quantile_of_sorted(np.array([10, 20, 40], dtype=np.uint8), 0.75)
    30.0
    """
    last = (ordered.size if count is None else count) - 1
    place = share * last
    below = int(place)
    low, high = ordered[below - before], ordered[min(below + 1, last) - before]
    return _between(float(low), float(high), place - below)


def quantile_of_histogram(counts: NDArray[np.integer[Any]], share: float) -> float:
    """The quantile of grey levels that occur `counts` times, as `numpy.quantile` computes it.

    >>> quantile_of_histogram(np.array([1, 0, 1, 0, 1]), 0.75)
    3.0
    """
    upto = np.cumsum(counts)
    last = int(upto[-1]) - 1
    place = share * last
    below = int(place)
    low, high = np.searchsorted(upto, (below, min(below + 1, last)), side="right")
    return _between(float(low), float(high), place - below)


def _between(low: float, high: float, share: float) -> float:
    # numpy measures from the nearer end, so that a share of 1 gives exactly `high`.
    step = high - low
    return high - step * (1 - share) if share >= 0.5 else low + step * share
