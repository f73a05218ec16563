"""Boxes in pixels: where a nodule, a scan area or a crop lies in a frame."""

import operator
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from thyrosight.errors import ImageError

# A connected part of a mask is a lesion of its own unless it is smaller than this share of the largest part, or than
# this many pixels: JPEG compression leaves such specks around an outline, and burned-in text leaves them elsewhere.
SPECK_SHARE = 0.02
SPECK_PIXELS = 16


@dataclass(frozen=True, order=True)
class Box:
    """A half-open box in pixels: columns `left` to `right - 1`, rows `top` to `bottom - 1`.

    >>> box = Box(10, 20, 40, 60)
    >>> box.width, box.height, box.to_text()
    (30, 40, '10,20,40,60')
    """

    left: int
    top: int
    right: int
    bottom: int

    def __post_init__(self) -> None:
        try:
            for name in ("left", "top", "right", "bottom"):
                object.__setattr__(self, name, operator.index(getattr(self, name)))
        except TypeError:
            raise ImageError(f"A box needs four whole numbers of pixels, got {self._numbers()}.") from None
        if self.right <= self.left or self.bottom <= self.top:
            raise ImageError(
                f"Box {self.to_text()} has no area: left must be less than right and top less than bottom "
                "(the order is left,top,right,bottom)."
            )

    def _numbers(self) -> tuple[Any, Any, Any, Any]:
        return self.left, self.top, self.right, self.bottom

    @property
    def width(self) -> int:
        """Columns."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Rows."""
        return self.bottom - self.top

    @property
    def area(self) -> int:
        """Pixels inside."""
        return self.width * self.height

    @classmethod
    def from_mask(cls, mask: NDArray[Any], *, where: str = "The mask") -> "Box":
        """The smallest box around all marked pixels of `mask` `(rows, columns)`.

        Raises:
            ImageError: nothing is marked. `where` names the mask in the message.
        """
        rows, columns = np.flatnonzero(np.any(mask, axis=1)), np.flatnonzero(np.any(mask, axis=0))
        if rows.size == 0:
            raise ImageError(f"{where} is empty: no pixel is marked; draw the lesion or leave the mask out.")
        return cls(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)

    @classmethod
    def from_text(cls, text: str, *, where: str = "box") -> "Box":
        """Read `left,top,right,bottom`.

        Raises:
            ImageError: the text is something else. `where` names the place of the text, for example a file and row.

        >>> Box.from_text(" 1, 2, 30, 40 ")
        Box(left=1, top=2, right=30, bottom=40)
        """
        parts = [part.strip() for part in text.split(",")]
        try:
            left, top, right, bottom = (int(part) for part in parts)
        except ValueError:
            wrong = (
                f"{text!r} is not a box; write four whole numbers of pixels as left,top,right,bottom, "
                "for example 120,80,260,190."
            )
            raise ImageError(f"{where}: {wrong}") from None
        try:
            return cls(left, top, right, bottom)
        except ImageError as error:
            raise ImageError(f"{where}: {error}") from None

    def to_text(self) -> str:
        """`left,top,right,bottom`, as `from_text` reads it."""
        return f"{self.left},{self.top},{self.right},{self.bottom}"

    def require_inside(self, shape: tuple[int, ...], where: str) -> None:
        """Raise an ImageError unless the box lies inside a frame of `shape` (rows, columns)."""
        rows, columns = shape[0], shape[1]
        if self.left < 0 or self.top < 0 or self.right > columns or self.bottom > rows:
            wrong = (
                f"box {self.to_text()} reaches outside the image of {columns} x {rows} pixels "
                "(width x height); check that they belong together and that the order is left,top,right,bottom."
            )
            raise ImageError(f"{where}: {wrong}")

    def intersect(self, other: "Box") -> "Box | None":
        """The part shared with `other`, or None where they do not overlap."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        return Box(left, top, right, bottom) if left < right and top < bottom else None

    def union(self, other: "Box") -> "Box":
        """The smallest box around both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def contains(self, other: "Box") -> bool:
        """Whether `other` lies wholly inside this box."""
        return self.union(other) == self

    def moved(self, *, columns: int, rows: int) -> "Box":
        """The box moved to the right by `columns` and down by `rows`."""
        return Box(self.left + columns, self.top + rows, self.right + columns, self.bottom + rows)


def nodule_boxes(mask: NDArray[Any]) -> list[Box]:
    """One box per lesion marked in `mask`, from left to right (then top to bottom); see `lesions_of`.

    >>> mask = np.zeros((60, 60), dtype=bool); mask[10:30, 5:20] = True; mask[40:55, 30:50] = True; mask[0, 59] = True
    >>> [box.to_text() for box in nodule_boxes(mask)]
    ['5,10,20,30', '30,40,50,55']
    """
    return sorted(box for box, _ in lesions_of(mask))


def lesions_of(mask: NDArray[Any]) -> list[tuple[Box, NDArray[np.bool_]]]:
    """The box of each lesion marked in `mask`, and its pixels within the box.

    Pixels that touch, also at a corner, belong to one lesion. A part smaller than 2 % of the largest part, or than 16
    pixels, is a speck of compression or text and is left out; the largest part is always kept. An empty mask gives an
    empty list.
    """
    labels, place = touching_parts(mask)
    areas = np.bincount(labels.ravel())[1:]
    if areas.size == 0:
        return []
    large = min(max(SPECK_PIXELS, SPECK_SHARE * areas.max()), areas.max())
    return [
        (
            Box(columns.start, rows.start, columns.stop, rows.stop).moved(columns=place.left, rows=place.top),
            np.asarray(labels[rows, columns] == number),
        )
        for number, (rows, columns) in enumerate(scipy.ndimage.find_objects(labels), start=1)
        if areas[number - 1] >= large
    ]


def touching_parts(mask: NDArray[Any]) -> tuple[NDArray[np.int32], Box]:
    """Number the parts of a mask whose pixels touch, also at a corner, from 1; 0 is not marked.

    Returns:
        The numbers within the smallest box around everything marked, and that box. An empty mask gives one zero.
    """
    if not mask.any():
        return np.zeros((1, 1), dtype=np.int32), Box(0, 0, 1, 1)
    place = Box.from_mask(mask)
    labels, _ = scipy.ndimage.label(
        mask[place.top : place.bottom, place.left : place.right], structure=np.ones((3, 3), dtype=bool)
    )
    return labels, place
