"""The pixels of a frame that hold echoes: without drawn borders and background; and the body of the scan."""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from thyrosight.imaging.boxes import Box

# JPEG ringing in a black border stays within this many grey levels of it, except beside text and drawn lines.
LIT_ABOVE_BACKGROUND = 8
# Sides of the morphological windows, as a share of the shorter side of the picture.
_CLOSE_SHARE, _OPEN_SHARE = 0.03, 0.07
# A second view beside the first is kept when it has at least this share of the larger one's pixels.
_SECOND_BODY_SHARE = 0.2
# In a row of faint speckle at least this share of the pixels differs from the one before.
_LEAST_TEXTURE = 0.3


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
    middle = np.median(line)
    return bool(middle >= 100 and np.mean(np.abs(line.astype(np.int16) - middle) <= 10) >= 0.95)


@dataclass(frozen=True, eq=False)
class Echoes:
    """Pixels that differ from the background.

    Attributes:
        lit: by more than compression noise.
        dim: by more than rounding, in rows with some texture (a smooth grey fill is no echo). Single dim pixels mean
            nothing; a row of which half is dim is the attenuated part of a scan.
    """

    lit: NDArray[np.bool_]
    dim: NDArray[np.bool_]


def echoes(grey: NDArray[np.uint8]) -> Echoes:
    """Separate echoes from background.

    The background is the level of those outer lines that are flat and dark (video black is 16, not 0), else 0.
    """
    lines = (grey[0], grey[-1], grey[:, 0], grey[:, -1])
    flat = [float(np.median(line)) for line in lines if np.ptp(np.percentile(line, (5, 95))) <= 6]
    background = int(max((level for level in flat if level <= 60), default=0))
    lit, dim = (_beyond(grey, background, by) for by in (LIT_ABOVE_BACKGROUND, 1))
    changes = (grey[:, 1:] != grey[:, :-1]) & dim[:, 1:]
    textured = np.count_nonzero(changes, axis=1) >= _LEAST_TEXTURE * np.count_nonzero(dim[:, 1:], axis=1)
    return Echoes(lit=lit, dim=dim & textured[:, None])


def _beyond(grey: NDArray[np.uint8], background: int, by: int) -> NDArray[np.bool_]:
    """Pixels brighter than the background, and where there is room below it, darker ones too."""
    brighter: NDArray[np.bool_] = grey > background + by
    return brighter | (grey < background - by) if background > LIT_ABOVE_BACKGROUND else brighter


def body_of_scan(lit: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], int]:
    """The solid part of `lit` without text, marks and bars: (mask in blocks, side of a block in pixels).

    Gaps of speckle and shadow are closed and narrow structures are removed. The largest connected part that is left is
    kept, and others of similar size (a second view beside the first).
    """
    block = max(1, round(min(lit.shape) / 128))
    coarse = _block_any(lit, block)
    shorter = min(coarse.shape)
    closed = scipy.ndimage.binary_fill_holes(_close(coarse, max(3, round(_CLOSE_SHARE * shorter))))
    solid = _open(closed, max(3, round(_OPEN_SHARE * shorter)))
    labels, count = scipy.ndimage.label(solid)
    if count > 1:
        areas = np.bincount(labels.ravel())
        areas[0] = 0
        solid = (areas >= _SECOND_BODY_SHARE * areas.max())[labels]
        solid[labels == 0] = False
    return solid, block


def _block_any(lit: NDArray[np.bool_], block: int) -> NDArray[np.bool_]:
    if block == 1:
        return lit
    rows, columns = (-(-side // block) for side in lit.shape)
    padded = np.zeros((rows * block, columns * block), dtype=bool)
    padded[: lit.shape[0], : lit.shape[1]] = lit
    return np.asarray(padded.reshape(rows, block, columns, block).any(axis=(1, 3)))


def _close(mask: NDArray[np.bool_], side: int) -> NDArray[np.bool_]:
    # Beyond the picture counts as empty while growing and as full while shrinking, so the border is left as it is.
    grown = scipy.ndimage.maximum_filter(mask.view(np.uint8), size=side, mode="constant", cval=0)
    return np.asarray(scipy.ndimage.minimum_filter(grown, size=side, mode="constant", cval=1, origin=_mirror(side)) > 0)


def _open(mask: NDArray[np.bool_], side: int) -> NDArray[np.bool_]:
    shrunk = scipy.ndimage.minimum_filter(mask.view(np.uint8), size=side, mode="constant", cval=1)
    grown = scipy.ndimage.maximum_filter(shrunk, size=side, mode="constant", cval=0, origin=_mirror(side))
    return np.asarray(grown > 0)


def _mirror(side: int) -> int:
    """The origin that makes the second half of an opening undo the shift of an even window in the first."""
    return 0 if side % 2 else -1
