"""Running a trial: train one network on one division and test it, the same for studies of every kind."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from torch import nn

from thyrosight.errors import CohortError
from thyrosight.imaging import PairPreparation, Preparation
from thyrosight.networks import ModelSpec, create, freeze_convolutions
from thyrosight.progress import Progress
from thyrosight.studies.outlined import FOUND, OUTLINES, measure_outlines, write_found
from thyrosight.studies.predictions import PREDICTIONS, raw_table
from thyrosight.studies.stored import write_table
from thyrosight.studies.trial import ACTIVATIONS, PARTS, PLAIN, WEIGHTS, PartName, Setup, Trial, View
from thyrosight.training import (
    FitResult,
    PairedSet,
    PreparedSet,
    fit,
    predict_risk_and_masks,
    prepare_masked_set,
    prepare_paired_set,
    prepare_set,
)


def train_and_test(
    setup: Setup[Any], parameters: Mapping[str, Any], folder: Path, progress: Progress
) -> dict[str, Any]:
    """Train one network and test it: the task of every trial of every study.

    Left in `folder`: `predictions.csv` (a row for each view, part and image) where classes are learnt; `outlines.csv`
    and `found.npz` (the masks of the test images) where outlines are; `weights.safetensors` where the study needs them.
    Training goes on there where an interrupted one stopped.

    Returns:
        What is recorded of the training, as JSON.

    Raises:
        CohortError, NetworkError, ImageError, OutputError: with one sentence each.
    """
    trial = Trial.model_validate(parameters)
    network, spec = create(
        trial.architecture,
        weights=setup.files.get(trial.weights, trial.weights),
        input_size=trial.size,
        task=trial.task,
        fusion=trial.fusion,
        head=trial.head,
        seed=trial.training.seed,
    )
    trained = _trained_parameters(network, trial.training.freeze)
    rows = {part: setup.rows(trial, part) for part in PARTS}
    images = prepare_images(setup, trial, pd.concat(rows.values(), ignore_index=True), progress=progress)
    fitted = fit(
        network,
        spec,
        train=shown(images.select(rows["train"]["key"]), trial, training=True),
        validation=shown(images.select(rows["validation"]["key"]), trial),
        options=trial.training,
        folder=folder / "training",
        activations=setup.cache / ACTIVATIONS / trial.key if trial.activations else None,
        progress=progress,
    )
    _test(setup, _Trained(trial, network, spec), images, rows, folder=folder, progress=progress)
    if trial.keep_weights:
        shutil.copyfile(fitted.weights, folder / WEIGHTS)
    if not trial.keep_training:
        shutil.rmtree(folder / "training", ignore_errors=True)
    return _record(network, spec, fitted, train=len(rows["train"])) | {"trained_parameters": trained}


def shown(images: PreparedSet, trial: Trial, *, training: bool = False, hidden: str = "") -> PreparedSet:
    """Select the images that a network takes of a prepared set.

    A network of `mixed` images learns from single ones (`training`) and is tested on pairs, of which one may be hidden.
    """
    if not isinstance(images, PairedSet) or trial.shown == "image":
        return images
    if trial.shown == "b-mode":
        return images.image("first")
    if trial.shown == "elastogram":
        return images.image("second")
    if hidden:
        return images.only("second" if hidden == "b-mode" else "first")
    return images.singles() if training and trial.shown == "mixed" else images


@dataclass(frozen=True, eq=False)
class _Trained:
    """A trained network and the trial it belongs to."""

    trial: Trial
    network: nn.Module
    spec: ModelSpec

    def predict(self, images: PreparedSet) -> tuple[NDArray[np.float64] | None, NDArray[np.float32] | None]:
        """Probability of malignancy `(n,)` and of lesion `(n, size, size)`, as far as the network gives them."""
        options = self.trial.training
        device = "cpu" if options.accelerator == "cpu" else "auto"
        return predict_risk_and_masks(self.network, self.spec, images, batch_size=options.batch_size, device=device)


def prepare_images(
    setup: Setup[Any], trial: Trial, rows: pd.DataFrame, *, view: View | None = None, progress: Progress | None = None
) -> PreparedSet:
    """Prepare images for training, or for a view of a network that is trained.

    Raises:
        ImageError, OutputError: with one sentence each.
    """
    own = trial.preparation if view is None or view.preparation is None else view.preparation
    if trial.without_boxes:
        rows = rows.drop(columns=[name for name in ("mask", "box") if name in rows])
    if isinstance(own, PairPreparation):
        return prepare_paired_set(rows, own, cache=setup.cache, progress=progress)
    if trial.task != "classification":
        return prepare_masked_set(rows, own, cache=setup.cache, progress=progress)
    margins = trial.training.augmentation.margin_range if view is None else None
    return prepare_set(rows, own, cache=setup.cache, margins=margins, progress=progress)


def predict_rows(
    setup: Setup[Any], trial: Trial, network: nn.Module, spec: ModelSpec, rows: pd.DataFrame, *, view: View = PLAIN
) -> tuple[NDArray[np.float64] | None, NDArray[np.float32] | None]:
    """Probability of malignancy `(n,)`, and of lesion `(n, size, size)`, that a trained network gives further images in
    one of its views, as far as it tells them. No mask is needed.

    Raises:
        ImageError, NetworkError: with one sentence each.
    """
    given = trial if trial.task == "classification" else trial.model_copy(update=_AS_IN_USE)
    images = prepare_images(setup, given, rows, view=view)
    return _Trained(trial, network, spec).predict(shown(images, trial, hidden=view.hidden))


_AS_IN_USE = {"task": "classification", "without_boxes": True}
"""Outlines are found in images that are prepared without any mark."""


def _test(
    setup: Setup[Any],
    trained: _Trained,
    images: PreparedSet,
    rows: Mapping[PartName, pd.DataFrame],
    *,
    folder: Path,
    progress: Progress,
) -> None:
    """Run the network once over each view of the validation and the test part, and write what it said."""
    trial, raw, outlines = trained.trial, [], []
    for view, part in [(each, part) for each in trial.views for part in each.parts if len(rows[part])]:
        prepared = images if view.preparation is None else prepare_images(setup, trial, rows[part], view=view)
        given = shown(prepared.select(rows[part]["key"]), trial, hidden=view.hidden)
        _require_all(rows[part], given, trial)
        risk, masks = trained.predict(given)
        if risk is not None:
            raw.append(raw_table(part, rows[part], risk, view=view.name))
        if masks is not None:
            assert isinstance(trial.preparation, Preparation), "outlines are learnt from single images"
            outlines.append(measure_outlines(part, rows[part], masks, trial.preparation, progress=progress))
            if part == "test":
                write_found(rows[part]["key"], masks, folder / FOUND)
    for tables, name in ((raw, PREDICTIONS), (outlines, OUTLINES)):
        if tables:
            write_table(pd.concat(tables, ignore_index=True), folder / name)


def _require_all(rows: pd.DataFrame, images: PreparedSet, trial: Trial) -> None:
    """Every network is tested on the same images: none may have fallen out because nothing of it is lit."""
    lost = [key for key in rows["key"].astype(str) if key not in set(images.keys)]
    if lost:
        raise CohortError(
            f"{len(lost)} images show nothing but black where the {trial.shown} network looks, for example {lost[0]}; "
            "check the nodule's box and its elastogram."
        )


def _record(network: nn.Module, spec: ModelSpec, fitted: FitResult, *, train: int) -> dict[str, Any]:
    """The facts of a training that tables and bundles need, as JSON."""
    best = fitted.history[fitted.best_epoch - 1]
    return {
        "spec": spec.model_dump(mode="json"),
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "history": fitted.history,
        "epochs": len(fitted.history),
        "best_epoch": fitted.best_epoch,
        "train": train,
        "mirrored": list(fitted.mirrored),
        "validation_auc": best["validation_auc"],
        "validation_dice": best.get("validation_dice"),
        "images_per_second": round(fitted.images_per_second, 1),
        "seconds": sum(epoch["seconds"] for epoch in fitted.history),
        "precision": fitted.precision,
        "notes": list(fitted.notes),
    }


def _trained_parameters(network: nn.Module, depth: int) -> int:
    """Parameters that are not frozen when the first `depth` convolutions are."""
    if depth:
        freeze_convolutions(network, depth)
    count = sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)
    if depth:
        freeze_convolutions(network, 0)
    return count
