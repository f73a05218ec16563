"""Text in the frames of a loop: machine text stands still, speckle does not."""

from collections import deque

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from thyrosight.imaging.boxes import Box
from thyrosight.imaging.burned_in_text import find_burned_in_text

# So many frames, a third of a second of most loops, are looked at together, and every fourth begins a new set: text
# that stands in five frames is in the majority of one set. Fewer frames than that are pictures, not a loop.
_TOGETHER, _STEP = 9, 4
_FEWEST = 5
# Ink that stands still differs from frame to frame by no more grey levels than lossy compression makes; and unless it
# hardly differs at all, by no more than so many times what is around it, as the gaps of slow speckle do.
_STILL_LEVELS, _HARDLY, _MOST_TIMES = 4, 1.5, 2
# A scan, and the black around it up to this level, are pieces of at least this share of the frame; letters are smaller.
_BLACK, _LARGE_SHARE = 8, 0.01
# Text on plain paper: so much of its box has the grey of the paper, give or take these levels; ink is further from it.
_PAPER_SHARE, _PAPER_LEVELS, _INK_LEVELS = 0.5, 6, 24
# Of the ink in such a box, so much may belong to a scan beside it.
_MOST_SCAN = 0.9

Pixels = NDArray[np.uint8]


class StandingText:
    """Collects the text of an object frame by frame; memory does not depend on the number of frames.

    In up to four frames, text is what `find_burned_in_text` finds in any of them. In a loop, speckle takes the look of
    letters in another place of each frame, so that more and more tissue would be blanked. So text counts there

    - if it is found in the median of neighbouring frames, in which speckle fades and what stands still stays, and if
      its ink does not change, or no more than what is around it; or
    - if it stands on plain paper in a single frame, as on the black around a scan or on the page of a report.

    Text over moving tissue that is shown in fewer than five frames, or changes with every frame, is not found.
    """

    def __init__(self, frames: int) -> None:
        self._frames = frames
        self._seen = 0
        self._recent: deque[Pixels] = deque(maxlen=_TOGETHER)
        self.boxes: set[Box] = set()

    def look_at(self, pixels: Pixels) -> None:
        """Take in the next frame."""
        self._seen += 1
        if self._frames < _FEWEST:
            self.boxes.update(find_burned_in_text(pixels))
            return
        grey = _brightest(pixels)
        self.boxes.update(box for box in find_burned_in_text(pixels) if _on_paper(grey, box))
        self._recent.append(pixels)
        last = self._seen == self._frames
        due = self._seen >= _TOGETHER and (self._seen - _TOGETHER) % _STEP == 0
        if last or due:
            self.boxes.update(standing_text(np.stack(self._recent)))


def standing_text(frames: Pixels) -> list[Box]:
    """Boxes around text that stands still in neighbouring frames.

    Args:
        frames: uint8, `(frames, rows, columns)` or `(frames, rows, columns, 3)`.
    """
    middle = _median(frames)
    found = find_burned_in_text(middle)
    if not found:
        return []
    grey, still = _brightest(frames), _brightest(middle).astype(np.int16)
    ground = _large_pieces(still <= _BLACK)
    return [box for box in found if _is_still(grey, still, ground, box)]


# Which two of nine values are put in order, one pair after the other, until the fifth is the median (Smith,
# "Implementing median filters in XC4000E FPGAs", XCELL 1996): thirty times as fast as sorting.
_PAIRS_OF_NINE = (
    (1, 2), (4, 5), (7, 8), (0, 1), (3, 4), (6, 7), (1, 2), (4, 5), (7, 8), (0, 3), (5, 8), (4, 7), (3, 6), (1, 4),
    (2, 5), (4, 7), (4, 2), (6, 4), (4, 2),
)  # fmt: skip


def _median(frames: Pixels) -> Pixels:
    """The median of frames, pixel by pixel."""
    if len(frames) != _TOGETHER:
        return np.asarray(np.median(frames, axis=0).astype(np.uint8))
    values: list[Pixels] = list(frames)
    for one, other in _PAIRS_OF_NINE:
        values[one], values[other] = np.minimum(values[one], values[other]), np.maximum(values[one], values[other])
    return values[4]


def _is_still(grey: Pixels, middle: NDArray[np.int16], ground: NDArray[np.bool_], box: Box) -> bool:
    """Whether the ink of a box keeps its grey in most frames; ink is what differs most from the level around it.

    The ground around a scan is no ink: it stands still beside any tissue.
    """
    place = np.s_[box.top : box.bottom, box.left : box.right]
    part, scan = middle[place], ~ground[place]
    if not scan.any():
        return False
    apart = np.abs(part - np.median(part[scan])) * scan
    ink = apart > 0.5 * apart.max()
    change = np.median(np.abs(grey[:, *place] - part), axis=0)
    if not ink.any() or np.median(change[ink]) > _STILL_LEVELS:
        return False
    beside = change[scan & ~ink].mean() if (scan & ~ink).any() else 0.0
    return bool(change[ink].mean() <= max(_HARDLY, _MOST_TIMES * beside))


def _on_paper(grey: Pixels, box: Box) -> bool:
    """Whether a box is mostly of one grey, and what else is in it are letters and not the edge of a scan."""
    place = np.s_[box.top : box.bottom, box.left : box.right]
    paper = int(np.bincount(grey[place].ravel(), minlength=256).argmax())
    apart = np.abs(grey.astype(np.int16) - paper)
    if np.mean(apart[place] <= _PAPER_LEVELS) < _PAPER_SHARE:
        return False
    ink = apart > _INK_LEVELS
    return bool(_large_pieces(ink)[place].sum() <= _MOST_SCAN * ink[place].sum())


def _large_pieces(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The connected pieces of a mask that letters are too small for."""
    pieces, _ = ndimage.label(mask)
    large = np.bincount(pieces.ravel()) >= _LARGE_SHARE * mask.size
    large[0] = False
    return np.asarray(large[pieces])


def _brightest(pixels: Pixels) -> Pixels:
    """The largest of the three colours, where there are colours: in the last axis of length 3 of pictures in colour."""
    coloured = pixels.ndim == 4 or (pixels.ndim == 3 and pixels.shape[-1] == 3)
    return np.asarray(pixels.max(axis=-1)) if coloured else pixels
