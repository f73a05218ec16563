"""Frames that hold two views side by side."""

import numpy as np
import scipy
from numpy.typing import NDArray

from thyrosight.imaging.boxes import Box
from thyrosight.imaging.echoes import echoes
from thyrosight.imaging.frame import to_grey
from thyrosight.imaging.scan_area import ScanArea, find_scan_area

# Two views make a wide picture, and the seam between them stands near its middle.
_LEAST_ASPECT = 1.5
_SEAM_FROM, _SEAM_TO = 0.35, 0.65
# Neighbouring columns of one view resemble each other; at a seam the step between them is this many times the step
# among the columns 3 to 8 pixels away. Steps count up to 60 grey levels, so that no single bright edge decides.
_LEAST_STEP_RATIO = 1.6
_RING_FROM, _RING_TO, _LARGEST_STEP = 3, 8, 60
# A column belongs to a black gap between two views when less than this share of it is lit.
_GAP_LIT = 0.02


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
    if area.views:
        return [_scan_within(grey, view) for view in area.views]
    box = area.box
    if box.width < _LEAST_ASPECT * box.height or box.width < 8 * _RING_TO:
        return [box]
    part = grey[box.top : box.bottom, box.left : box.right]
    seam = find_seam(part)
    if seam is None:
        return [box]
    left = Box(box.left, box.top, box.left + seam, box.bottom)
    right = Box(box.left + seam, box.top, box.right, box.bottom)
    return [_scan_within(grey, view) for view in (left, right)]


def find_seam(part: NDArray[np.uint8]) -> int | None:
    """The first column of the right view in a grey picture that holds nothing but scan, or None for a single view."""
    columns = int(part.shape[1])
    start, stop = round(_SEAM_FROM * columns), round(_SEAM_TO * columns)
    lit = echoes(part).lit.mean(axis=0)
    gap = np.flatnonzero(lit[start:stop] < _GAP_LIT)
    if gap.size:
        return start + int(gap[gap.size // 2])
    steps = np.minimum(np.abs(np.diff(part.astype(np.int16), axis=1)), _LARGEST_STEP).mean(axis=0)
    # Resampling spreads a seam over two columns, so the step is taken across both.
    wide = np.minimum(np.abs(part[:, 2:].astype(np.int16) - part[:, :-2]), _LARGEST_STEP).mean(axis=0)
    ring = np.ones(2 * _RING_TO + 1)
    ring[_RING_TO - _RING_FROM + 1 : _RING_TO + _RING_FROM] = 0
    around = scipy.ndimage.convolve1d(wide, ring / ring.sum(), mode="nearest")
    ratio = (wide / np.maximum(around, 1))[start - 1 : stop - 1]
    if ratio.max() < _LEAST_STEP_RATIO:
        return None
    middle = start + int(ratio.argmax())
    return middle if bool(steps[middle - 1] >= steps[middle]) else middle + 1


def _scan_within(grey: NDArray[np.uint8], view: Box) -> Box:
    found = find_scan_area(grey[view.top : view.bottom, view.left : view.right]).box
    return found.moved(columns=view.left, rows=view.top)
