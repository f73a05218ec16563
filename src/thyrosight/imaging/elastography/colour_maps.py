"""Colour maps of elastograms: named ones, and those read from the bar in a frame."""

from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from thyrosight.imaging.elastography.bars import Bar
from thyrosight.imaging.elastography.errors import ColourMapError

STEPS: Final = 256
BarTop = Literal["stiff", "soft"]

_ANCHORS: Final[dict[str, tuple[tuple[int, int, int], ...]]] = {
    "rainbow": ((0, 0, 255), (0, 255, 255), (0, 255, 0), (255, 255, 0), (255, 0, 0)),
    "jet": ((0, 0, 128), (0, 0, 255), (0, 255, 255), (255, 255, 0), (255, 0, 0), (128, 0, 0)),
    "blue-green-red": ((0, 0, 255), (0, 255, 0), (255, 0, 0)),
    "hot": ((0, 0, 0), (255, 0, 0), (255, 255, 0), (255, 255, 255)),
    "grey": ((0, 0, 0), (255, 255, 255)),
}
_REVERSED: Final = "-reversed"

COLOUR_MAPS: Final[tuple[str, ...]] = tuple(name + end for name in _ANCHORS for end in ("", _REVERSED))
"""Names of colour maps from soft to stiff: blue is soft in `rainbow`, `jet` and `blue-green-red`, red is soft in their
reversed forms. Makers differ, also between shear-wave and strain: look at the frame."""


def named_map(name: str) -> NDArray[np.float32]:
    """The colours `(256, 3)` of a named map from soft to stiff, evenly spaced between its anchors.

    Raises:
        ColourMapError: there is no such name.

    >>> named_map("rainbow")[0].tolist(), named_map("rainbow-reversed")[0].tolist()
    ([0.0, 0.0, 255.0], [255.0, 0.0, 0.0])
    """
    if name not in COLOUR_MAPS:
        raise ColourMapError(f"There is no colour map {name!r}; choose one of {', '.join(COLOUR_MAPS)}.")
    colours = _resampled(np.array(_ANCHORS[name.removesuffix(_REVERSED)], dtype=np.float64))
    return colours[::-1].copy() if name.endswith(_REVERSED) else colours


def map_of_bar(bar: Bar, *, top: BarTop = "stiff") -> NDArray[np.float32]:
    """The colours `(256, 3)` from soft to stiff of a vertical bar; `top` says which end stands above.

    The outermost rows are mixed with what surrounds the bar and are left out.
    """
    edge = max(1, round(0.01 * len(bar.colours)))
    colours = _resampled(bar.colours[edge : len(bar.colours) - edge])
    return colours[::-1].copy() if top == "stiff" else colours


def _resampled(anchors: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    places, wanted = np.linspace(0, 1, len(anchors)), np.linspace(0, 1, STEPS)
    return np.stack([np.interp(wanted, places, anchors[:, part]) for part in range(3)], axis=1).astype(np.float32)
