"""Variable-size input: images of different sizes in one array of pixels, and batches of images of one size."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thyrosight.training.store import Record

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class VariableSizes:
    """The place of each of m images in one array of pixels.

    Attributes:
        starts: int64 `(m,)`, position of the first pixel.
        sides: int64 `(m, 2)`, rows and columns.
        channels: channels of every image; None for grey images without an axis of channels.
    """

    starts: NDArray[np.int64]
    sides: NDArray[np.int64]
    channels: int | None = None

    @classmethod
    def of(cls, records: Sequence[Record]) -> "VariableSizes":
        """Read the places from the records of a flat store; images without a record stay empty."""
        count = 1 + max(record["row"] for record in records)
        starts, sides = np.zeros(count, dtype=np.int64), np.zeros((count, 2), dtype=np.int64)
        for record in records:
            starts[record["row"]], sides[record["row"]] = record["start"], record["shape"][:2]
        channels = records[0]["shape"][2:]
        return cls(starts, sides, channels[0] if channels else None)

    def images(self, store: Pixels, rows: NDArray[np.int64]) -> Pixels:
        """Copy of images of one size, `(n, rows, columns[, channels])`.

        Raises:
            ValueError: their sizes differ.
        """
        if len(rows) == 0:
            return np.zeros((0, 0, 0), dtype=np.uint8)
        sides = self.sides[rows]
        if (sides != sides[0]).any():
            raise ValueError("these images differ in shape; take those of one shape at a time")
        shape = (*(int(side) for side in sides[0]), *(() if self.channels is None else (self.channels,)))
        count = int(np.prod(shape))
        return np.stack([np.asarray(store[start : start + count]).reshape(shape) for start in self.starts[rows]])


def flat(images: Sequence[Pixels]) -> tuple[Pixels, VariableSizes]:
    """Images in memory as one array of pixels, and the place of each."""
    ends = np.cumsum([image.size for image in images])
    records = [
        {"row": row, "start": int(end) - image.size, "shape": list(image.shape)}
        for row, (image, end) in enumerate(zip(images, ends, strict=True))
    ]
    return np.concatenate([image.ravel() for image in images]), VariableSizes.of(records)


def by_shape(sides: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Indices of the images of each size, smallest size first.

    >>> by_shape(np.array([[64, 96], [64, 64], [64, 96]]))
    [array([1]), array([0, 2])]
    """
    shapes, which = np.unique(sides, axis=0, return_inverse=True)
    return [np.flatnonzero(which.ravel() == number) for number in range(len(shapes))]
