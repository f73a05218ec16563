"""The common scale of heat maps, so that weak evidence looks weak beside strong evidence."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

SCALE_PERCENTILE = 99.0


def shared_scale(maps: NDArray[np.floating[Any]]) -> float:
    """The heat to draw at full strength in every one of `maps` `(n, rows, columns)`.

    The 99th percentile of their maxima: a single outlier does not dim all other maps, and an image with weak evidence
    looks weak beside one with strong evidence. It is 1 where all maps are zero, so that they are drawn empty.

    >>> maps = np.zeros((3, 2, 2)); maps[0, 0, 0] = 4.0; maps[1, 1, 1] = 2.0
    >>> round(shared_scale(maps), 2), shared_scale(maps[2:])
    (3.96, 1.0)
    """
    if len(maps) == 0:
        return 1.0
    scale = float(np.percentile(maps.reshape(len(maps), -1).max(axis=1), SCALE_PERCENTILE))
    return scale if scale > 0 else 1.0


def scale_rule(count: int) -> str:
    """The rule of `shared_scale` in words.

    >>> scale_rule(100)
    '99th percentile of the maxima of 100 maps'
    """
    return f"{SCALE_PERCENTILE:g}th percentile of the maxima of {count} maps"
