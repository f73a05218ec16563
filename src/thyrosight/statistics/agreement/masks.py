"""Agreement of two outlines: overlap and surface distances of two-dimensional masks."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from thyrosight.errors import StatisticsError
from thyrosight.statistics.estimate import Result
from thyrosight.statistics.validation import Floats

Mask = npt.NDArray[np.bool_]
SURFACE_DISTANCES = "HD95: the larger of the two directed 95th percentiles; mean: over the points of both outlines"


@dataclass(frozen=True, slots=True)
class Overlap(Result):
    """Overlap and surface distances of two masks.

    Two empty masks agree perfectly (Dice and IoU 1, distances 0). With one mask empty there is no surface to measure
    to: Dice and IoU are 0 and the distances NaN.

    Attributes:
        dice: 2 |A and B| / (|A| + |B|).
        iou: |A and B| / |A or B|.
        hausdorff_95: the larger of the two 95th percentiles of distance from one outline to the other.
        average_surface_distance: mean distance over the points of both outlines to the other outline (symmetric).
        unit: of both distances, "pixels" or "mm".
        definition: which of the distances in use these are, in words.
    """

    dice: float
    iou: float
    hausdorff_95: float
    average_surface_distance: float
    unit: str
    definition: str = SURFACE_DISTANCES

    def __str__(self) -> str:
        distances = f"HD95 {self.hausdorff_95:.2f} {self.unit}, mean {self.average_surface_distance:.2f} {self.unit}"
        return f"Dice {self.dice:.3f}, IoU {self.iou:.3f}; surface distance: {distances} ({self.definition})"


def overlap(a: npt.ArrayLike, b: npt.ArrayLike, *, spacing_mm: tuple[float, float] | None = None) -> Overlap:
    """Return Dice, IoU, 95 % Hausdorff distance and average symmetric surface distance of two masks.

    The outline of a mask consists of its pixels that share a side with the background or lie at the edge of the image;
    distances are measured between pixel centres. Definitions after Maier-Hein et al. 2024, "Metrics reloaded", with the
    95 % Hausdorff distance as the larger of the two directed percentiles.

    Args:
        a: mask (rows, columns), boolean or 0 and 1.
        b: mask of the same shape.
        spacing_mm: size of a pixel (row, column) in mm; by default distances are in pixels.

    Raises:
        StatisticsError: masks of other values or unequal shape, or a spacing that is not positive.

    >>> a, b = np.zeros((20, 20), bool), np.zeros((20, 20), bool)
    >>> a[5:15, 5:15], b[5:15, 7:17] = True, True
    >>> print(overlap(a, b, spacing_mm=(0.1, 0.1)))
    Dice 0.800, IoU 0.667; surface distance: HD95 0.20 mm, mean 0.10 mm (HD95: the larger of the two directed 95th
    percentiles; mean: over the points of both outlines)
    """
    first, second = _as_mask(a, "a"), _as_mask(b, "b")
    if first.shape != second.shape:
        raise StatisticsError(f"Expected masks of one shape, got {first.shape} and {second.shape}.")
    unit = "pixels" if spacing_mm is None else "mm"
    sampling = (1.0, 1.0) if spacing_mm is None else _as_spacing(spacing_mm)
    if not first.any() and not second.any():
        return Overlap(1.0, 1.0, 0.0, 0.0, unit)
    shared = int((first & second).sum())
    dice = 2 * shared / int(first.sum() + second.sum())
    iou = shared / int((first | second).sum())
    if not first.any() or not second.any():
        return Overlap(dice, iou, math.nan, math.nan, unit)
    there, back = _surface_distances(first, second, sampling)
    far = max(float(np.percentile(there, 95)), float(np.percentile(back, 95)))
    return Overlap(dice, iou, far, float(np.concatenate([there, back]).mean()), unit)


def _surface_distances(a: Mask, b: Mask, sampling: tuple[float, float]) -> tuple[Floats, Floats]:
    """Distances from each outline pixel of `a` to the outline of `b`, and from `b` to `a`."""
    box = ndimage.find_objects((a | b).astype(np.uint8))[0]  # all distances lie within the masks' common box
    outline_a, outline_b = _outline(a)[box], _outline(b)[box]
    to_a = ndimage.distance_transform_edt(~outline_a, sampling=sampling)
    to_b = ndimage.distance_transform_edt(~outline_b, sampling=sampling)
    return to_b[outline_a], to_a[outline_b]


def _outline(mask: Mask) -> Mask:
    return np.asarray(mask & ~ndimage.binary_erosion(mask, border_value=0))


def _as_mask(values: npt.ArrayLike, name: str) -> Mask:
    array: npt.NDArray[Any] = np.asarray(values)
    if array.ndim != 2 or array.size == 0:
        raise StatisticsError(f"Expected mask `{name}` to have rows and columns, got shape {array.shape}.")
    if array.dtype.kind not in "biuf" or ((array != 0) & (array != 1)).any():
        raise StatisticsError(f"Expected mask `{name}` to hold only 0 and 1 (or False and True); threshold it first.")
    return array.astype(bool)


def _as_spacing(spacing_mm: tuple[float, float]) -> tuple[float, float]:
    row, column = (float(value) for value in spacing_mm)
    if not (math.isfinite(row) and math.isfinite(column) and row > 0 and column > 0):
        raise StatisticsError(f"Expected `spacing_mm` (row, column) above 0, got {spacing_mm}.")
    return row, column
