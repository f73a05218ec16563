"""Pairs of images, prepared once: both images, each of them alone, or one of them hidden."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self, cast

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from thyrosight.cohort import nodule_box
from thyrosight.imaging import Box, Frame, PairPreparation, read_frame
from thyrosight.imaging.pairs import CHANNELS, Kind
from thyrosight.progress import Progress, silent
from thyrosight.training.filling import Make, MemoryStore, Pixels, fill
from thyrosight.training.prepared import PreparedSet, numbers_of
from thyrosight.training.stopwatch import Stopwatch
from thyrosight.training.store import Record, open_folder, store_name
from thyrosight.training.variable_size import VariableSizes

KINDS: tuple[Kind, Kind] = ("first", "second")
_NONE = np.zeros((0, 2), dtype=np.bool_)


@dataclass(frozen=True, eq=False)
class PairedSet(PreparedSet):
    """A `PreparedSet` of pairs: `store` is uint8 `(m, size, size, 4)`, the first image grey and the second RGB.

    An image that is all black counts as absent. With variable-size input (a preparation of the shape `own`) both images
    of a pair have one size, and sizes of pairs differ.

    Attributes:
        there: `(m, 2)`, whether the first and the second image of each pair in `store` are present.
        hidden: `(n, 2)`, whether this set hides them.
    """

    there: NDArray[np.bool_] = field(default_factory=lambda: _NONE)
    hidden: NDArray[np.bool_] = field(default_factory=lambda: _NONE)

    @classmethod
    def of(
        cls, pixels: NDArray[np.uint8] | Sequence[NDArray[np.uint8]], labels: ArrayLike, keys: Sequence[str] = ()
    ) -> Self:
        """A set of pairs in memory; see `PreparedSet.of`."""
        there = np.array([[image[..., CHANNELS[kind]].any() for kind in KINDS] for image in pixels], dtype=np.bool_)
        return replace(super().of(pixels, labels, keys), there=there, hidden=np.zeros_like(there))

    @property
    def shown(self) -> NDArray[np.bool_]:
        """Whether the set shows each image of each pair, `(n, 2)`."""
        return np.asarray(self.there[self.rows] & ~self.hidden)

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """Copy of all pairs `(n, size, size, 4)`."""
        return self.batch(np.arange(len(self)))

    def batch(self, indices: NDArray[np.int64], *, margins: Sequence[float] | None = None) -> NDArray[np.uint8]:
        """Copy of the pairs at `indices`, in that order; margins are not drawn for pairs."""
        return hide(super().batch(indices, margins=margins), self.hidden[indices])

    def take(self, chosen: NDArray[np.int64]) -> Self:
        """The pairs at these indices, in the order given."""
        return replace(super().take(chosen), hidden=self.hidden[chosen])

    def singles(self) -> Self:
        """Every image alone, with the other image of its pair hidden: for training on a mixture of both kinds.

        Keys end in `#first` and `#second`.
        """
        pairs, kinds = np.nonzero(self.shown)
        keys = tuple(f"{self.keys[pair]}#{KINDS[kind]}" for pair, kind in zip(pairs, kinds, strict=True))
        return replace(self.take(pairs), keys=keys, hidden=np.eye(2, dtype=np.bool_)[1 - kinds])

    def only(self, kind: Kind) -> Self:
        """The pairs with this kind of image, the other image hidden: a test with one modality absent."""
        part = self.take(np.flatnonzero(self.shown[:, KINDS.index(kind)]))
        hidden = np.zeros_like(part.hidden)
        hidden[:, 1 - KINDS.index(kind)] = True
        return replace(part, hidden=hidden)

    def image(self, kind: Kind) -> "OneKindSet":
        """One kind of image from all pairs that show it, for networks of one image; the first grey, the second RGB."""
        part = self.take(np.flatnonzero(self.shown[:, KINDS.index(kind)]))
        boxes = part.nodules if kind == "first" else (None,) * len(part)
        return OneKindSet(
            part.store,
            part.rows,
            part.labels,
            part.keys,
            part.classes,
            boxes,
            part.notes,
            shapes=part.shapes,
            kind=kind,
        )


@dataclass(frozen=True, eq=False)
class OneKindSet(PreparedSet):
    """One kind of image from the store of a `PairedSet`."""

    kind: Kind = "first"

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """Copy of all images, `(n, size, size)` or `(n, size, size, 3)`."""
        return self.batch(np.arange(len(self)))

    def batch(self, indices: NDArray[np.int64], *, margins: Sequence[float] | None = None) -> NDArray[np.uint8]:
        """Copy of the images at `indices`, in that order; margins are not drawn for pairs."""
        pairs = super().batch(indices, margins=margins)
        return np.ascontiguousarray(pairs[..., 0] if self.kind == "first" else pairs[..., CHANNELS["second"]])


def hide(pairs: NDArray[np.uint8], hidden: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Set the images of `(n, rows, columns, 4)` that `hidden` `(n, 2)` marks to black, in place."""
    for kind, marked in zip(KINDS, hidden.T, strict=True):
        pairs[marked, ..., CHANNELS[kind]] = 0
    return pairs


def prepare_paired_set(
    rows: pd.DataFrame,
    pair: PairPreparation,
    *,
    classes: Sequence[str] = ("benign", "malignant"),
    cache: Path | None = None,
    progress: Progress | None = None,
    stopwatch: Stopwatch | None = None,
) -> PairedSet:
    """Read and prepare every image of a cohort table with its second image once, in parallel.

    Args:
        rows: a cohort's table or some of its rows (columns key, image, label, box or mask where there are any, and
            elastogram, empty where there is none).
        pair: preparation of both images.
        classes, cache, progress, stopwatch: as for `prepare_set`.

    Raises:
        ImageError: some images cannot be used; the error names all of them.
        CohortError: a label is not one of `classes`.
        OutputError: the cache cannot be written.
    """
    labels, own = numbers_of(rows, tuple(classes)), pair.first.shape == "own"
    report, watch = progress or silent, stopwatch or Stopwatch()
    also = ("elastogram",) if pair.second_from == "elastogram" else ()

    def filled(store: Any) -> tuple[Pixels, list[Record]]:
        found = fill(store, rows, _both(pair), report=report, watch=watch, marked=_marked, also=also)
        return store.array(), found

    if cache is None:
        array, found = filled(MemoryStore(flat=own))
    else:
        size = pair.first.size
        with open_folder(cache / f"{store_name(pair)}-pairs", None if own else (size, size, 4)) as store:
            array, found = filled(store)
    numbers = np.array([record["row"] for record in found], dtype=np.int64)
    there = np.zeros((1 + int(numbers.max()), 2), dtype=np.bool_)
    there[numbers] = [record["there"] for record in found]
    return PairedSet(
        store=array,
        rows=numbers,
        labels=labels,
        keys=tuple(str(key) for key in rows["key"]),
        classes=tuple(classes),
        nodules=tuple(None if record["nodule"] is None else tuple(record["nodule"]) for record in found),
        notes=tuple(tuple(record["notes"]) for record in found),
        shapes=VariableSizes.of(found) if own else None,
        there=there,
        hidden=np.zeros((len(numbers), 2), dtype=np.bool_),
    )


@dataclass(frozen=True)
class _Marked:
    """A nodule's box if it is known, and the file of the second image."""

    box: Box | None
    elastogram: str | None


def _marked(row: Any) -> _Marked:
    name = row.get("elastogram")
    return _Marked(nodule_box(row), name if isinstance(name, str) and name else None)


def _both(pair: PairPreparation) -> Make:
    def make(frame: Frame, marked: _Marked) -> tuple[Pixels, Record]:
        named = marked.elastogram is not None and pair.second_from == "elastogram"
        second = read_frame(cast(str, marked.elastogram)) if named else None
        prepared = pair.prepare(frame, second, box=marked.box)
        nodule = None if prepared.first is None else prepared.first.nodule
        there = [prepared.shows(kind) for kind in KINDS]
        return prepared.pixels, {"nodule": nodule, "notes": prepared.notes, "there": there}

    return make
