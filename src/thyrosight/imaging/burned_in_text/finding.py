"""Boxes around burned-in text in one frame."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from thyrosight.imaging.boxes import Box
from thyrosight.imaging.burned_in_text.marks import find_marks
from thyrosight.imaging.burned_in_text.text_lines import Candidates, TextLine, candidates, grown, text_lines
from thyrosight.imaging.frame import require_pixels, to_grey

# Large letters have strokes too thick for the full size; they are found at half of it. Letters of five pixels, as in
# screens that were reduced, are found at twice the size; only small frames hold them.
_SCALES: Final = (1.0, 0.5)
_SMALL_FRAME, _SCALE_OF_SMALL = 400, 2.0
# A box reaches beyond its line by these shares of the letters' height: dots, tails, and letters too faint to see.
_ABOVE, _BESIDE = 0.35, 0.6
# Colour in at least this share of the pixels, by so many levels, makes a second picture of how colourful each pixel is.
_LEAST_COLOURED, _LEAST_COLOUR = 0.0001, 40
_SMALLEST_SIDE = 16
# No letter is higher than this share of the shorter side of a frame, or this many pixels in a small one.
_LARGEST_HEIGHT_SHARE, _LEAST_LARGEST_HEIGHT = 0.1, 32


def find_burned_in_text(pixels: NDArray[np.uint8]) -> list[Box]:
    """Boxes around lines of text drawn into a frame, bright or dark, grey or coloured, inside or outside the scan.

    Bright or dark marks get a score of how likely they are letters. Neighbours of similar height, grey level and base
    line are joined into lines, and a line is kept where the scores of its marks are high enough together. The text is
    found, not read. Callipers, arrows and numbers at the depth scale often count as text; faint text in bright speckle
    and single letters may be missed. `benchmarks/measure_text_recall.py` measures how much.

    Args:
        pixels: uint8, `(rows, columns)` grey or `(rows, columns, 3)` RGB.

    Returns:
        Boxes that may overlap, from top to bottom.

    Raises:
        ImageError: not 8-bit grey or RGB pixels.
    """
    require_pixels(pixels, "find_burned_in_text")
    if min(pixels.shape[:2]) < _SMALLEST_SIDE:
        return []
    frame = Box(0, 0, pixels.shape[1], pixels.shape[0])
    found = {_box(line, frame) for view, rare in _views(pixels) for line in _lines(view, rare)}
    return sorted(found, key=lambda box: (box.top, box.left, box.right, box.bottom))


def _views(pixels: NDArray[np.uint8]) -> Iterator[tuple[NDArray[np.uint8], bool]]:
    """Grey pictures in which text is brighter than its surroundings, and whether text is rare in them.

    White and grey text is in the smallest of the three colours, where blood flow is dark; text in colour is in the
    difference between the largest and the smallest, where speckle is dark.
    """
    smallest = pixels if pixels.ndim == 2 else pixels.min(axis=2)
    yield smallest, False
    yield 255 - to_grey(pixels), True
    if pixels.ndim == 3:
        colourful = pixels.max(axis=2) - smallest
        if np.mean(colourful >= _LEAST_COLOUR) >= _LEAST_COLOURED:
            yield colourful, True


def _lines(view: NDArray[np.uint8], rare: bool) -> list[TextLine]:
    scales = (*_SCALES, _SCALE_OF_SMALL) if min(view.shape) < _SMALL_FRAME else _SCALES
    levels = [(found, scale) for scale in scales for found in _levels(view, scale)]
    if not levels:
        return []
    everything = np.concatenate([found.boxes / scale for found, scale in levels])
    lines = [_scaled(line, 1 / scale) for found, scale in levels for line in text_lines(found, rare=rare)]
    return [grown(line, everything) for line in lines]


def _levels(view: NDArray[np.uint8], scale: float) -> list[Candidates]:
    picture = Image.fromarray(view)
    if scale < 1:
        picture = picture.reduce(round(1 / scale))
    elif scale > 1:
        size = (round(view.shape[1] * scale), round(view.shape[0] * scale))
        picture = picture.resize(size, Image.Resampling.BICUBIC)
    largest = max(_LEAST_LARGEST_HEIGHT, _LARGEST_HEIGHT_SHARE * min(view.shape)) * scale
    return [candidates(marks, largest_height=largest) for marks in find_marks(np.asarray(picture))]


def _scaled(line: TextLine, by: float) -> TextLine:
    return TextLine(line.left * by, line.top * by, line.right * by, line.bottom * by, line.height * by)


def _box(line: TextLine, frame: Box) -> Box:
    above, beside = _ABOVE * line.height, _BESIDE * line.height
    return Box(
        max(frame.left, int(line.left - beside)),
        max(frame.top, int(line.top - above)),
        min(frame.right, int(line.right + beside) + 1),
        min(frame.bottom, int(line.bottom + above) + 1),
    )
