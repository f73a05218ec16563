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
    if assessment.box is None or assessment.size_mm is None:
        return None
    row_mm = assessment.size_mm[0] / assessment.box.height
    column_mm = assessment.size_mm[1] / assessment.box.width
    if assessment.contour is not None and len(assessment.contour) >= 3:
        return _of_contour(np.asarray(assessment.contour) * (column_mm, row_mm))
    depth, width = assessment.size_mm
    return Size(max(depth, width), min(depth, width), depth, "sides of the nodule's box")


def _of_contour(points: NDArray[np.float64]) -> Size:
    """Greatest diameter, extent at right angles to it, and vertical extent of points (x, y) in mm."""
    with suppress(QhullError):  # all points on one line
        points = points[ConvexHull(points).vertices]
    between = points[:, None, :] - points[None, :, :]
    lengths = np.hypot(between[..., 0], between[..., 1])
    first, second = np.unravel_index(int(lengths.argmax()), lengths.shape)
    along = between[first, second] / max(float(lengths[first, second]), 1e-12)
    across = points @ np.array([-along[1], along[0]])
    return Size(
        float(lengths[first, second]),
        float(np.ptp(across)),
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
