"""Where the ultrasound picture itself lies in a frame, without black borders and machine text."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from thyrosight.imaging.boxes import Box
from thyrosight.imaging.counting import marked_per_column, marked_per_row, median
from thyrosight.imaging.crops import resize
from thyrosight.imaging.echoes import Echoes, body_of_scan, echoes, inside_drawn_frame
from thyrosight.imaging.fans import Fan, fan_between, filled
from thyrosight.imaging.frame import Frame, once_per_frame, require_pixels, to_grey
from thyrosight.imaging.outline import Side, slanted_side

ScanAreaKind = Literal["rectangle", "convex", "sector", "whole"]

# An outer row or column belongs to the scan area only when this share of it is lit.
_LEAST_LIT_LINE = 0.05
# Along a rectangle stand ticks and numbers: a strip at most this share of its side is taken off while less of its lines
# is lit than this share of what usually is. A wider strip is a dark part of the scan, and stays.
_TICK_STRIP, _LEAST_OF_USUAL = 0.03, 0.2
# Text below a scan: a strip at most this share of the box's height, less lit than this share of what usually is, under
# a gap of at least this share of the height in which nothing is lit and little is dim.
_TEXT_STRIP, _TEXT_OF_USUAL, _TEXT_GAP, _UNLIT_LINE, _LEAST_DIM = 0.2, 0.5, 0.01, 0.01, 0.2
# A smaller picture has no room for a border around a scan.
_SMALLEST_SIDE = 16
# Dim rows below a scan are few.
_ROWS_AT_A_TIME = 8
# The sides of a phased-array sector start at a point; those of a curved probe start this share of the width apart.
_SECTOR_TOP_SHARE = 0.2


@dataclass(frozen=True, eq=False)
class ScanArea:
    """The part of a frame that holds echoes.

    Attributes:
        box: the smallest box around it.
        kind: its outline. `rectangle`: linear probe; `convex`: sides that spread from a wide top (curved probe, or a
            trapezoid); `sector`: sides that spread from a point; `whole`: nothing to cut away was found.
        mask: bool `(rows, columns)` of the frame; True inside.
        views: the views side by side that the file itself states; empty where it states one or none.
    """

    box: Box
    kind: ScanAreaKind
    mask: NDArray[np.bool_]
    views: tuple[Box, ...] = ()

    @cached_property
    def fills_box(self) -> bool:
        """Whether all of the box is inside."""
        box = self.box
        return bool(self.mask[box.top : box.bottom, box.left : box.right].all())


@once_per_frame
def scan_area_of(frame: Frame) -> ScanArea:
    """The scan area of a frame, within the regions that its file states; found once, however often it is asked for."""
    return find_scan_area(frame.grey(), regions=frame.scan_boxes)


def narrowed_scan(frame: Frame, columns: int) -> NDArray[np.uint8]:
    """The grey levels in the box of the scan area with so many columns, its rows as they are; made once."""
    kept, box = _narrowed(frame), scan_area_of(frame).box
    if columns not in kept:
        kept[columns] = resize(frame.grey()[box.top : box.bottom, box.left : box.right], (box.height, columns))
    return kept[columns]


@once_per_frame
def _narrowed(frame: Frame) -> dict[int, NDArray[np.uint8]]:
    """The scan area by its number of columns; both preparation and input gate need it."""
    return {}


def find_scan_area(pixels: NDArray[np.uint8], *, regions: Sequence[Box] = ()) -> ScanArea:
    """Find the scan area of grey or RGB pixels.

    Where the file states in which boxes tissue is shown (`regions`), nothing outside them is looked at.

    Lines drawn around the picture are peeled off; what differs from the background is closed over speckle and opened
    over text, and the largest solid body (or two of similar size) is the scan. Lines of text below it, behind an empty
    gap, are cut off. Its box is the area unless its upper corners are cut by straight, well-supported sides; then these
    sides, and the arcs around the point where they meet, bound the area too. Dark lower corners stay inside:
    attenuation darkens them, and nothing is lost by keeping them. Marks inside the scan area (callipers, arrows) are
    not removed.

    Raises:
        ImageError: not 8-bit grey or RGB pixels.

    >>> picture = np.zeros((200, 300), dtype=np.uint8); picture[20:180, 50:250] = 90
    >>> area = find_scan_area(picture)
    >>> area.kind, area.box.to_text()
    ('rectangle', '50,20,250,180')
    """
    require_pixels(pixels, "find_scan_area")
    if regions:
        return _within_regions(pixels, regions)
    grey = to_grey(pixels)
    frame = Box(0, 0, grey.shape[1], grey.shape[0])
    whole = ScanArea(frame, "whole", np.ones(grey.shape, dtype=bool))
    if min(grey.shape) < _SMALLEST_SIDE:
        return whole
    inner = inside_drawn_frame(grey)
    part = grey[inner.top : inner.bottom, inner.left : inner.right]
    if min(part.shape) < _SMALLEST_SIDE:
        return whole
    found = echoes(part)
    body, block = body_of_scan(found.lit)
    if not body.any():
        return whole
    fitted = _without_text_below(found, _fitted_box(found.lit, body, block))
    box = _with_dim_bottom(found, fitted)
    sides, fan = _outline(found, box)
    if not sides:
        trimmed = _without_ticks(found.lit, fitted)
        box = box if trimmed == fitted else _with_dim_bottom(found, trimmed)
        box = box.moved(columns=inner.left, rows=inner.top)
        return whole if box == frame else ScanArea(box, "rectangle", _mask(grey.shape, box))
    mask = _mask(grey.shape, box.moved(columns=inner.left, rows=inner.top), filled(box, sides, fan))
    return ScanArea(Box.from_mask(mask), _kind(sides, fan), mask)


def _within_regions(pixels: NDArray[np.uint8], regions: Sequence[Box]) -> ScanArea:
    """The scan area inside boxes of the frame that the file states."""
    stated = np.zeros(pixels.shape[:2], dtype=bool)
    for region in regions:
        stated[region.top : region.bottom, region.left : region.right] = True
    around = Box.from_mask(stated)
    part = to_grey(pixels[around.top : around.bottom, around.left : around.right])
    inside = stated[around.top : around.bottom, around.left : around.right]
    found = find_scan_area(np.where(inside, part, np.uint8(0)))
    mask = _mask(stated.shape, around, found.mask & inside)
    if not mask.any():
        mask = stated
    kind: ScanAreaKind = "rectangle" if found.kind == "whole" else found.kind
    return ScanArea(Box.from_mask(mask), kind, mask, _side_by_side(regions))


def _side_by_side(regions: Sequence[Box]) -> tuple[Box, ...]:
    """Two or more regions from left to right that share no column; nothing if they overlap or are stacked."""
    ordered = sorted(regions, key=lambda region: region.left)
    apart = all(one.right <= other.left for one, other in pairwise(ordered))
    return tuple(ordered) if apart and len(ordered) > 1 else ()


def _fitted_box(lit: NDArray[np.bool_], body: NDArray[np.bool_], block: int) -> Box:
    """The box around the body, its sides moved inwards to the first line with enough lit pixels."""
    rough = Box.from_mask(body)
    left, top = rough.left * block, rough.top * block
    right, bottom = min(rough.right * block, lit.shape[1]), min(rough.bottom * block, lit.shape[0])
    part = lit[top:bottom, left:right]
    rows = np.flatnonzero(_lit_share(part, axis=1) >= _LEAST_LIT_LINE)
    columns = np.flatnonzero(_lit_share(part, axis=0) >= _LEAST_LIT_LINE)
    if rows.size == 0 or columns.size == 0:
        return Box(left, top, right, bottom)
    return Box(left + int(columns[0]), top + int(rows[0]), left + int(columns[-1]) + 1, top + int(rows[-1]) + 1)


def _lit_share(part: NDArray[np.bool_], *, axis: Literal[0, 1]) -> NDArray[np.float64]:
    """The share of each column (axis 0) or row (axis 1) that is lit."""
    marked = marked_per_column(part) if axis == 0 else marked_per_row(part)
    return np.asarray(marked / float(part.shape[axis]))


def _without_text_below(found: Echoes, box: Box) -> Box:
    """The box without lines of text under the scan, which machine and reader write there (a side, a category)."""
    part = found.lit[box.top : box.bottom, box.left : box.right]
    lowest = (1 - _TEXT_STRIP) * box.height
    if not (_lit_share(part[max(0, math.ceil(lowest) - 1) :], axis=1) <= _UNLIT_LINE).any():
        return box
    lit = _lit_share(part, axis=1)
    dim = _lit_share(found.dim(box.top, box.bottom)[:, box.left : box.right], axis=1)
    most = _TEXT_OF_USUAL * median(lit)
    empty = (lit <= _UNLIT_LINE) & (dim < _LEAST_DIM)
    ends = np.flatnonzero(empty[:-1] & ~empty[1:]) + 1
    for end in ends[ends >= lowest]:
        filled = np.flatnonzero(~empty[:end])
        start = int(filled[-1]) + 1 if filled.size else int(end)
        if end - start >= max(3, _TEXT_GAP * box.height) and float(lit[end:].mean()) < most:
            return Box(box.left, box.top, box.right, box.top + start)
    return box


def _without_ticks(lit: NDArray[np.bool_], box: Box) -> Box:
    """The box of a rectangular scan without the ticks and numbers along its sides."""
    part = lit[box.top : box.bottom, box.left : box.right]
    top, bottom = _tick_lines(_lit_share(part, axis=1))
    left, right = _tick_lines(_lit_share(part, axis=0))
    return Box(box.left + left, box.top + top, box.right - right, box.bottom - bottom)


def _tick_lines(share: NDArray[np.floating]) -> tuple[int, int]:
    """How many lines at the start and at the end hold ticks, from the lit share of each line."""
    usual = np.flatnonzero(share >= _LEAST_OF_USUAL * median(share))
    if usual.size == 0:
        return 0, 0
    first, last = int(usual[0]), share.size - 1 - int(usual[-1])
    widest = max(3.0, _TICK_STRIP * share.size)
    return first if first <= widest else 0, last if last <= widest else 0


def _with_dim_bottom(found: Echoes, box: Box) -> Box:
    """The box with the attenuated rows below it: rows that are at least half dim in their middle half."""
    middle = slice(box.left + box.width // 4, box.right - box.width // 4)
    bottom, rows = box.bottom, len(found.grey)
    while bottom < rows:
        below = marked_per_row(found.dim(bottom, bottom + _ROWS_AT_A_TIME)[:, middle]) >= 0.5 * (
            middle.stop - middle.start
        )
        if not below.all():
            bottom += int(below.argmin())
            break
        bottom += below.size
    return Box(box.left, box.top, box.right, bottom)


def _outline(found: Echoes, box: Box) -> tuple[tuple[Side, ...], Fan | None]:
    """The slanted sides of the scan, and the fan between them."""
    left, right = (slanted_side(found.lit, box, left=left) for left in (True, False))
    fan = fan_between(left, right, found, box) if left is not None and right is not None else None
    return tuple(side for side in (left, right) if side is not None), fan


def _mask(shape: tuple[int, ...], box: Box, inside: NDArray[np.bool_] | bool = True) -> NDArray[np.bool_]:
    """A mask of a box, or of what lies inside it."""
    mask = np.zeros(shape, dtype=bool)
    mask[box.top : box.bottom, box.left : box.right] = inside
    return mask


def _kind(sides: tuple[Side, ...], fan: Fan | None) -> ScanAreaKind:
    if fan is not None:
        return "sector" if fan.inner < _SECTOR_TOP_SHARE * fan.outer else "convex"
    return "convex" if sides else "rectangle"
