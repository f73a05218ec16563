"""Panels as areas of a frame: shared by two panels, around a colour box, or divided by a gap or seam."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from thyrosight.imaging.boxes import Box
from thyrosight.imaging.echoes import LIT_ABOVE_BACKGROUND
from thyrosight.imaging.elastography.bars import Bar
from thyrosight.imaging.elastography.squares import closed, opened
from thyrosight.imaging.panels import find_seam
from thyrosight.imaging.scan_area import find_scan_area

# Around a bar, its outline and compression take this many pixels.
_BAR_MARGIN = 4
# Lines and strokes of letters are thinner than this, in pixels.
_THIN = 5
# A line with less than this share of pixels above so many grey levels is blank; so many of them end a panel.
_LEAST_SHOWN, _FAINT, _BLANK = 0.03, 2, 5
# Next to blank lines, a line belongs to a panel when this share of it is lit; JPEG works in blocks of so many pixels.
_LEAST_LIT, _BLOCK = 0.05, 8
# A smaller scan is not divided.
_LEAST_SIDE = 64
# The side of a colour box looks like a seam; it is one only where the box spans the scan.
_NEAR, _SPANS = 6, 0.9


def without_bars(rgb: NDArray[np.uint8], bars: Sequence[Bar]) -> NDArray[np.uint8]:
    """The picture with its colour bars blacked out."""
    pixels = rgb.copy()
    for bar in bars:
        box = bar.box
        pixels[
            max(0, box.top - _BAR_MARGIN) : box.bottom + _BAR_MARGIN,
            max(0, box.left - _BAR_MARGIN) : box.right + _BAR_MARGIN,
        ] = 0
    return pixels


def brightness(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The largest of red, green and blue: dark blue over dark tissue is lit, though its luma is nearly black."""
    return np.asarray(rgb.max(axis=2))


def shared_panel(rgb: NDArray[np.uint8], *, columns: int, rows: int, holding: Box) -> Box:
    """The panel around `holding` that is repeated, in every part, `columns` to the right and `rows` down.

    Text, bars and scales beside one panel are not shown in both and drop out. Panels that touch are as long as the
    distance between them.
    """
    bright = brightness(rgb)
    shared = _without_lines(np.minimum(bright, _moved(bright, columns=columns, rows=rows)))
    box = _up_to_blank(shared, find_scan_area(shared).box, holding)
    # Nothing may belong to both panels.
    lit = shared[box.top : box.bottom, box.left : box.right] > LIT_ABOVE_BACKGROUND
    if abs(columns) >= abs(rows):
        left, right = _shortened(lit.mean(axis=0), (box.left, box.right), abs(columns), (holding.left, holding.right))
        return Box(left, box.top, right, box.bottom)
    top, bottom = _shortened(lit.mean(axis=1), (box.top, box.bottom), abs(rows), (holding.top, holding.bottom))
    return Box(box.left, top, box.right, bottom)


def _up_to_blank(shared: NDArray[np.uint8], box: Box, holding: Box) -> Box:
    """The box cut at blank lines, beyond which letters above a panel may lie that the search bridged."""
    part = shared[box.top : box.bottom, box.left : box.right]
    top, bottom = _around_blanks(part, holding.top - box.top, holding.bottom - box.top)
    left, right = _around_blanks(part.T, holding.left - box.left, holding.right - box.left)
    return Box(box.left + left, box.top + top, box.left + right, box.top + bottom)


def _around_blanks(part: NDArray[np.uint8], start: int, stop: int) -> tuple[int, int]:
    """From the last blank rows before row `start` to the first ones after row `stop`."""
    blank = (part > _FAINT).mean(axis=1) < _LEAST_SHOWN
    blank = ndimage.minimum_filter1d(blank.view(np.uint8), _BLANK, mode="constant")
    lit = (part > LIT_ABOVE_BACKGROUND).mean(axis=1) >= _LEAST_LIT
    before, after = np.flatnonzero(blank[: max(start, 0)]), np.flatnonzero(blank[max(stop, 0) :])
    first, last = 0, len(part)
    # The filter marks the middle of a run: half of it more is blank. Beside it, compression leaves a rim of its block.
    if before.size:
        first = int(before[-1]) + _BLANK // 2 + 1
        first += int(lit[first : first + _BLOCK].argmax())
    if after.size:
        last = max(stop, 0) + int(after[0]) - _BLANK // 2
        last -= int(lit[max(0, last - _BLOCK) : last][::-1].argmax())
    return (first, last) if first < last else (0, len(part))


def _without_lines(shared: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture without thin lit structures: lines and letters that happen to lie over the other panel."""
    solid = closed(shared > LIT_ABOVE_BACKGROUND, _THIN // 2)
    return np.where(solid & ~opened(solid, _THIN // 2), np.uint8(0), shared)


def _shortened(
    lit: NDArray[np.floating], ends: tuple[int, int], most: int, holding: tuple[int, int]
) -> tuple[int, int]:
    """The brightest part of at most `most` lines that holds the colour box, for a panel that was found too long."""
    start, stop = ends
    if stop - start <= most:
        return ends
    sums = np.convolve(lit, np.ones(most), mode="valid")
    first, last = max(0, holding[1] - most - start), max(0, min(holding[0] - start, sums.size - 1))
    if first > last:
        return ends
    begin = start + first + int(sums[first : last + 1].argmax())
    return begin, begin + most


def _moved(picture: NDArray[np.uint8], *, columns: int, rows: int) -> NDArray[np.uint8]:
    """The picture moved by `columns` to the left and `rows` up; black beyond its border."""
    result = np.zeros_like(picture)
    height, width = picture.shape
    to_rows = slice(max(0, -rows), min(height, height - rows))
    to_columns = slice(max(0, -columns), min(width, width - columns))
    from_rows = slice(max(0, rows), min(height, height + rows))
    from_columns = slice(max(0, columns), min(width, width + columns))
    result[to_rows, to_columns] = picture[from_rows, from_columns]
    return result


def divided_views(bright: NDArray[np.uint8], colour: Box) -> list[Box]:
    """The views that a gap or seam divides, beside or above one another; one box where there is no such line.

    Args:
        bright: a grey picture `(rows, columns)` of the frame.
        colour: the colour box; its own sides are no seams.
    """
    scan = find_scan_area(bright).box
    halves = _halves(bright, scan, colour) or _turned(_halves(bright.T, _transposed(scan), _transposed(colour)))
    if not halves:
        return [scan]
    found = [find_scan_area(bright[half.top : half.bottom, half.left : half.right]).box for half in halves]
    return [box.moved(columns=half.left, rows=half.top) for box, half in zip(found, halves, strict=True)]


def _halves(bright: NDArray[np.uint8], scan: Box, colour: Box) -> list[Box]:
    """The scan left and right of a seam; nothing where there is none, or only the side of the colour box."""
    if min(scan.width, scan.height) < _LEAST_SIDE:
        return []
    seam = find_seam(np.ascontiguousarray(bright[scan.top : scan.bottom, scan.left : scan.right]))
    if seam is None:
        return []
    column = scan.left + seam
    at_colour = min(abs(column - colour.left), abs(column - colour.right)) <= _NEAR
    if at_colour and colour.height < _SPANS * scan.height:
        return []
    return [Box(scan.left, scan.top, column, scan.bottom), Box(column, scan.top, scan.right, scan.bottom)]


def _transposed(box: Box) -> Box:
    return Box(box.top, box.left, box.bottom, box.right)


def _turned(boxes: list[Box]) -> list[Box]:
    return [_transposed(box) for box in boxes]


def panel_around(rgb: NDArray[np.uint8], colour: Box) -> Box:
    """The view that holds the colour box, in a frame without a second panel that fits."""
    views = divided_views(brightness(rgb), colour)
    overlaps = [0 if (shared := view.intersect(colour)) is None else shared.area for view in views]
    return views[int(np.argmax(overlaps))].union(colour)
