"""Callipers that a reader left in a picture: where they are, the nodule between them, the picture without them.

Only upright crosses are known (GE and others), as TN5000 shows them at 448 pixels. They say where the nodule is, so
they give the finder outlines to learn from; they are erased, so that it does not learn to look for them.
"""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Places = NDArray[np.int64]

_ARM = 4  # pixels of each arm that must be lit
_CORNER = 3  # between the arms, so far from the centre along both axes, it must be darker
_CLEAR, _FAINT = (40, 100), (18, 80)  # how much darker, and how bright the arms are
_NEAR = 1.6  # a faint cross counts so many times as far from the middle as the farthest clear one
_AROUND = 17  # pixels around a cross in which bright thin ink (arms, the calliper's number) is erased
_INK = 45


def find_callipers(pixels: NDArray[np.uint8]) -> Places:
    """Columns and rows `(n, 2)` of upright crosses in a grey picture; faint ones only beside two clear ones."""
    grey = pixels.astype(np.float32)
    across = ndimage.minimum_filter1d(grey, 2 * _ARM + 1, axis=1)
    lit = np.minimum(across, ndimage.minimum_filter1d(grey, 2 * _ARM + 1, axis=0))
    corners = [np.roll(grey, (down, right), (0, 1)) for down in (-_CORNER, _CORNER) for right in (-_CORNER, _CORNER)]
    contrast = lit - np.max(corners, axis=0)
    peak = contrast == ndimage.maximum_filter(contrast, 9)
    clear = _places(peak & (contrast > _CLEAR[0]) & (lit > _CLEAR[1]))
    if len(clear) < 2:
        return clear
    middle = clear.mean(axis=0)
    reach = _NEAR * np.linalg.norm(clear - middle, axis=1).max() + 2 * _ARM
    every = _places(peak & (contrast > _FAINT[0]) & (lit > _FAINT[1]))
    near: Places = every[np.linalg.norm(every - middle, axis=1) <= reach]
    return near


def _places(found: NDArray[np.bool_]) -> Places:
    rows, columns = np.nonzero(found)
    return np.stack([columns, rows], axis=1)


def nodule_between(places: Places, shape: tuple[int, int]) -> NDArray[np.bool_] | None:
    """The ellipse whose diameters end at the crosses, or None where they do not tell one nodule.

    Four crosses are two diameters that cross each other; of three, the longest distance is a diameter and the third
    cross ends the other one; two are the longer diameter, the other one is taken as 0.7 of it.
    """
    points = places.astype(np.float64)
    if len(points) == 4:
        one, other = max(_pairings(points), key=lambda pair: abs(pair[0][0] * pair[1][1] - pair[0][1] * pair[1][0]))
        return _ellipse(points.mean(axis=0), one, other, shape)
    if len(points) == 3:
        first, second, third = max(
            ((a, b, 3 - a - b) for a, b in combinations(range(3), 2)),
            key=lambda ends: float(np.linalg.norm(points[ends[0]] - points[ends[1]])),
        )
        middle = (points[first] + points[second]) / 2
        return _ellipse(middle, (points[first] - points[second]) / 2, points[third] - middle, shape)
    if len(points) == 2:
        half = (points[0] - points[1]) / 2
        return _ellipse(points.mean(axis=0), half, 0.7 * np.array([-half[1], half[0]]), shape)
    return None


def _pairings(points: NDArray[np.float64]) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """The three ways to join four points to two half diameters."""
    ways = (((0, 1), (2, 3)), ((0, 2), (1, 3)), ((0, 3), (1, 2)))
    return [((points[a] - points[b]) / 2, (points[c] - points[d]) / 2) for (a, b), (c, d) in ways]


def _ellipse(
    middle: NDArray[np.float64], one: NDArray[np.float64], other: NDArray[np.float64], shape: tuple[int, int]
) -> NDArray[np.bool_] | None:
    """The ellipse with these conjugate half diameters; None where they are nearly parallel."""
    sides = np.stack([one, other], axis=1)
    if abs(np.linalg.det(sides)) <= 0.2 * np.linalg.norm(one) * np.linalg.norm(other) or np.linalg.norm(one) < 2:
        return None
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    away = np.stack([columns - middle[0], rows - middle[1]]).reshape(2, -1)
    inside: NDArray[np.bool_] = ((np.linalg.inv(sides) @ away) ** 2).sum(axis=0) <= 1
    return inside.reshape(shape)


def erase_callipers(pixels: NDArray[np.uint8], places: Places) -> NDArray[np.uint8]:
    """The picture with the ink around each cross replaced by the grey around the ink."""
    if not len(places):
        return pixels
    grey = pixels.astype(np.float32)
    near = np.zeros(grey.shape, dtype=bool)
    for column, row in places:
        near[max(row - _AROUND, 0) : row + _AROUND + 1, max(column - _AROUND, 0) : column + _AROUND + 1] = True
    ink = near & (grey - ndimage.median_filter(grey, 11) > _INK)
    for column, row in places:
        ink[max(row - 1, 0) : row + 2, max(column - _ARM - 1, 0) : column + _ARM + 2] = True
        ink[max(row - _ARM - 1, 0) : row + _ARM + 2, max(column - 1, 0) : column + 2] = True
    ink = ndimage.binary_dilation(ink)
    known = ndimage.gaussian_filter((~ink).astype(np.float32), 3)
    filled = ndimage.gaussian_filter(np.where(ink, 0, grey), 3) / np.maximum(known, 1e-3)
    return np.where(ink, filled, grey).clip(0, 255).astype(np.uint8)
