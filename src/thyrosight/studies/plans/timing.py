"""How long training takes on this machine, from three real training steps of each kind of trial."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from thyrosight.networks import create, find_architecture
from thyrosight.progress import Progress
from thyrosight.studies.execution import prepare_images, shown
from thyrosight.studies.trial import Setup, Trial
from thyrosight.training import FitOptions, PreparedSet, Stopwatch, fit

STEPS = 3
"""Training steps that are timed, after one that is not."""
_BATCH = 8
"""Images of a timed step on a processor, where the time of an image does not depend on the batch."""
_VALIDATED = 8
_PER_IMAGE = ("transfer", "augmenting", "forward", "backward")


@dataclass(frozen=True)
class Pace:
    """Seconds and bytes of a kind of trial on this machine.

    Attributes:
        image, step: of a training step, for each of its images and once.
        judged: for each image that is validated or tested.
        epoch: once an epoch, for checkpoints.
        start: once a trial.
        filled: for each image whose output of frozen layers is kept, once.
        prepared: for each image that is read and prepared, once.
        stored, kept: bytes of a prepared image, and of the output of its frozen layers.
        parameters: of the network.
        seen: images that are learnt from, for each of the training part.
    """

    image: float
    step: float
    judged: float
    epoch: float
    start: float
    filled: float
    prepared: float
    stored: float
    kept: float
    parameters: int
    seen: float


def measure_pace(setup: Setup[Any], trial: Trial, *, folder: Path, progress: Progress) -> Pace:
    """Prepare a few images of a trial, train its network on them for a few steps, and note the times.

    Args:
        folder: for what this leaves; new for every trial.

    Raises:
        ImageError, NetworkError: as the trial would.
    """
    options = _options(trial)
    train = _alternating(setup.rows(trial, "train"), (STEPS + 1) * options.batch_size)
    validation = _alternating(setup.rows(trial, "validation"), _VALIDATED)
    here = replace(setup, cache=folder / "cache")
    started = time.perf_counter()
    images = prepare_images(here, trial, pd.concat([train, validation], ignore_index=True))
    prepared = (time.perf_counter() - started) / len(images)
    learnt = shown(images.select(train["key"]), trial, training=True)
    judged = shown(images.select(validation["key"]), trial)
    stored = _bytes_in(folder / "cache") / len(images)
    rounds = 2 if trial.activations else 1
    steps = max(1, len(learnt) // options.batch_size)
    options = options.model_copy(update={"epochs": max(rounds, -(-(STEPS + 1) // steps))})
    watch, marks, parameters, seconds = _fitted(trial, learnt, judged, options, folder=folder, progress=progress)
    span = {name: (marks[-1].get(name, 0) - marks[-1 - STEPS].get(name, 0)) / STEPS for name in marks[-1]}
    each = min(options.batch_size, len(learnt))
    image = sum(span.get(name, 0) for name in _PER_IMAGE) / each
    first = sum(marks[0].get(name, 0) for name in _PER_IMAGE) / each if trial.activations else image
    spent = sum(watch.values())
    return Pace(
        image=image,
        step=span.get("optimiser", 0.0),
        judged=watch.get("validation", 0.0) / options.epochs / max(1, len(judged)),
        epoch=watch.get("checkpoints", 0.0) / options.epochs,
        start=max(0.0, seconds - spent),
        filled=max(0.0, first - image),
        prepared=prepared,
        stored=stored,
        kept=_bytes_in(folder / "activations") / (len(learnt) + len(judged)),
        parameters=parameters,
        seen=len(learnt) / len(train),
    )


def _fitted(
    trial: Trial,
    learnt: PreparedSet,
    judged: PreparedSet,
    options: FitOptions,
    *,
    folder: Path,
    progress: Progress,
) -> tuple[Mapping[str, float], list[dict[str, float]], int, float]:
    """Train; the seconds of each stage at the end and after each step, parameters, and the seconds of everything."""
    name = f"{find_architecture(trial.architecture).title}, {trial.size} px"
    watch, marks = Stopwatch(settle=_settle(options)), list[dict[str, float]]()

    def note(what: str, done: int, total: int) -> None:
        if done < total:
            marks.append(dict(watch.seconds))
        progress(f"Timing {name}", min(done, total), total)

    import_module("thyrosight.training.launch")  # takes seconds, once in a run
    started = time.perf_counter()
    network, spec = create(
        trial.architecture,
        weights=trial.weights,
        input_size=trial.size,
        task=trial.task,
        fusion=trial.fusion,
        head=trial.head,
        seed=trial.training.seed,
    )
    fit(
        network,
        spec,
        train=learnt,
        validation=judged,
        options=options,
        folder=folder / "training",
        activations=folder / "activations" if trial.activations else None,
        progress=note,
        stopwatch=watch,
    )
    count = sum(parameter.numel() for parameter in network.parameters())
    return dict(watch.seconds), marks, count, time.perf_counter() - started


def _options(trial: Trial) -> FitOptions:
    """The training options of a trial in one process, with small batches where there is no GPU."""
    own = trial.training
    batch = own.batch_size if _settle(own) else min(own.batch_size, _BATCH)
    return own.model_copy(
        update={"batch_size": batch, "patience": None, "balance": "none", "devices": 1, "nodes": 1, "keep": "last"}
    )


def _settle(options: FitOptions) -> Any:
    """Function that waits for the GPU; None on a processor."""
    import torch

    return torch.cuda.synchronize if options.accelerator != "cpu" and torch.cuda.is_available() else None


def _alternating(rows: pd.DataFrame, most: int) -> pd.DataFrame:
    """Up to so many rows, of both classes in turn."""
    turn = rows.groupby("label").cumcount()
    return rows.iloc[np.argsort(turn.to_numpy(), kind="stable")[:most]].reset_index(drop=True)


def _bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
