"""The screen around the panels: positions, colour bar, scales and machine text."""

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from thyrosight.imaging import Box
from thyrosight.phantoms.frame import load_font

_GREY = (196, 196, 196)
_DIM = (120, 120, 120)

Arrangement = Literal["above", "beside", "alone"]
LIMITS: Final[dict[Arrangement, tuple[int, int]]] = {"above": (300, 420), "beside": (380, 372), "alone": (420, 520)}
"""Greatest rows and columns of a panel: two above each other, two side by side, or one alone."""


@dataclass(frozen=True)
class Places:
    """Positions in a frame of `rows` by `columns`; `second` is None on screens with one panel."""

    rows: int
    columns: int
    first: Box
    second: Box | None
    bar: Box


def arrange(random: np.random.Generator, *, layout: Arrangement, rows: int, columns: int, bar_side: str) -> Places:
    """Place one or two panels of `rows` by `columns` and a colour bar on a screen."""
    top, side = int(random.integers(44, 72)), int(random.integers(0, 3))
    gap = int(random.integers(6, 26))
    bar_width, bar_height = int(random.integers(11, 20)), int(random.integers(110, 190))
    spare = int(random.integers(24, 60))
    if layout == "above":
        frame = (top + 2 * rows + gap + spare, 800)
        left = (frame[1] - columns) // 2 + 12 * (side - 1)
        first = Box(left, top, left + columns, top + rows)
        second: Box | None = first.moved(columns=0, rows=rows + gap)
    elif layout == "beside":
        frame = (top + rows + spare + 40, 2 * LIMITS[layout][1] + 276)
        left = (frame[1] - 2 * columns - gap) // 2
        first = Box(left, top, left + columns, top + rows)
        second = first.moved(columns=columns + gap, rows=0)
    else:
        frame = (top + rows + spare, LIMITS[layout][1] + 276)
        left = (frame[1] - columns) // 2
        first, second = Box(left, top, left + columns, top + rows), None
    outermost = first if second is None else first.union(second)
    away = int(random.integers(48, 64))
    bar_left = outermost.left - away - bar_width if bar_side == "left" else outermost.right + away
    bar_top = top + int(random.integers(14, 40))
    return Places(*frame, first, second, Box(bar_left, bar_top, bar_left + bar_width, bar_top + bar_height))


def paste(frame: NDArray[np.uint8], picture: NDArray[np.uint8], box: Box) -> None:
    """Put a grey or colour picture into a colour frame."""
    frame[box.top : box.bottom, box.left : box.right] = picture if picture.ndim == 3 else picture[:, :, None]


def draw_bar(
    frame: NDArray[np.uint8], box: Box, colours: NDArray[np.float32], *, upper: str, lower: str
) -> NDArray[np.uint8]:
    """Draw a colour bar whose rows are `colours` from top to bottom, with texts at its ends."""
    bar = np.repeat(np.rint(colours)[:, None, :], box.width, axis=1).astype(np.uint8)
    paste(frame, bar, box)
    image = Image.fromarray(frame)
    pen, font = ImageDraw.Draw(image), load_font(12)
    for text, row in ((upper, box.top - 17), (lower, box.bottom + 3)):
        width = pen.textlength(text, font=font)
        pen.text((box.left + (box.width - width) / 2, row), text, fill=_GREY, font=font)
    return np.array(image)


def write_around(
    frame: NDArray[np.uint8], panels: list[Box], *, pixel_mm: float, machine: str, lines: tuple[str, ...], tint: int
) -> NDArray[np.uint8]:
    """Write what machines write outside the panels: a status line, depth scales, settings.

    Args:
        frame: the screen, `(rows, columns, 3)`.
        panels: boxes without text.
        pixel_mm: side of a pixel of the panels.
        machine: name of the machine.
        lines: settings, one in each line.
        tint: number of the machine's colour of marks.
    """
    image = Image.fromarray(frame)
    pen = ImageDraw.Draw(image)
    small, large = load_font(10), load_font(13)
    accent = ((90, 160, 220), (230, 190, 60), (120, 200, 120))[tint % 3]
    columns = frame.shape[1]
    pen.text((10, 6), f"{machine}  SIMULATED", fill=_GREY, font=large)
    pen.text((columns - 250, 6), "PHANTOM   no patient", fill=_GREY, font=large)
    pen.line((0, 27, columns, 27), fill=(46, 46, 46))
    for line, text in enumerate(lines):
        pen.text((12, frame.shape[0] - 14 * (len(lines) - line) - 6), text, fill=_GREY if line else accent, font=small)
    for box in panels:
        _depth_scale(pen, box, pixel_mm, small)
    first = min(panels)
    pen.ellipse((first.left - 13, first.top + 2, first.left - 6, first.top + 9), outline=accent)
    return np.array(image)


def _depth_scale(
    pen: ImageDraw.ImageDraw, box: Box, pixel_mm: float, font: ImageFont.FreeTypeFont | ImageFont.ImageFont
) -> None:
    """Ticks every 5 mm at the right of a panel, with a number every centimetre."""
    for half in range(math.floor(box.height * pixel_mm / 5) + 1):
        row = box.top + round(5 * half / pixel_mm)
        long = half % 2 == 0
        pen.line((box.right + 3, row, box.right + (8 if long else 5), row), fill=_DIM)
        if long and half:
            pen.text((box.right + 10, row - 6), str(half // 2), fill=_DIM, font=font)
