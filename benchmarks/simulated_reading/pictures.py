"""Pictures that say which case they are, as a reader sees it: eight soft spots, bright or dark, in speckle."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

ROWS, COLUMNS = 360, 480
SPOTS = [(180, 60 + 51 * place) for place in range(8)]
"""Middles (row, column): seven digits of a binary number, and one that makes the number of bright ones even."""
BRIGHT, DARK = 190, 60


def picture(number: int) -> bytes:
    """The picture of case `number`, 0 to 127, as PNG."""
    drawn = np.random.default_rng(900 + number)
    echoes = gaussian_filter(drawn.normal(size=(ROWS, COLUMNS)), 2.5)
    pixels = 120 + 90 * echoes / echoes.std() * 0.15
    rows, columns = np.mgrid[:ROWS, :COLUMNS]
    for (row, column), bright in zip(SPOTS, _digits(number), strict=True):
        near = np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / (2 * 17.0**2))
        pixels += ((BRIGHT if bright else DARK) - pixels) * near
    stream = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(stream, "PNG")
    return stream.getvalue()


def case_of(levels: list[float]) -> int:
    """The case whose picture has these grey levels at its spots.

    Raises:
        ValueError: the picture is none of ours, or not whole.
    """
    digits = [level > (BRIGHT + DARK) / 2 for level in levels]
    if sum(digits) % 2:
        raise ValueError(f"the picture shows no case: grey levels {levels}")
    return sum(digit << place for place, digit in enumerate(digits[:7]))


def _digits(number: int) -> NDArray[np.bool_]:
    digits = [(number >> place) & 1 == 1 for place in range(7)]
    return np.array([*digits, sum(digits) % 2 == 1])
