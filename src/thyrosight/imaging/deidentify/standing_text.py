"""Text in the frames of a loop: machine text stands still, speckle does not."""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from thyrosight.imaging.boxes import Box
from thyrosight.imaging.burned_in_text import find_burned_in_text

# So many frames, a third of a second of most loops, are looked at together, and every fourth begins a new set: text
# that stands in five frames is in the majority of one set. Fewer frames than that are pictures, not a loop.
_TOGETHER, _STEP = 9, 4
_FEWEST = 5
# Ink that stands still differs from frame to frame by no more grey levels than lossy compression makes.
_STILL_LEVELS = 4
# Text on plain paper: so much of its box has the grey of the paper, give or take these levels.
_PAPER_SHARE, _PAPER_LEVELS = 0.5, 6

Pixels = NDArray[np.uint8]


class StandingText:
    """Collects the text of an object frame by frame; memory does not depend on the number of frames.

    In up to four frames, text is what `find_burned_in_text` finds in any of them. In a loop, speckle takes the look of
    letters in another place of each frame, so that more and more tissue would be blanked. So text counts there

    - if it is found in the median of neighbouring frames, in which speckle fades and what stands still stays, and if
      its ink does not change; or
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
    return [box for box in found if _is_still(grey, still, box)]


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


def _is_still(grey: Pixels, middle: NDArray[np.int16], box: Box) -> bool:
    """Whether the ink of a box keeps its grey in most frames; ink is what differs most from the level around it."""
    part = middle[box.top : box.bottom, box.left : box.right]
    apart = np.abs(part - np.median(part))
    ink = apart > 0.5 * apart.max()
    change = np.abs(grey[:, box.top : box.bottom, box.left : box.right] - part)[:, ink]
    return bool(np.median(np.median(change, axis=0)) <= _STILL_LEVELS) if ink.any() else False


def _on_paper(grey: Pixels, box: Box) -> bool:
    part = grey[box.top : box.bottom, box.left : box.right]
    paper = int(np.bincount(part.ravel(), minlength=256).argmax())
    return bool(np.mean(np.abs(part.astype(np.int16) - paper) <= _PAPER_LEVELS) >= _PAPER_SHARE)


def _brightest(pixels: Pixels) -> Pixels:
    """The largest of the three colours, where there are colours: in the last axis of length 3 of pictures in colour."""
    coloured = pixels.ndim == 4 or (pixels.ndim == 3 and pixels.shape[-1] == 3)
    return np.asarray(pixels.max(axis=-1)) if coloured else pixels
