"""Choosing frames of a loop: sharp, spread over the loop, and different from one another."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from thyrosight.errors import ImageError
from thyrosight.imaging.dicom import Cine
from thyrosight.imaging.scan_area import find_scan_area
from thyrosight.progress import Progress

# Sharpness is measured on the scan area at this width, difference on a thumbnail of this side.
_WIDTH, _THUMBNAIL = 256, 32
# Of a longer loop, this many frames at equal steps are looked at.
_MOST_CANDIDATES = 2000
# A frame far less sharp than the sharp frames of its loop shows a moving or lifted probe.
_LEAST_SHARPNESS = 0.5
# Thumbnails that differ by less than this many grey levels show the same picture.
_LEAST_DIFFERENCE = 1.0


def choose_frames(cine: Cine, count: int = 8, *, progress: Progress | None = None) -> tuple[int, ...]:
    """Numbers of up to `count` frames of a loop, in order.

    The loop is cut into `count` equal spans of time, and the sharpest frame of each is taken. Frames less than half as
    sharp as the sharpest tenth of the loop are left out, and so are frames that show the same as one already taken, so
    that a frozen loop gives one frame. Sharpness is the mean step between neighbouring pixels of the scan area.
    Every frame is decoded once (of more than 2,000, that many at equal steps); only a thumbnail of each is kept.

    Args:
        cine: the loop.
        count: the largest number of frames to choose.
        progress: called as the frames are looked at.

    Raises:
        ImageError: `count` is less than 1, or a frame is damaged.
    """
    if count < 1:
        raise ImageError(f"At least one frame must be chosen, got {count}.")
    if len(cine) == 1:
        return (0,)
    step = -(-len(cine) // _MOST_CANDIDATES)
    candidates = range(0, len(cine), step)
    box = None
    sharpness, thumbnails = [], []
    for done, frame in enumerate(cine.frames(candidates)):
        if box is None:
            box = find_scan_area(frame.pixels, regions=frame.scan_boxes).box
        part = frame.part(box).grey()
        sharpness.append(_sharpness(part))
        thumbnails.append(_resized(part, _THUMBNAIL, _THUMBNAIL).astype(np.int16))
        if progress is not None:
            progress("Looking for sharp frames", done + 1, len(candidates))
    chosen = _sharpest_of_spans(np.array(sharpness), count)
    return tuple(candidates[index] for index in _distinct(chosen, thumbnails))


def _sharpest_of_spans(sharpness: NDArray[np.float64], count: int) -> list[int]:
    least = _LEAST_SHARPNESS * float(np.percentile(sharpness, 90))
    spans = np.array_split(np.arange(sharpness.size), min(count, sharpness.size))
    best = [int(span[sharpness[span].argmax()]) for span in spans]
    return [index for index in best if sharpness[index] >= least]


def _distinct(chosen: Sequence[int], thumbnails: Sequence[NDArray[Any]]) -> list[int]:
    kept: list[int] = []
    for index in chosen:
        steps = (float(np.abs(thumbnails[index] - thumbnails[other]).mean()) for other in kept)
        if all(step >= _LEAST_DIFFERENCE for step in steps):
            kept.append(index)
    return kept


def _sharpness(grey: NDArray[np.uint8]) -> float:
    rows, columns = grey.shape
    width = min(columns, _WIDTH)
    small = _resized(grey, width, max(round(rows * width / columns), 2)).astype(np.int16)
    return float(np.abs(np.diff(small, axis=0)).mean() + np.abs(np.diff(small, axis=1)).mean())


def _resized(grey: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(grey).resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0))


def frames_as_text(numbers: Sequence[int]) -> str:
    """Frame numbers for a message, runs shortened.

    >>> frames_as_text([0, 1, 2, 7])
    '0-2, 7'
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
