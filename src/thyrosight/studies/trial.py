"""A trial: one network trained on one division, and tested. Every kind of study trains its networks in this one way."""

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field, field_validator
from torch import nn

from thyrosight.cohort import Cohort, Split
from thyrosight.documents import Frozen
from thyrosight.errors import CohortError
from thyrosight.files import sha256_of_file, sha256_of_json
from thyrosight.imaging import PairPreparation, Preparation
from thyrosight.networks import Fusion, Head, ModelSpec, Task, create, freeze_convolutions
from thyrosight.progress import Progress
from thyrosight.studies.base import RecipeBase
from thyrosight.studies.outlined import FOUND, OUTLINES, measure_outlines, write_found
from thyrosight.studies.predictions import PREDICTIONS, raw_table, write_table
from thyrosight.training import (
    FitOptions,
    FitResult,
    PairedSet,
    PreparedSet,
    fit,
    predict_risk_and_masks,
    prepare_masked_set,
    prepare_paired_set,
    prepare_set,
)

PartName = Literal["train", "validation", "test"]
PARTS: tuple[PartName, ...] = ("train", "validation", "test")
TESTED = PARTS[1:]
WEIGHTS = "weights.safetensors"
ACTIVATIONS = "activations"
Shown = Literal["image", "b-mode", "elastogram", "mixed", "pair"]
"""The images that a network takes: single ones; of pairs the B-mode image, the elastogram, both as single images that
train one network (`mixed`), or both together (`pair`)."""
R = TypeVar("R", bound=RecipeBase)
Wanted = dict[str, str | bool]
"""Columns of the cohort, and the value that rows must have there."""


class View(Frozen):
    """One way in which a trained network is shown the images that it is tested on.

    Attributes:
        name: of the view, in the table of predictions.
        preparation: of the images, where it is not that of training (for example another margin).
        hidden: the image of each pair that is hidden.
        parts: which parts of the division are predicted.
    """

    name: str = "plain"
    preparation: Preparation | PairPreparation | None = None
    hidden: Literal["", "b-mode", "elastogram"] = ""
    parts: tuple[Literal["validation", "test"], ...] = ("validation", "test")


PLAIN = View()


class Trial(Frozen):
    """One network on one division: everything that its training and its predictions depend on.

    Attributes:
        division: of the split.
        key: names the network and its configuration; the same in every division.
        axes: what tables group by, for example architecture, margin or frozen layers.
        architecture, weights, task, fusion, head: of the network; see `thyrosight.networks.create`.
        shown: the images that it takes.
        preparation: of the training images.
        training: how it is trained; its seed is that of the trial.
        train_where, test_where: rows of the training part, and of the other two, that it sees; all where empty.
        views: how it is shown the images that it is tested on.
        keep_weights: whether the trained weights stay in the trial's folder.
        keep_training: whether the whole training stays there, so that further views need no new one.
        activations: keep the output of frozen layers, shared by the divisions of one key.
        without_boxes: prepare images as if no nodule were marked, as it is when the network is put to use.
    """

    division: str
    key: str
    axes: dict[str, str | int | float | None]
    architecture: str
    weights: str = "imagenet-if-present"
    task: Task = "classification"
    fusion: Fusion = "none"
    head: Head = "own"
    shown: Shown = "image"
    preparation: Preparation | PairPreparation
    training: FitOptions
    train_where: Wanted = Field(default_factory=dict)
    test_where: Wanted = Field(default_factory=dict)
    views: tuple[View, ...] = (PLAIN,)
    keep_weights: bool = False
    keep_training: bool = False
    activations: bool = False
    without_boxes: bool = False

    @field_validator("training")
    @classmethod
    def _settle(cls, value: FitOptions) -> FitOptions:
        """Decide `precision: auto` where trials are planned: it is part of what identifies them."""
        return value.settled()

    @property
    def name(self) -> str:
        """The name of the trial, which is also its folder's."""
        return f"{self.division}_{self.key}".replace(":", "-")  # `timm:NAME` is no name of a folder on Windows

    @property
    def size(self) -> int:
        """The side of its input in pixels."""
        own = self.preparation
        return own.first.size if isinstance(own, PairPreparation) else own.size

    def parameters(self) -> dict[str, Any]:
        """The trial as JSON, without fields at their default: fields that come later do not disturb older folders."""
        return self.model_dump(mode="json", exclude_defaults=True)


@dataclass(frozen=True, eq=False)
class Setup(Generic[R]):
    """The things that all trials of a study share; it can be sent to other machines.

    Attributes:
        recipe: of the study.
        cohort: with groups.
        split: of the cohort.
        cache: folder of prepared images and of the output of frozen layers.
        extra: further JSON that trials depend on.
        files: paths of files of weights by their content.
    """

    recipe: R
    cohort: Cohort
    split: Split
    cache: Path
    extra: Mapping[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    def rows(self, trial: Trial, part: PartName) -> pd.DataFrame:
        """The rows of a part that the network sees."""
        rows = self.split.rows(self.cohort, trial.division, part)
        for column, value in (trial.train_where if part == "train" else trial.test_where).items():
            rows = rows[rows[column] == value]
        return rows.reset_index(drop=True)

    def identity(self) -> dict[str, Any]:
        """Everything beside their parameters that trials depend on; nothing of where files lie.

        Cohort and split, and which images have a box, a mask or a second image.
        """
        return {
            "cohort": self.cohort.digest(),
            "split": self.split.model_dump(mode="json"),
            "marked": marks_digest(self.cohort.table),
            **self.extra,
        }

    def by_content(self, trial: Trial) -> Trial:
        """The trial with a file of weights named by its content: it may lie elsewhere on another machine."""
        path = Path(trial.weights)
        if not path.is_file():
            return trial
        name = f"sha256:{sha256_of_file(path)}"
        self.files[name] = str(path)
        return trial.model_copy(update={"weights": name})


def marks_digest(table: pd.DataFrame) -> str:
    """A hash over which images of a cohort have a box, a mask and a second image, and where the box is."""
    boxes = table["box"].astype(str) if "box" in table else pd.Series("", index=table.index)
    files = [table[name].notna() if name in table else pd.Series(False, index=table.index) for name in _FILES]
    rows = zip(table["key"].astype(str), boxes, *(there.tolist() for there in files), strict=True)
    return sha256_of_json(sorted([list(row) for row in rows]))


_FILES = ("mask", "elastogram")


def train_and_test(
    setup: Setup[Any], parameters: Mapping[str, Any], folder: Path, progress: Progress
) -> dict[str, Any]:
    """Train one network and test it: the task of every trial of every study.

    Left in `folder`: `predictions.csv` (a row for each view, part and image) where classes are learnt; `outlines.csv`
    and `found.npz` (the masks of the test images) where outlines are; `weights.safetensors` where the study needs them.

    Args:
        setup: of the study.
        parameters: of the trial, as `Trial.parameters` gives them.
        folder: of the trial; training goes on where an interrupted one stopped.
        progress: called with what is being done and how far it is.

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
    images = prepare_images(
        setup, trial, pd.concat([rows[part] for part in PARTS], ignore_index=True), progress=progress
    )
    shared = setup.cache / ACTIVATIONS / trial.key if trial.activations else None
    fitted = fit(
        network,
        spec,
        train=shown(images.select(rows["train"]["key"]), trial, training=True),
        validation=shown(images.select(rows["validation"]["key"]), trial),
        options=trial.training,
        folder=folder / "training",
        activations=shared,
        progress=progress,
    )
    _test(setup, _Trained(trial, network, spec), images, rows, folder=folder, progress=progress)
    if trial.keep_weights:
        shutil.copyfile(fitted.weights, folder / WEIGHTS)
    if not trial.keep_training:
        shutil.rmtree(folder / "training", ignore_errors=True)
    return _record(network, spec, fitted, train=len(rows["train"])) | {"trained_parameters": trained}


def trial_seed(seed: int, division: str, architecture: str) -> int:
    """A seed of its own for each architecture on each division.

    The order of trials, or leaving one out, then changes nothing; and networks of one architecture start from the same
    draws and see images in the same order, so that they differ in what is studied and not by chance.

    >>> trial_seed(0, "division-01", "resnet18") == trial_seed(0, "division-01", "resnet18")
    True
    """
    digest = hashlib.sha256(f"{seed}/{division}/{architecture}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1


def shown(images: PreparedSet, trial: Trial, *, training: bool = False, hidden: str = "") -> PreparedSet:
    """Select the images that a network takes of a prepared set.

    Args:
        images: as prepared.
        trial: says what it takes.
        training: a network of `mixed` images learns from single ones and is tested on pairs.
        hidden: the image of each pair that is hidden.
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
) -> NDArray[np.float64]:
    """Probability of malignancy `(n,)` that a trained network gives the images of further rows, in one of its views.

    Raises:
        ImageError, NetworkError: with one sentence each.
    """
    images = prepare_images(setup, trial, rows, view=view)
    risk, _ = _Trained(trial, network, spec).predict(shown(images, trial, hidden=view.hidden))
    assert risk is not None, "the network tells classes"
    return risk


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
    trial = trained.trial
    raw, outlines = [], []
    for view in trial.views:
        for part in view.parts:
            if rows[part].empty:
                continue
            prepared = images
            if view.preparation is not None:
                prepared = prepare_images(setup, trial, rows[part], view=view)
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
    if raw:
        write_table(pd.concat(raw, ignore_index=True), folder / PREDICTIONS)
    if outlines:
        write_table(pd.concat(outlines, ignore_index=True), folder / OUTLINES)


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
    """Parameters that are not frozen."""
    if not depth:
        return sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)
    freeze_convolutions(network, depth)
    count = sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)
    freeze_convolutions(network, 0)
    return count
