"""Masks: pictures that mark a lesion or a gland."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thyrosight.errors import ImageError
from thyrosight.imaging.boxes import Box
from thyrosight.imaging.crops import cut, resize
from thyrosight.imaging.frame import to_grey
from thyrosight.imaging.preparation import PreparedImage
from thyrosight.imaging.reading import read_values

# Entropy of a picture's 32 grey levels in bits. Over the public sets: masks of one or two colours, JPEG edges included,
# 0 to 1.6; ultrasound images 2.4 to 4.8 (video frames that are mostly black from 1.3).
_MOST_VARIED_MASK = 2.0
_LEAST_PIXELS = 256  # of fewer pixels the entropy says nothing


def read_mask(path: Path | str, *, shape: tuple[int, int] | None = None) -> NDArray[np.bool_]:
    """Read a mask: True where something is marked.

    A pixel is marked when it is brighter than 127 of 255 (half of the range for deeper files), so that JPEG noise
    around an outline drops out. A mask drawn with 0 and 1 is read as such. An empty mask is valid: nothing is marked.

    Args:
        path: a picture file in any format that `read_frame` reads.
        shape: (rows, columns) of the image the mask belongs to.

    Raises:
        ImageError: as `read_frame`; the mask is of another size than its image; or its values are neither 0 and 1 nor
            reach the threshold; or it is a picture, such as an outline drawn over the image.
    """
    path = Path(path)
    decoded = read_values(path)
    values: NDArray[Any] = to_grey(decoded.values) if decoded.values.ndim == 3 else decoded.values
    if shape is not None and values.shape != tuple(shape):
        raise ImageError(
            f"{path}: the mask has {values.shape[1]} x {values.shape[0]} pixels (width x height), "
            f"its image {shape[1]} x {shape[0]}; check that they belong together."
        )
    if values.size >= _LEAST_PIXELS and _entropy(values, decoded.highest) > _MOST_VARIED_MASK:
        raise ImageError(
            f"{path}: this is a picture and not a mask (its grey levels vary too much; perhaps an outline drawn over "
            "the image); save the lesion alone, with 0 outside and 255 inside."
        )
    highest = values.max()
    marked: NDArray[np.bool_] = values > decoded.highest * 127 / 255
    if highest == 0 or marked.any():
        return marked
    if highest == 1:
        return np.asarray(values == 1)
    raise ImageError(
        f"{path}: the brightest value of the mask is {highest:g}, neither 1 nor above half of {decoded.highest:g}; "
        "save it with 0 outside and 255 inside."
    )


def mask_in_window(mask: NDArray[np.bool_], prepared: PreparedImage) -> NDArray[np.bool_]:
    """The part of a frame's mask that a prepared image shows.

    It is cut and resized by the very steps that made the image: a pixel is marked where at least half of it is.

    Args:
        mask: `(rows, columns)` of the frame that was prepared.
        prepared: the image.

    Returns:
        As many rows and columns as the image has.
    """
    frame = Box(0, 0, mask.shape[1], mask.shape[0])
    shown = cut(np.where(mask, np.uint8(255), np.uint8(0)), prepared.window, inside=frame, padding="black")
    rows, columns = prepared.pixels.shape[:2]
    return np.asarray(resize(shown, (rows, columns)) >= 128)


def _entropy(values: NDArray[Any], highest: float) -> float:
    """Bits, over 32 equal steps from 0 to the highest value that the file can hold."""
    steps = np.clip(np.asarray(values, dtype=np.float64) * (32 / (highest + 1)), 0, 31).astype(np.int64)
    shares = np.bincount(steps.ravel()) / steps.size
    shares = shares[shares > 0]
    return float(-(shares * np.log2(shares)).sum())
