"""Growing and shrinking masks by squares: one direction after the other, so that large squares cost no more."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Mask = NDArray[np.bool_]


def grown(mask: Mask, by: int) -> Mask:
    """The mask with `by` more pixels on every side.

    >>> grown(np.array([[False, False, True, False]]), 1)
    array([[False,  True,  True,  True]])
    """
    return np.asarray(ndimage.maximum_filter(mask.view(np.uint8), size=2 * by + 1, mode="constant", cval=0) > 0)


def shrunk(mask: Mask, by: int) -> Mask:
    """The mask with `by` fewer pixels on every side; the border of the picture is no side."""
    return np.asarray(ndimage.minimum_filter(mask.view(np.uint8), size=2 * by + 1, mode="constant", cval=1) > 0)


def closed(mask: Mask, by: int) -> Mask:
    """The mask with gaps of up to `2 * by` pixels bridged."""
    return shrunk(grown(mask, by), by)


def opened(mask: Mask, by: int) -> Mask:
    """The mask without structures of at most `2 * by` pixels in width."""
    return grown(shrunk(mask, by), by)
