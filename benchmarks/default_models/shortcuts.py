"""Trials of shortcuts: what is painted, cut away, shifted or re-encoded must not change the answer."""

import io
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from thyrosight.default_models.scanners import PAINTS

Grey = NDArray[np.uint8]
Trial = Callable[[Grey, np.random.Generator], Grey]


def painted(paint: Callable[..., None]) -> Trial:
    """The trial that draws one mark into each frame."""

    def trial(picture: Grey, draw: np.random.Generator) -> Grey:
        image = Image.fromarray(picture)
        paint(ImageDraw.Draw(image), image.size, draw)
        return np.asarray(image)

    return trial


def cut_border(picture: Grey, draw: np.random.Generator) -> Grey:
    """Blacks 5 % of the picture at each side."""
    rows, columns = (round(0.05 * side) for side in picture.shape)
    inner = np.zeros_like(picture)
    inner[rows:-rows, columns:-columns] = picture[rows:-rows, columns:-columns]
    return inner


def shifted(picture: Grey, draw: np.random.Generator) -> Grey:
    """Moves the picture by 4 % to the right and down; what leaves it is lost."""
    rows, columns = (round(0.04 * side) for side in picture.shape)
    moved = np.zeros_like(picture)
    moved[rows:, columns:] = picture[:-rows, :-columns]
    return moved


def encoded(picture: Grey, draw: np.random.Generator) -> Grey:
    """JPEG at quality 50."""
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "JPEG", quality=50)
    return np.asarray(Image.open(stream))


def gained(picture: Grey, draw: np.random.Generator) -> Grey:
    """Gain up or down by a fifth."""
    return np.asarray(np.clip(picture * draw.choice([0.8, 1.2]), 0, 255), dtype=np.uint8)


TRIALS: dict[str, Trial] = {
    **{paint.__name__.removeprefix("paint_"): painted(paint) for paint in PAINTS},
    "border cut": cut_border,
    "shift": shifted,
    "JPEG 50": encoded,
    "gain": gained,
}
