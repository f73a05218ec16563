"""Training one network: checks, resuming, the loop, and the resulting weights."""

import json
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from torch import nn

from thyrosight.errors import BundleError
from thyrosight.files import make_folder, sha256_of_bytes, sha256_of_file, write_json
from thyrosight.networks import ModelSpec, freeze_convolutions, load_weights, save_weights
from thyrosight.progress import Progress, silent
from thyrosight.training.activations import why_not_cached
from thyrosight.training.balance import BalancedSet
from thyrosight.training.checkpoints import load_checkpoint, require_same
from thyrosight.training.checks import check_sets
from thyrosight.training.history import EpochRecord, best_epoch
from thyrosight.training.job import Job
from thyrosight.training.options import FitOptions
from thyrosight.training.precision import warn_if_slow
from thyrosight.training.prepared import PreparedSet
from thyrosight.training.stopwatch import Stopwatch

WEIGHTS, RECORD = "weights.safetensors", "training.json"
_NOT_IN_RESULT = {"accelerator", "devices", "nodes", "keep_checkpoints"}
"""Options that do not change what is trained, except by rounding."""


@dataclass(frozen=True)
class FitResult:
    """The result of a training.

    Attributes:
        history: one record per epoch.
        best_epoch: the epoch, counted from 1, with the best validation AUC (or Dice, see `FitOptions.patience`).
        weights: the safetensors file of the weights that were kept (of `best_epoch`, or of the last epoch).
        images_per_second: training speed, the median over the epochs; augmentation included, validation not.
        mirrored: names of the images that were copied and mirrored to balance the classes, once per copy.
        precision: precision of the training, `32` or `bf16`.
        notes: remarks on the training, for example why the output of frozen layers was not cached.
    """

    history: list[EpochRecord]
    best_epoch: int
    weights: Path
    images_per_second: float
    mirrored: tuple[str, ...] = ()
    precision: str = "32"
    notes: tuple[str, ...] = ()


def fit(
    network: nn.Module,
    spec: ModelSpec,
    *,
    train: PreparedSet,
    validation: PreparedSet,
    options: FitOptions,
    folder: Path,
    activations: Path | None = None,
    progress: Progress | None = None,
    stopwatch: Stopwatch | None = None,
) -> FitResult:
    """Train `network`, resuming from `folder` if it holds a checkpoint of the same configuration.

    A run that was killed and started again ends with the same weights, byte for byte, as one that was not (on the same
    machine, with the same number of threads). When this returns, `network` holds the weights that were kept, in
    evaluation mode, on the CPU; the folder holds them with `training.json`, and its checkpoints are gone unless
    `options.keep_checkpoints`.

    Args:
        network: a network from `create`; it is changed in place.
        spec: spec of the network.
        train, validation: prepared images: a `MaskedSet` for a network that draws masks, a `PairedSet` for one that
            takes pairs. No patient may be in both (`Split.check` verifies that).
        options: see `FitOptions`.
        folder: folder for the checkpoints and results of this training alone.
        activations: folder that caches the output of frozen layers, for all trainings that start from the same weights.
            The result is the same without it; `FitResult.notes` says why it could not be used.
        progress: called after each batch.
        stopwatch: adds up the seconds of each stage (training in one process only).

    Raises:
        NetworkError: the images do not fit the network or are too few, a device is missing, or the training diverged.
        BundleError: the folder holds a damaged checkpoint or one of another configuration.
        OutputError: the folder cannot be written.
    """
    options = options.settled()
    check_sets(spec, train, validation, options)
    if options.freeze:
        freeze_convolutions(network, options.freeze)
    try:
        seen = BalancedSet.of(train, seed=options.seed) if options.balance == "mirror" else train
        configuration = _configuration(network, spec, train, validation, options)
        job = Job(spec, seen, validation, options, make_folder(Path(folder)), configuration, activations)
        result = _fit(network, job, progress=progress or silent, watch=stopwatch or Stopwatch())
        why_not = None if activations is None else why_not_cached(network, spec, options)
    finally:
        if options.freeze:
            freeze_convolutions(network, 0)
    return result if why_not is None else replace(result, notes=(why_not,))


def _fit(network: nn.Module, job: Job, *, progress: Progress, watch: Stopwatch) -> FitResult:
    """Train, or return the result of an earlier training in the same folder."""
    folder, configuration = job.folder, job.configuration
    record = _finished(folder, configuration)
    if record is None:
        # Lightning takes seconds to import; commands that do not train never pay for it.
        from thyrosight.training.launch import is_main_process, launch, wait_for_others

        warn_if_slow(job.options.precision, job.options.accelerator)
        history = launch(network, job, progress=progress, watch=watch)
        if is_main_process():
            _finish(network, job, history)
        wait_for_others()
        record = _finished(folder, configuration)
        wait_for_others()
    if record is None:
        raise BundleError(f"{folder} lost its files while training ended; make sure nothing else writes there.")
    load_weights(network.to("cpu").eval(), folder / WEIGHTS)
    history = record["history"]
    speed = statistics.median(epoch["images_per_second"] for epoch in history)
    mirrored = tuple(record.get("mirrored", ()))
    return FitResult(history, best_epoch(history), folder / WEIGHTS, speed, mirrored, job.options.precision)


def _configuration(
    network: nn.Module, spec: ModelSpec, train: PreparedSet, validation: PreparedSet, options: FitOptions
) -> dict[str, Any]:
    """Conditions on which the result depends, as JSON."""
    return {
        "network": spec.model_dump(mode="json"),
        "training": {key: value for key, value in options.identity().items() if key not in _NOT_IN_RESULT},
        "first weights": sha256_of_bytes(_content(network)),
        "training images": train.digest(),
        "validation images": validation.digest(),
    }


def _content(network: nn.Module) -> Iterator[bytes]:
    for name, tensor in network.state_dict().items():
        yield name.encode("utf-8")
        yield tensor.detach().cpu().contiguous().numpy().tobytes()


def _finish(network: nn.Module, job: Job, history: list[EpochRecord]) -> None:
    """Write the weights that are kept, then the record of the finished training; then remove the checkpoints."""
    from thyrosight.training.loop import BEST, LAST

    folder, configuration, options = job.folder, job.configuration, job.options
    kept = load_checkpoint(folder / (BEST if options.keep == "best" else LAST), configuration)
    network.load_state_dict(kept["network"])
    save_weights(network, folder / WEIGHTS)
    record = {"configuration": configuration, "history": history, "weights_sha256": sha256_of_file(folder / WEIGHTS)}
    if isinstance(job.train, BalancedSet):
        record["mirrored"] = list(job.train.mirrored_keys)
    write_json(folder / RECORD, record)
    if not options.keep_checkpoints:
        for name in (BEST, LAST):
            (folder / name).unlink(missing_ok=True)


def _finished(folder: Path, configuration: dict[str, Any]) -> dict[str, Any] | None:
    """The record of a finished training in this folder, or None.

    Raises:
        BundleError: it has another configuration, or its files are damaged.
    """
    path, weights = folder / RECORD, folder / WEIGHTS
    if not path.exists() or not weights.exists():
        return None
    try:
        record = cast(dict[str, Any], json.loads(path.read_text(encoding="utf-8")))
        there, digest = record["configuration"], record["weights_sha256"]
    except (ValueError, KeyError, TypeError) as error:
        raise BundleError(f"{path} is damaged; delete its folder to train anew.") from error
    require_same(there, configuration, path)
    if digest != sha256_of_file(weights):
        raise BundleError(f"{weights} is damaged: its SHA-256 has changed; delete its folder to train anew.")
    return record
