"""The frame around a simulated picture, as an ultrasound machine would save it."""

import math
from functools import cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from thyrosight.phantoms.probe import Probe

_Pixel = TypeVar("_Pixel", bound=np.generic)


@cache
def load_font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font, which takes longer to load than to write with."""
    return ImageFont.load_default(size=size)


def place_in_frame(picture: NDArray[_Pixel], *, shape: tuple[int, int], offset: tuple[int, int]) -> NDArray[_Pixel]:
    """A frame of `shape` (rows, columns) that is 0 except for the picture, whose first pixel is at `offset`."""
    frame = np.zeros(shape, dtype=picture.dtype)
    top, left = offset
    frame[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return frame


def write_around(
    frame: NDArray[np.uint8], *, probe: Probe, offset: tuple[int, int], machine: str, exam: str
) -> NDArray[np.uint8]:
    """Write what machines write outside the picture: a depth scale, an orientation mark and settings."""
    image = Image.fromarray(frame)
    pen = ImageDraw.Draw(image)
    font = load_font(10)
    top, left = offset
    for centimetre in range(math.floor(probe.depth_mm / 10) + 1):
        row = top + round(10 * centimetre / probe.pixel_mm)
        pen.rectangle((left - 8, row - 1, left - 7, row), fill=230)
        if centimetre % 5 == 0:
            pen.text((left - 20, row - 6), str(centimetre), fill=200, font=font)
    pen.text((left - 24, 1), machine, fill=210, font=font)
    right = left + probe.columns + 8
    settings = (f"{probe.depth_mm / 10:.1f} cm", exam, "MI 0.9", "TIs 0.2")
    for line, text in enumerate(settings):
        if right + 48 < frame.shape[1]:
            pen.text((right, top + 20 + 14 * line), text, fill=200, font=font)
    written = np.asarray(image)
    return np.where(place_in_frame(probe.scan_area(), shape=frame.shape, offset=offset), frame, written)
