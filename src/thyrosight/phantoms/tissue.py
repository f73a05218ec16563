"""Acoustic tissue: scattering, attenuation and reflection at each point."""

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Array = NDArray[np.floating[Any]]
REACH = 6.0
"""Widths beyond which a border or a curve changes nothing: `step_up` is then below 1e-10, `ridge` below 1e-15."""


@dataclass(eq=False)
class Tissue:
    """Maps over the samples of all beams, each `(samples, beams)`; painting functions change them in place.

    Most of what is painted is small beside the picture, so that it is painted on a `part` of the tissue.

    Attributes:
        x, z: position in millimetres.
        step_mm: distance of samples along a beam.
        echo: backscatter in dB relative to healthy gland.
        loss: attenuation in dB per cm beyond what the time-gain compensation expects; negative in fluid.
        grain: irregularity of the scatterers: 0 gives Rayleigh, 1 K-distributed, spotty speckle.
        line: amplitude of smooth reflecting surfaces relative to healthy gland.
        whole: the tissue that this is a part of; None for a whole one.
        window: rows and columns of this part in the whole.
    """

    x: Array
    z: Array
    step_mm: float
    echo: Array
    loss: Array
    grain: Array
    line: Array
    whole: "Tissue | None" = None
    window: tuple[slice, slice] = (slice(None), slice(None))

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

    def part(self, rows: slice, columns: slice = slice(None)) -> "Tissue":
        """A rectangle of the tissue; painting it paints the tissue there."""
        part = (rows, columns)
        x, z, echo, loss, grain, line = (m[part] for m in (self.x, self.z, self.echo, self.loss, self.grain, self.line))
        window = _inner(self.window[0], rows, self.x.shape[0]), _inner(self.window[1], columns, self.x.shape[1])
        return Tissue(x, z, self.step_mm, echo, loss, grain, line, whole=self.whole or self, window=window)

    def near(self, x_mm: tuple[float, float], z_mm: tuple[float, float]) -> "Tissue":
        """The smallest part that holds all points with x and z between these limits; possibly an empty one."""
        rows, columns = self._limits
        return self.part(_span(rows, z_mm), _span(columns, x_mm))

    @cached_property
    def _limits(self) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
        """Least and greatest z of each row, and x of each column."""
        return (self.z.min(axis=1), self.z.max(axis=1)), (self.x.min(axis=0), self.x.max(axis=0))

    @cached_property
    def depth(self) -> Array:
        """z as `(samples, 1)` where beams run straight down, so that less is computed; else as it is."""
        least, most = self._limits[0]
        return self.z[:, :1] if np.array_equal(least, most) else self.z

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
        """A smooth random field with mean 0 and standard deviation 1 whose lumps have about the given size.

        The field of a part is that part of the whole tissue's field.
        """
        whole = self.whole or self
        rows, columns = whole.x.shape
        height = rows * self.step_mm
        width = float(whole.x[rows // 2, -1] - whole.x[rows // 2, 0])
        coarse = (max(3, math.ceil(height / z_mm)), max(3, math.ceil(width / x_mm)))
        field = random.standard_normal(coarse, dtype=np.float32)
        across = (_bicubic(coarse[1], columns) @ field.T).T.astype(np.float32)
        smooth = (_bicubic(coarse[0], rows) @ across).astype(np.float32)
        return np.asarray(smooth[self.window] / max(float(smooth.std()), 1e-6), dtype=np.float32)


# A cohort asks for two hundred to four hundred different ones, of 10 to 20 kB each, again and again.
@lru_cache(maxsize=512)
def _bicubic(coarse: int, fine: int) -> sparse.csr_array:
    """Weights `(fine, coarse)` of bicubic interpolation from `coarse` samples to at least as many.

    Their product takes half the time of Pillow's `resize`, and gives the same numbers.
    Source: Keys, IEEE Trans Acoust Speech Signal Process 1981;29:1153, with a = -0.5.
    """
    centres = (np.arange(fine) + 0.5) * coarse / fine
    away = np.abs(np.arange(coarse) + 0.5 - centres[:, None])
    near, far = (1.5 * away - 2.5) * away**2 + 1, ((2.5 - 0.5 * away) * away - 4) * away + 2
    weights = np.where(away < 1, near, np.where(away < 2, far, 0.0))
    return sparse.csr_array(weights / weights.sum(axis=1, keepdims=True))


def _span(limits: tuple[Array, Array], wanted: tuple[float, float]) -> slice:
    """The rows or columns whose range of positions touches the wanted one."""
    inside = np.flatnonzero((limits[1] >= wanted[0]) & (limits[0] <= wanted[1]))
    return slice(int(inside[0]), int(inside[-1]) + 1) if inside.size else slice(0, 0)


def _inner(outer: slice, inner: slice, size: int) -> slice:
    """A slice of a slice, as one."""
    start, stop, _ = inner.indices(size)
    return slice((outer.start or 0) + start, (outer.start or 0) + stop)


def rows_with(touched: NDArray[np.bool_]) -> slice:
    """The rows from the first to the last one in which a point `(rows, columns)` is touched."""
    found = np.flatnonzero(touched.any(axis=1))
    return slice(int(found[0]), int(found[-1]) + 1) if found.size else slice(0, 0)


def step_up(distance_mm: Array, width_mm: float) -> Array:
    """0 where `distance_mm` is well below 0, 1 well above, over a transition of about `width_mm`."""
    return np.asarray(1 / (1 + np.exp(np.clip(-4 * distance_mm / width_mm, -30, 30))), dtype=np.float32)


def ridge(distance_mm: Array, width_mm: float) -> Array:
    """1 on a curve, falling off on both sides."""
    return np.asarray(np.exp(-((distance_mm / width_mm) ** 2)), dtype=np.float32)
