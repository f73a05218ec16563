"""Where the ultrasound picture itself lies in a frame, without black borders and machine text."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from thyrosight.imaging.boxes import Box
from thyrosight.imaging.frame import to_grey

ScanAreaKind = Literal["rectangle", "convex", "sector", "whole"]


@dataclass(frozen=True, eq=False)
class ScanArea:
    """The part of a frame that holds echoes.

    Attributes:
        box: the smallest box around it.
        kind: its outline: a rectangle (linear probe), convex or sector (curved or phased probe), or the whole frame.
        mask: bool `(rows, columns)` of the frame; True inside.
    """

    box: Box
    kind: ScanAreaKind
    mask: NDArray[np.bool_]


def find_scan_area(pixels: NDArray[np.uint8]) -> ScanArea:
    """Find the scan area of grey or RGB pixels."""
    grey = to_grey(pixels)
    whole = Box(0, 0, grey.shape[1], grey.shape[0])
    bright = ndimage.binary_opening(grey > 12, np.ones((3, 3), dtype=bool))
    labels, count = ndimage.label(bright)
    if count == 0:
        return ScanArea(whole, "whole", np.ones(grey.shape, dtype=bool))
    largest = 1 + int(np.bincount(labels.ravel())[1:].argmax())
    box = Box.from_mask(labels == largest)
    mask = np.zeros(grey.shape, dtype=bool)
    mask[box.top : box.bottom, box.left : box.right] = True
    return ScanArea(box, "whole" if box == whole else "rectangle", mask)
