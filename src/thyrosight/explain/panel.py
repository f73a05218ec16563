"""One picture of an explained image: the frame, the heat map over it, the scale, and the facts stated with it."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from thyrosight.explain.heat_drawing import colour_bar, overlay
from thyrosight.imaging import Box, Frame
from thyrosight.imaging.lettering import font_for, wrapped

_WIDTH = 480
_GAP = 16
_BAR = 14
_FONT, _SMALL = 15, 12
_LINE = 20
_PAPER, _INK, _FAINT = (18, 18, 18), (235, 235, 235), (165, 165, 165)
_BOX = (240, 240, 240)


def explanation_panel(
    frame: Frame,
    heat: NDArray[Any],
    *,
    scale: float,
    scale_text: str,
    box: Box | None,
    lines: Sequence[str],
    method: str = "Grad-CAM",
    contour: Sequence[tuple[float, float]] | None = None,
    put: Callable[[str], str] = str,
) -> NDArray[np.uint8]:
    """Draw the frame, the frame under its heat map, a colour bar and lines of text.

    Args:
        frame: the image.
        heat: `(rows, columns)` of the frame.
        scale: the heat at full strength.
        scale_text: where the scale comes from.
        box: the nodule, drawn as a thin outline in both pictures.
        lines: the text under the pictures; the first is set larger.
        method: of the heat map.
        contour: outline of the nodule as points (column, row), drawn in place of the box where a model found it.
        put: puts every English text of the panel, `lines` among them, into the language in which it is drawn.

    Returns:
        uint8 `(rows, columns, 3)`.
    """
    factor = _WIDTH / frame.columns
    size = (_WIDTH, max(round(frame.rows * factor), 1))
    pictures = [
        _picture(pixels, size, _corners(box) if contour is None else contour, factor)
        for pixels in (frame.rgb(), overlay(frame.rgb(), heat, scale=scale))
    ]
    bar = Image.fromarray(colour_bar(size[1], _BAR))
    colour = f"Colour: evidence for malignant ({method}); full strength = {scale:.3g} ({scale_text})."
    texts = [put(line) for line in (*lines, colour)]
    width = 2 * _WIDTH + 4 * _GAP + _BAR + 56
    letters = "".join(texts)
    large, small = font_for(_FONT, letters), font_for(_SMALL, letters)
    rows = [part for line in texts for part in wrapped(line, width - 2 * _GAP, font_for(_SMALL + 1, letters))]
    sheet = Image.new("RGB", (width, size[1] + 3 * _GAP + _LINE * len(rows)), _PAPER)
    for index, picture in enumerate((*pictures, bar)):
        sheet.paste(picture, (_GAP + index * (_WIDTH + _GAP), _GAP))
    draw = ImageDraw.Draw(sheet)
    for text, top in ((put("strong"), _GAP), (put("none"), _GAP + size[1] - _SMALL - 2)):
        draw.text((3 * _GAP + 2 * _WIDTH + _BAR + 6, top), text, fill=_FAINT, font=small)
    for index, text in enumerate(rows):
        top = size[1] + 2 * _GAP + _LINE * index - (4 if index == 0 else 0)
        draw.text((_GAP, top), text, fill=_INK if index == 0 else _FAINT, font=large if index == 0 else small)
    return np.asarray(sheet)


def _corners(box: Box | None) -> Sequence[tuple[float, float]]:
    """The corners of a box in order; none without a box."""
    if box is None:
        return ()
    return (box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom)


def _picture(
    pixels: NDArray[np.uint8], size: tuple[int, int], points: Sequence[tuple[float, float]], factor: float
) -> Image.Image:
    """A picture with a closed line through points of the frame."""
    picture = Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC)
    if points:
        line = [(round(column * factor), round(row * factor)) for column, row in (*points, points[0])]
        ImageDraw.Draw(picture).line(line, fill=_BOX, width=1)
    return picture
