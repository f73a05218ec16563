"""Marks: small connected regions that differ from their surroundings, as letters do and most speckle does not."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy
from numpy.typing import NDArray

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
    values = grey.astype(np.int16)
    opened = _opened(values)
    above = (values - np.minimum(opened, values)).astype(np.float32)
    usual = scipy.ndimage.uniform_filter(np.minimum(above, _LARGEST_COUNTED), size=_AROUND)
    steps = [np.abs(scipy.ndimage.correlate1d(values, [-1, 0, 1], axis=axis)) for axis in (0, 1)]
    gradient = np.maximum(*steps)
    for least, factor in _LEVELS:
        on = above > least + factor * usual
        labels, count = scipy.ndimage.label(on, structure=np.ones((3, 3)))
        if count:
            yield _measured(values, gradient, on, labels, count)


def _opened(values: NDArray[np.int16]) -> NDArray[np.int16]:
    low = scipy.ndimage.minimum_filter(values, size=_WIDEST_STROKE)
    return np.asarray(scipy.ndimage.maximum_filter(low, size=_WIDEST_STROKE))


def _measured(
    values: NDArray[np.int16], gradient: NDArray[np.int16], on: NDArray[np.bool_], labels: NDArray[np.int32], count: int
) -> Marks:
    inside, of = values[on].astype(np.float64), labels[on]
    area, level, spread = _moments(inside, of, count)
    edge_pixels = on & (scipy.ndimage.minimum_filter(on.view(np.uint8), size=3) == 0)
    _, edge, _ = _moments(gradient[edge_pixels].astype(np.float64), labels[edge_pixels], count)
    near = scipy.ndimage.maximum_filter(on.view(np.uint8), size=3) > 0
    owner = scipy.ndimage.maximum_filter(labels, size=5)
    ring = (owner > 0) & ~near
    _, ring_level, ring_spread = _moments(values[ring].astype(np.float64), owner[ring], count)
    boxes = np.array(
        [(columns.start, rows.start, columns.stop, rows.stop) for rows, columns in scipy.ndimage.find_objects(labels)],
        dtype=np.float64,
    )
    left, top, right, bottom = boxes.T
    return Marks(
        left=left,
        top=top,
        right=right,
        bottom=bottom,
        area=area,
        perimeter=_perimeters(labels, count),
        level=level,
        spread=spread,
        contrast=level - ring_level,
        ring_spread=ring_spread,
        edge=edge,
    )


def _moments(
    values: NDArray[np.float64], of: NDArray[np.int32], count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Number of values of each mark, their mean and their standard deviation (0 for a mark without values)."""
    number = np.bincount(of, minlength=count + 1)[1:].astype(np.float64)
    divisor = np.maximum(number, 1)
    mean = np.bincount(of, weights=values, minlength=count + 1)[1:] / divisor
    square = np.bincount(of, weights=values * values, minlength=count + 1)[1:] / divisor
    return number, mean, np.sqrt(np.maximum(square - mean * mean, 0))


def _perimeters(labels: NDArray[np.int32], count: int) -> NDArray[np.float64]:
    total = np.zeros(count + 1)
    for one, other in ((labels[1:], labels[:-1]), (labels[:, 1:], labels[:, :-1])):
        across = (one > 0) != (other > 0)
        total += np.bincount(np.maximum(one, other)[across], minlength=count + 1)
    return total[1:]
