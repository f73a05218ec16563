"""Newton's method for the likelihoods of logistic regression, on standardised predictors."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from thyrosight.statistics.validation import Floats

# Height, gradient and curvature (the negative second derivative) at some coefficients; the height is -inf where they
# cannot be had.
Surface = Callable[[Floats], tuple[float, Floats, Floats]]
_LARGEST_MOVE = 5.0  # of any observation's log odds in one step


@dataclass(frozen=True, eq=False, slots=True)
class Peak:
    """Where a surface has a maximum: its place, its height and the curvature there."""

    place: Floats
    height: float
    curvature: Floats


def climb(
    surface: Surface, design: Floats, start: Floats, *, held: int | None = None, attempts: int = 500
) -> Peak | None:
    """Climb from `start` to a maximum of the surface; None if it is not reached within so many attempts.

    The height never falls. A likelihood without a maximum (separated data) raises some log odds by about 1 with every
    step, so that its steps never become small, while the height hardly changes.

    Args:
        surface: height, gradient and curvature by coefficients.
        design: one row per observation, one column per coefficient.
        start: coefficients to start from.
        held: number of a coefficient that stays as it is in `start`.
        attempts: number of steps.
    """
    place = start
    height, gradient, curvature = surface(place)
    free = np.flatnonzero(np.arange(start.size) != held)
    if not free.size:
        return Peak(place, height, curvature)
    for _ in range(attempts):
        if not math.isfinite(height):
            return None
        step = np.zeros_like(place)
        step[free] = _uphill(curvature[np.ix_(free, free)], gradient[free])
        gain, move = float(gradient @ step), float(np.abs(design @ step).max())
        if gain < 1e-13 and move < 1e-6:
            return Peak(place + step, height, curvature)
        part = min(1.0, _LARGEST_MOVE / move)
        proposed = surface(place + part * step)
        # Rounding alone makes the height of many observations uncertain by this much.
        while not proposed[0] >= height + 1e-4 * part * gain - 1e-13 * abs(height):
            part /= 2
            if part * move < 1e-12:
                return None
            proposed = surface(place + part * step)
        place, (height, gradient, curvature) = place + part * step, proposed
    return None


def _uphill(curvature: Floats, gradient: Floats) -> Floats:
    """Return Newton's step, turned uphill in directions in which the surface is hollow."""
    sizes, directions = np.linalg.eigh(curvature)
    sizes = np.maximum(np.abs(sizes), 1e-12 * float(np.abs(sizes).max()) + 1e-300)
    return np.asarray(directions @ (directions.T @ gradient / sizes))


def standardised(design: Floats) -> tuple[Floats, Floats]:
    """Return the design with columns of like size, and the matrix that turns its coefficients into those of `design`.

    Where the first column is the intercept, the others are centred as well.

    >>> scaled, back = standardised(np.array([[1.0, 300], [1, 500]]))
    >>> scaled.tolist(), back.tolist()
    ([[1.0, -1.0], [1.0, 1.0]], [[1.0, -4.0], [0.0, 0.01]])
    """
    count = design.shape[1]
    centre = np.zeros(count)
    if (design[:, 0] == 1).all():
        centre[1:] = design[:, 1:].mean(axis=0)
    scaled = design - centre
    size = np.abs(scaled).max(axis=0)
    size[size == 0] = 1.0
    back = np.diag(1 / size)
    back[0, 1:] = -(centre / size)[1:]
    return scaled / size, back
