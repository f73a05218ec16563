"""Outlines of simulated nodules: closed curves with a known margin, shape and size."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import pdist, squareform

Array = NDArray[np.floating[Any]]
POINTS = 720
_DIRECTIONS = np.arange(POINTS + 1)
_ANGLES = np.arange(POINTS) * (2 * math.pi / POINTS)
_COSINES, _SINES = np.cos(_ANGLES), np.sin(_ANGLES)


@dataclass(frozen=True, eq=False)
class Outline:
    """A closed curve around a centre, as a radius for each direction after stretching x and z to unit size.

    Attributes:
        x_mm, z_mm: centre.
        half_width_mm, half_height_mm: half the sides of the box around the curve, measured from its middle.
        radius: relative radius in `POINTS` directions, counter-clockwise from the positive x axis.
    """

    x_mm: float
    z_mm: float
    half_width_mm: float
    half_height_mm: float
    radius: Array

    def relative_radius(self, x: Array, z: Array) -> Array:
        """Distance from the centre as a share of the curve's radius in that direction: below 1 means inside."""
        u, v = (x - self.x_mm) / self.half_width_mm, (z - self.z_mm) / self.half_height_mm
        position = np.arctan2(v, u) * (POINTS / (2 * math.pi))
        limit = np.interp(position % POINTS, _DIRECTIONS, np.append(self.radius, self.radius[0]))
        return np.asarray(np.hypot(u, v) / limit, dtype=np.float32)

    def mask(self, x: Array, z: Array) -> NDArray[np.bool_]:
        """The points inside the curve, of a grid `(rows, columns)` whose rows share z and whose columns share x."""
        inside = np.zeros(x.shape, dtype=bool)
        (left, right), (top, bottom) = self.reach(0.0)
        box = np.ix_((z[:, 0] >= top) & (z[:, 0] <= bottom), (x[0] >= left) & (x[0] <= right))
        inside[box] = self.relative_radius(x[box], z[box]) < 1
        return inside

    def reach(self, distance_mm: float) -> tuple[tuple[float, float], tuple[float, float]]:
        """Limits of x and of z beyond which `distance_mm` is greater than the given one."""
        farthest = float(self.radius.max()) * (1 + distance_mm / self._scale)
        half_x, half_z = self.half_width_mm * farthest, self.half_height_mm * farthest
        return (self.x_mm - half_x, self.x_mm + half_x), (self.z_mm - half_z, self.z_mm + half_z)

    def distance_mm(self, x: Array, z: Array) -> Array:
        """Distance from the curve in millimetres, approximately; negative inside."""
        return np.asarray((self.relative_radius(x, z) - 1) * self._scale, dtype=np.float32)

    @property
    def _scale(self) -> float:
        return math.sqrt(self.half_width_mm * self.half_height_mm)

    def points(self) -> Array:
        """Points of the curve in millimetres, `(POINTS, 2)` as x, z."""
        x = self.x_mm + self.half_width_mm * self.radius * _COSINES
        z = self.z_mm + self.half_height_mm * self.radius * _SINES
        return np.stack([x, z], axis=1)

    def longest_diameter_mm(self) -> float:
        """The greatest distance between two points of the curve."""
        return float(pdist(self.points()).max())

    def axes_mm(self) -> tuple[float, float]:
        """The greatest distance between two points of the curve, and the extent of the curve at right angles to it.

        >>> ellipse = Outline(0.0, 0.0, 8.0, 3.0, np.ones(POINTS))
        >>> [round(axis, 2) for axis in ellipse.axes_mm()]
        [16.0, 6.0]
        """
        points = self.points()
        farthest = squareform(pdist(points)).argmax()
        first, second = np.unravel_index(farthest, (POINTS, POINTS))
        between = points[first] - points[second]
        length = np.hypot(*between)
        along = between / length
        return float(length), float(np.ptp(points @ np.array([-along[1], along[0]])))


def draw_outline(
    random: np.random.Generator, *, size_mm: float, height_to_width: float, margin: str, x_mm: float, z_mm: float
) -> Outline:
    """Draw an outline whose box has the given height-to-width ratio and whose longer side is `size_mm`.

    The curve is star-shaped about its centre. `margin` is one of `thyrosight.phantoms.features.MARGIN`; an ill-defined
    margin has a smooth outline, and its blur is part of the tissue.
    """
    angle = np.arange(POINTS) * (2 * math.pi / POINTS)
    width = size_mm / max(1.0, height_to_width)
    height = width * height_to_width
    tilt = random.uniform(-0.25, 0.25)
    turned = angle - tilt
    ellipse = 1 / np.hypot(np.cos(turned) / width, np.sin(turned) / height)
    wobble = harmonics(random, angle, orders=range(2, 5), strength=0.04)
    physical = ellipse * (1 + wobble) * _margin_factor(random, angle, margin)
    return fit_to_box(physical, angle, half_width=width / 2, half_height=height / 2, centre=(x_mm, z_mm))


def fit_to_box(
    physical: Array,
    angle: Array,
    *,
    half_width: float,
    half_height: float,
    centre: tuple[float, float],
) -> Outline:
    """Stretch and shift a curve so that the box around it has the wanted sides and middle."""
    x, z = physical * np.cos(angle), physical * np.sin(angle)
    x = (x - (x.max() + x.min()) / 2) / ((x.max() - x.min()) / 2)
    z = (z - (z.max() + z.min()) / 2) / ((z.max() - z.min()) / 2)
    direction = np.unwrap(np.arctan2(z, x))
    radius = np.interp(angle, direction, np.hypot(x, z), period=2 * math.pi)
    return Outline(centre[0], centre[1], half_width, half_height, radius)


def harmonics(random: np.random.Generator, angle: Array, *, orders: range, strength: float) -> Array:
    """A random periodic curve with mean 0 and about the given standard deviation."""
    total = np.zeros_like(angle)
    for order in orders:
        total += random.normal() * np.cos(order * angle + random.uniform(0, 2 * math.pi))
    return np.asarray(total * strength * math.sqrt(2 / len(orders)))


def _margin_factor(random: np.random.Generator, angle: Array, margin: str) -> NDArray[np.float64]:
    """The deviation of the radius that the margin causes."""
    if margin == "lobulated":
        lobes = int(random.integers(4, 7))
        scallops = np.abs(np.cos(lobes * (angle + random.uniform(0, 2 * math.pi)) / 2))
        depth = random.uniform(0.16, 0.24)
        return np.asarray(1 - depth + depth * np.sqrt(scallops + 0.02))
    if margin == "irregular":
        jagged = harmonics(random, angle, orders=range(5, 14), strength=0.075)
        spikes = sum(
            random.uniform(0.08, 0.22) * np.exp(3.5**2 * 4 * (np.cos(angle - random.uniform(0, 2 * math.pi)) - 1))
            for _ in range(int(random.integers(4, 8)))
        )
        return np.asarray(1 + jagged + spikes)
    return np.ones_like(angle)
