"""Crops that still hold every margin of a range, from which a crop of any of these margins is cut later."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thyrosight.errors import ImageError
from thyrosight.imaging.boxes import Box
from thyrosight.imaging.crops import Margin, crop_window, cut, require_reasonable, resize
from thyrosight.imaging.frame import Frame
from thyrosight.imaging.preparation import Preparation

# The narrowest crop keeps at least this many stored pixels per pixel shown; what lies beyond costs space and shows
# nothing.
_FINEST = 2


@dataclass(frozen=True, eq=False)
class WideCrop:
    """The surroundings of one nodule as far as the largest margin shows them.

    Attributes:
        pixels: uint8 `(rows, columns)` or `(rows, columns, 3)`, in the frame's own resolution unless that is far finer
            than what any crop shows.
        window: the part of the frame in `pixels`; it may reach outside the frame, where padding stands.
        box: the nodule in frame coordinates. None where it is not known: no margin then changes anything, and `pixels`
            are what preparation makes of the frame.
        spacing_mm: of the frame, for margins in millimetres.
    """

    pixels: NDArray[np.uint8]
    window: Box
    box: Box | None
    spacing_mm: tuple[float, float] | None


def prepare_wide(preparation: Preparation, frame: Frame, *, box: Box | None, margins: tuple[float, float]) -> WideCrop:
    """Prepare one frame for every margin of a range.

    Args:
        preparation: its margin's value plays no role, its unit is that of `margins`.
        frame: as read.
        box: the nodule, in frame coordinates.
        margins: the smallest and the largest margin.

    Raises:
        ImageError: as `Preparation.prepare`, or the preparation does not crop nodules.
    """
    if preparation.crop != "nodule":
        raise ImageError(f"A range of margins needs the crop 'nodule', got {preparation.crop!r}.")
    if preparation.shape == "own":
        raise ImageError("A range of margins needs images of one size; choose another shape than own.")
    if box is None:
        whole = preparation.prepare(frame)
        return WideCrop(pixels=whole.pixels, window=whole.window, box=None, spacing_mm=frame.spacing_mm)
    spacing, _ = frame.spacing_at(box)
    narrowest, window = (_window(preparation, box, spacing, margin, where=frame.source) for margin in margins)
    require_reasonable(window, frame)
    scene = preparation.scene(frame, box=box)
    pixels = cut(scene.pixels, window, inside=scene.inside, padding=preparation.padding)
    spare = min(narrowest.width, narrowest.height) / (_FINEST * preparation.size)
    if spare > 1:
        pixels = resize(pixels, (round(window.height / spare), round(window.width / spare)))
    return WideCrop(pixels=pixels, window=window, box=box, spacing_mm=spacing)


def crop_at_margin(preparation: Preparation, crop: WideCrop, margin: float) -> NDArray[np.uint8]:
    """The crop of one margin: what `Preparation.prepare` makes of the frame with that margin.

    The same bytes where `crop` holds the frame's own resolution; within a few grey values where it is coarser, as it
    is for nodules more than twice the size of the result.

    Args:
        preparation: the one that `crop` was made with.
        crop: from `prepare_wide`.
        margin: within the range that `crop` was made for.

    Raises:
        ImageError: the margin is wider than the crop.
    """
    if crop.box is None:
        return crop.pixels
    whole, window = crop.window, _window(preparation, crop.box, crop.spacing_mm, margin, where="The wide crop")
    if not whole.contains(window):
        raise ImageError(f"A margin of {margin:g} is larger than the largest one that was prepared.")
    part = window.moved(columns=-whole.left, rows=-whole.top)
    if crop.pixels.shape[:2] == (whole.height, whole.width):
        return resize(
            np.ascontiguousarray(crop.pixels[part.top : part.bottom, part.left : part.right]), preparation.size
        )
    across, down = crop.pixels.shape[1] / whole.width, crop.pixels.shape[0] / whole.height
    corners = (part.left * across, part.top * down, part.right * across, part.bottom * down)
    return resize(crop.pixels, preparation.size, part=corners)


def _window(
    preparation: Preparation, box: Box, spacing_mm: tuple[float, float] | None, margin: float, *, where: str
) -> Box:
    given = Margin(value=margin, unit=preparation.margin.unit)
    return crop_window(box, given.in_pixels(box, spacing_mm, where=where), preparation.shape)
