"""The pixels of a frame that are blanked: everything outside the scan, and text wherever it is found."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from thyrosight.imaging.boxes import Box
from thyrosight.imaging.deidentify.options import Blank
from thyrosight.imaging.deidentify.standing_text import StandingText
from thyrosight.imaging.frame import Frame
from thyrosight.imaging.regions import fits
from thyrosight.imaging.scan_area import find_scan_area

# Around a scan area that was found in the pixels, so much of the shorter side stays: its outline is not exact.
_SPARED_SHARE = 0.01
# Regions of the file that show the patient, and not the machine.
_SHOWING: Final = ("tissue", "colour flow", "spectral", "M-mode", "trace")


@dataclass(frozen=True, eq=False)
class BlankPlan:
    """The pixels to blank in every frame of an object.

    Attributes:
        mask: bool `(rows, columns)`; True becomes black.
        text: boxes of text, of all frames together.
        kept: the part that stays, in words; "" where only text is blanked.
        text_share: how much of that part, or of the frame where only text is blanked, text takes away.
    """

    mask: NDArray[np.bool_]
    text: tuple[Box, ...]
    kept: str
    text_share: float = 0.0

    @property
    def share(self) -> float:
        """The share of the frame that is blanked."""
        return float(self.mask.mean())


@dataclass
class Blanker:
    """Collects the pixels to blank frame by frame, so that memory does not depend on the length of a loop.

    Attributes:
        shape: rows and columns.
        blank: what is blanked.
        frames: how many will be looked at; all of them, one after the other.
        scans: what stays, so far.
        kept: that in words.
        found: the text, so far.
    """

    shape: tuple[int, int]
    blank: Blank
    frames: int = 1
    scans: NDArray[np.bool_] | None = None
    kept: str = ""
    found: StandingText = field(init=False)

    def __post_init__(self) -> None:
        self.found = StandingText(self.frames)

    def look_at(self, frame: Frame, *, scan: bool) -> None:
        """Look for text in one frame, and where `scan` is set for its scan area too."""
        if self.blank == "nothing":
            return
        self.found.look_at(frame.pixels)
        if self.blank == "outside" and scan:
            stays, self.kept = _stays(frame)
            self.scans = stays if self.scans is None else self.scans | stays

    def plan(self) -> BlankPlan:
        """The pixels to blank, from all frames together."""
        stays = np.ones(self.shape, dtype=bool) if self.scans is None else self.scans
        text = sorted(self.found.boxes, key=lambda box: (box.top, box.left, box.right, box.bottom))
        lost = _inside(text, self.shape)
        share = float(lost[stays].mean()) if stays.any() else 0.0
        return BlankPlan(~stays | lost, tuple(text), self.kept, share)


def _stays(frame: Frame) -> tuple[NDArray[np.bool_], str]:
    """The part of a frame that shows the patient, and how it is known."""
    boxes = [
        region.box
        for region in frame.regions
        if region.kind in _SHOWING and fits(region.box, (frame.rows, frame.columns))
    ]
    if boxes:
        return _inside(boxes, (frame.rows, frame.columns)), f"{len(boxes)} ultrasound region(s) stated by the file"
    area = find_scan_area(frame.pixels)
    by = max(1, round(_SPARED_SHARE * min(frame.rows, frame.columns)))
    spared = ndimage.maximum_filter(area.mask.view(np.uint8), size=2 * by + 1) > 0
    return spared, f"a scan area found in the pixels ({area.kind})"


def _inside(boxes: Sequence[Box], shape: tuple[int, int]) -> NDArray[np.bool_]:
    mask = np.zeros(shape, dtype=bool)
    for box in boxes:
        mask[box.top : box.bottom, box.left : box.right] = True
    return mask
