"""The folder of a phantom cohort: the check of its content, its files and its table."""

import json
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

import numpy as np
from PIL import Image

from thyrosight.errors import OutputError
from thyrosight.files import make_folder, write_atomically, write_csv, write_json
from thyrosight.memory import keep_freed_memory
from thyrosight.progress import Progress

MANIFEST = "cohort.csv"
DESCRIPTION = "phantom.json"

_FEWEST = 20
"""Images for each process below which starting it takes longer than it saves."""
_CHUNK = 4
"""Images given to a process at a time."""
_RUN_LENGTHS = 3
"""zlib's Z_RLE."""

_Image = TypeVar("_Image")


@dataclass(frozen=True)
class CohortStamp:
    """The entries of `phantom.json` by which a run recognises its own folder.

    Attributes:
        format: number that is raised whenever the same seed gives other images.
        seed: seed of the cohort.
        options: differences from a plain cohort, as JSON.
        kind: content of the images; "" for thyroid nodules, whose description names no kind.
    """

    format: int
    seed: int
    options: Mapping[str, Any] = field(default_factory=dict)
    kind: str = ""


def require_own_folder(folder: Path, stamp: CohortStamp, *, n: int) -> None:
    """Refuse impossible numbers, and a folder with other files than phantoms of this stamp.

    Raises:
        OutputError: a number is impossible, or the folder holds other files; nothing was written.
    """
    if n < 1 or stamp.seed < 0:
        raise OutputError(
            f"A phantom cohort needs n of at least 1 and seed of at least 0, got n {n} and seed {stamp.seed}."
        )
    if not folder.exists():
        return
    if not folder.is_dir():
        raise OutputError(f"Could not write phantoms to {folder}: it is a file; choose a folder.")
    if not any(folder.iterdir()):
        return
    try:
        found = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        written = (found["format"], found["seed"])
    except (OSError, ValueError, KeyError, TypeError):
        raise OutputError(
            f"{folder} is not empty and holds no phantom cohort; choose a new or empty folder, nothing was written."
        ) from None
    if found.get("kind", "") != stamp.kind:
        kind = found.get("kind") or "thyroid nodules"
        raise OutputError(
            f"{folder} holds phantoms of {kind}, not of {stamp.kind or 'thyroid nodules'}; choose another folder."
        )
    if written != (stamp.format, stamp.seed):
        raise OutputError(
            f"{folder} holds phantoms of seed {written[1]} (format {written[0]}), not of seed {stamp.seed} "
            f"(format {stamp.format}); choose another folder or the same seed."
        )
    if found.get("options", {}) != json.loads(json.dumps(stamp.options)):
        raise OutputError(f"{folder} holds phantoms of other options; choose another folder or the same options.")


def write_cohort(
    folder: Path,
    *,
    images: Sequence[_Image],
    description: Mapping[str, Any],
    write_image: Callable[[_Image], dict[str, Any]],
    workers: int = 1,
    progress: Progress | None = None,
) -> Path:
    """Write images and table to a folder that `require_own_folder` has accepted; return the path of the table.

    Args:
        folder: output folder; `images/` and `masks/` are created in it.
        images: images in the order of the table.
        description: content of `phantom.json`, written first so that an interrupted run can resume.
        write_image: writes the files of one image unless they exist, and returns its row of the table. Several
            processes must be able to import it.
        workers: number of processes; the files are the same for any number.
        progress: called with ("phantom images", done, all).

    Raises:
        OutputError: a file cannot be written, or a process was lost.
    """
    keep_freed_memory()
    make_folder(folder / "images")
    make_folder(folder / "masks")
    write_json(folder / DESCRIPTION, dict(description))
    rows = []
    if progress:
        progress("phantom images", 0, len(images))
    with _mapping(min(workers, len(images) // _FEWEST)) as over_all:
        for row in over_all(write_image, images):
            rows.append(row)
            if progress and len(rows) < len(images):
                progress("phantom images", len(rows), len(images))
    write_csv(folder / MANIFEST, rows)
    if progress:
        progress("phantom images", len(images), len(images))
    return folder / MANIFEST


@contextmanager
def _mapping(workers: int) -> Iterator[Callable[..., Iterable[dict[str, Any]]]]:
    """Give `map`, here or over several processes; images that wait are left out when the block ends early."""
    if workers < 2:
        yield map
        return
    pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=_begin)
    try:
        yield partial(pool.map, chunksize=_CHUNK)
    except BrokenProcessPool:
        raise OutputError(
            "A process that wrote phantoms was ended from outside, perhaps for lack of memory; run the same command "
            "again, with fewer workers."
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    """Leave Ctrl-C to the process that started this one, and end with it when it is killed."""
    keep_freed_memory()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def save_png(path: Path, pixels: np.ndarray[Any, np.dtype[np.uint8]]) -> None:
    """Write a picture to a temporary name and move it, always with the same bytes.

    Grey speckle repeats nothing: looking for more than runs of one value would take longer and save nothing.
    """
    strategy = {"compress_type": _RUN_LENGTHS} if pixels.ndim == 2 else {}
    with write_atomically(path) as temporary:
        Image.fromarray(pixels).save(temporary, format="PNG", compress_level=1, **strategy)
