"""Vertical bars beside a picture: the scale of colours, and that of grey levels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from thyrosight.imaging.boxes import Box
from thyrosight.imaging.elastography.chroma import COLOURED, chroma_of, strength
from thyrosight.imaging.elastography.squares import closed, opened

# A bar is at least this tall (share of the frame), at most this wide, and at least so many times as tall as wide.
_LEAST_HEIGHT, _MOST_WIDTH, _LEAST_ASPECT = 0.08, 0.07, 3.0
_LEAST_WIDTH = 4  # pixels
# Across a bar the colour is the same but for compression; along it, neighbouring rows resemble each other.
_MOST_ACROSS, _MOST_ALONG = 14.0, 40.0
# A bar runs through colours: its two ends, or an end and the middle, differ by this much.
_LEAST_RANGE = 60.0
_FILL = 0.75
_FLANK = 3  # pixels beside a bar that are looked at to tell where it ends


@dataclass(frozen=True, eq=False)
class Bar:
    """A vertical bar of colours.

    Attributes:
        box: where it lies in the frame.
        colours: float32 `(rows, 3)`, the colour of each of its rows from top to bottom.
    """

    box: Box
    colours: NDArray[np.float32]


def find_bars(rgb: NDArray[np.uint8]) -> list[Bar]:
    """Vertical colour bars, from left to right: narrow, tall, even across, and running through several colours.

    A bar whose map ends in black or white is followed beyond its coloured part while its rows are even and differ from
    the pixels beside it. Horizontal bars are not looked for.
    """
    coloured = strength(chroma_of(rgb)) >= COLOURED * 1.5
    labels, _ = ndimage.label(closed(opened(coloured, 1), 2))
    found = []
    for number, place in enumerate(ndimage.find_objects(labels), start=1):
        box = Box(place[1].start, place[0].start, place[1].stop, place[0].stop)
        if _may_be_bar(box, labels[place] == number, rgb.shape):
            bar = _as_bar(rgb, _extended(rgb, box))
            if bar is not None:
                found.append(bar)
    return sorted(found, key=lambda bar: bar.box)


def _may_be_bar(box: Box, part: NDArray[np.bool_], shape: tuple[int, ...]) -> bool:
    return (
        box.height >= max(24.0, _LEAST_HEIGHT * shape[0])
        and _LEAST_WIDTH <= box.width <= max(8.0, _MOST_WIDTH * shape[1])
        and box.height >= _LEAST_ASPECT * box.width
        and float(part.mean()) >= _FILL
    )


def _inner_columns(box: Box) -> slice:
    """The columns of a bar without its sides, which compression and outlines change."""
    side = max(1, round(0.2 * box.width))
    return slice(box.left + side, box.right - side)


def bar_at(rgb: NDArray[np.uint8], box: Box) -> Bar:
    """The bar in a box that is known to hold one: the colour of each row, without the bar's sides."""
    rows = rgb[box.top : box.bottom, _inner_columns(box)].astype(np.float32)
    return Bar(box, np.median(rows, axis=1).astype(np.float32))


def _as_bar(rgb: NDArray[np.uint8], box: Box) -> Bar | None:
    """The bar, or None where the colours in the box vary across it, jump along it, or hardly change."""
    bar = bar_at(rgb, box)
    rows = rgb[box.top : box.bottom, _inner_columns(box)].astype(np.float32)
    across = float(np.median(rows.std(axis=1)))
    along = float(np.percentile(np.abs(np.diff(bar.colours, axis=0)).max(axis=1), 90))
    if across > _MOST_ACROSS or along > _MOST_ALONG:
        return None
    some = bar.colours[:: max(1, len(bar.colours) // 8)]
    ranges = np.linalg.norm(some[:, None] - some[None, :], axis=2)
    return bar if ranges.max() >= _LEAST_RANGE else None


def _extended(rgb: NDArray[np.uint8], box: Box) -> Box:
    """The bar with the uncoloured ends of its map."""
    inner = _inner_columns(box)
    left = rgb[:, max(0, box.left - 2 * _FLANK) : max(1, box.left - _FLANK)].astype(np.float32).mean(axis=1)
    right = rgb[:, box.right + _FLANK : box.right + 2 * _FLANK].astype(np.float32)
    beside = [left] + ([right.mean(axis=1)] if right.shape[1] else [])
    rows = rgb[:, inner].astype(np.float32)
    middle = rows.mean(axis=1)
    stands_out = np.all([np.abs(middle - one).max(axis=1) > 20 for one in beside], axis=0)
    goes_on = stands_out & (rows.std(axis=1).max(axis=1) < 1.5 * _MOST_ACROSS)
    top, bottom = box.top, box.bottom
    most = box.height // 2
    while top > 0 and box.top - top < most and goes_on[top - 1] and _near(middle[top - 1], middle[top]):
        top -= 1
    while (
        bottom < rgb.shape[0]
        and bottom - box.bottom < most
        and goes_on[bottom]
        and _near(middle[bottom], middle[bottom - 1])
    ):
        bottom += 1
    return Box(box.left, top, box.right, bottom)


def _near(one: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
    return bool(np.abs(one - other).max() < _MOST_ALONG)
