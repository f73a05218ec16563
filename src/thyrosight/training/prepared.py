"""Images read and prepared once, for any number of epochs and splits."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from thyrosight.errors import CohortError
from thyrosight.files import sha256_of_bytes, sha256_of_json
from thyrosight.imaging import Preparation
from thyrosight.progress import Progress
from thyrosight.training.filling import MemoryStore, fill, plainly, widely
from thyrosight.training.mapped import MappedState
from thyrosight.training.stopwatch import Stopwatch
from thyrosight.training.store import Margins, Record, open_store
from thyrosight.training.variable_size import VariableSizes, flat
from thyrosight.training.wide import WideSet

NoduleBox = tuple[float, float, float, float]
_CHUNK = 64


@dataclass(frozen=True, eq=False)
class PreparedSet(MappedState):
    """Prepared images with their labels. Selecting some of them copies nothing.

    Attributes:
        store: uint8 `(m, size, size)` or `(m, size, size, 3)`, in memory or mapped from a file; for variable-size input
            all pixels in one array `(pixels,)`.
        rows: `(n,)`, position of each image in `store`.
        labels: int64 `(n,)`, index into `classes`.
        keys: n short names.
        classes: names of the labels.
        nodules: nodule box of each image in prepared pixels (left, top, right, bottom), or None.
        notes: remarks of the preparation on each image.
        wide: the same images (rows of `store`) with every margin of a range, for training with random margins.
        shapes: sizes and places of the images, for variable-size input.
    """

    store: NDArray[np.uint8]
    rows: NDArray[np.int64]
    labels: NDArray[np.int64]
    keys: tuple[str, ...]
    classes: tuple[str, ...] = ("benign", "malignant")
    nodules: tuple[NoduleBox | None, ...] = ()
    notes: tuple[tuple[str, ...], ...] = ()
    wide: WideSet | None = None
    shapes: VariableSizes | None = None

    @classmethod
    def of(
        cls, pixels: NDArray[np.uint8] | Sequence[NDArray[np.uint8]], labels: ArrayLike, keys: Sequence[str] = ()
    ) -> Self:
        """A set of images in memory, in one array or, for variable-size input, as a sequence.

        Without `keys` the images are numbered.
        """
        names = tuple(keys) or tuple(f"image-{number}" for number in range(len(pixels)))
        store, shapes = (pixels, None) if isinstance(pixels, np.ndarray) else flat(pixels)
        return cls(
            store=store,
            rows=np.arange(len(pixels)),
            labels=np.asarray(labels, dtype=np.int64),
            keys=names,
            nodules=(None,) * len(pixels),
            notes=((),) * len(pixels),
            shapes=shapes,
        )

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def sides(self) -> NDArray[np.int64]:
        """Rows and columns of each image, `(n, 2)`."""
        if self.shapes is not None:
            return self.shapes.sides[self.rows]
        return np.tile(np.array(self.store.shape[1:3], dtype=np.int64), (len(self), 1))

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """All images `(n, ...)`: the store itself if it holds exactly these images in this order, else a copy.

        Raises:
            ValueError: their sizes differ.
        """
        if self.shapes is not None:
            return self.batch(np.arange(len(self)))
        whole = len(self.rows) == len(self.store) and bool((self.rows == np.arange(len(self.rows))).all())
        return self.store if whole else self.store[self.rows]

    def batch(self, indices: NDArray[np.int64], *, margins: Sequence[float] | None = None) -> NDArray[np.uint8]:
        """Copy of the images at `indices`, in that order; `margins` gives each image's crop a margin.

        Raises:
            ValueError: their sizes differ.
        """
        if margins is not None:
            if self.wide is None:
                raise ValueError("this set was prepared without a range of margins")
            return self.wide.cut(self.rows[indices].tolist(), margins)
        if self.shapes is not None:
            return self.shapes.images(self.store, self.rows[indices])
        return np.asarray(self.store[self.rows[indices]])

    def select(self, keys: Iterable[str]) -> Self:
        """The images with these keys, in the order given.

        Raises:
            CohortError: a key is not in the set.
        """
        place = {key: index for index, key in enumerate(self.keys)}
        names = tuple(keys)
        unknown = [key for key in names if key not in place]
        if unknown:
            raise CohortError(f"{len(unknown)} images were not prepared, for example {unknown[0]}; prepare them too.")
        return self.take(np.array([place[key] for key in names], dtype=np.int64))

    def take(self, chosen: NDArray[np.int64]) -> Self:
        """The images at these indices, in the order given."""
        return replace(
            self,
            rows=self.rows[chosen],
            labels=self.labels[chosen],
            keys=tuple(self.keys[index] for index in chosen),
            nodules=tuple(self.nodules[index] for index in chosen),
            notes=tuple(self.notes[index] for index in chosen),
        )

    def digest(self) -> str:
        """SHA-256 over keys, labels and pixels in their order, and over the range of margins if there is one."""
        return sha256_of_bytes(self._content())

    def _content(self) -> Iterator[bytes]:
        yield sha256_of_json([self.keys, self.labels.tolist(), self.classes]).encode("ascii")
        if self.shapes is not None:
            yield self.sides.astype("<i8").tobytes()
        chunk = _CHUNK if self.shapes is None else 1
        for start in range(0, len(self), chunk):
            yield self.batch(np.arange(start, min(start + chunk, len(self)))).tobytes()
        if self.wide is not None:
            yield self.wide.digest(self.rows.tolist()).encode("ascii")


def prepare_set(
    rows: pd.DataFrame,
    preparation: Preparation,
    *,
    classes: Sequence[str] = ("benign", "malignant"),
    cache: Path | None = None,
    margins: Margins | None = None,
    progress: Progress | None = None,
    stopwatch: Stopwatch | None = None,
) -> PreparedSet:
    """Read and prepare every image of a cohort table once, in parallel.

    Args:
        rows: a cohort's table or some of its rows (columns key, image, label, and box or mask where there are any).
        preparation: preparation of each image.
        classes: names of the labels in the order of their numbers.
        cache: folder that keeps the prepared pixels for the next run, also after a crash. They are stored under a hash
            of image, box, mask and preparation. None keeps them in memory only.
        margins: also keep crops that hold every margin of this range, in the unit of the preparation's margin, for
            training with random margins (`Augmentation.margin_range`).
        progress: called after each image.
        stopwatch: adds up seconds of "reading" and "preparing" over the threads.

    Raises:
        ImageError: some images cannot be used; the error names all of them.
        CohortError: a label is not one of `classes`.
        OutputError: the cache cannot be written.
    """
    labels = numbers_of(rows, tuple(classes))
    report = progress or (lambda what, done, total: None)
    watch = stopwatch or Stopwatch()
    array, found = _filled(rows, preparation, cache=cache, margins=None, report=report, watch=watch)
    numbers = np.array([record["row"] for record in found], dtype=np.int64)
    wide = None
    if margins is not None:
        pixels, crops = _filled(rows, preparation, cache=cache, margins=margins, report=report, watch=watch)
        wide = WideSet(pixels, dict(zip(numbers.tolist(), crops, strict=True)), preparation, margins)
    return PreparedSet(
        store=array,
        rows=numbers,
        labels=labels,
        keys=tuple(str(key) for key in rows["key"]),
        classes=tuple(classes),
        nodules=tuple(None if record["nodule"] is None else tuple(record["nodule"]) for record in found),
        notes=tuple(tuple(record["notes"]) for record in found),
        wide=wide,
        shapes=VariableSizes.of(found) if preparation.shape == "own" else None,
    )


def _filled(
    rows: pd.DataFrame,
    preparation: Preparation,
    *,
    cache: Path | None,
    margins: Margins | None,
    report: Progress,
    watch: Stopwatch,
) -> tuple[NDArray[np.uint8], list[Record]]:
    """The store of prepared images (of wide crops if margins are given), and each row's record."""
    make = plainly(preparation) if margins is None else widely(preparation, margins)
    if cache is None:
        memory = MemoryStore(flat=margins is not None or preparation.shape == "own")
        found = fill(memory, rows, make, report=report, watch=watch)
        return memory.array(), found
    with open_store(cache, preparation, margins=margins) as store:
        found = fill(store, rows, make, report=report, watch=watch)
        return store.array(), found


def numbers_of(rows: pd.DataFrame, classes: tuple[str, ...]) -> NDArray[np.int64]:
    """Labels as numbers, in the order of `classes`."""
    if len(rows) == 0:
        raise CohortError("There is no image to prepare; the table is empty.")
    unknown = rows[~rows["label"].isin(classes)]
    if len(unknown):
        first = unknown.iloc[0]
        raise CohortError(f"{first['key']}: the label {first['label']!r} is not one of {', '.join(classes)}.")
    return np.array([classes.index(label) for label in rows["label"]], dtype=np.int64)
