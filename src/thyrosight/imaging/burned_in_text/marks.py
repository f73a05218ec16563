"""Marks: small connected regions that differ from their surroundings, as letters do and most speckle does not."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import scipy
from numpy.typing import NDArray

from thyrosight.imaging.morphology import of_windows
from thyrosight.imaging.smoothing import local_mean

# Strokes are thinner than this many pixels; thicker letters are found in the picture at half its size.
_WIDEST_STROKE = 7
# What stands out is judged against how much stands out nearby (mean over this window, counted up to a limit).
_AROUND, _LARGEST_COUNTED = 41, 40.0
# A pixel belongs to a mark when it stands out by the first number plus the second times what is usual nearby. Three
# levels, so that faint letters are found, and bright ones part from bright tissue that touches them.
_LEVELS: Final = ((12.0, 1.5), (25.0, 2.0), (60.0, 2.0))


@dataclass(frozen=True, eq=False)
class Marks:
    """Measurements of every mark of one picture at one level; each array has one entry per mark.

    Attributes:
        left, top, right, bottom: of the box, half-open, in pixels.
        area: pixels.
        perimeter: steps between a pixel of the mark and one outside it.
        level, spread: mean and standard deviation of its grey levels.
        contrast: its mean above the mean of a ring around it.
        ring_spread: standard deviation of the grey levels in the ring.
        edge: mean gradient along its edge.
    """

    left: NDArray[np.float64]
    top: NDArray[np.float64]
    right: NDArray[np.float64]
    bottom: NDArray[np.float64]
    area: NDArray[np.float64]
    perimeter: NDArray[np.float64]
    level: NDArray[np.float64]
    spread: NDArray[np.float64]
    contrast: NDArray[np.float64]
    ring_spread: NDArray[np.float64]
    edge: NDArray[np.float64]

    @property
    def width(self) -> NDArray[np.float64]:
        """Widths of the boxes."""
        return self.right - self.left

    @property
    def height(self) -> NDArray[np.float64]:
        """Heights of the boxes."""
        return self.bottom - self.top


def find_marks(grey: NDArray[np.uint8]) -> Iterator[Marks]:
    """The bright marks of grey pixels, level by level, from the faintest level to the brightest."""
    above: NDArray[Any] = grey - _opened(grey)
    usual = local_mean(np.minimum(above, np.uint8(_LARGEST_COUNTED)), _AROUND)
    gradient = np.maximum(_change(grey, 0), _change(grey, 1))
    above = above.astype(np.float32)
    for least, factor in _LEVELS:
        on = above > least + factor * usual
        labels, count = scipy.ndimage.label(on, structure=np.ones((3, 3)))
        if count:
            yield _measured(grey, gradient, on, labels, count)


def _opened(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    low = of_windows(grey, _WIDEST_STROKE, np.minimum, beyond=255)
    return of_windows(low, _WIDEST_STROKE, np.maximum, beyond=0)


def _change(grey: NDArray[np.uint8], axis: Literal[0, 1]) -> NDArray[np.uint8]:
    """The difference of the neighbours of each pixel along an axis; a pixel at the border is its own neighbour."""
    padded = np.pad(grey, [(1, 1) if axis == other else (0, 0) for other in (0, 1)], mode="edge")
    one, other = (padded[2:], padded[:-2]) if axis == 0 else (padded[:, 2:], padded[:, :-2])
    return np.asarray(np.maximum(one, other) - np.minimum(one, other))


def _measured(
    grey: NDArray[np.uint8], gradient: NDArray[np.uint8], on: NDArray[np.bool_], labels: NDArray[np.int32], count: int
) -> Marks:
    values, slopes, owners = grey.ravel(), gradient.ravel(), labels.ravel()
    inside = np.flatnonzero(on)
    of = owners[inside]
    area, level, spread = _moments(values[inside], of, count)
    edge = np.flatnonzero(on & ~of_windows(on, 3, np.logical_and, beyond=True))
    _, slope, _ = _moments(slopes[edge], owners[edge], count)
    near = of_windows(on, 3, np.logical_or, beyond=False)
    ring = np.flatnonzero(of_windows(on, 5, np.logical_or, beyond=False) & ~near)
    nearest = of_windows(labels, 5, np.maximum, beyond=0).ravel()[ring]
    _, ring_level, ring_spread = _moments(values[ring], nearest, count)
    left, top, right, bottom = _boxes(inside, of, count, columns=on.shape[1])
    return Marks(
        left=left,
        top=top,
        right=right,
        bottom=bottom,
        area=area,
        perimeter=_perimeters(on, labels, count),
        level=level,
        spread=spread,
        contrast=level - ring_level,
        ring_spread=ring_spread,
        edge=slope,
    )


def _boxes(
    inside: NDArray[np.int64], of: NDArray[np.int32], count: int, *, columns: int
) -> tuple[NDArray[np.float64], ...]:
    """Left, top, right and bottom of each mark, from the places of its pixels in a picture of so many columns."""
    row, column = np.divmod(inside, columns)
    first = np.full((2, count + 1), np.iinfo(np.int64).max)
    last = np.zeros((2, count + 1), dtype=np.int64)
    for axis, places in enumerate((column, row)):
        np.minimum.at(first[axis], of, places)
        np.maximum.at(last[axis], of, places)
    return (*first[:, 1:].astype(np.float64), *(last[:, 1:] + 1.0))


def _moments(
    grey: NDArray[np.uint8], of: NDArray[np.integer[Any]], count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Number of values of each mark, their mean and their standard deviation (0 for a mark without values)."""
    values = grey.astype(np.float64)
    number = np.bincount(of, minlength=count + 1)[1:].astype(np.float64)
    divisor = np.maximum(number, 1)
    mean = np.bincount(of, weights=values, minlength=count + 1)[1:] / divisor
    square = np.bincount(of, weights=values * values, minlength=count + 1)[1:] / divisor
    return number, mean, np.sqrt(np.maximum(square - mean * mean, 0))


def _perimeters(on: NDArray[np.bool_], labels: NDArray[np.int32], count: int) -> NDArray[np.float64]:
    total = np.zeros(count + 1)
    columns = on.shape[1]
    mask, owners = on.ravel(), labels.ravel()
    for apart in (columns, 1):
        changes = mask[apart:] != mask[:-apart]
        if apart == 1:
            changes[columns - 1 :: columns] = False  # from the end of a row to the start of the next
        at = np.flatnonzero(changes)
        # One of the two pixels belongs to no mark; its label is 0.
        total += np.bincount(owners[at] + owners[at + apart], minlength=count + 1)
    return total[1:]
