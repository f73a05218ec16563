"""One picture off the scanner, with its source and the size of its pixels where it is known."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, wraps
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from thyrosight.errors import ImageError
from thyrosight.imaging.boxes import Box
from thyrosight.imaging.regions import Region, Spacing, scan_boxes, spacing_at

Found = TypeVar("Found")


@dataclass(frozen=True, eq=False)
class Frame:
    """A single ultrasound picture: 8-bit pixels, rows first.

    Attributes:
        pixels: uint8, `(rows, columns)` grey or `(rows, columns, 3)` red, green, blue.
        source: the file name as given; messages show it.
        spacing_mm: millimetres per pixel as (row, column), or None where unknown. It is never assumed.
        spacing_reason: where the spacing came from, or why it is unknown.
        frame_number: the position in a file of several pictures, from 0.
        notes: on how the picture was read, for readers of a result.
        regions: the regions that the scanner states, with their pixel sizes; empty in most formats.
    """

    pixels: NDArray[np.uint8]
    source: str
    spacing_mm: tuple[float, float] | None = None
    spacing_reason: str = "the file format carries no spacing"
    frame_number: int = 0
    notes: tuple[str, ...] = ()
    regions: tuple[Region, ...] = ()

    def __post_init__(self) -> None:
        require_pixels(self.pixels, self.source)
        if self.spacing_mm is not None and not all(np.isfinite(side) and side > 0 for side in self.spacing_mm):
            raise ImageError(
                f"{self.source}: a pixel spacing must be two positive numbers of millimetres, got {self.spacing_mm}; "
                "leave it out where it is unknown."
            )

    @property
    def rows(self) -> int:
        """Height in pixels."""
        return int(self.pixels.shape[0])

    @property
    def columns(self) -> int:
        """Width in pixels."""
        return int(self.pixels.shape[1])

    @property
    def box(self) -> Box:
        """The whole picture as a box."""
        return Box(0, 0, self.columns, self.rows)

    @property
    def scan_boxes(self) -> list[Box]:
        """The boxes in which the scanner states that tissue is shown; empty where it states none."""
        return scan_boxes(self.regions, self.pixels.shape)

    def spacing_at(self, box: Box) -> tuple[Spacing | None, str]:
        """The pixel spacing (row, column) in mm inside `box`, or None, and where it came from or why it is unknown.

        It differs from `spacing_mm` in a frame of several views with scales of their own, and outside of all of them.
        """
        return spacing_at(self.regions, box) if self.regions else (self.spacing_mm, self.spacing_reason)

    def grey(self) -> NDArray[np.uint8]:
        """The picture as grey levels `(rows, columns)`: the luma of ITU-R BT.601 for colour, rounded.

        >>> Frame(np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [7, 7, 7]]], dtype=np.uint8), "x.png").grey()
        array([[ 76, 150,  29,   7]], dtype=uint8)
        """
        return self._grey

    @cached_property
    def _grey(self) -> NDArray[np.uint8]:
        return to_grey(self.pixels)

    def rgb(self) -> NDArray[np.uint8]:
        """The picture as `(rows, columns, 3)`; a grey picture is repeated three times."""
        return self.pixels if self.pixels.ndim == 3 else np.repeat(self.pixels[:, :, None], 3, axis=2)

    def part(self, box: Box) -> "Frame":
        """The part of the picture inside `box`, for example one of two views side by side.

        Raises:
            ImageError: the box reaches outside the picture.
        """
        box.require_inside(self.pixels.shape[:2], self.source)
        pixels = np.ascontiguousarray(self.pixels[box.top : box.bottom, box.left : box.right])
        notes = (*self.notes, f"only the part {box.to_text()} of the frame")
        shown = ((region, region.box.intersect(box)) for region in self.regions)
        regions = tuple(
            region.model_copy(update={"box": inside.moved(columns=-box.left, rows=-box.top)})
            for region, inside in shown
            if inside is not None
        )
        return replace(self, pixels=pixels, notes=notes, regions=regions)


def once_per_frame(find: Callable[[Frame], Found]) -> Callable[[Frame], Found]:
    """The function, which finds something in a frame, with its answers kept for as long as their frames are."""
    kept: WeakKeyDictionary[Frame, Found] = WeakKeyDictionary()

    @wraps(find)
    def found(frame: Frame) -> Found:
        if frame not in kept:
            kept[frame] = find(frame)
        return kept[frame]

    return found


def to_grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey levels of grey or RGB pixels (ITU-R BT.601 luma, rounded); grey pixels are handed back as they are."""
    if pixels.ndim == 2:
        return pixels
    # Pillow weighs with 19595, 38470 and 7471 of 65536 (BT.601-7, section 2.5.1).
    return np.array(Image.fromarray(pixels).convert("L"))


def require_pixels(pixels: Any, source: str) -> None:
    """Raise an ImageError unless `pixels` is a filled uint8 array `(rows, columns)` or `(rows, columns, 3)`."""
    right_shape = isinstance(pixels, np.ndarray) and (pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] == 3))
    if not right_shape or pixels.dtype != np.uint8 or pixels.size == 0:
        found = f"{pixels.dtype} {pixels.shape}" if isinstance(pixels, np.ndarray) else type(pixels).__name__
        raise ImageError(
            f"{source}: expected 8-bit pixels (rows, columns) or (rows, columns, 3), got {found}; "
            "read the file with read_frame, which converts other depths."
        )
