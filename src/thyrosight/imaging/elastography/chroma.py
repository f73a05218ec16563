"""Chroma: the strength and hue of a colour, which remain of red, green and blue when grey is taken away."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Chroma = NDArray[np.float32]

FULL_CHROMA: Final = 255 * float(np.sqrt(2 / 3))
"""The chroma of pure red, green or blue at full brightness: the largest there is."""

# JPEG noise and a faint tint of the screen stay below this once a pixel is averaged with its neighbours; a pure colour
# laid over B-mode with an opacity of a tenth is above it.
COLOURED: Final = 18.0
_SMOOTHING = 1.2  # pixels: JPEG often keeps colour at half the resolution of brightness


def chroma_of(pixels: NDArray[Any]) -> Chroma:
    """The part of each colour across the grey axis, `(..., 2)`: towards red, and from blue towards green.

    Blending with grey only shortens this vector, and its angle (the hue, red at 0, green at 120, blue at 240 degrees)
    stays, so that an elastogram can be read through the B-mode picture under it.

    >>> [round(float(np.degrees(np.arctan2(*chroma_of(np.array(c))[::-1]))) % 360) for c in ([9, 0, 0], [5, 5, 0])]
    [0, 60]
    """
    red, green, blue = (pixels[..., number].astype(np.float32) for number in range(3))
    along = (2 * red - green - blue) / np.float32(np.sqrt(6))
    across = (green - blue) / np.float32(np.sqrt(2))
    return np.stack([along, across], axis=-1)


def smooth_chroma(pixels: NDArray[np.uint8]) -> Chroma:
    """Chroma `(rows, columns, 2)` of a picture, averaged over a few pixels; that of a grey picture is 0."""
    if pixels.ndim == 2:
        return np.zeros((*pixels.shape, 2), dtype=np.float32)
    chroma = chroma_of(pixels)
    return np.stack([ndimage.gaussian_filter(chroma[..., part], _SMOOTHING) for part in range(2)], axis=-1)


def strength(chroma: Chroma) -> NDArray[np.float32]:
    """The length of each chroma vector: 0 for grey, `FULL_CHROMA` for a pure colour."""
    return np.hypot(chroma[..., 0], chroma[..., 1])


def hue_degrees(chroma: Chroma) -> NDArray[np.float32]:
    """The hue from 0 to 360: red 0, yellow 60, green 120, cyan 180, blue 240, magenta 300."""
    return np.asarray(np.degrees(np.arctan2(chroma[..., 1], chroma[..., 0])) % 360, dtype=np.float32)


def grey_left(luma: NDArray[Any], chroma: Chroma, coloured: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The brightness that the hue does not explain: the B-mode picture under a colour.

    Every hue has a brightness of its own (yellow is bright, blue dark). Its mean over the coloured pixels of that hue
    is taken away, so that borders between colours do not look like structure. Uncoloured pixels stay as they are.
    """
    grey = luma.astype(np.float32).copy()
    if not coloured.any():
        return grey
    hues = (hue_degrees(chroma[coloured]) / 7.5).astype(np.int64) % 48
    values = grey[coloured]
    counts = np.bincount(hues, minlength=48)
    means = np.bincount(hues, weights=values, minlength=48) / np.maximum(counts, 1)
    grey[coloured] = values - means[hues].astype(np.float32) + np.float32(values.mean())
    return grey
