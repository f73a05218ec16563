"""Masks: pictures that mark a lesion or a gland."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thyrosight.errors import ImageError
from thyrosight.imaging.frame import to_grey
from thyrosight.imaging.reading import read_values


def read_mask(path: Path | str, *, shape: tuple[int, int] | None = None) -> NDArray[np.bool_]:
    """Read a mask: True where something is marked.

    A pixel is marked when it is brighter than 127 of 255 (half of the range for deeper files), so that JPEG noise
    around an outline drops out. A mask drawn with 0 and 1 is read as such. An empty mask is valid: nothing is marked.

    Args:
        path: a picture file in any format that `read_frame` reads.
        shape: (rows, columns) of the image the mask belongs to.

    Raises:
        ImageError: as `read_frame`; the mask is of another size than its image; or its values are neither 0 and 1 nor
            reach the threshold.
    """
    path = Path(path)
    decoded = read_values(path)
    values: NDArray[Any] = to_grey(decoded.values) if decoded.values.ndim == 3 else decoded.values
    if shape is not None and values.shape != tuple(shape):
        raise ImageError(
            f"{path}: the mask has {values.shape[1]} x {values.shape[0]} pixels (width x height), "
            f"its image {shape[1]} x {shape[0]}; check that they belong together."
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
