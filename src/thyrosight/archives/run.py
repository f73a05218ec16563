"""One run over an archive: its work list, the parts that are left to do, and what came of them."""

import json
import shutil
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from thyrosight.archives.parts import DamagedPartError, part_name, read_facts
from thyrosight.archives.sources import list_rows
from thyrosight.archives.summary import Left, Pace, summarise
from thyrosight.archives.tally import tally
from thyrosight.archives.watching import Images
from thyrosight.archives.worker import Job, Opened, assess_part, open_model
from thyrosight.archives.worklist import WorkList, write_work_list
from thyrosight.documents import Document
from thyrosight.errors import OutputError, ThyroSightWarning
from thyrosight.files import make_folder, sha256_of_json, write_json
from thyrosight.inference import Bundle, Predictor, Segmenter
from thyrosight.inference.loops import Frames
from thyrosight.inference.shipped import judge_and_finder, resolved
from thyrosight.lock import locked_folder
from thyrosight.progress import Progress, silent
from thyrosight.sweeps import Engine, Trial, TrialOutcome, run_trials

RESULTS = "assessments"
"""Folder of the results; it holds nothing but their Parquet files."""
_LIST, _RUN, _BEGUN = "_worklist", "_run", "archive.json"
_PART_ROWS = 500


@dataclass(frozen=True)
class ArchiveRun:
    """Result of a run over an archive.

    Attributes:
        folder: of the results, for `pandas.read_parquet` or any other reader.
        document: numbers, refusals by reason, flags, speed.
        refused: images that were refused.
        left: parts that could not be done, each with the reason; the same call tries them again.
    """

    folder: Path
    document: Document
    refused: int
    left: tuple[Left, ...]


def assess_archive(
    sources: Sequence[str],
    *,
    model: Path | str | None = None,
    out: Path | str,
    segmenter: Path | str | None = None,
    frames: Frames = 8,
    match: Sequence[str] = (),
    keep: Sequence[str] = (),
    part_rows: int | None = None,
    engine: Engine | None = None,
    device: str = "auto",
    backend: str = "auto",
    threads: int | None = None,
    progress: Progress = silent,
) -> ArchiveRun:
    """Assess very many images, over processes or machines. For research use only.

    Every image has its rows in the results once, whichever process was killed: a part of the work list is written as
    one file, whole or not at all, and a part whose file is there is not assessed again.

    Args:
        sources, match, keep: what to assess; see `thyrosight.archives.sources.list_rows`.
        model: the folder or zip file of the model, which every machine must have under this path; None for the one that
            comes with the package, with its finder.
        out: folder of work list and results, which every machine must see under this path.
        segmenter: a model that finds the nodules where no box is given.
        frames: of a loop, how many sharp frames that differ to choose, their numbers from 0, or "all".
        part_rows: images in a part of the work list; None for that of the run that goes on, or 500.
        engine: where the parts are worked on; None is this process.
        device, backend: the device and the engine that run the models, as for `load_model`.
        threads: of this process; those of other processes have the threads that the engine gives each part.
        progress: called with the number of images done.

    Raises:
        ThyroSightError: a source or model cannot be used, `out` holds the results of another model, of other options
            or of another work list, or another process works there.
    """
    out, engine = Path(out).absolute(), engine or Engine()
    with locked_folder(out, "run of predictions"):
        here = engine.kind == "local"
        opened = Opened(device, backend, threads if here else engine.cpus)
        judge, finder = _models(model, segmenter, opened if here else replace(opened, device="cpu"), keep=here)
        options = {
            "model_hash": judge.hash,
            "segmenter_hash": None if finder is None else finder.hash,
            "frames": frames if isinstance(frames, int | str) else list(frames),
            "keep": list(keep),
        }
        begun = _begun(out, options, part_rows)
        work = write_work_list(
            list_rows(sources, match=match, keep=keep, progress=progress),
            out / _LIST,
            part_rows=begun.get("part_rows") or part_rows or _PART_ROWS,
            keep=keep,
            known=begun.get("digests"),
        )
        identity = options | {"part_rows": work.part_rows, "digests": list(work.digests)}
        write_json(out / _BEGUN, {"model": judge.title, "images": work.rows, **identity})
        job = Job(
            work_list=work.folder,
            results=make_folder(out / RESULTS),
            model=judge.folder,
            model_hash=judge.hash,
            segmenter=None if finder is None else finder.folder,
            segmenter_hash=None if finder is None else finder.hash,
            frames=frames,
            opened=opened,
            keep=tuple(keep),
            run=sha256_of_json(identity),
        )
        return _run(work, job, judge, engine=engine, progress=progress)


def _models(
    model: Path | str | None, segmenter: Path | str | None, opened: Opened, *, keep: bool
) -> tuple[Bundle, Bundle | None]:
    """The models, which workers of other processes open for themselves: this one then need not keep them.

    Raises:
        BundleError: one cannot be opened, or is of another kind.
    """
    model, segmenter = judge_and_finder(model, segmenter)
    judge = Predictor(open_model(resolved(model).absolute(), opened)).bundle
    finder = None if segmenter is None else Segmenter(open_model(resolved(segmenter).absolute(), opened)).bundle
    if not keep:
        open_model.cache_clear()
    return judge, finder


def _begun(out: Path, options: Mapping[str, Any], part_rows: int | None) -> dict[str, Any]:
    """Options with which a run began that is now resumed; empty for a new run.

    Raises:
        OutputError: it began with another model or other options.
    """
    try:
        begun: dict[str, Any] = json.loads((out / _BEGUN).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise OutputError(f"{out / _BEGUN} cannot be read ({error}); choose another --out.") from error
    given = dict(options) | {"part_rows": part_rows or begun.get("part_rows")}
    for name, value in given.items():
        if begun.get(name) != value:
            raise OutputError(
                f"{out} holds results with {_OPTIONS[name]} {_shown(begun.get(name))}, and this run has "
                f"{_shown(value)}; choose another --out, or go on as it began."
            )
    return begun


_OPTIONS = {
    "model_hash": "the model",
    "segmenter_hash": "the --segmenter",
    "frames": "--frames",
    "keep": "--keep",
    "part_rows": "--part-size",
}


def _shown(value: Any) -> str:
    """A value in a sentence; hashes are shortened.

    >>> _shown("0123456789abcdef"), _shown([]), _shown(["id", "site"]), _shown(8)
    ('0123456789ab', 'none', 'id, site', '8')
    """
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)[:12]


def _run(work: WorkList, job: Job, model: Bundle, *, engine: Engine, progress: Progress) -> ArchiveRun:
    """Work on every part that is not finished, and sum up all of them."""
    begin = time.monotonic()
    names = {part_name(number): number for number in range(len(work.digests))}
    unfinished = _unfinished(work, job, names)
    before = work.rows - sum(work.rows_of(names[name]) for name in unfinished)
    watched = Images(progress, job.results, {name: work.rows_of(names[name]) for name in unfinished}, work.rows)
    failed = _rounds(work, job, unfinished, folder=job.results.parent / _RUN, engine=engine, progress=watched)
    watched.look()
    left = _left([(outcome.error, work.rows_of(names[name])) for name, outcome in failed.items()])
    counted = tally(job.results / f"{name}.parquet" for name in names if name not in failed)
    pace = Pace(images=counted.images - before, seconds=time.monotonic() - begin, workers=_workers(engine))
    if not failed:
        shutil.rmtree(job.results.parent / _RUN, ignore_errors=True)
    document = summarise(counted, model, images=work.rows, left=left, pace=pace)
    return ArchiveRun(job.results, document, counted.refused_images, left)


def _unfinished(work: WorkList, job: Job, names: Mapping[str, int]) -> list[str]:
    """The parts without a file of results; a damaged file is named and made again.

    Raises:
        OutputError: a file holds results of another run.
    """
    there = {path.stem for path in job.results.glob("part-*.parquet")}
    unfinished = []
    for name, number in names.items():
        path = job.results / f"{name}.parquet"
        if name not in there:
            unfinished.append(name)
            continue
        try:
            facts = read_facts(path)
        except DamagedPartError:
            warnings.warn(f"{path} is damaged; its images are assessed again.", ThyroSightWarning, stacklevel=2)
            path.unlink(missing_ok=True)
            unfinished.append(name)
            continue
        if (facts.get("run"), facts.get("digest")) != (job.run, work.digests[number]):
            raise OutputError(f"{path} holds results of another run; move it away, or choose another --out.")
    foreign = sorted(there - names.keys())
    if foreign:
        raise OutputError(
            f"{job.results / foreign[0]}.parquet is no part of this run; move it away, or choose another --out."
        )
    return unfinished


def _rounds(
    work: WorkList, job: Job, unfinished: Sequence[str], *, folder: Path, engine: Engine, progress: Progress
) -> dict[str, TrialOutcome]:
    """Work on parts until all are done, or no further one can be.

    A machine that lacks the model, or whose disk is full, fails the parts that it is given; others then take them.

    Returns:
        The parts that failed, with the reasons.
    """
    digests = {part_name(number): digest for number, digest in enumerate(work.digests)}
    pending = list(unfinished)
    while pending:
        trials = [Trial(name, {"part": int(name[-6:]), "digest": digests[name]}) for name in pending]
        outcomes = run_trials(
            trials, partial(assess_part, job=job), folder=folder, digests=digests, engine=engine, progress=progress
        )
        failed = {name: outcome for name, outcome in outcomes.items() if outcome.status == "failed"}
        if len(failed) == len(pending):
            return failed
        pending = list(failed)
    return {}


def _left(failed: Sequence[tuple[str, int]]) -> tuple[Left, ...]:
    """Parts that failed, those with one reason together."""
    parts: dict[str, list[int]] = {}
    for reason, images in failed:
        parts.setdefault(reason, []).append(images)
    return tuple(Left(reason, len(images), sum(images)) for reason, images in parts.items())


def _workers(engine: Engine) -> int | None:
    return {"local": 1, "processes": engine.workers}.get(engine.kind)
