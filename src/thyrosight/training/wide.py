"""Nodule crops that hold every margin of a range, for training with random margins."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thyrosight.files import sha256_of_bytes, sha256_of_json
from thyrosight.imaging import Box, Preparation, WideCrop, crop_at_margin
from thyrosight.training.mapped import MappedState
from thyrosight.training.store import Margins, Record


@dataclass(frozen=True, eq=False)
class WideSet(MappedState):
    """Wide crops of different sizes.

    Attributes:
        store: uint8 `(pixels,)`, all pixels in one array, in memory or mapped from a file.
        records: by number of the image the shape and start of its pixels, its window, box and spacing.
        preparation: preparation of the crops that are cut from them.
        margins: the smallest and the largest margin, in the unit of the preparation's margin.
    """

    store: NDArray[np.uint8]
    records: Mapping[int, Record]
    preparation: Preparation
    margins: Margins

    def crop(self, number: int) -> WideCrop:
        """One wide crop."""
        record = self.records[number]
        count = int(np.prod(record["shape"]))
        pixels = np.asarray(self.store[record["start"] : record["start"] + count]).reshape(record["shape"])
        return WideCrop(
            pixels=pixels,
            window=Box.from_text(record["window"]),
            box=None if record["box"] is None else Box.from_text(record["box"]),
            spacing_mm=None if record["spacing_mm"] is None else tuple(record["spacing_mm"]),
        )

    def cut(self, numbers: Iterable[int], margins: Sequence[float]) -> NDArray[np.uint8]:
        """Images by their numbers, each cropped with its margin: uint8 `(n, size, size[, 3])`."""

        def one(number: int, margin: float) -> NDArray[np.uint8]:
            return crop_at_margin(self.preparation, self.crop(number), margin)

        # Resizing releases Python's global lock, so that threads run in parallel.
        with ThreadPoolExecutor(max_workers=min(os.cpu_count() or 1, 8)) as threads:
            return np.stack(list(threads.map(one, numbers, margins)))

    def digest(self, numbers: Iterable[int]) -> str:
        """SHA-256 over everything that crops of these images depend on."""
        return sha256_of_bytes(self._content(numbers))

    def _content(self, numbers: Iterable[int]) -> Iterator[bytes]:
        yield sha256_of_json([self.preparation.digest(), list(self.margins)]).encode("ascii")
        for number in numbers:
            crop = self.crop(number)
            yield sha256_of_json([crop.pixels.shape, wide_record(crop)]).encode("ascii")
            yield crop.pixels.tobytes()


def wide_record(crop: WideCrop) -> Record:
    """The record of a wide crop that is stored beside its pixels, as JSON."""
    return {
        "window": crop.window.to_text(),
        "box": None if crop.box is None else crop.box.to_text(),
        "spacing_mm": None if crop.spacing_mm is None else list(crop.spacing_mm),
    }
