"""One picture of an outlined image: the frame as it is, the outlines over it, and the facts stated with them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from thyrosight.imaging import Frame
from thyrosight.imaging.lettering import font_for, wrapped

_WIDTH = 480
_GAP = 16
_LINE = 20
_PAPER, _INK, _FAINT = (18, 18, 18), (235, 235, 235), (165, 165, 165)
_COLOURS = ((255, 214, 0), (86, 180, 233), (230, 120, 60), (204, 121, 167))
"""Colours that stand out on grey and differ for the colour-blind; lesions also carry their number."""


def outline_panel(
    frame: Frame, polygons: Sequence[Sequence[tuple[float, float]]], lines: Sequence[str]
) -> NDArray[np.uint8]:
    """Draw the frame, the frame with its outlines, and lines of text.

    Args:
        frame: the image.
        polygons: points (column, row) of each outline, in pixels of the frame.
        lines: the text under the pictures; the first is set larger.

    Returns:
        uint8 `(rows, columns, 3)`.
    """
    factor = _WIDTH / frame.columns
    size = (_WIDTH, max(round(frame.rows * factor), 1))
    plain = Image.fromarray(frame.rgb()).resize(size, Image.Resampling.BICUBIC)
    drawn = plain.copy()
    draw = ImageDraw.Draw(drawn)
    for number, polygon in enumerate(polygons, start=1):
        colour = _COLOURS[(number - 1) % len(_COLOURS)]
        points = [(column * factor, row * factor) for column, row in polygon]
        draw.line([*points, points[0], points[1]], fill=colour, width=2, joint="curve")
        if len(polygons) > 1:
            column, row = max(points, key=lambda point: point[0])
            place = (min(column + 4, size[0] - 12), row - 8)
            draw.text(place, str(number), fill=colour, font=font_for(15), stroke_width=1, stroke_fill="black")
    width = 2 * _WIDTH + 3 * _GAP
    letters = "".join(lines)
    texts = [part for line in lines for part in wrapped(line, width - 2 * _GAP, font_for(13, letters))]
    sheet = Image.new("RGB", (width, size[1] + 3 * _GAP + _LINE * len(texts)), _PAPER)
    for index, picture in enumerate((plain, drawn)):
        sheet.paste(picture, (_GAP + index * (_WIDTH + _GAP), _GAP))
    writer = ImageDraw.Draw(sheet)
    for index, text in enumerate(texts):
        top = size[1] + 2 * _GAP + _LINE * index - (4 if index == 0 else 0)
        font = font_for(15 if index == 0 else 12, letters)
        writer.text((_GAP, top), text, fill=_INK if index == 0 else _FAINT, font=font)
    return np.asarray(sheet)
