"""Normalising images of different scanners: text in the scan area painted over, contrast stretched to one range."""

from collections.abc import Sequence

import numpy as np
import scipy
from numpy.typing import NDArray

from thyrosight.imaging.boxes import Box
from thyrosight.imaging.frame import to_grey

LOW_PERCENTILE, HIGH_PERCENTILE = 1.0, 99.0
_SMOOTHED = 3.0
"""Standard deviation in pixels of the Gaussian that smooths painted patches."""


def paint_over(pixels: NDArray[np.uint8], boxes: Sequence[Box]) -> NDArray[np.uint8]:
    """Fill boxes with the grey (or colour) that surrounds them; everything else keeps its value.

    Each pixel takes the value of the nearest one outside the boxes, and the patch is then smoothed. It looks like
    neither text nor tissue, and has no sharp edge that a network could learn. Boxes that cover everything leave the
    pixels as they are.

    Args:
        pixels: `(rows, columns)` or `(rows, columns, 3)`.
        boxes: within the frame; they may overlap.

    >>> paint_over(np.array([[10, 255, 255, 10]], dtype=np.uint8), [Box(1, 0, 3, 1)])
    array([[10, 10, 10, 10]], dtype=uint8)
    """
    hole = np.zeros(pixels.shape[:2], dtype=bool)
    for box in boxes:
        hole[box.top : box.bottom, box.left : box.right] = True
    if not hole.any() or hole.all():
        return pixels
    rows, columns = scipy.ndimage.distance_transform_edt(hole, return_distances=False, return_indices=True)
    nearest = pixels[rows, columns].astype(np.float32)
    smooth = scipy.ndimage.gaussian_filter(nearest, (_SMOOTHED, _SMOOTHED, 0)[: pixels.ndim])
    filled = pixels.copy()
    filled[hole] = np.round(smooth[hole]).astype(np.uint8)
    return filled


def stretch_contrast(
    pixels: NDArray[np.uint8], inside: NDArray[np.bool_] | None = None
) -> tuple[NDArray[np.uint8], tuple[float, float]]:
    """Stretch grey levels linearly, so that the 1st percentile becomes 0 and the 99th 255.

    The percentiles are those of the grey levels `inside`, so that black borders count for nothing; colours are
    stretched by the same two numbers. An image of one grey level is not changed.

    Args:
        pixels: `(rows, columns)` or `(rows, columns, 3)`.
        inside: bool `(rows, columns)`; None for the whole frame.

    Returns:
        The stretched pixels, and the two percentiles.

    >>> stretch_contrast(np.array([[50, 100, 150]], dtype=np.uint8))[0]
    array([[  0, 128, 255]], dtype=uint8)
    """
    grey = to_grey(pixels)
    values = grey if inside is None or not inside.any() else grey[inside]
    low, high = (float(value) for value in np.percentile(values, (LOW_PERCENTILE, HIGH_PERCENTILE)))
    if high <= low:
        return pixels, (low, high)
    # 256 entries instead of as many computations as pixels.
    table = np.clip(np.round((np.arange(256) - low) * (255 / (high - low))), 0, 255).astype(np.uint8)
    return table[pixels], (low, high)
