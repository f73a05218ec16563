"""From a box to the window of the frame that a network sees."""

import math
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import Field

from thyrosight.errors import ImageError
from thyrosight.imaging.boxes import Box
from thyrosight.imaging.frame import Frame
from thyrosight.parts import Part

# A window's longer side may be this many times the frame's.
_LARGEST_WINDOW = 8

Padding = Literal["black", "edge", "reflect"]
Shape = Literal["square", "width square", "rectangle", "own"]
"""Shape of a crop; `Preparation` explains each."""


class Margin(Part):
    """The margin around a nodule that a crop shows on each side.

    `fraction` is of the box's own height (above and below) and width (left and right). `millimetres` needs a known
    pixel spacing.

    >>> Margin(value=0.5, unit="fraction").in_pixels(Box(0, 0, 40, 20), None)
    (10.0, 20.0)
    >>> Margin(value=5, unit="millimetres").in_pixels(Box(0, 0, 40, 20), (0.1, 0.2))
    (50.0, 25.0)
    """

    value: float = Field(default=0.0, ge=0, le=10_000, allow_inf_nan=False)
    unit: Literal["pixels", "fraction", "millimetres"] = "pixels"

    def in_pixels(
        self, box: Box, spacing_mm: tuple[float, float] | None, *, where: str = "The frame"
    ) -> tuple[float, float]:
        """The margin above and below, and the margin left and right, in pixels.

        Raises:
            ImageError: a margin in millimetres, and the frame's spacing is unknown. `where` names the frame.
        """
        if self.unit == "pixels":
            return self.value, self.value
        if self.unit == "fraction":
            return self.value * box.height, self.value * box.width
        if spacing_mm is None:
            raise ImageError(
                f"{where}: a margin of {self.value:g} mm needs the pixel spacing, which this image does not carry; "
                "give the margin in pixels or as a fraction of the nodule."
            )
        return self.value / spacing_mm[0], self.value / spacing_mm[1]


def with_margin(box: Box, margin: tuple[float, float]) -> Box:
    """The box grown by `margin` (rows, columns) on each side, outwards to whole pixels."""
    rows, columns = margin
    return Box(
        math.floor(box.left - columns),
        math.floor(box.top - rows),
        math.ceil(box.right + columns),
        math.ceil(box.bottom + rows),
    )


def square_around(box: Box) -> Box:
    """The smallest square with whole-pixel corners that holds `box` in its middle; it may reach outside the frame.

    >>> square_around(Box(10, 10, 50, 20))
    Box(left=10, top=-5, right=50, bottom=35)
    """
    side = max(box.width, box.height)
    left, top = box.left - (side - box.width) // 2, box.top - (side - box.height) // 2
    return Box(left, top, left + side, top + side)


def crop_window(box: Box, margin: tuple[float, float], shape: Shape) -> Box:
    """The window of a nodule's crop. That of a smaller margin always lies inside that of a larger one.

    With the shape `own` it is not grown to whole steps yet.

    >>> crop_window(Box(10, 10, 50, 20), (5, 5), "square")
    Box(left=5, top=-10, right=55, bottom=40)
    >>> crop_window(Box(10, 10, 20, 50), (5, 5), "width square")
    Box(left=5, top=20, right=25, bottom=40)
    """
    grown = with_margin(box, margin)
    if shape == "width square":
        # Around the middle of the box itself, as that of the grown one may lie half a pixel elsewhere.
        top = (box.top + box.bottom - grown.width) // 2
        return Box(grown.left, top, grown.right, top + grown.width)
    return square_around(grown) if shape == "square" else grown


def require_reasonable(window: Box, frame: Frame) -> None:
    """Refuse a window that is far larger than the frame: it would cost memory and show nothing."""
    if max(window.width, window.height) > _LARGEST_WINDOW * max(frame.rows, frame.columns):
        raise ImageError(
            f"{frame.source}: the margin makes a window of {window.width} x {window.height} pixels around a frame of "
            f"{frame.columns} x {frame.rows}; give a smaller margin."
        )


def box_in_window(box: Box, window: Box, shape: tuple[int, int]) -> tuple[float, float, float, float]:
    """The box (left, top, right, bottom) in a window that is resized to `shape` (rows, columns)."""
    across, down = shape[1] / window.width, shape[0] / window.height
    return (
        (box.left - window.left) * across,
        (box.top - window.top) * down,
        (box.right - window.left) * across,
        (box.bottom - window.top) * down,
    )


def cut(pixels: NDArray[np.uint8], window: Box, *, inside: Box, padding: Padding) -> NDArray[np.uint8]:
    """The pixels of `window`; pixels outside `inside` (a box of the frame) are filled by the padding rule.

    `black` fills with zeros, `edge` repeats the outermost pixel, `reflect` mirrors the picture at its border.
    A window that does not touch `inside` is black under any rule.
    """
    shown = window.intersect(inside)
    if shown is None:
        return np.zeros((window.height, window.width, *pixels.shape[2:]), dtype=np.uint8)
    part = pixels[shown.top : shown.bottom, shown.left : shown.right]
    beyond = (
        (shown.top - window.top, window.bottom - shown.bottom),
        (shown.left - window.left, window.right - shown.right),
    )
    if not any(map(any, beyond)):
        return np.ascontiguousarray(part)
    if padding == "reflect":
        # Mirror what lies inside, also what the window itself does not show.
        rows = _mirrored(np.arange(window.top, window.bottom), inside.top, inside.bottom)
        columns = _mirrored(np.arange(window.left, window.right), inside.left, inside.right)
        return np.ascontiguousarray(pixels[np.ix_(rows, columns)])
    widths = (*beyond, *((0, 0),) * (pixels.ndim - 2))
    return np.pad(part, widths, mode="edge") if padding == "edge" else np.pad(part, widths)


def crop(
    pixels: NDArray[np.uint8],
    window: Box,
    *,
    padding: Padding,
    shape: tuple[int, int],
    narrowed: NDArray[np.uint8] | None = None,
) -> NDArray[np.uint8]:
    """The pixels of `window`, padded where it reaches outside the picture, resized to `shape` (rows, columns).

    The same bytes as `resize(cut(...))`. Black rows above and below are added after the columns were resized, which
    Pillow does first, so that no time is spent on black. `narrowed` is the picture after that, where it is known and
    the window shows all columns.
    """
    columns = shape[1]
    frame = Box(0, 0, pixels.shape[1], pixels.shape[0])
    shown = window.intersect(frame)
    if shown is None or padding != "black" or window.width == columns or window.height == shown.height:
        return resize(cut(pixels, window, inside=frame, padding=padding), shape)
    if narrowed is None:
        part = cut(pixels, Box(window.left, shown.top, window.right, shown.bottom), inside=frame, padding=padding)
        part = resize(part, (part.shape[0], columns))
    else:
        part = narrowed[shown.top : shown.bottom]
    padded = np.zeros((window.height, *part.shape[1:]), dtype=np.uint8)
    padded[shown.top - window.top : shown.bottom - window.top] = part
    return resize(padded, shape)


def _mirrored(positions: NDArray[np.int64], start: int, stop: int) -> NDArray[np.int64]:
    """Positions folded back into `start` to `stop - 1`, the border pixel counted twice, as often as needed."""
    length = stop - start
    folded = np.mod(positions - start, 2 * length)
    return start + np.where(folded < length, folded, 2 * length - 1 - folded)


def resize(
    pixels: NDArray[np.uint8], size: int | tuple[int, int], *, part: tuple[float, float, float, float] | None = None
) -> NDArray[np.uint8]:
    """Resize to `(size, size)`, or to (rows, columns): Pillow's bilinear filter with antialias.

    One image at a time in fixed-point arithmetic, columns first, so the result depends neither on a batch nor on the
    device; nor on the version of Pillow, which since 13.0 takes rows first where that is faster. `part` is the left,
    top, right and bottom of what is resized, in fractions of pixels too; without it that is the whole picture.
    """
    rows, columns = (size, size) if isinstance(size, int) else size
    if part is None and pixels.shape[:2] == (rows, columns):
        return pixels
    return np.asarray(_columns_then_rows(Image.fromarray(pixels), rows, columns, part))


def resize_map(heat: NDArray[Any], *, rows: int, columns: int) -> NDArray[np.float32]:
    """Resize a map of real numbers bilinearly with antialias."""
    picture = Image.fromarray(np.ascontiguousarray(heat, dtype=np.float32))
    return np.asarray(_columns_then_rows(picture, rows, columns, None))


def _columns_then_rows(
    picture: Image.Image, rows: int, columns: int, part: tuple[float, float, float, float] | None
) -> Image.Image:
    left, top, right, bottom = part or (0, 0, picture.width, picture.height)
    across = (left, 0, right, picture.height)
    narrowed = picture.resize((columns, picture.height), Image.Resampling.BILINEAR, box=across)
    return narrowed.resize((columns, rows), Image.Resampling.BILINEAR, box=(0, top, columns, bottom))
