"""The pixels of a frame that hold echoes: without drawn borders and background; and the body of the scan."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thyrosight.imaging.boxes import Box
from thyrosight.imaging.counting import marked_per_row, quantile_of_sorted
from thyrosight.imaging.morphology import closed, joined, large_parts, opened, without_holes

# JPEG ringing in a black border stays within this many grey levels of it, except beside text and drawn lines.
LIT_ABOVE_BACKGROUND = 8
# Sides of the morphological windows, as a share of the shorter side of the picture.
_CLOSE_SHARE, _OPEN_SHARE = 0.03, 0.07
# A second view beside the first is kept when it has at least this share of the larger one's pixels.
_SECOND_BODY_SHARE = 0.2
# In a row of faint speckle at least this share of the pixels differs from the one before.
_LEAST_TEXTURE = 0.3
# A drawn line is this bright, and this share of it stays within so many grey levels of its median.
_DRAWN_LEVEL, _DRAWN_SHARE, _DRAWN_SPREAD = 100, 0.95, 10


def inside_drawn_frame(grey: NDArray[np.uint8]) -> Box:
    """The picture without the uniform bright lines some programs draw around it (a white border or page).

    A line is peeled while nearly all of it has one bright value; at most a quarter of each side is peeled.
    """
    rows, columns = grey.shape
    box = [0, 0, columns, rows]
    limits = (columns // 4, rows // 4, columns - columns // 4, rows - rows // 4)
    peeled = True
    while peeled:
        peeled = False
        for side, step in ((0, 1), (1, 1), (2, -1), (3, -1)):
            line = _outer_line(grey, box, side)
            if box[side] != limits[side] and _is_drawn(line):
                box[side] += step
                peeled = True
    return Box(*box)


def _outer_line(grey: NDArray[np.uint8], box: list[int], side: int) -> NDArray[np.uint8]:
    left, top, right, bottom = box
    if side % 2 == 0:
        return grey[top:bottom, left if side == 0 else right - 1]
    return grey[top if side == 1 else bottom - 1, left:right]


def _is_drawn(line: NDArray[np.uint8]) -> bool:
    # Nearly every outer line is too dark for it, and this is quickly seen.
    if np.count_nonzero(line >= _DRAWN_LEVEL - _DRAWN_SPREAD) < _DRAWN_SHARE * line.size:
        return False
    middle = np.median(line)
    near = np.abs(line.astype(np.int16) - middle) <= _DRAWN_SPREAD
    return bool(middle >= _DRAWN_LEVEL and np.mean(near) >= _DRAWN_SHARE)


@dataclass(frozen=True, eq=False)
class Echoes:
    """Pixels that differ from the background.

    Attributes:
        grey: the picture.
        background: its grey level.
        lit: differing by more than compression noise.
    """

    grey: NDArray[np.uint8]
    background: int
    lit: NDArray[np.bool_]

    def dim(self, top: int, bottom: int) -> NDArray[np.bool_]:
        """Pixels of some rows that differ from the background by more than rounding, in rows with some texture.

        A smooth grey fill is no echo. Single dim pixels mean nothing; a row of which half is dim is the attenuated part
        of a scan.
        """
        rows = self.grey[top:bottom]
        dim = lit_pixels(rows, self.background, 1)
        changes = (rows[:, 1:] != rows[:, :-1]) & dim[:, 1:]
        textured = marked_per_row(changes) >= _LEAST_TEXTURE * marked_per_row(dim[:, 1:])
        return np.asarray(dim & textured[:, None])


def echoes(grey: NDArray[np.uint8]) -> Echoes:
    """Separate echoes from background."""
    background = background_level(grey)
    return Echoes(grey, background, lit_pixels(grey, background))


def background_level(grey: NDArray[np.uint8]) -> int:
    """The level of those outer lines that are flat and dark (video black is 16, not 0), else 0."""
    lines = (np.sort(line) for line in (grey[0], grey[-1], grey[:, 0], grey[:, -1]))
    flat = [quantile_of_sorted(line, 0.5) for line in lines if _spread(line) <= 6]
    return int(max((level for level in flat if level <= 60), default=0))


def lit_pixels(grey: NDArray[np.uint8], background: int, above: int = LIT_ABOVE_BACKGROUND) -> NDArray[np.bool_]:
    """Pixels brighter than the background by more than a few levels, and where there is room, darker ones too."""
    brighter: NDArray[np.bool_] = grey > background + above
    return brighter | (grey < background - above) if background > LIT_ABOVE_BACKGROUND else brighter


def _spread(ordered: NDArray[np.uint8]) -> float:
    return quantile_of_sorted(ordered, 0.95) - quantile_of_sorted(ordered, 0.05)


def body_of_scan(lit: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], int]:
    """The solid part of `lit` without text, marks and bars: (mask in blocks, side of a block in pixels).

    Gaps of speckle and shadow are closed and narrow structures are removed. The largest connected part that is left is
    kept, and others of similar size (a second view beside the first).
    """
    block = max(1, round(min(lit.shape) / 128))
    coarse = _any_of_blocks(lit, block)
    shorter = min(coarse.shape)
    full = without_holes(closed(coarse, max(3, round(_CLOSE_SHARE * shorter))))
    solid = opened(full, max(3, round(_OPEN_SHARE * shorter)))
    return large_parts(solid, share=_SECOND_BODY_SHARE), block


def _any_of_blocks(lit: NDArray[np.bool_], block: int) -> NDArray[np.bool_]:
    """Whether any pixel of each block is lit; blocks at the right and the bottom may be smaller."""
    rows, columns = lit.shape
    high, line = -(-rows // block), columns + block - 1
    padded = np.zeros(high * line + block - 1, dtype=bool)
    table = padded[: high * line].reshape(high, line)[:, :columns]
    for offset in range(block):
        part = lit[offset::block]
        table[: len(part)] |= part
    return joined(padded, block, np.logical_or).reshape(high, line)[:, :columns:block]
