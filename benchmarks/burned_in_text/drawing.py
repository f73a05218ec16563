"""Invented names, dates and numbers, drawn into frames as scanners draw them."""

import io
import random
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from thyrosight.imaging import Box

_FONTS = (
    "DejaVuSans.ttf",
    "DejaVuSansMono.ttf",
    "DejaVuSans-Bold.ttf",
    "DejaVuSansMono-Bold.ttf",
    "built-in",
    "bitmap",
)
_WORDS = (
    "SMITH", "JANE", "DOE^JOHN", "Garcia", "Maria", "WANG", "Mueller", "HANS", "19/04/1961", "ID:4471093", "DOB",
    "1954-12-03", "Dr.Patel", "2026-03-11", "11:42:07", "St.Mary", "Hospital", "ROSSI", "ANNA", "088123", "57Y",
    "ACC20931", "Nguyen", "OKAFOR", "Ivanova", "Petrov", "26-NOV-58", "MRN:00093321",
)  # fmt: skip
_BITMAP_HEIGHT = 8  # capital letters of Pillow's bitmap font are drawn 8 pixels high


@dataclass(frozen=True, eq=False)
class DrawnLine:
    """One line of text: where its ink is, the box around it, height of its capitals, contrast with what lay there."""

    ink: NDArray[np.bool_]
    box: Box
    height: int
    contrast: float
    text: str


def phrase(draw: random.Random, words: int = 3) -> str:
    """One to `words` words of a name, a date or a number; never a single letter."""
    return " ".join(draw.choice(_WORDS) for _ in range(draw.randint(1, words)))


def draw_line(
    pixels: NDArray[np.uint8],
    draw: random.Random,
    *,
    height: int,
    contrast: float,
    within: Box,
    text: str | None = None,
) -> tuple[NDArray[np.uint8], DrawnLine] | None:
    """Grey pixels with one line of text at a random place in a box, or None where it does not fit.

    Args:
        pixels: `(rows, columns)`.
        draw: the source of chance.
        height: of capital letters in pixels.
        contrast: grey levels above the mean of what lies under the line; cut off at white.
        within: where it may stand.
        text: what to write; a random phrase where left out.
    """
    alpha = _ink(text := text or phrase(draw), draw.choice(_FONTS), height)
    rows, columns = alpha.shape
    if columns >= within.width or rows >= within.height:
        return None
    left = draw.randrange(within.left, within.right - columns)
    top = draw.randrange(within.top, within.bottom - rows)
    part = np.s_[top : top + rows, left : left + columns]
    under = pixels[part].astype(np.float64)
    level = min(255.0, float(under.mean()) + contrast)
    drawn = pixels.copy()
    drawn[part] = np.clip(np.rint(under + (level - under) * alpha), 0, 255).astype(np.uint8)
    ink = np.zeros(pixels.shape, dtype=bool)
    ink[part] = alpha > 0.5
    box = Box(left, top, left + columns, top + rows)
    return drawn, DrawnLine(ink, box, height, level - float(under.mean()), text)


def compressed(pixels: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """Grey pixels after JPEG at this quality."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="JPEG", quality=quality)
    return np.asarray(Image.open(file).convert("L"))


def _ink(text: str, name: str, height: int) -> NDArray[np.float64]:
    """How much of each pixel the text covers, cut to its ink."""
    if name == "bitmap":  # as old scanners do: one letter shape, enlarged by a whole number
        font: ImageFont.FreeTypeFont | ImageFont.ImageFont = ImageFont.load_default_imagefont()
    else:
        font = _font(name, height)
    left, top, right, bottom = (round(edge) for edge in font.getbbox(text))
    picture = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(picture).text((-left, -top), text, fill=255, font=font)
    alpha = np.asarray(picture, dtype=np.float64) / 255
    times = max(1, round(height / _BITMAP_HEIGHT)) if name == "bitmap" else 1
    return alpha.repeat(times, axis=0).repeat(times, axis=1)


def _font(name: str, height: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The font whose capitals are nearest to this height."""
    size = max(6, round(height / 0.72))
    if name == "built-in":
        return ImageFont.load_default(size=size)
    return ImageFont.truetype(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name, size)
