"""Several windows of one image, shown to the network one by one; its logits are averaged over them."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from thyrosight.imaging import Box, Frame, Margin, Preparation, PreparedImage
from thyrosight.imaging.scan_area import scan_area_of
from thyrosight.parts import Part


class Views(Part):
    """The windows of an image that a network is shown.

    Attributes:
        around: windows around a nodule, as multiples of the longer side of its box. Without a box there are none.
        least: such a window is at least this share of the scan area's longer side; it is at most all of it.
        whole: whether the scan area is shown too. It is in any case where no box is known.
        mirrored: whether each window is shown mirrored as well.
    """

    around: tuple[float, ...] = ()
    least: float = Field(default=0.0, ge=0, le=1)
    whole: bool = True
    mirrored: bool = False

    @model_validator(mode="after")
    def _shows_something(self) -> "Views":
        if any(width < 1 for width in self.around):
            raise ValueError("a window around a nodule is at least as wide as its box: `around` holds numbers from 1")
        if not (self.around or self.whole):
            raise ValueError("`around` is empty and `whole` is false: nothing would be shown")
        return self

    @property
    def title(self) -> str:
        """The windows in words.

        >>> Views(around=(1.8, 3), mirrored=True).title
        'nodule at 1.8 and 3 times its size and whole scan area, each also mirrored'
        """
        near = (
            [f"nodule at {' and '.join(f'{width:g}' for width in self.around)} times its size"] if self.around else []
        )
        whole = ["whole scan area"] if self.whole else []
        return " and ".join([*near, *whole]) + (", each also mirrored" if self.mirrored else "")


SINGLE = Views()
"""One window, as the preparation makes it."""


def prepare_views(
    views: Views, preparation: Preparation, frame: Frame, *, box: Box | None
) -> tuple[PreparedImage, NDArray[np.uint8]]:
    """Prepare every window of one frame.

    Args:
        views: which windows.
        preparation: how; where there are windows around a nodule it crops nodules.
        frame: as read.
        box: the nodule, in frame coordinates, or None.

    Returns:
        The first window as it was prepared, and the pixels of all, `(windows, rows, columns)` and perhaps channels;
        each is followed by its mirror image where that is wanted.

    Raises:
        ImageError: as `Preparation.prepare`.
    """
    if box is None or not views.around:
        prepared: tuple[PreparedImage, ...] = (preparation.prepare(frame, box=box),)
    else:
        margins = [_margin(width, views.least, frame, box, scan_area=preparation.scan_area) for width in views.around]
        prepared = preparation.prepare_at(frame, box=box, margins=[*margins, *([None] if views.whole else [])])
    return prepared[0], with_mirrored(views, np.stack([item.pixels for item in prepared]))


def with_mirrored(views: Views, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The windows `(windows, rows, columns)` and perhaps channels, each followed by its mirror image where wanted."""
    if not views.mirrored:
        return pixels
    return np.stack([pixels, np.flip(pixels, axis=2)], axis=1).reshape(-1, *pixels.shape[1:])


def _margin(width: float, least: float, frame: Frame, box: Box, *, scan_area: bool) -> Margin:
    """The margin that makes the window of a box `width` times as long as its longer side, within its limits."""
    whole = scan_area_of(frame).box if scan_area else frame.box
    longest, longer = max(whole.width, whole.height), max(box.width, box.height)
    side = min(max(width * longer, least * longest), longest)
    return Margin(value=max(side - longer, 0) / 2)
