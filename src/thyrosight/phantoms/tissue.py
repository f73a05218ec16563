"""Acoustic tissue: scattering, attenuation and reflection at each point."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[np.floating[Any]]


@dataclass(eq=False)
class Tissue:
    """Maps over the samples of all beams, each `(samples, beams)`; painting functions change them in place.

    Attributes:
        x, z: position in millimetres.
        step_mm: distance of samples along a beam.
        echo: backscatter in dB relative to healthy gland.
        loss: attenuation in dB per cm beyond what the time-gain compensation expects; negative in fluid.
        grain: irregularity of the scatterers: 0 gives Rayleigh, 1 K-distributed, spotty speckle.
        line: amplitude of smooth reflecting surfaces relative to healthy gland.
    """

    x: Array
    z: Array
    step_mm: float
    echo: Array
    loss: Array
    grain: Array
    line: Array

    @classmethod
    def gland(cls, x: Array, z: Array, step_mm: float) -> "Tissue":
        """Healthy gland everywhere."""
        shape = x.shape
        return cls(
            x=x,
            z=z,
            step_mm=step_mm,
            echo=np.zeros(shape, np.float32),
            loss=np.zeros(shape, np.float32),
            grain=np.full(shape, 0.15, np.float32),
            line=np.zeros(shape, np.float32),
        )

    def paint(
        self,
        weight: Array,
        *,
        echo: Array | float | None = None,
        loss: Array | float | None = None,
        grain: float | None = None,
        line: float | None = None,
    ) -> None:
        """Blend new values in: `weight` 0 keeps the present value, 1 replaces it."""
        for name, value in (("echo", echo), ("loss", loss), ("grain", grain), ("line", line)):
            if value is not None:
                values = getattr(self, name)
                values += (value - values) * weight

    def noise(self, random: np.random.Generator, *, x_mm: float, z_mm: float) -> Array:
        """A smooth random field with mean 0 and standard deviation 1 whose lumps have about the given size."""
        rows, columns = self.x.shape
        height = rows * self.step_mm
        width = float(self.x[rows // 2, -1] - self.x[rows // 2, 0])
        coarse = (max(3, math.ceil(height / z_mm)), max(3, math.ceil(width / x_mm)))
        field = random.standard_normal(coarse, dtype=np.float32)
        image = Image.fromarray(field).resize((columns, rows), Image.Resampling.BICUBIC)
        smooth = np.asarray(image, dtype=np.float32)
        return np.asarray(smooth / max(float(smooth.std()), 1e-6), dtype=np.float32)


def step_up(distance_mm: Array, width_mm: float) -> Array:
    """0 where `distance_mm` is well below 0, 1 well above, over a transition of about `width_mm`."""
    return np.asarray(1 / (1 + np.exp(np.clip(-4 * distance_mm / width_mm, -30, 30))), dtype=np.float32)


def ridge(distance_mm: Array, width_mm: float) -> Array:
    """1 on a curve, falling off on both sides."""
    return np.asarray(np.exp(-((distance_mm / width_mm) ** 2)), dtype=np.float32)
