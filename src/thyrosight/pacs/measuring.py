"""Sizes and outlines of a nodule from its box or contour, in pixels and millimetres."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, QhullError
from skimage import draw, measure

from thyrosight.errors import ImageError
from thyrosight.imaging import Box
from thyrosight.inference import Assessment

Points = tuple[tuple[float, float], ...]
"""Points (column, row), counted as boxes are from the corner of the upper left pixel, which ends at (1, 1)."""

# scikit-image names its types in a way that mypy does not read.
_find_contours: Any = measure.find_contours
_polygon2mask: Any = draw.polygon2mask


@dataclass(frozen=True)
class Size:
    """A nodule's size in one frame.

    Attributes:
        long_axis_mm, short_axis_mm: of the contour the greatest diameter and the extent at right angles to it; of a box
            its longer and shorter side.
        depth_mm: extent along the rows, the direction away from the probe.
        rule: how they were measured.
    """

    long_axis_mm: float
    short_axis_mm: float
    depth_mm: float
    rule: str


def outline(assessment: Assessment) -> Points | None:
    """The closed outline of the nodule: its contour, else its box, else None. The last point repeats the first."""
    if assessment.contour is not None and len(assessment.contour) >= 3:
        return close(assessment.contour)
    if assessment.box is None:
        return None
    box = assessment.box
    return close(
        tuple(
            (float(column), float(row))
            for column, row in (
                (box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom),
            )
        )
    )  # fmt: skip


def close(points: Points) -> Points:
    """The points with the first one repeated at the end, unless it stands there already."""
    return points if points[0] == points[-1] else (*points, points[0])


def size(assessment: Assessment) -> Size | None:
    """The nodule's size, or None where the pixel spacing or the nodule's place is unknown."""
    spacing = spacing_mm(assessment)
    if spacing is None or assessment.size_mm is None:
        return None
    row_mm, column_mm = spacing
    points = _contour(assessment)
    if points is not None:
        return _of_contour(points * (column_mm, row_mm))
    depth, width = assessment.size_mm
    return Size(max(depth, width), min(depth, width), depth, "sides of the nodule's box")


def spacing_mm(assessment: Assessment) -> tuple[float, float] | None:
    """Millimetres per row and per column where the nodule lies, or None where they or its place are unknown."""
    if assessment.box is None or assessment.size_mm is None:
        return None
    return assessment.size_mm[0] / assessment.box.height, assessment.size_mm[1] / assessment.box.width


@dataclass(frozen=True)
class Axes:
    """The long and the short axis of a nodule as lines that cross at right angles.

    Attributes:
        long, short: their ends (column, row) in pixels.
        long_length, short_length: in mm, or in pixels where the spacing is unknown.
        in_mm: which of the two.
    """

    long: Points
    short: Points
    long_length: float
    short_length: float
    in_mm: bool


def axes(assessment: Assessment) -> Axes | None:
    """The axes whose lengths `size` gives, or None without a box."""
    spacing = spacing_mm(assessment)
    row_mm, column_mm = spacing or (1.0, 1.0)
    points = _contour(assessment)
    if assessment.box is None:
        return None
    if points is None:
        box = assessment.box
        points = np.array([(box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom)])
        sides = [points[[0, 1]].mean(0), points[[2, 3]].mean(0), points[[0, 3]].mean(0), points[[1, 2]].mean(0)]
        lines = [np.array(sides[:2]) * (column_mm, row_mm), np.array(sides[2:]) * (column_mm, row_mm)]
    else:
        lines = _crossing(points * (column_mm, row_mm))
    lengths = [float(np.hypot(*(line[1] - line[0]))) for line in lines]
    (long, long_length), (short, short_length) = sorted(zip(lines, lengths, strict=True), key=lambda one: -one[1])
    ends = [tuple((float(x), float(y)) for x, y in line / (column_mm, row_mm)) for line in (long, short)]
    return Axes(ends[0], ends[1], long_length, short_length, spacing is not None)


def _contour(assessment: Assessment) -> NDArray[np.float64] | None:
    if assessment.box is None or assessment.contour is None or len(assessment.contour) < 3:
        return None
    return np.asarray(assessment.contour, dtype=np.float64)


def _diameter(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The two points that lie farthest apart, and all corners of the convex hull."""
    with suppress(QhullError):  # all points on one line
        points = points[ConvexHull(points).vertices]
    between = points[:, None, :] - points[None, :, :]
    lengths = np.hypot(between[..., 0], between[..., 1])
    first, second = np.unravel_index(int(lengths.argmax()), lengths.shape)
    return points[[first, second]], points


def _crossing(points: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """The greatest diameter, and the extent at right angles to it as a line that crosses it."""
    ends, hull = _diameter(points)
    along = (ends[1] - ends[0]) / max(float(np.hypot(*(ends[1] - ends[0]))), 1e-12)
    across = np.array([-along[1], along[0]])
    reach = hull @ across
    low, high = int(reach.argmin()), int(reach.argmax())
    place = float((hull[low] @ along + hull[high] @ along) / 2)
    return [ends, np.array([place * along + reach[low] * across, place * along + reach[high] * across])]


def _of_contour(points: NDArray[np.float64]) -> Size:
    """Greatest diameter, extent at right angles to it, and vertical extent of points (x, y) in mm."""
    long, short = (float(np.hypot(*(line[1] - line[0]))) for line in _crossing(points))
    return Size(
        long,
        short,
        float(np.ptp(points[:, 1])),
        "greatest diameter of the nodule's contour and the extent at right angles to it",
    )


def contour_of(mask: NDArray[np.bool_]) -> Points:
    """The outer outline of the largest part of `mask` `(rows, columns)`.

    Raises:
        ImageError: nothing is marked.

    >>> mask = np.zeros((20, 20), dtype=bool); mask[5:15, 4:12] = True
    >>> points = np.array(contour_of(mask)); points.min(axis=0).tolist(), points.max(axis=0).tolist()
    ([4.0, 5.0], [12.0, 15.0])
    """
    Box.from_mask(mask)
    lines = _find_contours(np.pad(mask, 1).astype(np.float64), 0.5)
    longest = max(lines, key=_area)
    # find_contours counts from pixel centres of the padded mask; +0.5 for the centre, -1 for the padding.
    return tuple((float(column) - 0.5, float(row) - 0.5) for row, column in longest)


def _area(line: NDArray[np.float64]) -> float:
    rows, columns = line[:, 0], line[:, 1]
    return abs(float(np.dot(rows, np.roll(columns, 1)) - np.dot(columns, np.roll(rows, 1)))) / 2


def mask_of(points: Points, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """The pixels of a frame whose centre lies inside the outline.

    Raises:
        ImageError: the outline holds no pixel of the frame.

    >>> mask_of(((4, 5), (12, 5), (12, 15), (4, 15)), (20, 20)).sum()
    np.int64(80)
    """
    corners = np.array([(row - 0.5, column - 0.5) for column, row in points])
    mask: NDArray[np.bool_] = _polygon2mask(shape, corners)
    if not mask.any():
        raise ImageError(
            f"The nodule's outline holds no pixel of the image of {shape[1]} x {shape[0]} pixels (width x height); "
            "check that they belong together."
        )
    return mask
