"""Trapezoid scans, and depths that hardly answer: what is blacked is blacked in all that is known of a frame."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]

_CHANCE = 0.7  # of each of the two


def as_sector(parts: Iterable[Values], draw: np.random.Generator) -> list[Values]:
    """A view as a virtual convex probe would have shown it.

    Args:
        parts: the picture first, `(size, size)`, then what is known of it, each square; its size divides the picture's.
        draw: chance.
    """
    picture, *known = parts
    size = len(picture)
    lit = _trapezoid(size, draw) if draw.random() < _CHANCE else np.ones((size, size), dtype=np.float32)
    fading = _fading(size, draw) if draw.random() < _CHANCE else np.ones(size, dtype=np.float32)
    return [picture * lit * fading[:, None], *(values * _reduced(lit, len(values)) for values in known)]


def _trapezoid(size: int, draw: np.random.Generator) -> Values:
    """1 within a trapezoid with a round lower edge, 0 elsewhere."""
    down, across = np.mgrid[:size, :size] / (size - 1)
    top = draw.uniform(0.35, 0.95)
    bottom = draw.uniform(top, 1.5)
    middle, depth, arc = draw.uniform(0.42, 0.58), draw.uniform(0.75, 1.1), draw.uniform(0, 0.15)
    between = abs(across - middle) < (top + (bottom - top) * down) / 2
    above = down < depth - arc * (2 * across - 1) ** 2
    return np.asarray(between & above, dtype=np.float32)


def _fading(size: int, draw: np.random.Generator) -> Values:
    """How much of each row's brightness is left."""
    down = np.linspace(0, 1, size)
    begins, least = draw.uniform(0.25, 0.8), draw.uniform(0.05, 0.5)
    left = np.exp(-np.maximum(down - begins, 0) / draw.uniform(0.05, 0.3))
    return np.clip(left, least, 1).astype(np.float32)


def _reduced(lit: Values, size: int) -> Values:
    """The share of each cell that is lit."""
    cell = len(lit) // size
    shares: Values = lit.reshape(size, cell, size, cell).mean(axis=(1, 3))
    return shares
