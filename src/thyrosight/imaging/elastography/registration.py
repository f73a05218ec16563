"""Whether two panels show the same section: the grey texture under and around the colour against plain B-mode."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.signal import fftconvolve

from thyrosight.imaging.boxes import Box

Texture = NDArray[np.float32]

# Structure between these scales, in pixels, is compared: finer is compression, coarser is brightness and colour.
_FINE, _COARSE = 1.0, 8.0
# Panels of one acquisition may stand a few lines apart: this share of the frame across the direction they are set in.
_SLACK = 0.03
# A correlation under the colour is believed from here on, one around it only from further on: there a thin strip with
# layers along it is soon alike. How far chance goes is measured in docs/how-to/elastography.md.
LEAST_SCORE, LEAST_AROUND = 0.30, 0.65
# A texture weaker than this share of what is beside it is hidden by an opaque colour.
_HIDDEN = 0.12
_LEAST_PIXELS = 400


@dataclass(frozen=True)
class Match:
    """The position at which a part of a picture is found again.

    Attributes:
        columns, rows: how far to move it to the right and down.
        score: correlation coefficient of the textures there, from -1 to 1.
    """

    columns: int
    rows: int
    score: float


def texture_of(grey: NDArray[np.floating], solid: NDArray[np.bool_] | None = None) -> Texture:
    """Structure of middle scale, each pixel relative to how strong structure is around it.

    Args:
        grey: brightness `(rows, columns)`.
        solid: pixels that count; a border between colour and none is no structure.
    """
    values = grey.astype(np.float32)
    weights = np.ones_like(values) if solid is None else solid.astype(np.float32)
    around = _blurred(values * weights, _COARSE) / np.maximum(_blurred(weights, _COARSE), 1e-3)
    detail = ndimage.gaussian_filter((values - around) * weights, _FINE)
    level = np.sqrt(_mean_square(detail, weights))
    return np.asarray(detail / (level + 1.0) * weights, dtype=np.float32)


def contrast_of(grey: NDArray[np.floating], solid: NDArray[np.bool_]) -> float:
    """Root mean square of the structure among solid pixels, in grey levels."""
    values = grey.astype(np.float32)
    weights = solid.astype(np.float32)
    around = _blurred(values * weights, _COARSE) / np.maximum(_blurred(weights, _COARSE), 1e-3)
    detail = ndimage.gaussian_filter((values - around) * weights, _FINE)
    return float(np.sqrt(np.mean(detail[solid] ** 2))) if solid.any() else 0.0


def is_hidden(covered: float, plain: float) -> bool:
    """Whether structure under the colour is so much weaker than in plain B-mode that the colour must be opaque."""
    return covered < _HIDDEN * plain


def _blurred(values: NDArray[np.float32], scale: float) -> NDArray[np.float32]:
    """A Gaussian blur of that standard deviation in pixels, near enough: two means over a square, which are quick."""
    side = 2 * round((np.sqrt(6 * scale**2 + 1) - 1) / 2) + 1
    once = ndimage.uniform_filter(values, side, mode="constant")
    return np.asarray(ndimage.uniform_filter(once, side, mode="constant"))


def _mean_square(detail: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    # Running means leave a rounding below 0 where nothing is shown.
    squares = np.maximum(_blurred(detail**2, 2 * _COARSE), 0)
    return np.asarray(squares / np.maximum(_blurred(weights, 2 * _COARSE), 1e-3))


def find_again(one: Texture, other: Texture, *, window: Box, mask: NDArray[np.bool_], apart: Box) -> Match | None:
    """Find the texture of `window` in `one` again in `other`, beside it or above or below it.

    Args:
        one: texture of the picture with colour.
        other: texture of the plain picture, of the same frame.
        window: the part that is looked for.
        mask: `(rows, columns)` of the window: pixels that count.
        apart: the part found must not touch this box (the colour itself).

    Returns:
        The best match, or None where the frame has no room beside the box.
    """
    if mask.sum() < _LEAST_PIXELS:
        return None
    template = one[window.top : window.bottom, window.left : window.right]
    rows, columns = other.shape
    slack = max(3, round(_SLACK * rows)), max(3, round(_SLACK * columns))
    beside = Box(0, max(0, window.top - slack[0]), columns, min(rows, window.bottom + slack[0]))
    stacked = Box(max(0, window.left - slack[1]), 0, min(columns, window.right + slack[1]), rows)
    matches = [
        _best(template, mask, other, strip=strip, window=window, apart=apart) for strip in (beside, stacked)
    ]  # fmt: skip
    return max((match for match in matches if match is not None), key=lambda match: match.score, default=None)


def _best(
    template: Texture, mask: NDArray[np.bool_], other: Texture, *, strip: Box, window: Box, apart: Box
) -> Match | None:
    scores = correlation(template, mask, other[strip.top : strip.bottom, strip.left : strip.right])
    tops = np.arange(scores.shape[0])[:, None] + strip.top - window.top
    lefts = np.arange(scores.shape[1])[None, :] + strip.left - window.left
    free = (np.abs(tops) >= apart.height) | (np.abs(lefts) >= apart.width)
    scores = np.where(free, scores, -1)
    if not free.any():
        return None
    row, column = np.unravel_index(int(scores.argmax()), scores.shape)
    return Match(int(lefts[0, column]), int(tops[row, 0]), float(scores[row, column]))


def correlation(template: Texture, mask: NDArray[np.bool_], image: Texture) -> NDArray[np.float32]:
    """Correlation coefficient of the masked template with the image at every position where it fits inside.

    >>> image = np.random.default_rng(0).normal(size=(30, 40)).astype(np.float32)
    >>> scores = correlation(image[5:15, 7:27], np.ones((10, 20), dtype=bool), image)
    >>> np.unravel_index(scores.argmax(), scores.shape) == (5, 7), round(float(scores.max()), 3)
    (True, 1.0)
    """
    weights = mask.astype(np.float64)
    count = weights.sum()
    centred = (template - template[mask].mean()) * weights
    flipped, kernel = centred[::-1, ::-1], weights[::-1, ::-1]
    values = image.astype(np.float64)
    products = fftconvolve(values, flipped, mode="valid")
    sums = fftconvolve(values, kernel, mode="valid")
    squares = fftconvolve(values**2, kernel, mode="valid")
    spread = np.maximum(squares - sums**2 / count, 0)
    scale = np.sqrt((centred**2).sum() * spread)
    least = 1e-3 * count  # where nothing is shown, nothing is alike
    return np.asarray(np.where(scale > least, products / np.maximum(scale, least), 0), dtype=np.float32)
