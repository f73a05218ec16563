"""The slanted sides of a scan."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from thyrosight.imaging.boxes import Box
from thyrosight.imaging.morphology import joined

# The first lit pixel of a row counts when another one of the run of this length that it starts is lit too.
_RUN = 8
# It is searched in this many columns first, and further in only in the rows that are dark in them.
_FIRST_COLUMNS = 32
# The edge is read in about this many rows, and lines are tried through pairs of at most so many.
_READ_ROWS, _TRIED_ROWS = 160, 72
# A side: near the line (pixels; share of the box) on at least this share of its rows, lit further out on few rows.
_NEAR_PIXELS, _NEAR_SHARE, _LEAST_NEAR, _MOST_OUTSIDE = 1.5, 0.004, 0.5, 0.25
# It is fitted to at least this many rows.
_LEAST_ROWS = 8
# So many lines are judged by one product of matrices; for larger ones its library wakes threads.
_LINES_AT_A_TIME = 1024
# In numbers of 32 bits a line that starts at 1 stands at most so far off.
_ROUNDING = 1e-6
# Sides lean by 3 to 60 degrees from the vertical, and cut at least this share off the box.
LEAST_LEAN, _MOST_LEAN, _SMALLEST_CORNER = np.tan(np.radians(3)), np.tan(np.radians(60)), 0.003


@dataclass(frozen=True)
class Side:
    """A straight side of the scan: `column = start + lean * row` in pixels of the frame.

    `left` is the left side (inside lies to its right), else the right side.
    """

    start: float
    lean: float
    left: bool

    def columns(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where it crosses rows."""
        return self.start + self.lean * rows


def slanted_side(lit: NDArray[np.bool_], box: Box, *, left: bool) -> Side | None:
    """The straight side that cuts the upper left (or right) corner off `box`, or None where there is none.

    The first lit pixels of the rows lie on it, apart from rows where a shadow or a mark stands at the edge: the line
    through two of them that most others meet is taken, then fitted to those by least squares.
    """
    near = _near(box)
    step = max(1, box.height // _READ_ROWS)
    part = lit[box.top : box.bottom : step, box.left : box.right]
    rows, columns = _first_lit(part if left else part[:, ::-1])
    if np.count_nonzero(columns) < _LEAST_ROWS:  # Too few begin further in than the box: the usual rectangle.
        return None
    rows = rows * step + 0.5
    tried = _tried(rows.size)
    start, lean = _possible_lines(rows[tried], columns[tried], 0.05 * box.height)
    if start.size == 0:
        return None
    best = _best_line(start, lean, rows[tried], columns[tried], near)
    fitted = _fit(rows, columns, float(start[best]), float(lean[best]), box)
    if fitted is None:
        return None
    start_at, lean_by = fitted
    # From the box, where the right side is mirrored, to the frame.
    sign = 1 if left else -1
    origin = box.left if left else box.right
    return Side(origin + sign * (start_at - lean_by * box.top), sign * lean_by, left)


def _possible_lines(
    rows: NDArray[np.float64], columns: NDArray[np.float64], apart: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Starts and leans of the lines through every two of the points that lean as a side does."""
    first, second = _pairs(rows.size)
    down, in_by = rows[second] - rows[first], columns[first] - columns[second]
    possible = np.flatnonzero((in_by >= LEAST_LEAN * down) & (down >= apart))
    lean = -in_by[possible] / np.maximum(down[possible], 1)
    possible, lean = possible[keep := (-lean >= LEAST_LEAN) & (-lean <= _MOST_LEAN)], lean[keep]
    at = first[possible]
    return columns[at] - lean * rows[at], lean


@lru_cache
def _tried(count: int) -> NDArray[np.int64]:
    """Which of so many points lines are tried through."""
    return np.unique(np.linspace(0, count - 1, _TRIED_ROWS).astype(int))


@lru_cache
def _pairs(count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return np.triu_indices(count, 1)


def _best_line(
    start: NDArray[np.float64],
    lean: NDArray[np.float64],
    rows: NDArray[np.float64],
    columns: NDArray[np.float64],
    near: float,
) -> int:
    """The first of the lines with the greatest support."""
    parts = (slice(begin, begin + _LINES_AT_A_TIME) for begin in range(0, start.size, _LINES_AT_A_TIME))
    most = np.concatenate([_most_support(start[part], lean[part], rows, columns, near) for part in parts])
    first = [int(most.argmax())]
    left = np.flatnonzero(most >= _support(start[first], lean[first], rows, columns, near))
    return int(left[_support(start[left], lean[left], rows, columns, near).argmax()])


def _support(
    start: NDArray[np.float64],
    lean: NDArray[np.float64],
    rows: NDArray[np.float64],
    columns: NDArray[np.float64],
    near: float,
) -> NDArray[np.int16]:
    """How many points lie near each line, less twice those outside it; rows in which it leaves the box do not count."""
    edge = start + rows[:, None] * lean
    off = columns[:, None] - edge
    return _score((edge > near) & (np.abs(off) <= near), off < -2 * near)


def _most_support(
    start: NDArray[np.float64],
    lean: NDArray[np.float64],
    rows: NDArray[np.float64],
    columns: NDArray[np.float64],
    near: float,
) -> NDArray[np.int16]:
    """The most that `_support` can be, from numbers of half the length: in them a line stands a little way off."""
    way = _ROUNDING * float(start.max())
    across = columns[:, None].astype(np.float32)
    points = np.stack((np.ones_like(rows), rows, columns), axis=1).astype(np.float32)
    off = points @ np.stack((-start, -lean, np.ones_like(start))).astype(np.float32)
    outside, close = off < -2 * near - way, off < across - (near - way)
    close &= np.abs(off, out=off) <= near + way
    return _score(close, outside)


def _score(near: NDArray[np.bool_], outside: NDArray[np.bool_]) -> NDArray[np.int16]:
    """Points near each line less twice those outside, from tables of points and lines."""
    score = near.view(np.int8) - 2 * outside.view(np.int8)
    return np.asarray(score.sum(axis=0, dtype=np.int16))


def _first_lit(part: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rows, and in each the left edge of the first lit pixel that starts a lit run."""
    starts = _run_starts(part[:, : _FIRST_COLUMNS + _RUN])[:, :_FIRST_COLUMNS]
    found, first = np.asarray(starts.any(axis=1)), starts.argmax(axis=1)
    dark = np.flatnonzero(~found)
    if dark.size:
        starts = _run_starts(part[dark])
        found[dark], first[dark] = starts.any(axis=1), starts.argmax(axis=1)
    rows = np.flatnonzero(found)
    return rows.astype(np.float64), first[rows].astype(np.float64)


def _run_starts(part: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Lit pixels that start a lit run."""
    rows, columns = part.shape
    line = columns + _RUN
    padded = np.zeros(rows * line + _RUN, dtype=bool)
    padded[: rows * line].reshape(rows, line)[:, :columns] = part
    behind = joined(padded[1:], _RUN - 1, np.logical_or)
    return np.asarray(part & behind[: rows * line].reshape(rows, line)[:, :columns])


def _fit(
    rows: NDArray[np.float64], columns: NDArray[np.float64], start: float, lean: float, box: Box
) -> tuple[float, float] | None:
    """The line fitted to the rows that lie near it, or None where it is no side of a scan."""
    within = _near(box)
    for _ in range(2):
        edge = start + lean * rows
        shown = edge > within
        near = shown & (np.abs(columns - edge) <= within)
        if np.count_nonzero(near) < _LEAST_ROWS:
            return None
        start, lean = _least_squares(rows[near], columns[near])
    if -lean < LEAST_LEAN:
        return None
    outside = shown & (columns < edge - 2 * within)
    across, down = min(start, box.width), min(-start / lean, box.height)
    large = 0.5 * across * down >= _SMALLEST_CORNER * box.area
    seen = np.count_nonzero(shown)
    straight = np.count_nonzero(near) >= _LEAST_NEAR * seen and np.count_nonzero(outside) <= _MOST_OUTSIDE * seen
    return (start, lean) if large and straight else None


def _least_squares(rows: NDArray[np.float64], columns: NDArray[np.float64]) -> tuple[float, float]:
    """Start and lean of the line through points of several rows."""
    row, column = rows.sum() / rows.size, columns.sum() / columns.size
    down = rows - row
    lean = float(down @ (columns - column) / (down @ down))
    return float(column - lean * row), lean


def _near(box: Box) -> float:
    return max(_NEAR_PIXELS, _NEAR_SHARE * min(box.width, box.height))
