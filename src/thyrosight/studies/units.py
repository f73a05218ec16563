"""One unit of a study: one network trained on one division, then tested once."""

import hashlib
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import softmax
from torch import nn

from thyrosight.cohort import Cohort, Division, Split
from thyrosight.inference import predict_logits
from thyrosight.networks import ModelSpec, build, create, load_weights
from thyrosight.studies.predictions import load_raw, raw_table, write_table
from thyrosight.studies.recipe import NetworkOptions, TrainingRecipe
from thyrosight.studies.workspace import Workspace
from thyrosight.training import FitResult, PreparedSet, fit

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False)
class Plan:
    """What every unit of a study shares."""

    recipe: TrainingRecipe
    cohort: Cohort
    split: Split
    prepared: PreparedSet
    workspace: Workspace
    progress: Progress


@dataclass(frozen=True, eq=False)
class Unit:
    """A finished unit.

    Attributes:
        division, network: which.
        raw: predictions of the validation and test part before calibration.
        record: what was recorded of its training: spec, history, epochs, best_epoch, seconds, parameters.
        weights: the trained weights, where they were kept.
    """

    division: Division
    network: NetworkOptions
    raw: pd.DataFrame
    record: dict[str, Any]
    weights: Path | None

    @property
    def spec(self) -> ModelSpec:
        """What the network expects and where its first weights came from."""
        return ModelSpec.model_validate(self.record["spec"])


def run_unit(plan: Plan, division: Division, network: NetworkOptions, *, keep_weights: bool) -> Unit:
    """Train and test one network on one division, or take over what an earlier run finished.

    The test part is read once, after training has ended. Weights are kept only where the study needs them, because
    ten divisions of VGG16 fill five gigabytes.
    """
    folder = plan.workspace.unit(division.name, network.architecture)
    identity = _identity(plan, division, network)
    record = plan.workspace.finished(folder, identity)
    weights = folder / "weights.safetensors"
    if record is None or (keep_weights and not weights.exists()):
        facts = _train_and_test(plan, division, network, keep=weights if keep_weights else None)
        record = plan.workspace.finish(folder, identity, facts)
        shutil.rmtree(folder / "training", ignore_errors=True)
    raw = load_raw(folder / "predictions.csv")
    return Unit(division, network, raw, record, weights if weights.exists() else None)


def _train_and_test(plan: Plan, division: Division, network: NetworkOptions, *, keep: Path | None) -> dict[str, Any]:
    """Train, predict, and write predictions and weights; what is worth recording of it."""
    folder = plan.workspace.unit(division.name, network.architecture)
    started = time.monotonic()
    seed = unit_seed(plan.recipe.seed, division.name, network.architecture)
    model, spec = create(
        network.architecture, weights=network.weights, input_size=plan.recipe.preparation.size, seed=seed
    )
    options = plan.recipe.training_for(network).model_copy(update={"seed": seed})
    rows = {part: plan.split.rows(plan.cohort, division, part) for part in ("train", "validation", "test")}
    title = f"{division.name} {network.architecture}"
    fitted: FitResult = fit(
        model,
        spec,
        train=plan.prepared.select(rows["train"]["key"]),
        validation=plan.prepared.select(rows["validation"]["key"]),
        options=options,
        folder=folder / "training",
        progress=lambda _, done, total: plan.progress(title, done, total),
    )
    tables = []
    for part in ("validation", "test"):
        if rows[part].empty:
            continue
        pixels = plan.prepared.select(rows[part]["key"]).pixels
        logits = predict_logits(model, spec, pixels, batch_size=options.batch_size)
        tables.append(raw_table(part, rows[part], softmax(logits.astype(np.float64), axis=1)[:, 1]))
    if keep is not None:
        fitted.weights.replace(keep)
    write_table(pd.concat(tables, ignore_index=True), folder / "predictions.csv")
    return {
        "spec": spec.model_dump(mode="json"),
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "history": fitted.history,
        "precision": fitted.precision,
        "epochs": len(fitted.history),
        "best_epoch": fitted.best_epoch,
        "train": len(rows["train"]),
        "mirrored": list(fitted.mirrored),
        "seconds": time.monotonic() - started,
    }


def trained_network(unit: Unit) -> nn.Module:
    """The network of a unit whose weights were kept, in evaluation mode."""
    network = build(unit.spec)
    assert unit.weights is not None, "units whose network is used again keep their weights"
    load_weights(network, unit.weights)
    return network.eval()


def unit_seed(seed: int, division: str, architecture: str) -> int:
    """A seed of its own for each unit, so that the order of units, or leaving one out, changes nothing.

    >>> unit_seed(0, "division-01", "resnet18") == unit_seed(0, "division-01", "resnet18")
    True
    """
    digest = hashlib.sha256(f"{seed}/{division}/{architecture}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1


def _identity(plan: Plan, division: Division, network: NetworkOptions) -> dict[str, Any]:
    """Everything that a unit's result depends on."""
    return {
        "architecture": network.architecture,
        "weights": network.weights,
        "training": plan.recipe.training_for(network).identity(),
        "preparation": plan.recipe.preparation.digest(),
        "division": division.model_dump(mode="json"),
        "cohort": plan.cohort.digest(),
        "seed": plan.recipe.seed,
    }
