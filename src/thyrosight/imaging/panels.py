"""Frames that hold two views side by side."""

import numpy as np
from numpy.typing import NDArray

from thyrosight.imaging.boxes import Box
from thyrosight.imaging.counting import marked_per_column
from thyrosight.imaging.echoes import background_level, lit_pixels
from thyrosight.imaging.frame import Frame, once_per_frame, to_grey
from thyrosight.imaging.scan_area import ScanArea, find_scan_area, scan_area_of

# Two views make a wide picture, and the seam between them stands near its middle.
_LEAST_ASPECT = 1.5
_SEAM_FROM, _SEAM_TO = 0.35, 0.65
# Neighbouring columns of one view resemble each other; at a seam the step between them is this many times the step
# among the columns 3 to 8 pixels away. Steps count up to 60 grey levels, so that no single bright edge decides.
_LEAST_STEP_RATIO = 1.6
_RING_FROM, _RING_TO, _LARGEST_STEP = 3, 8, 60
# A column belongs to a black gap between two views when less than this share of it is lit.
_GAP_LIT = 0.02


@once_per_frame
def parts_of(frame: Frame) -> tuple[Box, ...]:
    """The parts of a frame's scan area that hold one view each; found once, however often they are asked for."""
    return _parts(frame.grey(), scan_area_of(frame))


@once_per_frame
def views_of(frame: Frame) -> tuple[Box, ...]:
    """The views in a frame, as `find_panels` tells them apart; found once, however often they are asked for."""
    return _views(frame.grey(), parts_of(frame))


def shows_two_views(frame: Frame, window: Box) -> bool:
    """Whether a window of a frame shows something of two views, of all where there are more."""
    parts = parts_of(frame)
    if len(parts) < 2 or all(map(window.contains, parts)):  # where the views begin in their parts does not matter then
        return len(parts) > 1
    return all(window.intersect(view) is not None for view in views_of(frame))


def find_panels(pixels: NDArray[np.uint8], *, area: ScanArea | None = None) -> list[Box]:
    """The views in a frame, from left to right: one box normally, two where two views stand side by side.

    Two views are separated by a column at which the picture changes over the whole height, or by a black gap, in the
    middle third of a scan area that is at least 1.5 times as wide as high. Each view's box is its own scan area. Three
    views, and views above one another, are not looked for.

    Args:
        pixels: uint8 grey or RGB.
        area: the scan area of `pixels`, if it is known already; views that it states are taken as they are.

    >>> rows, columns = np.mgrid[:120, :110]
    >>> left = 100 + 60 * np.sin(rows / 3 + columns / 15)
    >>> right = 100 + 60 * np.sin(rows / 5 - columns / 12)
    >>> [box.to_text() for box in find_panels(np.hstack([left, right]).astype(np.uint8))]
    ['0,0,110,120', '110,0,220,120']
    >>> len(find_panels(np.hstack([left, left[:, ::-1]]).astype(np.uint8)))
    1
    """
    grey = to_grey(pixels)
    area = find_scan_area(grey) if area is None else area
    return list(_views(grey, _parts(grey, area)))


def _parts(grey: NDArray[np.uint8], area: ScanArea) -> tuple[Box, ...]:
    """The scan area where it shows one view; else the boxes on both sides of the seam, or those the file states."""
    box = area.box
    if area.views:
        return area.views
    if box.width < _LEAST_ASPECT * box.height or box.width < 8 * _RING_TO:
        return (box,)
    seam = find_seam(grey[box.top : box.bottom, box.left : box.right])
    if seam is None:
        return (box,)
    middle = box.left + seam
    return Box(box.left, box.top, middle, box.bottom), Box(middle, box.top, box.right, box.bottom)


def _views(grey: NDArray[np.uint8], parts: tuple[Box, ...]) -> tuple[Box, ...]:
    """The scan area of each of several parts."""
    return parts if len(parts) == 1 else tuple(_scan_within(grey, part) for part in parts)


def find_seam(part: NDArray[np.uint8]) -> int | None:
    """The first column of the right view in a grey picture that holds nothing but scan, or None for a single view."""
    columns = int(part.shape[1])
    start, stop = round(_SEAM_FROM * columns), round(_SEAM_TO * columns)
    lit = marked_per_column(lit_pixels(part[:, start:stop], background_level(part))) / float(part.shape[0])
    gap = np.flatnonzero(lit < _GAP_LIT)
    if gap.size:
        return start + int(gap[gap.size // 2])
    # Resampling spreads a seam over two columns, so the step is taken across both.
    first = max(start - 1 - _RING_TO, 0)
    wide = _steps(part[:, first : stop + 1 + _RING_TO], 2)
    padded = np.pad(wide, _RING_TO, mode="edge")
    apart = range(_RING_TO, _RING_FROM - 1, -1)
    pairs = [padded[_RING_TO - by : padded.size - _RING_TO - by] + padded[_RING_TO + by :][: wide.size] for by in apart]
    around = np.stack(pairs).mean(axis=0) / 2
    ratio = (wide / np.maximum(around, 1))[start - 1 - first : stop - 1 - first]
    if ratio.max() < _LEAST_STEP_RATIO:
        return None
    middle = start + int(ratio.argmax())
    before, after = _steps(part[:, middle - 1 : middle + 2], 1)
    return middle if before >= after else middle + 1


def _steps(part: NDArray[np.uint8], apart: int) -> NDArray[np.float64]:
    """The mean step between columns so far apart, each counted up to the largest step."""
    one, other = part[:, apart:], part[:, :-apart]
    steps = np.maximum(one, other) - np.minimum(one, other)
    np.minimum(steps, _LARGEST_STEP, out=steps)
    return np.asarray(steps.sum(axis=0, dtype=np.uint32) / part.shape[0])


def _scan_within(grey: NDArray[np.uint8], view: Box) -> Box:
    found = find_scan_area(grey[view.top : view.bottom, view.left : view.right]).box
    return found.moved(columns=view.left, rows=view.top)
