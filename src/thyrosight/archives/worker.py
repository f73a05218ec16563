"""The work of one part: its images read, assessed and written as one file, on any machine."""

import platform
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from thyrosight import __version__
from thyrosight.archives.fetched import fetched, needs_fetching
from thyrosight.archives.items import Models
from thyrosight.archives.losses import Losses
from thyrosight.archives.parts import part_name, write_part
from thyrosight.archives.presence import Folders
from thyrosight.archives.rows import Cells, result_schema
from thyrosight.archives.worklist import Item, read_items
from thyrosight.errors import BundleError, ThyroSightError, ThyroSightWarning
from thyrosight.inference import Bundle, Predictor, Segmenter, load_bundle
from thyrosight.inference.loops import Frames
from thyrosight.progress import Progress

_AT_A_TIME = 32
"""Objects of an archive that are on this machine at a time."""


@dataclass(frozen=True)
class Opened:
    """How models are opened: device, backend and threads as for `load_bundle`."""

    device: str = "auto"
    backend: str = "auto"
    threads: int | None = None


@dataclass(frozen=True)
class Job:
    """Options that all workers share; each gets the number of its part besides.

    Attributes:
        work_list, results: folders of the parts, seen by all machines under these paths.
        model, model_hash: the model, and the hash that it must have everywhere.
        segmenter, segmenter_hash: a model that finds nodules, or None.
        frames: of loops, as for `thyrosight.assess`.
        opened: how the models are opened.
        keep: columns of the work list that are repeated in the results.
        run: hash of all that the results depend on.
    """

    work_list: Path
    results: Path
    model: Path
    model_hash: str
    segmenter: Path | None
    segmenter_hash: str | None
    frames: Frames
    opened: Opened
    keep: tuple[str, ...]
    run: str


def assess_part(parameters: Mapping[str, Any], folder: Path, progress: Progress, *, job: Job) -> dict[str, Any]:
    """Assess the images of one part and write their rows.

    Args:
        parameters: the number of the `part`, and the `digest` of its rows.
        folder: for what is needed meanwhile.
        progress: called as the work goes on.
        job: what all parts share.

    Raises:
        ThyroSightError: the part cannot be read or written here, this machine has not the model, or the images' folders
            or their archive are gone. Nothing is written then.
    """
    begin, begin_processor = time.monotonic(), time.process_time()
    items = read_items(job.work_list, parameters["part"], digest=parameters["digest"])
    models = Models(
        Predictor(_expected(job.model, job.model_hash, job.opened), helpers=False),  # there is a worker for each core
        None
        if job.segmenter is None
        else Segmenter(_expected(job.segmenter, str(job.segmenter_hash), job.opened), checked=False),
        job.frames,
    )
    images = [item for item in items if item.cells["image"] and not needs_fetching(item)]
    folders = Folders(images)
    with Losses(folder) as losses:
        rows = _rows(items, models, folder / "fetched", losses, progress)
    refusals = {row["item"] for row in rows if row.get("refused")}
    folders.require([item for item in images if item.number in refusals], of=len(items))
    rows.sort(key=lambda row: int(row["item"]))
    seconds = time.monotonic() - begin
    facts = _facts(models.predictor.bundle, job) | {
        "digest": parameters["digest"],
        "items": len(items),
        "seconds": seconds,
        "processor_seconds": time.process_time() - begin_processor,
    }
    write_part(job.results / f"{part_name(parameters['part'])}.parquet", rows, result_schema(job.keep), facts)
    return {"items": len(items), "seconds": seconds}


def _rows(items: Sequence[Item], models: Models, folder: Path, losses: Losses, progress: Progress) -> list[Cells]:
    """The rows of all items, those of an archive fetched some at a time."""
    rows: list[Cells] = []
    size = _AT_A_TIME if any(map(needs_fetching, items)) else len(items)
    for start in range(0, len(items), size):
        chunk = items[start : start + size]

        def note(_: str, done: int, total: int, start: int = start, count: int = len(chunk)) -> None:
            progress("Assessing", start + count * done // max(total, 1), len(items))

        with fetched(chunk, folder) as (paths, refused):
            present = [item for item in chunk if item.number in paths]
            rows += refused + losses.assess(present, paths, models, note)
    return rows


def _facts(model: Bundle, job: Job) -> dict[str, Any]:
    """Facts that each part of the results states of itself, for people who read it without the rest."""
    return {
        "research_use": model.info.research_use,
        "model": model.title,
        "model_hash": model.hash,
        "label_source": model.info.label_source,
        "split_kind": str(model.info.cohort["split_kind"]),
        "run": job.run,
        "machine": platform.node(),
        "thyrosight": __version__,
    }


def _expected(path: Path, expected: str, opened: Opened) -> Bundle:
    """The model, if it is the one that the run began with.

    Raises:
        BundleError: it is not on this machine, or it is another one there.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ThyroSightWarning)  # said once, where the run was started
            bundle = open_model(path, opened)
    except ThyroSightError as error:
        raise BundleError(f"On the machine {platform.node()}: {error}") from error
    if bundle.hash != expected:
        raise BundleError(
            f"On the machine {platform.node()}: {path} is another model ({bundle.hash[:12]}) than the one that the run "
            f"began with ({expected[:12]}); put that one there."
        )
    return bundle


@lru_cache(maxsize=2)
def open_model(path: Path, opened: Opened) -> Bundle:
    """A model, opened once in each process; see `load_bundle`."""
    return load_bundle(path, device=opened.device, backend=opened.backend, threads=opened.threads)
