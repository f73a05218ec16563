"""Candidates: the few pairs of frames that are compared closely."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from thyrosight.cohort.fingerprints import WINDOWS, Fingerprint, Window, window_by_scan

# Correlations of descriptors below which two frames are not compared. In DDTI, BUSI and the teaching files every pair
# that a search of all pairs without descriptors found reaches 0.86 (coarse) and 0.83 (fine) in its best window.
_COARSE: Final = 0.74
_FINE: Final = 0.65
# Whole frames, borders and all, hardly change under compression and gamma (0.93 or more); those of one device resemble
# each other by their borders.
_WHOLE: Final = 0.88
_WHOLE_FRAME: Final = len(WINDOWS)
# Only this many of the most similar frames are compared with a frame, so that a clip of near-duplicates does not cost
# the square of its length.
_PARTNERS: Final = 24
_BLOCK: Final = 512


@dataclass(frozen=True)
class Candidate:
    """A pair to compare: `window` of frame `first` resembles the whole of frame `second`.

    `window` is a position in WINDOWS, or the one after the last if the whole frames with their borders are similar.
    """

    first: int
    second: int
    window: int
    resemblance: float

    @property
    def mirrored(self) -> bool:
        """Whether one frame is similar to the mirror image of the other."""
        return self.window < len(WINDOWS) and WINDOWS[self.window].mirrored

    def part(self, frames: Sequence[Fingerprint]) -> Window:
        """The part of the first frame's scan area that probably shows the second frame."""
        if self.window < len(WINDOWS):
            return WINDOWS[self.window]
        return window_by_scan(frames[self.first], frames[self.second])


def candidates(first: Sequence[Fingerprint], second: Sequence[Fingerprint] | None = None) -> list[Candidate]:
    """Pairs within `first`, or between `first` and `second`, most similar first.

    Each pair is listed once, with the most similar window of either frame; `first` is the position of the frame with
    the window. Positions in `second` follow those in `first`.
    """
    frames = [*first, *(second or [])]
    if len(frames) < 2:
        return []
    coarse, fine = (np.stack([getattr(frame, name) for frame in frames]) for name in ("coarse", "fine"))
    side = np.arange(len(frames)) >= len(first) if second is not None else None
    best: dict[tuple[int, int], Candidate] = {}
    for start in range(0, len(frames), _BLOCK):
        for found in _partners(coarse, fine, start, side):
            pair = (min(found.first, found.second), max(found.first, found.second))
            if pair not in best or best[pair].resemblance < found.resemblance:
                best[pair] = found
    return sorted(best.values(), key=lambda found: (-found.resemblance, found.first, found.second))


def _partners(
    coarse: NDArray[np.float32], fine: NDArray[np.float32], start: int, side: NDArray[np.bool_] | None
) -> list[Candidate]:
    """The most similar frames of each frame of one block, over all windows."""
    rows, others, windows, values = [], [], [], []
    block = slice(start, start + _BLOCK)
    for window in range(len(WINDOWS) + 1):
        whole = window == _WHOLE_FRAME
        target, least = (_WHOLE_FRAME, _WHOLE) if whole else (0, _FINE)
        alike = coarse[block, window] @ coarse[:, target].T
        row, other = np.nonzero(alike >= _COARSE)
        keep = row + start != other
        if side is not None:
            keep &= side[row + start] != side[other]
        row, other = row[keep], other[keep]
        value = np.einsum("ij,ij->i", fine[block, window][row], fine[other, target])
        near = value >= least
        rows.append(row[near] + start)
        others.append(other[near])
        windows.append(np.full(int(near.sum()), window))
        values.append(value[near])
    return _best_of_each(*(np.concatenate(part) for part in (rows, others, windows, values)))


def _best_of_each(
    rows: NDArray[np.intp], others: NDArray[np.intp], windows: NDArray[np.intp], values: NDArray[np.float32]
) -> list[Candidate]:
    """The most similar frames of each frame, each with its most similar window."""
    order = np.lexsort((windows, others, -values, rows))
    found: list[Candidate] = []
    partners: set[int] = set()
    current = -1
    for index in order.tolist():
        row, other = int(rows[index]), int(others[index])
        if row != current:
            current, partners = row, set()
        if other not in partners and len(partners) < _PARTNERS:
            partners.add(other)
            found.append(Candidate(row, other, int(windows[index]), float(values[index])))
    return found
