"""The beams of a simulated probe, and the conversion of their samples to pixels."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Probe:
    """A linear or convex probe with the picture it draws.

    Positions are in millimetres: x to the right of the middle of the picture, z down from its top.

    Attributes:
        kind: linear probes draw a rectangle, convex ones a fan with a curved top.
        depth_mm: depth of the picture.
        footprint_mm: width of the contact with the skin (along the arc for a convex probe).
        rows: pixel rows of the picture.
        radius_mm: radius of a convex probe.
    """

    kind: Literal["rectangle", "convex"]
    depth_mm: float
    footprint_mm: float
    rows: int
    radius_mm: float = 40.0

    @property
    def pixel_mm(self) -> float:
        """Side of a square pixel."""
        return self.depth_mm / self.rows

    @property
    def half_angle(self) -> float:
        """Half the opening angle of a convex probe, in radians."""
        return self.footprint_mm / (2 * self.radius_mm)

    @property
    def half_width_mm(self) -> float:
        """Half the width of the picture at its widest."""
        if self.kind == "rectangle":
            return self.footprint_mm / 2
        return (self.radius_mm + self._reach) * math.sin(self.half_angle)

    @property
    def columns(self) -> int:
        """Pixel columns of the picture."""
        return 2 * round(self.half_width_mm / self.pixel_mm)

    @property
    def _sagitta(self) -> float:
        """Height of the arc of a convex probe: the depth of its middle relative to its edges."""
        return self.radius_mm * (1 - math.cos(self.half_angle))

    @property
    def _reach(self) -> float:
        """Length of the beams of a convex probe: the middle one ends at the bottom of the picture."""
        return self.depth_mm - self._sagitta

    @property
    def _apex_z(self) -> float:
        """Height of the centre of a convex probe's arc; its edges are at the top of the picture, its middle below."""
        return -self.radius_mm * math.cos(self.half_angle)

    def beams(self) -> tuple[Array, Array, float]:
        """Positions x and z of the samples, `(samples, beams)`, and the distance of samples along a beam in mm."""
        samples = self.rows
        if self.kind == "rectangle":
            x, z = self.pixels()
            return x, z, self.pixel_mm
        count = round(self.footprint_mm / self.pixel_mm * 1.2)
        angle = np.linspace(-self.half_angle, self.half_angle, count, dtype=np.float32)
        step = self._reach / samples
        radius = self.radius_mm + (np.arange(samples, dtype=np.float32)[:, None] + 0.5) * step
        return radius * np.sin(angle), radius * np.cos(angle) + self._apex_z, step

    def pixels(self) -> tuple[Array, Array]:
        """Positions x and z of the pixels' centres, `(rows, columns)`."""
        x = (np.arange(self.columns, dtype=np.float32) - (self.columns - 1) / 2) * self.pixel_mm
        z = (np.arange(self.rows, dtype=np.float32) + 0.5) * self.pixel_mm
        grid_z, grid_x = np.meshgrid(z, x, indexing="ij")
        return grid_x.astype(np.float32), grid_z.astype(np.float32)

    def scan_area(self) -> NDArray[np.bool_]:
        """The pixels that beams reach, `(rows, columns)`."""
        if self.kind == "rectangle":
            return np.ones((self.rows, self.columns), dtype=bool)
        radius, angle = _polar(self)
        far = self.radius_mm + self._reach
        return np.asarray((radius >= self.radius_mm) & (radius <= far) & (np.abs(angle) <= self.half_angle))

    def scan_convert(self, received: Array) -> Array:
        """Turn `(samples, beams)` into pixels `(rows, columns)`; pixels that no beam reaches become 0."""
        if self.kind == "rectangle":
            return received
        radius, angle = _polar(self)
        samples, beams = received.shape
        step = self._reach / samples
        sample = (radius - self.radius_mm) / step - 0.5
        beam = (angle / self.half_angle + 1) / 2 * (beams - 1)
        picture = ndimage.map_coordinates(received, [sample, beam], order=1, mode="nearest")
        return np.where(self.scan_area(), picture, 0).astype(np.float32)


@lru_cache(maxsize=16)
def _polar(probe: Probe) -> tuple[Array, Array]:
    """Distance of each pixel from the centre of a convex probe's arc, and angle from the vertical.

    A cohort holds few different pictures, so that these maps are kept.
    """
    x, z = probe.pixels()
    z = z - probe._apex_z
    return np.hypot(x, z), np.arctan2(x, z)
