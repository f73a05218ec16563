"""Preparing every image of a table once, in parallel, and naming all images that cannot be used."""

import itertools
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thyrosight.cohort import nodule_box
from thyrosight.errors import ImageError
from thyrosight.files import sha256_of_file, sha256_of_json
from thyrosight.imaging import Box, Frame, Preparation, prepare_wide, read_frame
from thyrosight.memory import keep_freed_memory
from thyrosight.progress import Progress
from thyrosight.training.stopwatch import Stopwatch
from thyrosight.training.store import Margins, PixelStore, Record
from thyrosight.training.wide import wide_record

Pixels = NDArray[np.uint8]
Make = Callable[[Frame, Any], tuple[Pixels, Record]]
"""Turns a frame and its annotation (a nodule's box, unless `fill` is given another) into stored pixels and a record."""
_CHUNK = 64


class MemoryStore:
    """A `PixelStore` in memory; `flat` keeps images of any size one after the other in one array."""

    def __init__(self, *, flat: bool = False) -> None:
        self.records: dict[str, Record] = {}
        self._images: list[Pixels] = []
        self._flat = flat
        self._end = 0

    def add(self, name: str, pixels: Pixels, record: Record) -> None:
        """Keep one image under `name`."""
        self.records[name] = {**record, "row": len(self._images), "shape": list(pixels.shape), "start": self._end}
        self._images.append(pixels.ravel() if self._flat else pixels)
        self._end += pixels.size

    def array(self) -> Pixels:
        """All images."""
        return np.concatenate(self._images) if self._flat else np.stack(self._images)


def plainly(preparation: Preparation) -> Make:
    """Prepare each image with `preparation`."""

    def make(frame: Frame, box: Box | None) -> tuple[Pixels, Record]:
        prepared = preparation.prepare(frame, box=box)
        return prepared.pixels, {"nodule": prepared.nodule, "notes": prepared.notes}

    return make


def widely(preparation: Preparation, margins: Margins) -> Make:
    """Prepare crops that hold every margin of a range.

    Raises:
        ImageError: the preparation does not crop nodules.
    """
    if preparation.crop != "nodule":
        raise ImageError(f"A range of margins needs the crop 'nodule', got {preparation.crop!r}.")

    def make(frame: Frame, box: Box | None) -> tuple[Pixels, Record]:
        crop = prepare_wide(preparation, frame, box=box, margins=margins)
        return crop.pixels, wide_record(crop)

    return make


def fill(
    store: PixelStore | MemoryStore,
    rows: pd.DataFrame,
    make: Make,
    *,
    report: Progress,
    watch: Stopwatch,
    marked: Callable[[Any], Any] = nodule_box,
    also: Sequence[str] = (),
) -> list[Record]:
    """Put the image of every row into the store, unless it is there, and return the record of each row.

    `marked` gives the annotation of a row's image, which `make` takes beside the frame. `also` names columns of further
    files that `make` reads.

    Raises:
        ImageError: some images cannot be used; the error names all of them.
    """
    keep_freed_memory()
    found: list[Record] = []
    problems: list[str] = []

    def one(row: "pd.Series[Any]") -> tuple[str, Pixels | None, Record] | ImageError:
        try:
            with watch("reading"):
                name = _content_name(row, also)
                if name in store.records:
                    return name, None, {}
                frame = read_frame(row["image"])
                found_there = marked(row)
            with watch("preparing"):
                pixels, record = make(frame, found_there)
        except ImageError as error:
            return error
        return name, pixels, record

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


def _content_name(row: "pd.Series[Any]", also: Sequence[str]) -> str:
    """A hash over everything that the prepared pixels depend on, except the preparation."""
    masks = row.get("mask")
    files = [str(row["image"]), *(masks.split("|") if isinstance(masks, str) and masks else [])]
    files += [row[name] for name in also if isinstance(row.get(name), str) and row[name]]
    box = row.get("box")
    try:
        return sha256_of_json([[sha256_of_file(path) for path in files], box if isinstance(box, str) else None])
    except OSError as error:
        raise ImageError(f"{error.filename} cannot be read ({error.strerror}); check the path.") from error
