"""The box of colours in a frame: its place, and how it is filled."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from thyrosight.imaging.boxes import Box
from thyrosight.imaging.elastography.chroma import COLOURED, Chroma, hue_degrees, strength
from thyrosight.imaging.elastography.squares import closed, opened

Palette = Literal["many hues", "two-sided", "warm", "one hue"]

# Coloured things thinner than this share of the frame's shorter side are text and lines; gaps of up to this share
# within the box are speckle, callipers and small drop-outs.
_THIN, _GAP = 0.012, 0.05
# Around a bar, compression colours this many pixels.
_BAR_MARGIN = 6
# A box is at least this share of the frame, and its sides at least this share of the frame's shorter one.
_LEAST_SHARE, _LEAST_SIDE = 0.008, 0.08
_MOST_THINGS = 8
# Of a row or column across the box, this percentile of the strength of colour is looked at.
_WELL = 85
# How deep a side of the box is looked at, in pixels.
_RIM = 4
# A hue is there with this share of the coloured pixels.
_LEAST_HUE = 0.02


@dataclass(frozen=True, eq=False)
class ColourBox:
    """A box that holds colour.

    Attributes:
        box: in the frame.
        fill: share of its pixels that are coloured.
        sides: share of each side (left, top, right, bottom) along which the colour reaches it.
        palette: which hues: more than two with green or cyan among them; red and blue without what lies between; red
            to yellow; or one.
        raggedness: length of the border between colour and none, over the outline of the box. A filled box has about
            1, vessels have several times that.
    """

    box: Box
    fill: float
    sides: tuple[float, float, float, float]
    palette: Palette
    raggedness: float


def coloured_pixels(chroma: Chroma, *, without: Sequence[Box] = ()) -> NDArray[np.bool_]:
    """True where a pixel of smoothed chroma `(rows, columns, 2)` is coloured; `without` are boxes of bars."""
    coloured = strength(chroma) >= COLOURED
    for bar in without:
        coloured[
            max(0, bar.top - _BAR_MARGIN) : bar.bottom + _BAR_MARGIN,
            max(0, bar.left - _BAR_MARGIN) : bar.right + _BAR_MARGIN,
        ] = False
    return coloured


def find_colour_box(chroma: Chroma, coloured: NDArray[np.bool_]) -> ColourBox | None:
    """The largest coloured region that is neither text nor a line, with the box that fits it; None where there is none.

    Regions of a single hue (the title bar of a screen) count only where there is no other.

    Args:
        chroma: smoothed chroma of the frame, `(rows, columns, 2)`.
        coloured: which pixels are coloured, without bars.
    """
    shorter = min(coloured.shape)
    solid = opened(coloured, max(1, round(_THIN * shorter / 2)))
    amount = np.where(coloured, strength(chroma), np.float32(0))
    found = [
        _described(_fitted(amount, rough), chroma, coloured)
        for rough in _things(solid, round(_GAP * shorter))
        if rough.area >= _LEAST_SHARE * coloured.size and min(rough.width, rough.height) >= _LEAST_SIDE * shorter
    ]
    return next((one for one in found if one.palette != "one hue"), found[0] if found else None)


def _described(box: Box, chroma: Chroma, coloured: NDArray[np.bool_]) -> ColourBox:
    part = coloured[box.top : box.bottom, box.left : box.right]
    inside = chroma[box.top : box.bottom, box.left : box.right][part]
    return ColourBox(box, float(part.mean()), _sides(part), _palette(inside), _raggedness(part))


def _things(solid: NDArray[np.bool_], gap: int) -> list[Box]:
    """The boxes around connected regions once gaps are bridged, from the most to the least coloured."""
    bridged = closed(solid, max(1, gap // 2))
    labels, count = ndimage.label(bridged)
    # What counts is colour, not the gaps that were bridged.
    labels[~solid] = 0
    amounts = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    places = ndimage.find_objects(labels, max_label=count)
    boxes = [
        None if place is None else Box(place[1].start, place[0].start, place[1].stop, place[0].stop) for place in places
    ]
    order = np.argsort(-amounts, kind="stable")[:_MOST_THINGS]
    return [box for number in order if (box := boxes[int(number)]) is not None]


def _fitted(amount: NDArray[np.float32], rough: Box) -> Box:
    """The rough box with each side moved to the line on which colour reaches half of its share further inside.

    Only well coloured pixels of a line count, so that a drop-out at a side does not move that side.
    """
    left, right = _ends(np.percentile(amount[rough.top : rough.bottom], _WELL, axis=0), rough.left, rough.right)
    top, bottom = _ends(np.percentile(amount[:, left:right], _WELL, axis=1), rough.top, rough.bottom)
    return Box(left, top, right, bottom)


def _ends(profile: NDArray[np.floating], start: int, stop: int) -> tuple[int, int]:
    """First and last position (exclusive) of the rise and the fall of a profile near `start` and `stop`."""
    reach = max(4, (stop - start) // 8)
    begin = _rise(profile, start, reach)
    end = len(profile) - _rise(profile[::-1], len(profile) - stop, reach)
    return (begin, end) if end > begin else (start, stop)


def _rise(profile: NDArray[np.floating], start: int, reach: int) -> int:
    inner = float(np.percentile(profile[start : start + 2 * reach], 60))
    low = max(0, start - reach)
    below = np.flatnonzero(profile[low : start + reach] < inner / 2)
    return low + int(below[-1]) + 1 if below.size else low


def _sides(part: NDArray[np.bool_]) -> tuple[float, float, float, float]:
    rim_rows, rim_columns = (min(_RIM, side) for side in part.shape)
    strips = (part[:, :rim_columns].T, part[:rim_rows], part[:, -rim_columns:].T, part[-rim_rows:])
    left, top, right, bottom = (float(strip.any(axis=0).mean()) for strip in strips)
    return left, top, right, bottom


def _palette(chroma: Chroma) -> Palette:
    """Which hues there are, each pixel counted by how coloured it is."""
    sectors = ((hue_degrees(chroma) + 15) // 30).astype(np.int64) % 12
    weights = np.bincount(sectors, weights=strength(chroma), minlength=12)
    there = set(np.flatnonzero(weights >= _LEAST_HUE * max(float(weights.sum()), 1e-9)).tolist())
    if len(there) <= 1:
        return "one hue"
    if there <= {11, 0, 1, 2}:  # rose, red, orange, yellow
        return "warm"
    return "many hues" if there & {3, 4, 5} else "two-sided"  # between yellow and cyan lies what flow leaves out


def _raggedness(part: NDArray[np.bool_]) -> float:
    padded = np.pad(part, 1).astype(np.int8)
    border = np.abs(np.diff(padded, axis=0)).sum() + np.abs(np.diff(padded, axis=1)).sum()
    return float(border / (2 * sum(part.shape)))
