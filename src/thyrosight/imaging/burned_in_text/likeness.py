"""The score of a mark as a letter: a network with one small layer on nine measurements.

Letters have thin strokes of one width, one grey level, and edges as steep as the screen can draw them; speckle and
fascia have not. The numbers in likeness.json were fitted by `benchmarks/fit_text_detector.py` on text drawn into real
frames.
"""

import json
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from thyrosight.imaging.burned_in_text.marks import Marks

STORED: Final = Path(__file__).with_name("likeness.json")


def features(marks: Marks) -> NDArray[np.float64]:
    """The measurements of each mark, `(marks, 9)`, clipped to the range in which they discriminate."""
    contrast = np.maximum(marks.contrast, 1)
    stroke = 2 * marks.area / np.maximum(marks.perimeter, 1)
    return np.stack(
        [
            np.log(marks.height / 12),
            np.clip(np.log(marks.width / marks.height), -2.5, 2.5),
            np.log(stroke / marks.height),
            np.log(stroke / 2),
            np.minimum(marks.spread / contrast, 1.5),
            np.minimum(marks.edge / contrast, 2),
            np.log(contrast / 80),
            np.minimum(marks.ring_spread / contrast, 1.5),
            marks.area / (marks.width * marks.height),
        ],
        axis=1,
    )


def likeness(marks: Marks) -> NDArray[np.float64]:
    """The score of each mark: the logarithm of the odds that it is a letter or part of one."""
    first, first_offset, second, second_offset = _stored()
    return np.asarray(np.maximum(features(marks) @ first + first_offset, 0) @ second + second_offset)


@cache
def _stored() -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], float]:
    stored = json.loads(STORED.read_text(encoding="utf-8"))
    return (
        np.array(stored["first"]),
        np.array(stored["first_offset"]),
        np.array(stored["second"]),
        float(stored["second_offset"]),
    )
