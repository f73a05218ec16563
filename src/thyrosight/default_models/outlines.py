"""Outlines for the finder beyond those that were drawn: a teacher's, and frames from which the nodule is taken away."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from thyrosight.default_models.pack import Pack
from thyrosight.default_models.views import View, around

SURE = 0.8
"""A teacher's find counts from this mean probability inside."""

_INSIDE, _OUTSIDE = 0.6, 0.2  # between these probabilities of the teacher nothing is known
_AGREES = 0.5  # a find tells of the same nodule as callipers from this intersection over union
_LEAST_SHARE = 0.004
_LEAST_WIDTH = 0.28  # of the scan area, for tissue beside a nodule

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Frames:
    """A pack whose masks may be open to doubt.

    Attributes:
        pack: the frames.
        unknown: the pixels that are open to doubt, of the masks' shape.
        thyroid: whether the frames show a thyroid.
    """

    pack: Pack
    unknown: Mask
    thyroid: bool = True


def as_drawn(pack: Pack, *, thyroid: bool = True) -> Frames:
    """The frames with their masks as they were drawn: nothing is open to doubt."""
    return Frames(pack, np.zeros_like(pack.masks), thyroid)


def outlined_again(pack: Pack, maps: dict[str, NDArray[np.uint8]]) -> tuple[Frames, Frames]:
    """Frames whose callipers enclose a nodule, and frames in which only the teacher is sure of one.

    Where callipers and teacher agree, what only one of the two covers is unknown; where they do not, the callipers are
    right, and what the teacher found elsewhere is unknown, for a reader measures one nodule of perhaps several.
    `maps` holds the teacher's probabilities (0 to 255) by the frame's key.
    """
    masks, unknown = pack.masks.copy(), np.zeros_like(pack.masks)
    kept = pack.outlined.copy()
    for row in range(len(pack)):
        probability = maps[str(pack.key[row])].astype(np.float32) / np.float32(255)
        if pack.outlined[row]:
            unknown[row] = _doubts(pack.masks[row], probability)
        else:
            masks[row], unknown[row] = _sure(probability, int(pack.extent[row].prod()))
            kept[row] = masks[row].any()
    again = replace(pack, masks=masks)
    drawn, found = pack.outlined, kept & ~pack.outlined
    return Frames(again.take(drawn), unknown[drawn]), Frames(again.take(found), unknown[found])


def _doubts(drawn: Mask, probability: NDArray[np.float32]) -> Mask:
    """Pixels on which callipers and teacher disagree."""
    labels, count = ndimage.label(probability >= 0.5)
    doubts = np.zeros_like(drawn)
    for number in range(1, count + 1):
        find = labels == number
        share = int((find & drawn).sum()) / max(int((find | drawn).sum()), 1)
        if share >= _AGREES:
            doubts |= find ^ drawn
        elif share == 0:
            doubts |= find
    return doubts


def _sure(probability: NDArray[np.float32], area: int) -> tuple[Mask, Mask]:
    """The nodules that the teacher outlines with certainty, and the pixels where it is unsure."""
    labels, count = ndimage.label(probability >= 0.5)
    mask = np.zeros(probability.shape, dtype=bool)
    for number in range(1, count + 1):
        find = labels == number
        if find.sum() >= _LEAST_SHARE * area and probability[find].mean() >= SURE:
            mask |= find & (probability >= _INSIDE)
    return mask, (probability >= _OUTSIDE) & ~mask


def beside(taken: Mask, extent: NDArray[np.int64], draw: np.random.Generator) -> View | None:
    """A square window on tissue to the left or the right of everything `taken`, or None where too little is left."""
    rows, columns = int(extent[0]), int(extent[1])
    used = np.flatnonzero(taken.any(axis=0))
    strips = [
        (left, right)
        for left, right in ((0, used[0]), (used[-1] + 1, columns))
        if right - left >= _LEAST_WIDTH * columns
    ]
    if not strips:
        return None
    left, right = strips[int(draw.integers(len(strips)))]
    side = min(right - left, rows) * draw.uniform(0.75, 0.95)
    column = draw.uniform(left + side / 2, right - side / 2)
    return around(column, draw.uniform(side / 2, rows - side / 2), side)


def emptied(
    pixels: NDArray[np.uint8], mask: Mask, extent: NDArray[np.int64], draw: np.random.Generator
) -> tuple[NDArray[np.uint8], Mask]:
    """The frame with tissue of the same depth put over the nodule, and an empty mask; unchanged where no room is."""
    grown = ndimage.binary_dilation(mask, iterations=max(3, int(np.sqrt(mask.sum()) / 12)))
    offset = _free_offset(grown, mask, extent, draw)
    return (pixels, mask) if offset is None else (_covered(pixels, grown, offset), np.zeros_like(mask))


def with_patch(
    pixels: NDArray[np.uint8], taken: Mask, extent: NDArray[np.int64], draw: np.random.Generator
) -> NDArray[np.uint8]:
    """The frame with tissue of the same depth put over an ellipse that holds nothing `taken`, where one fits."""
    rows, columns = extent
    grid = np.mgrid[: taken.shape[0], : taken.shape[1]]
    for _ in range(4):
        middle, half = draw.uniform(0.1, 0.9, 2) * (rows, columns), draw.uniform(0.04, 0.16, 2) * (rows, columns)
        place = ((grid[0] - middle[0]) / half[0]) ** 2 + ((grid[1] - middle[1]) / half[1]) ** 2 <= 1
        place[rows:], place[:, columns:] = False, False
        if not (place & taken).any():
            offset = _free_offset(place, taken, extent, draw)
            return pixels if offset is None else _covered(pixels, place, offset)
    return pixels


def _free_offset(place: Mask, taken: Mask, extent: NDArray[np.int64], draw: np.random.Generator) -> int | None:
    """How far to the side tissue lies that holds nothing `taken` and can cover `place`, or None."""
    used = np.flatnonzero(place.any(axis=0))
    band = taken[place.any(axis=1)].any(axis=0)
    starts = np.arange(int(extent[1]) - len(used) - (used[-1] - used[0] + 1 - len(used)))
    width = int(used[-1] - used[0] + 1)
    blocked = np.concatenate([[0], np.cumsum(band)])
    free = [
        int(start) for start in starts if blocked[start + width] == blocked[start] and abs(start - used[0]) > width / 3
    ]
    return int(free[int(draw.integers(len(free)))] - used[0]) if free else None


def _covered(pixels: NDArray[np.uint8], place: Mask, offset: int) -> NDArray[np.uint8]:
    """`place` filled with the tissue `offset` columns to the right, faded in at its border."""
    share = ndimage.gaussian_filter(place.astype(np.float32), 2.5)
    filled = share * np.roll(pixels, -offset, axis=1) + (1 - share) * pixels
    return np.asarray(filled.clip(0, 255), dtype=np.uint8)
