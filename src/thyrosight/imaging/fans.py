"""The fan between two slanted sides of a scan: the point where they meet, and the arcs around that point."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thyrosight.imaging.boxes import Box
from thyrosight.imaging.counting import quantile_of_sorted
from thyrosight.imaging.echoes import Echoes
from thyrosight.imaging.outline import LEAST_LEAN, Side

# The arcs leave out these shares of the lit pixels, the nearest and the farthest.
_NEAREST, _FARTHEST = 0.001, 0.999
# Every so many rows and columns a pixel is looked at first, to know where the nearest and farthest ones lie.
_EVERY = 4

Runs = tuple[NDArray[np.float64], NDArray[np.float64]]
"""The first and the last column of a run in each row of a box; where nothing is in it, the last stands first."""


@dataclass(frozen=True)
class Fan:
    """Where the sides of a fan meet (it may lie above the frame), and the arcs between which the echoes lie."""

    column: float
    row: float
    inner: float
    outer: float

    def within(self, radius: float, box: Box, *, border: bool = True) -> Runs:
        """The pixels of a box so near the centre, with or without those that lie just so far away."""
        down = _rows(box) - self.row
        half = np.sqrt(np.maximum(radius * radius - down * down, 0))
        first, last = np.rint(self.column - half - 0.5), np.rint(self.column + half - 0.5)
        # The nearest pixel to an arc may lie on either side of it.
        outside = np.greater if border else np.greater_equal
        first += outside(np.hypot(first + 0.5 - self.column, down), radius)
        last -= outside(np.hypot(last + 0.5 - self.column, down), radius)
        return first, last


def fan_between(left: Side, right: Side, found: Echoes, box: Box) -> Fan | None:
    """The fan of two slanted sides with the arcs that hold its echoes, or None where they do not meet above it."""
    if right.lean - left.lean < 2 * LEAST_LEAN:
        return None
    row = (left.start - right.start) / (right.lean - left.lean)
    column = left.start + left.lean * row
    if row > box.top + 0.2 * box.height:
        return None
    between = _marked(_between((left, right), box), box)
    lit = between & found.lit[box.top : box.bottom, box.left : box.right]
    if not lit.any():
        return None
    inner, outer = _arcs(lit, Fan(column, row, 0, 0), box)
    return Fan(column, row, inner, _dimmest_arc(between, found, Fan(column, row, inner, outer), box))


def filled(box: Box, sides: Sequence[Side], fan: Fan | None) -> NDArray[np.bool_]:
    """Which pixels of a box lie between the sides and between the arcs."""
    first, last = _between(sides, box)
    if fan is None:
        return _marked((first, last), box)
    nearest, farthest = fan.within(fan.outer, box)
    inside = _marked((np.maximum(first, nearest), np.minimum(last, farthest)), box)
    return np.asarray(inside & ~_marked(fan.within(fan.inner, box, border=False), box))


def _between(sides: Sequence[Side], box: Box) -> Runs:
    """The pixels of a box on the inner side of all sides."""
    rows = _rows(box)
    first, last = np.full(box.height, float(box.left)), np.full(box.height, box.right - 1.0)
    for side in sides:
        if side.left:
            first = np.maximum(first, np.ceil(side.columns(rows) - 0.5))
        else:
            last = np.minimum(last, np.floor(side.columns(rows) - 0.5))
    return first, last


def _arcs(lit: NDArray[np.bool_], fan: Fan, box: Box) -> tuple[float, float]:
    """The distances from the centre within which and beyond which few lit pixels lie."""
    count = int(np.count_nonzero(lit))
    some = np.sort(_distances(lit[::_EVERY, ::_EVERY], fan, box, every=_EVERY))
    # As many pixels as lie before the wanted one lie nearer among some of them than among all.
    last, first = int(_NEAREST * (count - 1)) + 1, int(_FARTHEST * (count - 1)) - count
    near = lit & _marked(fan.within(some[last], box), box) if last < some.size else lit
    far = lit & ~_marked(fan.within(some[first], box, border=False), box) if -first <= some.size else lit
    nearest, farthest = (np.sort(_distances(part, fan, box)) for part in (near, far))
    return (
        quantile_of_sorted(nearest, _NEAREST, count=count),
        quantile_of_sorted(farthest, _FARTHEST, count=count, before=count - farthest.size),
    )


def _dimmest_arc(between: NDArray[np.bool_], found: Echoes, fan: Fan, box: Box) -> float:
    """The outer arc, moved outwards over arcs (one pixel wide) that are dim along at least half their length."""
    outer = fan.outer
    beyond = between & ~_marked(fan.within(int(outer) + 1, box, border=False), box)
    rows = np.flatnonzero(beyond.any(axis=1))
    if rows.size == 0:
        return outer
    shown = slice(rows[0], rows[-1] + 1)
    dim = found.dim(box.top + shown.start, box.top + shown.stop)[:, box.left : box.right]
    ring = _distances(beyond, fan, box).astype(np.int64)
    share = np.bincount(ring, weights=dim[beyond[shown]]) / np.maximum(np.bincount(ring), 1)
    while int(outer) + 1 < share.size and share[int(outer) + 1] >= 0.5:
        outer = int(outer) + 2.0
    return outer


def _distances(marked: NDArray[np.bool_], fan: Fan, box: Box, *, every: int = 1) -> NDArray[np.float64]:
    """How far marked pixels of a box lie from the centre; the mask may hold every so many rows and columns."""
    rows, columns = np.divmod(np.flatnonzero(marked), marked.shape[1])
    across, down = columns * every + box.left + 0.5 - fan.column, rows * every + box.top + 0.5 - fan.row
    return np.asarray(np.hypot(across, down))


def _marked(runs: Runs, box: Box) -> NDArray[np.bool_]:
    """A mask of runs of pixels in the rows of a box."""
    marked = np.zeros((box.height, box.width), dtype=bool)
    kind = np.dtype(np.int16 if box.right < 2**15 else np.int32)  # compared several times faster than the default
    first, last = (np.clip(ends, box.left - 1, box.right).astype(kind)[:, None] for ends in runs)
    columns, filled = np.arange(box.left, box.right, dtype=kind), np.flatnonzero(first <= last)
    if filled.size:
        rows = slice(filled[0], filled[-1] + 1)
        np.logical_and(columns >= first[rows], columns <= last[rows], out=marked[rows])
    return marked


def _rows(box: Box) -> NDArray[np.float64]:
    """The middles of its rows."""
    return np.arange(box.top, box.bottom, dtype=np.float64) + 0.5
