"""Windows that keep their own aspect ratio and resolution, for networks with variable-size input."""

from thyrosight.imaging.boxes import Box

STEP = 32
"""Both sides of a result are multiples of this many pixels, so that images of one shape can share a batch."""
LEAST = 64
"""The shortest side of a result in pixels."""


def window_in_steps(window: Box, largest: int) -> tuple[Box, tuple[int, int]]:
    """Grow a window around its centre until both sides are whole steps, and give the shape in which it is shown.

    It is shown in its own resolution, and smaller only where a side would be longer than `largest`.

    Args:
        window: the part to show, in frame coordinates.
        largest: the longest side of the result in pixels, a multiple of `STEP`.

    Returns:
        The grown window, and (rows, columns) of the result.

    >>> window_in_steps(Box(0, 0, 100, 70), 224)
    (Box(left=-14, top=-13, right=114, bottom=83), (96, 128))
    >>> window_in_steps(Box(0, 0, 448, 200), 224)
    (Box(left=0, top=-28, right=448, bottom=228), (128, 224))
    """
    longest = max(window.width, window.height, largest)
    rows, columns = (
        min(largest, max(LEAST, STEP * _round_up(side * largest, longest * STEP)))
        for side in (window.height, window.width)
    )
    grown = grow(window, rows=_round_up(rows * longest, largest), columns=_round_up(columns * longest, largest))
    return grown, (rows, columns)


def window_of_shape(window: Box, shape: tuple[int, int]) -> Box:
    """Grow a window around its centre to the aspect ratio of a result (rows, columns), and at least to its resolution.

    >>> window_of_shape(Box(0, 0, 100, 70), (96, 128))
    Box(left=-14, top=-13, right=114, bottom=83)
    """
    rows, columns = shape
    width = max(window.width, _round_up(window.height * columns, rows), columns)
    height = max(window.height, _round_up(window.width * rows, columns), rows)
    return grow(window, rows=height, columns=width)


def grow(window: Box, *, rows: int, columns: int) -> Box:
    """The window with these sides (no smaller than its own) around the same centre."""
    top, left = window.top - (rows - window.height) // 2, window.left - (columns - window.width) // 2
    return Box(left, top, left + columns, top + rows)


def _round_up(value: int, by: int) -> int:
    return -(-value // by)
