"""Images read and prepared once, ready for any number of epochs and divisions."""

import hashlib
import itertools
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from thyrosight.cohort import nodule_box
from thyrosight.errors import CohortError, ImageError
from thyrosight.files import sha256_of_file, sha256_of_json
from thyrosight.imaging import Preparation, read_frame
from thyrosight.training.stopwatch import Stopwatch
from thyrosight.training.store import PixelStore, Record, open_store

Progress = Callable[[str, int, int], None]
NoduleBox = tuple[float, float, float, float]
_CHUNK = 64


@dataclass(frozen=True, eq=False)
class PreparedSet:
    """Prepared images with their labels. Selecting some of them copies nothing.

    Attributes:
        store: uint8 `(m, size, size)` or `(m, size, size, 3)`, in memory or mapped from a file.
        rows: which image of `store` each of the n images is.
        labels: int64 `(n,)`, index into `classes`.
        keys: n short names.
        classes: names of the labels.
        nodules: per image the nodule box in prepared pixels (left, top, right, bottom), or None.
        notes: per image what preparation had to say.
    """

    store: NDArray[np.uint8]
    rows: NDArray[np.int64]
    labels: NDArray[np.int64]
    keys: tuple[str, ...]
    classes: tuple[str, ...] = ("benign", "malignant")
    nodules: tuple[NoduleBox | None, ...] = ()
    notes: tuple[tuple[str, ...], ...] = ()

    @classmethod
    def of(cls, pixels: NDArray[np.uint8], labels: ArrayLike, keys: Sequence[str] = ()) -> "PreparedSet":
        """A set over images that are in memory already; keys are made up where none are given."""
        names = tuple(keys) or tuple(f"image-{number}" for number in range(len(pixels)))
        return cls(
            store=pixels,
            rows=np.arange(len(pixels)),
            labels=np.asarray(labels, dtype=np.int64),
            keys=names,
            nodules=(None,) * len(pixels),
            notes=((),) * len(pixels),
        )

    def __len__(self) -> int:
        return len(self.rows)

    def __getstate__(self) -> dict[str, Any]:
        """For other processes: a mapped file is sent by its name, not by its content."""
        state = dict(self.__dict__)
        if isinstance(self.store, np.memmap) and self.store.filename is not None and self.store.offset == 0:
            state["store"] = (str(self.store.filename), self.store.shape)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        if isinstance(state["store"], tuple):
            name, shape = state["store"]
            state["store"] = np.memmap(name, dtype=np.uint8, mode="r", shape=shape)
        self.__dict__.update(state)

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """All images `(n, ...)`: the store itself where it holds just these in this order, else a copy."""
        whole = len(self.rows) == len(self.store) and bool((self.rows == np.arange(len(self.rows))).all())
        return self.store if whole else self.store[self.rows]

    def batch(self, indices: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Copy of the images at `indices`, in that order."""
        return np.asarray(self.store[self.rows[indices]])

    def select(self, keys: Iterable[str]) -> "PreparedSet":
        """The images named, in the order given.

        Raises:
            CohortError: a key that is not in the set.
        """
        place = {key: index for index, key in enumerate(self.keys)}
        names = tuple(keys)
        unknown = [key for key in names if key not in place]
        if unknown:
            raise CohortError(f"{len(unknown)} images were not prepared, for example {unknown[0]}; prepare them too.")
        chosen = np.array([place[key] for key in names], dtype=np.int64)
        return replace(
            self,
            rows=self.rows[chosen],
            labels=self.labels[chosen],
            keys=names,
            nodules=tuple(self.nodules[index] for index in chosen),
            notes=tuple(self.notes[index] for index in chosen),
        )

    def digest(self) -> str:
        """SHA-256 over keys, labels and pixels in their order."""
        digest = hashlib.sha256(sha256_of_json([self.keys, self.labels.tolist(), self.classes]).encode("ascii"))
        for start in range(0, len(self), _CHUNK):
            digest.update(self.store[self.rows[start : start + _CHUNK]].tobytes())
        return digest.hexdigest()


def prepare_set(
    rows: pd.DataFrame,
    preparation: Preparation,
    *,
    classes: Sequence[str] = ("benign", "malignant"),
    cache: Path | None = None,
    progress: Progress | None = None,
    stopwatch: Stopwatch | None = None,
) -> PreparedSet:
    """Read and prepare every image of a cohort table once, in parallel.

    Args:
        rows: a cohort's table or some of its rows (columns key, image, label, and box or mask where there are any).
        preparation: what is done to each image.
        classes: names of the labels in the order of their numbers.
        cache: folder that keeps the prepared pixels for the next run, however this one ends. They are found again by
            the content of image, box and mask, and by what prepares them. None keeps them in memory only.
        progress: called after each image.
        stopwatch: adds up seconds of "reading" and "preparing" over the threads.

    Raises:
        ImageError: names every image that cannot be used, after all were tried.
        CohortError: a label that is not one of `classes`.
        OutputError: the cache cannot be written.
    """
    labels = _labels(rows, tuple(classes))
    report = progress or (lambda what, done, total: None)
    watch = stopwatch or Stopwatch()
    if cache is not None:
        with open_store(cache, preparation) as store:
            found = _prepare_into(store, rows, preparation, report, watch)
            array = store.array()
    else:
        memory = _MemoryStore()
        found = _prepare_into(memory, rows, preparation, report, watch)
        array = memory.array()
    return PreparedSet(
        store=array,
        rows=np.array([record["row"] for record in found], dtype=np.int64),
        labels=labels,
        keys=tuple(str(key) for key in rows["key"]),
        classes=tuple(classes),
        nodules=tuple(None if record["nodule"] is None else tuple(record["nodule"]) for record in found),
        notes=tuple(tuple(record["notes"]) for record in found),
    )


class _MemoryStore:
    """What `PixelStore` is on disk, in memory."""

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}
        self._images: list[NDArray[np.uint8]] = []

    def add(self, name: str, pixels: NDArray[np.uint8], record: Record) -> None:
        self.records[name] = {**record, "row": len(self._images)}
        self._images.append(pixels)

    def array(self) -> NDArray[np.uint8]:
        return np.stack(self._images)


def _prepare_into(
    store: PixelStore | _MemoryStore,
    rows: pd.DataFrame,
    preparation: Preparation,
    report: Progress,
    watch: Stopwatch,
) -> list[Record]:
    """Bring every row's image into the store; its record per row."""
    found: list[Record] = []
    problems: list[str] = []

    def one(row: "pd.Series[Any]") -> tuple[str, NDArray[np.uint8] | None, Record] | ImageError:
        try:
            with watch("reading"):
                name = _content_name(row)
                if name in store.records:
                    return name, None, {}
                frame = read_frame(row["image"])
                box = nodule_box(row)
            with watch("preparing"):
                prepared = preparation.prepare(frame, box=box)
        except ImageError as error:
            return error
        return name, prepared.pixels, {"nodule": prepared.nodule, "notes": prepared.notes}

    every = (row for _, row in rows.iterrows())
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as threads:
        # A chunk at a time: a Ctrl-C waits for little, and prepared images do not pile up in memory.
        while chunk := list(itertools.islice(every, _CHUNK)):
            for row, outcome in zip(chunk, threads.map(one, chunk), strict=True):
                if isinstance(outcome, ImageError):
                    problems.append(f"{row['key']}: {outcome}")
                    continue
                name, pixels, record = outcome
                if pixels is not None and name not in store.records:
                    store.add(name, pixels, record)
                found.append(store.records[name])
                report("Preparing images", len(found) + len(problems), len(rows))
    if problems:
        listed = "\n".join(problems)
        raise ImageError(f"{len(problems)} of {len(rows)} images cannot be used; correct or leave them out:\n{listed}")
    return found


def _content_name(row: "pd.Series[Any]") -> str:
    """A name made of everything the prepared pixels depend on besides the preparation."""
    masks = row.get("mask")
    files = [str(row["image"]), *(masks.split("|") if isinstance(masks, str) and masks else [])]
    box = row.get("box")
    try:
        return sha256_of_json([[sha256_of_file(path) for path in files], box if isinstance(box, str) else None])
    except OSError as error:
        raise ImageError(f"{error.filename} cannot be read ({error.strerror}); check the path.") from error


def _labels(rows: pd.DataFrame, classes: tuple[str, ...]) -> NDArray[np.int64]:
    """Labels as numbers."""
    if len(rows) == 0:
        raise CohortError("There is no image to prepare; the table is empty.")
    unknown = rows[~rows["label"].isin(classes)]
    if len(unknown):
        first = unknown.iloc[0]
        raise CohortError(f"{first['key']}: the label {first['label']!r} is not one of {', '.join(classes)}.")
    return np.array([classes.index(label) for label in rows["label"]], dtype=np.int64)
