"""The trials of the sweep: one network trained for one task on one division, and tested."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from torch import nn

from thyrosight.cohort import Cohort, Split
from thyrosight.inference import branch_batches, malignancy, predict_logits
from thyrosight.networks import ModelSpec, Task, TwoBranches, create
from thyrosight.studies.predictions import raw_table, write_table
from thyrosight.studies.units import unit_seed
from thyrosight.studies.ynet.outlined import measure_outlines, write_found
from thyrosight.studies.ynet.recipe import TaskNetwork, YNetRecipe
from thyrosight.sweeps import Trial
from thyrosight.training import FitOptions, FitResult, PreparedSet, fit, prepare_masked_set, prepare_set

Progress = Callable[[str, int, int], None]
PREDICTIONS, OUTLINES, FOUND, WEIGHTS = "predictions.csv", "outlines.csv", "found.npz", "weights.safetensors"
Part = Literal["train", "validation", "test"]
PARTS: tuple[Part, ...] = ("train", "validation", "test")
_TESTED = PARTS[1:]


@dataclass(frozen=True)
class Configuration:
    """One network on one division.

    Attributes:
        division: of the split.
        name: of the network in the recipe (`TaskNetwork.key`).
        architecture, task, weights: of the network.
        training: settings laid over the recipe's.
    """

    division: str
    name: str
    architecture: str
    task: Task
    weights: str
    training: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, division: str, network: TaskNetwork) -> "Configuration":
        """What the recipe asks for in one division."""
        return cls(division, network.key, network.architecture, network.task, network.weights, dict(network.training))

    @property
    def network(self) -> TaskNetwork:
        """The network as a recipe has it."""
        named = "" if self.name == f"{self.architecture}_{self.task}" else self.name
        return TaskNetwork(
            architecture=self.architecture,
            task=self.task,
            weights=self.weights,
            training=dict(self.training),
            name=named,
        )

    def trial(self) -> Trial:
        """The configuration as a trial of a sweep; its name is its folder."""
        return Trial(f"{self.division}_{self.name}", asdict(self))


@dataclass(frozen=True, eq=False)
class Setup:
    """What all trials share; it can be sent to other machines.

    Attributes:
        recipe: of the study.
        cohort: with groups.
        split: of the cohort.
        cache: folder of prepared images.
    """

    recipe: YNetRecipe
    cohort: Cohort
    split: Split
    cache: Path

    def configurations(self) -> list[Configuration]:
        """Every network on every division, the main network first."""
        networks = sorted(self.recipe.networks, key=lambda network: network.role != "main")
        return [Configuration.of(division.name, network) for network in networks for division in self.split.divisions]

    def options(self, config: Configuration) -> FitOptions:
        """How the network is trained."""
        # The same seed for every task: the same first weights of the encoder, the same images in the same order, so
        # that tasks differ in what is learnt and not by chance.
        seed = unit_seed(self.recipe.seed, config.division, config.architecture)
        return self.recipe.training_for(config.network).model_copy(update={"seed": seed})

    def keeps_weights(self, config: Configuration) -> bool:
        """Whether the weights are wanted: the main network of the first division becomes the study's model."""
        first = self.split.divisions[0].name
        return config.division == first and config.name == self.recipe.main.key

    def identity(self) -> dict[str, Any]:
        """Everything beside its parameters that a trial depends on; nothing of where files lie."""
        recipe = self.recipe
        return {
            "training": recipe.training.identity(),
            "preparation": recipe.preparation.digest(),
            "split": self.split.model_dump(mode="json"),
            "cohort": self.cohort.digest(),
            "seed": recipe.seed,
        }


def train_and_test(setup: Setup, parameters: Mapping[str, Any], folder: Path, progress: Progress) -> dict[str, Any]:
    """Train one network and test it; the task of a trial.

    Left in `folder`: predictions.csv where classes are learnt; outlines.csv (each validation and test image's Dice and
    so on, measured in the frame) and found.npz (the masks of the test images) where outlines are; the weights where
    the study needs them.
    """
    config = Configuration(**parameters)
    options = setup.options(config)
    rows = {part: setup.split.rows(setup.cohort, config.division, part) for part in PARTS}
    network, spec = create(
        config.architecture,
        weights=config.weights,
        input_size=setup.recipe.preparation.size,
        task=config.task,
        seed=options.seed,
    )
    prepared = _prepared(setup, config, pd.concat(rows.values(), ignore_index=True), progress)
    fitted = fit(
        network,
        spec,
        train=prepared.select(rows["train"]["key"]),
        validation=prepared.select(rows["validation"]["key"]),
        options=options,
        folder=folder / "training",
        progress=progress,
    )
    _test(setup, _Network(network, spec, options), prepared, rows, folder=folder, progress=progress)
    if setup.keeps_weights(config):
        shutil.copyfile(fitted.weights, folder / WEIGHTS)
    shutil.rmtree(folder / "training", ignore_errors=True)
    return _record(network, spec, fitted, train=len(rows["train"]))


def _record(network: nn.Module, spec: ModelSpec, fitted: FitResult, *, train: int) -> dict[str, Any]:
    """What is worth recording of a training, as JSON."""
    best = fitted.history[fitted.best_epoch - 1]
    return {
        "spec": spec.model_dump(mode="json"),
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "history": fitted.history,
        "precision": fitted.precision,
        "epochs": len(fitted.history),
        "best_epoch": fitted.best_epoch,
        "train": train,
        "validation_auc": best["validation_auc"],
        "validation_dice": best.get("validation_dice"),
        "images_per_second": round(fitted.images_per_second, 1),
        "seconds": sum(epoch["seconds"] for epoch in fitted.history),
    }


def _prepared(setup: Setup, config: Configuration, rows: pd.DataFrame, progress: Progress) -> PreparedSet:
    """All images of a division; with their masks where outlines are learnt."""
    preparation = setup.recipe.preparation
    if config.task != "classification":
        return prepare_masked_set(rows, preparation, cache=setup.cache, progress=progress)
    # Without boxes, as there is none when the network is put to use: the same pixels as beside the masks.
    bare = rows.drop(columns=[name for name in ("mask", "box") if name in rows])
    return prepare_set(bare, preparation, cache=setup.cache, progress=progress)


@dataclass(frozen=True, eq=False)
class _Network:
    """A trained network and how it is run."""

    network: nn.Module
    spec: ModelSpec
    options: FitOptions

    @property
    def device(self) -> str:
        return "cpu" if self.options.accelerator == "cpu" else "auto"

    def run(self, pixels: NDArray[np.uint8]) -> tuple[NDArray[np.float64] | None, NDArray[np.float32] | None]:
        """Probability of malignancy `(n,)` and of lesion `(n, size, size)`, as far as the network gives them."""
        size, spec = self.options.batch_size, self.spec
        if spec.task == "classification":
            logits = predict_logits(self.network, spec, pixels, batch_size=size, device=self.device)
            return malignancy(logits, spec), None
        assert isinstance(self.network, TwoBranches), "only these draw masks"
        risks: list[NDArray[np.float64]] = []
        masks: list[NDArray[np.float32]] = []
        for _, found in branch_batches(self.network, spec, pixels, batch_size=size, device=self.device):
            if found.logits is not None:
                risks.append(malignancy(found.logits.cpu().numpy(), spec))
            assert found.mask_logits is not None
            masks.append(found.mask_logits[:, 0].sigmoid().cpu().numpy())
        return (np.concatenate(risks) if risks else None), np.concatenate(masks)


def _test(
    setup: Setup,
    trained: _Network,
    prepared: PreparedSet,
    rows: Mapping[Part, pd.DataFrame],
    *,
    folder: Path,
    progress: Progress,
) -> None:
    """Run the network once over validation and test part, and write what it said."""
    raw, outlines = [], []
    for part in _TESTED:
        risk, masks = trained.run(prepared.select(rows[part]["key"]).pixels)
        if risk is not None:
            raw.append(raw_table(part, rows[part], risk))
        if masks is not None:
            outlines.append(measure_outlines(part, rows[part], masks, setup.recipe.preparation, progress=progress))
            if part == "test":
                write_found(rows[part]["key"], masks, folder / FOUND)
    if raw:
        write_table(pd.concat(raw, ignore_index=True), folder / PREDICTIONS)
    if outlines:
        write_table(pd.concat(outlines, ignore_index=True), folder / OUTLINES)
