"""Colour tables of simulated elastograms and Doppler pictures: plain ramps like those of scanners."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_Stop = tuple[int, int, int]

STIFFNESS_TABLES: Final[dict[str, tuple[_Stop, ...]]] = {
    "blue to red": ((0, 0, 140), (0, 60, 255), (0, 225, 255), (60, 235, 90), (255, 235, 0), (255, 110, 0), (200, 0, 0)),
    "blue green red": ((20, 30, 200), (0, 150, 220), (0, 200, 80), (235, 220, 20), (230, 30, 20)),
    "red to blue": ((225, 30, 20), (240, 190, 20), (40, 200, 60), (20, 170, 220), (25, 35, 190)),
    "red green blue": ((230, 20, 20), (190, 190, 20), (30, 200, 30), (20, 150, 170), (20, 20, 225)),
}
"""Evenly spaced stops as red, green, blue, from soft to hard."""

FLOW_TABLES: Final[dict[str, tuple[_Stop, ...]]] = {
    "away to towards": (
        (70, 225, 255),
        (20, 90, 235),
        (0, 0, 90),
        (0, 0, 0),
        (95, 0, 0),
        (230, 45, 10),
        (255, 225, 60),
    ),
    "power": ((40, 0, 0), (130, 10, 10), (225, 80, 10), (255, 200, 70)),
}
"""Colour Doppler from flow away from the probe to flow towards it, and power Doppler from weak to strong."""


def colours_of(table: tuple[_Stop, ...], values: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Red, green and blue from 0 to 255 for values from 0 to 1, in a last axis; values outside get the end colours.

    >>> colours_of(STIFFNESS_TABLES["blue to red"], np.array([0.0, 1.0])).tolist()
    [[0.0, 0.0, 140.0], [200.0, 0.0, 0.0]]
    """
    stops = np.array(table, dtype=np.float64)
    place = np.linspace(0, 1, len(table))
    channels = [np.interp(values, place, stops[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=-1).astype(np.float32)
