"""Simulated elastography machines: measurement, colours and layout of the screen."""

from dataclasses import dataclass
from typing import Final, Literal

from thyrosight.phantoms.elastography.measurement import Scale
from thyrosight.phantoms.image_formation import Preset

Style = Literal["shear-wave", "strain"]

ABOVE_ELASTOGRAM_FIRST: Final = "one above the other, elastogram first"
ABOVE_B_MODE_FIRST: Final = "one above the other, B-mode first"
BESIDE_ELASTOGRAM_FIRST: Final = "side by side, elastogram first"
BESIDE_B_MODE_FIRST: Final = "side by side, B-mode first"
ELASTOGRAM_ALONE: Final = "elastogram alone"
B_MODE_ALONE: Final = "B-mode alone"

LAYOUTS: Final = (ABOVE_ELASTOGRAM_FIRST, ABOVE_B_MODE_FIRST, BESIDE_ELASTOGRAM_FIRST, BESIDE_B_MODE_FIRST)
"""Positions of the two panels of a screen; first means above or to the left."""
SINGLE: Final = (ELASTOGRAM_ALONE, B_MODE_ALONE)
"""Screens with one panel only."""


@dataclass(frozen=True)
class Machine:
    """A simulated machine.

    Attributes:
        name: name as written on its screen.
        style: kind of measurement.
        table: name of its colour table.
        scales: ranges of its colour bar, most frequent first.
        opacity: least and most opacity of the colour over B-mode.
        outline: outline of the colour box: "line", "dots" or "none".
        bar_side: the side of the screen with the colour bar.
        hard_on_top: whether the hard end of the colour bar is the upper one.
        usual_layout: layout of most of its screens.
        other_layout: layout of the others.
        preset: settings of its B-mode.
    """

    name: str
    style: Style
    table: str
    scales: tuple[Scale, ...]
    opacity: tuple[float, float]
    outline: Literal["line", "dots", "none"]
    bar_side: Literal["left", "right"]
    hard_on_top: bool
    usual_layout: str
    other_layout: str
    preset: Preset


MACHINES: Final = (
    Machine(
        "SW-1", "shear-wave", "blue to red", (Scale("kPa", 100), Scale("kPa", 180)), (0.62, 0.80), "line", "right",
        True, ABOVE_ELASTOGRAM_FIRST, BESIDE_ELASTOGRAM_FIRST, Preset(16, 0.11, 0.19, 0.006, 92, 4.8, 18, -28, 2.2),
    ),
    Machine(
        "SW-2", "shear-wave", "blue green red", (Scale("m/s", 6.5), Scale("m/s", 7.7)), (0.55, 0.72), "dots", "left",
        True, BESIDE_B_MODE_FIRST, ABOVE_B_MODE_FIRST, Preset(18, 0.12, 0.22, 0.008, 100, 5.2, 12, -27, 2.6),
    ),
    Machine(
        "RT-3", "strain", "red to blue", (Scale("strain", 1),), (0.45, 0.62), "line", "left", False,
        BESIDE_ELASTOGRAM_FIRST, BESIDE_B_MODE_FIRST, Preset(15, 0.12, 0.20, 0.007, 96, 4.6, 20, -27, 2.4),
    ),
    Machine(
        "RT-4", "strain", "blue green red", (Scale("strain", 1),), (0.50, 0.65), "none", "right", True,
        BESIDE_B_MODE_FIRST, ABOVE_ELASTOGRAM_FIRST, Preset(17, 0.13, 0.23, 0.008, 88, 5.4, 14, -26, 2.8),
    ),
    Machine(
        "RT-5", "strain", "red green blue", (Scale("strain", 1),), (0.48, 0.60), "dots", "right", False,
        BESIDE_ELASTOGRAM_FIRST, ABOVE_B_MODE_FIRST, Preset(14, 0.11, 0.19, 0.006, 104, 4.5, 22, -28, 2.1),
    ),
)  # fmt: skip
"""All simulated machines; the first is that of cohorts with one machine, as in the paper."""
