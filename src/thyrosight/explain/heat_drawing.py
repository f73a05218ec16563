"""Drawing heat maps over images so that weak evidence looks weak, in colours that everyone can tell apart."""

from typing import Any

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray

from thyrosight.errors import ImageError

COLOURS = "plasma"
"""A colour map of even lightness steps, readable with every common colour vision deficiency."""
GREATEST_ALPHA = 0.6
"""Full strength still lets the anatomy through."""


def overlay(image: NDArray[np.uint8], heat: NDArray[Any], *, scale: float) -> NDArray[np.uint8]:
    """Blend a heat map over an image.

    Colour and opacity both follow the strength heat / scale, at most 1: without heat the image is untouched.

    Args:
        image: uint8 `(rows, columns)` grey or `(rows, columns, 3)` RGB.
        heat: `(rows, columns)`, 0 or more.
        scale: the heat at full strength; give all maps that are compared the same (`shared_scale`).

    Returns:
        uint8 `(rows, columns, 3)`.

    Raises:
        ImageError: image and map differ in shape, or the scale is not a positive number.

    >>> overlay(np.full((1, 2), 100, dtype=np.uint8), np.array([[0.0, 2.0]]), scale=2.0)[0].tolist()
    [[100, 100, 100], [184, 189, 60]]
    """
    if image.shape[:2] != heat.shape:
        raise ImageError(
            f"Image {image.shape[:2]} and heat map {heat.shape} differ in size; map it with to_frame first."
        )
    colours, alpha = strength_colours(strength(heat, scale=scale))
    base = image if image.ndim == 3 else np.repeat(image[:, :, None], 3, axis=2)
    return np.asarray(np.rint(base * (1 - alpha[:, :, None]) + colours * alpha[:, :, None]), dtype=np.uint8)


def strength(heat: NDArray[Any], *, scale: float) -> NDArray[np.float64]:
    """Heat as a share of `scale`, cut to 0..1.

    Raises:
        ImageError: the scale is not a positive number, or the map holds values that are not finite.
    """
    if not np.isfinite(scale) or scale <= 0:
        raise ImageError(f"The scale of a heat map must be a positive number, got {scale}.")
    if not np.isfinite(heat).all():
        raise ImageError("The heat map holds values that are not finite numbers.")
    return np.clip(np.asarray(heat, dtype=np.float64) / scale, 0, 1)


def strength_colours(strengths: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Colours `(..., 3)` from 0 to 255 and opacity `(...)` from 0 to 1 of strengths from 0 to 1."""
    return colormaps[COLOURS](strengths)[..., :3] * 255, GREATEST_ALPHA * strengths


def colour_bar(rows: int, columns: int, *, grey: int = 110) -> NDArray[np.uint8]:
    """A vertical bar `(rows, columns, 3)` from full strength (top) to none (bottom), as it looks over a grey image."""
    steps = np.repeat(np.linspace(1, 0, rows)[:, None], columns, axis=1)
    return overlay(np.full((rows, columns), grey, dtype=np.uint8), steps, scale=1.0)
