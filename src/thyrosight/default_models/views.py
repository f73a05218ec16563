"""Square windows of a packed frame: where they lie, how chance moves them, what they show."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image


@dataclass(frozen=True)
class View:
    """Which part of a picture is shown, and how it is turned.

    Attributes:
        left, top, right, bottom: the window in pixels of the picture; it may reach outside, where all is black.
        angle: degrees, about the window's centre.
        mirrored: whether left and right change places.
    """

    left: float
    top: float
    right: float
    bottom: float
    angle: float = 0.0
    mirrored: bool = False

    @property
    def width(self) -> float:
        """In pixels of the picture."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """In pixels of the picture."""
        return self.bottom - self.top

    def of(self, picture: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
        """The window reduced to a square of `size` pixels, with antialiasing."""
        left, top, right, bottom = (round(v) for v in (self.left, self.top, self.right, self.bottom))
        image = Image.fromarray(picture).crop((left, top, max(right, left + 1), max(bottom, top + 1)))
        image = image.resize((size, size), Image.Resampling.BILINEAR)
        if self.angle:
            image = image.rotate(self.angle, Image.Resampling.BILINEAR)
        if self.mirrored:
            image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        return np.asarray(image)


def around(column: float, row: float, side: float) -> View:
    """A square window of this side about a place.

    >>> around(10.0, 20.0, 8.0)
    View(left=6.0, top=16.0, right=14.0, bottom=24.0, angle=0.0, mirrored=False)
    """
    return View(column - side / 2, row - side / 2, column + side / 2, row + side / 2)


def whole(extent: NDArray[np.int64]) -> View:
    """The whole scan area, of `extent` (rows, columns), in the middle of a square."""
    return around(extent[1] / 2, extent[0] / 2, float(max(extent)))


def jittered(
    view: View,
    draw: np.random.Generator,
    *,
    zoom: tuple[float, float],
    shift: float = 0.1,
    angle: float = 8.0,
    stretch: float = 1.12,
) -> View:
    """The view zoomed (above 1: more is shown), shifted, stretched, turned and mirrored by chance."""
    factor = math.exp(draw.uniform(math.log(zoom[0]), math.log(zoom[1])))
    aspect = math.exp(draw.uniform(-math.log(stretch), math.log(stretch)) / 2)
    width, height = view.width * factor * aspect, view.height * factor / aspect
    column = (view.left + view.right) / 2 + draw.uniform(-shift, shift) * view.width
    row = (view.top + view.bottom) / 2 + draw.uniform(-shift, shift) * view.height
    turned = float(draw.normal(0, angle / 2)) if draw.random() < 0.5 else 0.0
    return View(
        column - width / 2, row - height / 2, column + width / 2, row + height / 2, turned, bool(draw.random() < 0.5)
    )
