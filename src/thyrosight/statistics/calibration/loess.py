"""Loess: local polynomial regression with tricube weights (Cleveland & Devlin 1988)."""

import numpy as np

from thyrosight.errors import StatisticsError
from thyrosight.statistics.validation import Floats


def local_regression(x: Floats, y: Floats, places: Floats, *, span: float = 0.75, degree: int = 2) -> Floats:
    """Return the local regression of `y` on `x` at the places, as `loess(..., surface = "direct")` of R computes it.

    At each place a polynomial is fitted to the nearest share `span` of the cases, weighted by (1 - (d / h)^3)^3, where
    h is the distance of the farthest of them.

    Args:
        x: n numbers.
        y: n numbers.
        places: where the curve is wanted.
        span: share of cases in each local fit, above 0 and at most 1.
        degree: of the polynomial, 1 or 2.

    Raises:
        StatisticsError: a span or degree outside the range, or a span that holds too few cases.

    >>> x = np.arange(10.0)
    >>> local_regression(x, x**2, np.array([2.5, 4.0])).round(6).tolist()  # a parabola is its own local parabola
    [6.25, 16.0]
    """
    if not 0 < span <= 1 or degree not in (1, 2):
        raise StatisticsError(f"Expected `span` above 0 up to 1 and `degree` 1 or 2, got {span} and {degree}.")
    near = int(x.size * span + 1e-5)
    if near < degree + 2:
        raise StatisticsError(f"A span of {span:g} holds {near} of {x.size} cases, too few for a local regression.")
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    reach = _reach(x, places, near)
    distance = (x[None, :] - places[:, None]) / reach[:, None]
    weight = np.maximum(1 - np.abs(distance) ** 3, 0.0) ** 3
    powers = [weight]
    for _ in range(2 * degree):
        powers.append(powers[-1] * distance)
    moments = np.stack([power.sum(axis=1) for power in powers], axis=1)
    right = np.stack([power @ y for power in powers[: degree + 1]], axis=1)
    size = np.arange(degree + 1)
    matrices = moments[:, size[:, None] + size[None, :]]
    # The pseudo-inverse leaves out terms that tied values cannot tell apart, as R does.
    first_rows = np.linalg.pinv(matrices, rcond=1e-12, hermitian=True)[:, 0, :]
    return np.asarray((first_rows * right).sum(axis=1))


def _reach(x: Floats, places: Floats, near: int) -> Floats:
    """Distance from each place to the `near`-th nearest of the sorted values, above 0."""
    low, high = np.zeros(places.size, dtype=np.int64), np.full(places.size, x.size - near, dtype=np.int64)
    while (low < high).any():
        middle = (low + high) // 2
        after = np.minimum(middle + near, x.size - 1)
        right = (low < high) & (places - x[middle] > x[after] - places)
        low = np.where(right, middle + 1, low)
        high = np.where((low < high) & ~right, middle, high)
    reach = np.maximum(places - x[low], x[low + near - 1] - places)
    smallest = 1e-9 * max(float(np.ptp(x)), 1e-9)
    return np.asarray(np.maximum(reach, smallest))
