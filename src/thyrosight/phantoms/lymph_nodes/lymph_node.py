"""The outline of a simulated lymph node, with its measured axes."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from thyrosight.phantoms.lymph_nodes.features import LymphNodeFeatures
from thyrosight.phantoms.outline import POINTS, Outline, fit_to_box, harmonics

LONG_MM = (3.0, 37.0)
SHORT_MM = (2.0, 25.0)
"""Ranges of both axes; Zhao et al., Front Oncol 2023, section 3.1, with means of 14.8 and 6.9 mm."""

_ROUND_ABOVE = 0.5


@dataclass(frozen=True, eq=False)
class LymphNode:
    """A lymph node in a long-axis section.

    Attributes:
        features: its sonographic features.
        outline: its border.
        tilt: angle of the long axis in radians; positive if it descends to the right.
        long_mm, short_mm: the greatest diameter of the outline, and the extent at right angles to it.
    """

    features: LymphNodeFeatures
    outline: Outline
    tilt: float
    long_mm: float
    short_mm: float

    def moved_to(self, x_mm: float, z_mm: float) -> "LymphNode":
        """The same node at another place."""
        return replace(self, outline=replace(self.outline, x_mm=x_mm, z_mm=z_mm))


def draw_axes(random: np.random.Generator, *, node_shape: str) -> tuple[float, float]:
    """Draw long and short axis in mm; in a round node the short axis is more than half of the long one."""
    long = float(np.clip(np.exp(random.normal(math.log(13.5), 0.42)), LONG_MM[0] + 0.1, LONG_MM[1] - 0.5))
    spread = random.random()
    if node_shape == "round":
        return long, float(np.clip(long * (0.56 + 0.32 * spread), SHORT_MM[0] + 0.1, SHORT_MM[1] - 0.5))
    long = max(long, 5.0)
    return long, long * (0.43 + 0.03 * spread if long < 7.0 else 0.32 + 0.14 * spread)


def draw_lymph_node(
    random: np.random.Generator, *, features: LymphNodeFeatures, long_mm: float, short_mm: float
) -> LymphNode:
    """Draw an outline around (0, 0) with about the given axes, whose ratio agrees with the shape.

    An irregular border can turn the greatest diameter. Then the outline is drawn again, so that the measured axes
    always distinguish round and oval nodes.
    """
    while True:
        tilt = random.uniform(-0.26, 0.26)
        outline = _draw_outline(random, long_mm=long_mm, short_mm=short_mm, tilt=tilt, margin=features.margin)
        long, short = outline.axes_mm()
        within = LONG_MM[0] <= long <= LONG_MM[1] and SHORT_MM[0] <= short <= SHORT_MM[1]
        if within and (short / long > _ROUND_ABOVE) == (features.node_shape == "round"):
            return LymphNode(features, outline, tilt, long, short)


def ellipse(half_long_mm: float, half_short_mm: float, *, tilt: float) -> Outline:
    """An ellipse around (0, 0)."""
    angle = _directions()
    return _turned(1 / np.hypot(np.cos(angle) / half_long_mm, np.sin(angle) / half_short_mm), angle, tilt)


def _draw_outline(random: np.random.Generator, *, long_mm: float, short_mm: float, tilt: float, margin: str) -> Outline:
    """A bean or an egg, with bumps if the margin is irregular."""
    angle = _directions()
    plain = 1 / np.hypot(np.cos(angle) / long_mm, np.sin(angle) / short_mm)
    radius = plain * (1 + harmonics(random, angle, orders=range(2, 5), strength=0.03))
    if margin == "irregular":
        # Bumps of even width along the border: a long node has more of them on its flat sides than at its ends.
        travelled = np.cumsum(np.hypot(plain, np.gradient(plain, angle)))
        around = travelled * (2 * math.pi / travelled[-1])
        bumps = harmonics(random, around, orders=range(3, 10), strength=0.10)
        spikes = harmonics(random, around, orders=range(9, 18), strength=0.05 * min(1.0, short_mm / 12))
        radius = radius * (1 + np.clip(bumps + spikes, -0.25, 0.3) * np.sqrt(plain.min() / plain))
    x, z = radius * np.cos(angle), radius * np.sin(angle)
    scale_x, scale_z = long_mm / float(np.ptp(x)), short_mm / float(np.ptp(z))
    x, z = x * scale_x, z * scale_z
    direction = np.unwrap(np.arctan2(z, x))
    stretched = np.asarray(np.interp(angle, direction, np.hypot(x, z), period=2 * math.pi))
    return _turned(stretched, angle, tilt)


def _turned(radius: NDArray[np.float64], angle: NDArray[np.float64], tilt: float) -> Outline:
    """The outline of a curve turned by `tilt`, its box around (0, 0)."""
    turned = np.interp(angle - tilt, angle, radius, period=2 * math.pi)
    x, z = turned * np.cos(angle), turned * np.sin(angle)
    return fit_to_box(
        turned, angle, half_width=float(np.ptp(x)) / 2, half_height=float(np.ptp(z)) / 2, centre=(0.0, 0.0)
    )


def _directions() -> NDArray[np.float64]:
    return np.asarray(np.arange(POINTS) * (2 * math.pi / POINTS), dtype=np.float64)
