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

# Large letters have strokes too thick for the full size; they are found at half of it.
_REDUCTIONS: Final = (1, 2)
# A box reaches beyond its line by these shares of the letters' height: dots, tails, and letters too faint to see.
_ABOVE, _BESIDE = 0.35, 0.6
# Colour in at least this share of the pixels, by so many levels, makes a second picture of how colourful each pixel is.
_LEAST_COLOURED, _LEAST_COLOUR = 0.0001, 40
_SMALLEST_SIDE = 16


def find_burned_in_text(pixels: NDArray[np.uint8]) -> list[Box]:
    """Boxes around lines of text drawn into a frame, bright or dark, grey or coloured, inside or outside the scan.

    Marks that stand out are scored by how much they look like letters, and neighbours alike in height, level and base
    line are joined into lines; a line counts when its marks look enough like letters together. The text is found, not
    read. Callipers, arrows and numbers at the depth scale often count as text; faint text in bright speckle and single
    letters may be missed. `benchmarks/measure_text_recall.py` measures how much.

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
    """Grey pictures in which text is brighter than what surrounds it, and whether text is rare in them.

    White and grey text is in the smallest of the three colours, where blood flow is dark; text in colour is in the
    difference between the largest and the smallest, where speckle is dark.
    """
    whitish = pixels if pixels.ndim == 2 else pixels.min(axis=2)
    yield whitish, False
    yield 255 - to_grey(pixels), True
    if pixels.ndim == 3:
        colourful = pixels.max(axis=2) - whitish
        if np.mean(colourful >= _LEAST_COLOUR) >= _LEAST_COLOURED:
            yield colourful, True


def _lines(view: NDArray[np.uint8], rare: bool) -> list[TextLine]:
    levels = [(found, by) for by in _REDUCTIONS for found in _levels(view, by)]
    if not levels:
        return []
    everything = np.concatenate([found.boxes * by for found, by in levels])
    lines = [_enlarged(line, by) for found, by in levels for line in text_lines(found, rare=rare)]
    return [grown(line, everything) for line in lines]


def _levels(view: NDArray[np.uint8], reduction: int) -> list[Candidates]:
    small = view if reduction == 1 else np.asarray(Image.fromarray(view).reduce(reduction))
    return [candidates(marks) for marks in find_marks(small)]


def _enlarged(line: TextLine, by: int) -> TextLine:
    return TextLine(line.left * by, line.top * by, line.right * by, line.bottom * by, line.height * by)


def _box(line: TextLine, frame: Box) -> Box:
    above, beside = _ABOVE * line.height, _BESIDE * line.height
    return Box(
        max(frame.left, int(line.left - beside)),
        max(frame.top, int(line.top - above)),
        min(frame.right, int(line.right + beside) + 1),
        min(frame.bottom, int(line.bottom + above) + 1),
    )
