"""The trials of the sweep: a network trained on one kind of image or on pairs, and tested on the held-out pairs."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from torch import nn

from thyrosight.cohort import Cohort, Split
from thyrosight.errors import CohortError
from thyrosight.files import sha256_of_file, sha256_of_json
from thyrosight.inference import malignancy
from thyrosight.networks import ModelSpec, create, freeze_convolutions
from thyrosight.studies.elasticity_fusion.configuration import Configuration
from thyrosight.studies.elasticity_fusion.pairing import has_second, with_second
from thyrosight.studies.elasticity_fusion.recipe import ElasticityFusionRecipe, Head
from thyrosight.studies.predictions import raw_table, write_table
from thyrosight.studies.units import unit_seed
from thyrosight.training import (
    FitOptions,
    FitResult,
    PairedSet,
    PreparedSet,
    fit,
    predict_set,
    prepare_paired_set,
)

Progress = Callable[[str, int, int], None]
PartName = Literal["train", "validation", "test"]
WEIGHTS = Path("training") / "weights.safetensors"
PREDICTIONS = "predictions.csv"
ACTIVATIONS, RECORD = "activations", "trial.json"
NOTHING = "nothing"
"""In the column `hidden` of the predictions: both images were shown (or the one that the network takes)."""


@dataclass(frozen=True, eq=False)
class Setup:
    """What all trials share; it can be sent to other machines.

    Attributes:
        recipe: of the study.
        cohort: with groups.
        split: of the cohort.
        cache: folder of prepared images and of the output of frozen layers.
    """

    recipe: ElasticityFusionRecipe
    cohort: Cohort
    split: Split
    cache: Path

    def options(self, config: Configuration) -> FitOptions:
        """How the network is trained."""
        # Networks of one division and architecture start from the same draws and see images in the same order, so that
        # they differ in what is studied and not by chance.
        changes: dict[str, Any] = {
            "seed": unit_seed(self.recipe.seed, config.division, config.architecture),
            "freeze": config.depth,
        }
        if config.input != "late":
            changes["modality_dropout"] = 0.0
        if config.epochs is not None:
            changes |= {"epochs": config.epochs, "patience": None, "keep": "last"}
        return self.recipe.training.model_copy(update=changes)

    def rows(self, config: Configuration, part: PartName) -> pd.DataFrame:
        """The rows of a part that the network sees: it is tested on pairs, like all others, and learns from what its
        input allows."""
        rows = self.split.rows(self.cohort, config.division, part)
        alone_is_enough = part == "train" and config.input in ("b-mode", "mixed", "late")
        return rows if alone_is_enough else with_second(rows, self.recipe.second)

    def kept(self, config: Configuration) -> bool:
        """Whether the trained weights stay: those of the main method's first division, for its bundle and figures."""
        recipe, chosen = self.recipe, self.recipe.freeze.chosen
        main = recipe.methods.main
        return (
            config.pretrained
            and config.epochs is None
            and config.division == self.split.divisions[0].name
            and (config.architecture, config.input, config.head) == (recipe.network.architecture, main.input, main.head)
            and (not isinstance(chosen, int) or config.depth == chosen)
        )

    def activations(self, config: Configuration) -> Path | None:
        """The folder that the folds of a row share for the output of their frozen layers; None for none."""
        worth_it = config.cached and config.depth and config.depth >= self.recipe.keep_activations_from
        return self.cache / ACTIVATIONS / config.row if worth_it else None

    def identity(self) -> dict[str, Any]:
        """Everything beside its parameters that a trial depends on; the same on every machine."""
        recipe = self.recipe
        pairs = {head: recipe.pair(head).digest() for head in ("own", *self._sized)}
        return {
            "weights": _weights_identity(recipe.network.weights),
            "training": recipe.training.identity(),
            "pairs": pairs,
            "split": self.split.model_dump(mode="json"),
            "cohort": self.cohort.digest(),
            "marked": self._marked(),
            "seed": recipe.seed,
        }

    def _marked(self) -> str:
        """A hash over which images have a box and a second image, and where the box is."""
        table = self.cohort.table
        boxes = table["box"].astype(str) if "box" in table else pd.Series("", index=table.index)
        rows = zip(table["key"].astype(str), boxes, has_second(table, self.recipe.second).tolist(), strict=True)
        return sha256_of_json(sorted([key, box, paired] for key, box, paired in rows))

    @property
    def _sized(self) -> tuple[Head, ...]:
        return ("spp", "gap")


def _weights_identity(weights: str) -> str:
    """A file of weights by its content: it may lie elsewhere on another machine."""
    path = Path(weights)
    return f"sha256:{sha256_of_file(path)}" if path.is_file() else weights


def train_and_test(setup: Setup, parameters: Mapping[str, Any], folder: Path, progress: Progress) -> dict[str, Any]:
    """Train one network and test it; the task of a trial."""
    config = Configuration(**parameters)
    options, recipe = setup.options(config), setup.recipe
    network, spec = create(
        config.architecture,
        weights=recipe.network.weights if config.pretrained else "none",
        input_size=recipe.pair(config.head).first.size,
        fusion=config.fusion,
        head=config.head,
        seed=options.seed,
    )
    trained = _trained_parameters(network, config.depth)
    rows = {part: setup.rows(config, part) for part in ("train", "validation", "test")}
    prepared = prepare_paired_set(
        pd.concat(rows.values(), ignore_index=True), recipe.pair(config.head), cache=setup.cache, progress=progress
    )
    parts = {part: prepared.select(table["key"]) for part, table in rows.items()}
    fitted = fit(
        network,
        spec,
        train=shown(parts["train"], config, training=True),
        validation=shown(parts["validation"], config),
        options=options,
        folder=folder / "training",
        activations=setup.activations(config),
        progress=progress,
    )
    write_table(_predictions(network, spec, config, rows, parts=parts, options=options), folder / PREDICTIONS)
    if not setup.kept(config):
        shutil.rmtree(folder / "training", ignore_errors=True)
    _clear_activations(setup, config, folder.parent)
    return {
        "spec": spec.model_dump(mode="json"),
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "trained_parameters": trained,
        "history": fitted.history,
        "precision": fitted.precision,
        "epochs": len(fitted.history),
        "best_epoch": fitted.best_epoch,
        "train": len(rows["train"]),
        "images_per_second": round(fitted.images_per_second, 1),
        "seconds": sum(epoch["seconds"] for epoch in fitted.history),
        "activations": _activation_words(setup, config, fitted),
    }


def _trained_parameters(network: nn.Module, depth: int) -> int:
    """Parameters that are not frozen."""
    freeze_convolutions(network, depth)
    count = sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)
    freeze_convolutions(network, 0)
    return count


def _clear_activations(setup: Setup, config: Configuration, trials: Path) -> None:
    """Remove what the folds of a row shared once all others are done; what is left over goes when the sweep ends."""
    others = [replace(config, division=division.name) for division in setup.split.divisions]
    if all((trials / other.name / RECORD).exists() for other in others if other != config and config.epochs is None):
        shutil.rmtree(setup.cache / ACTIVATIONS / config.row, ignore_errors=True)


def _activation_words(setup: Setup, config: Configuration, fitted: FitResult) -> str:
    """Whether the output of the frozen layers was kept, and why not."""
    if not config.depth:
        return "nothing is frozen"
    if not config.cached:
        return "computed anew in every epoch, to measure what that costs"
    if setup.activations(config) is None:
        return f"computed anew: kept from {setup.recipe.keep_activations_from} frozen layers on"
    return " ".join(fitted.notes) or "kept"


def shown(pairs: PairedSet, config: Configuration, *, training: bool = False) -> PreparedSet:
    """What a network is shown of pairs."""
    if config.input == "b-mode":
        return pairs.image("first")
    if config.input == "elastogram":
        return pairs.image("second")
    return pairs.singles() if training and config.input == "mixed" else pairs


def _predictions(
    network: nn.Module,
    spec: ModelSpec,
    config: Configuration,
    rows: Mapping[str, pd.DataFrame],
    *,
    parts: Mapping[str, PairedSet],
    options: FitOptions,
) -> pd.DataFrame:
    """Of the validation and the test part, and of the test part with one image of each pair hidden where the network
    can do without."""

    def table(part: str, images: PreparedSet, *, hidden: str = NOTHING) -> pd.DataFrame:
        _require_all(rows[part], images, config)
        device = "cpu" if options.accelerator == "cpu" else "auto"
        logits = predict_set(network, spec, images, batch_size=options.batch_size, device=device)
        return raw_table(part, rows[part], malignancy(logits, spec)).assign(hidden=hidden)

    tables = [table(part, shown(parts[part], config)) for part in ("validation", "test")]
    if config.input in ("mixed", "late"):
        tables.append(table("test", parts["test"].only("first"), hidden="elastogram"))
        tables.append(table("test", parts["test"].only("second"), hidden="b-mode"))
    return pd.concat(tables, ignore_index=True)


def _require_all(rows: pd.DataFrame, images: PreparedSet, config: Configuration) -> None:
    """Every network is tested on the same images: none may have fallen out because nothing of it is lit."""
    lost = [key for key in rows["key"].astype(str) if key not in set(images.keys)]
    if lost:
        raise CohortError(
            f"{len(lost)} images show nothing but black where the {config.input} network looks, for example {lost[0]}; "
            "check the nodule's box and its elastogram."
        )
