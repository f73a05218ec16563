"""The trials of the sweep: a network trained with one margin rule, input size and shape, tested with fixed margins."""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
import pandas as pd
from scipy.special import softmax
from torch import nn

from thyrosight.cohort import Cohort, Split
from thyrosight.imaging import Margin, Preparation
from thyrosight.inference import predict_logits
from thyrosight.networks import ModelSpec, create
from thyrosight.studies.inception_margin.recipe import SIZE_GROUP, InceptionMarginRecipe
from thyrosight.studies.predictions import RAW_COLUMNS, load_raw, raw_table, write_table
from thyrosight.studies.units import unit_seed
from thyrosight.sweeps import Trial, TrialOutcome
from thyrosight.training import FitOptions, fit, prepare_set

Progress = Callable[[str, int, int], None]
WEIGHTS = Path("training") / "weights.safetensors"
PREDICTIONS = "predictions.csv"


@dataclass(frozen=True)
class Configuration:
    """One trained network.

    Attributes:
        division: of the split.
        size: input size.
        shape: of the crop.
        margin: with which it was trained; None where margins were drawn.
        group: size group whose nodules alone it saw; "" for all.
        training: settings laid over the recipe's.
    """

    division: str
    size: int
    shape: Literal["square", "rectangle"] = "square"
    margin: float | None = None
    group: str = ""
    training: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """A name that is also the trial's folder.

        >>> Configuration("division-01", 384, group="< 0.5 cm", training={"learning_rate": 0.001}).name
        'division-01_384px_square_drawn_below-0.5-cm_learning-rate-0.001'
        """
        rule = "drawn" if self.margin is None else f"margin-{self.margin:g}"
        group = self.group.replace("<", "below").replace(">", "above")
        changes = [f"{key}-{value}" for key, value in sorted(self.training.items())]
        parts = [self.division, f"{self.size}px", self.shape, rule, group, *changes]
        return "_".join(re.sub(r"[^A-Za-z0-9.]+", "-", part).strip("-") for part in parts if part)[:120]

    def trial(self) -> Trial:
        """The configuration as a trial of a sweep."""
        return Trial(self.name, asdict(self))


@dataclass(frozen=True, eq=False)
class Setup:
    """What all trials share; it can be sent to other machines.

    Attributes:
        recipe: of the study.
        cohort: with groups and the column `size_group`.
        split: of the cohort.
        cache: folder of prepared images.
    """

    recipe: InceptionMarginRecipe
    cohort: Cohort
    split: Split
    cache: Path

    def preparation(self, config: Configuration, margin: float) -> Preparation:
        """How images are prepared for `config` with a fixed margin."""
        own = self.recipe.preparation
        margin_there = Margin(value=margin, unit=own.margin.unit)
        return own.model_copy(update={"size": config.size, "shape": config.shape, "margin": margin_there})

    def options(self, config: Configuration) -> FitOptions:
        """How the network is trained."""
        options = self.recipe.training_with(config.training)
        augmentation = options.augmentation
        if config.margin is not None:
            augmentation = augmentation.model_copy(update={"margin_range": None})
        # Configurations start from the same weights and see images in the same order, so that they differ in what is
        # studied and not by chance.
        seed = unit_seed(self.recipe.seed, config.division, self.recipe.main.architecture)
        return options.model_copy(update={"seed": seed, "augmentation": augmentation})

    def rows(self, config: Configuration, part: Literal["train", "validation", "test"]) -> pd.DataFrame:
        """The rows of a part that the network may see."""
        rows = self.split.rows(self.cohort, config.division, part)
        return rows[rows[SIZE_GROUP] == config.group].reset_index(drop=True) if config.group else rows

    def test_margins(self, config: Configuration) -> tuple[float, ...]:
        """The fixed margins it is tested with."""
        return self.recipe.margins if config.margin is None else (config.margin,)

    def identity(self) -> dict[str, Any]:
        """Everything beside its parameters that a trial depends on."""
        recipe = self.recipe
        return {
            "architecture": recipe.main.architecture,
            "weights": recipe.main.weights,
            "training": recipe.training_for(recipe.main).identity(),
            "preparation": recipe.preparation.model_dump(mode="json"),
            "margins": list(recipe.margins),
            "split": self.split.model_dump(mode="json"),
            "cohort": self.cohort.digest(),
            "seed": recipe.seed,
            "sizes": list(recipe.sizes.bounds_mm),
        }


def train_and_test(setup: Setup, parameters: Mapping[str, Any], folder: Path, progress: Progress) -> dict[str, Any]:
    """Train one network and test it; the task of a trial.

    Training is taken over where its folder holds it already, so that testing with further margins trains nothing.
    """
    config = Configuration(**parameters)
    options, main = setup.options(config), setup.recipe.main
    train, validation, test = (setup.rows(config, part) for part in ("train", "validation", "test"))
    network, spec = create(main.architecture, weights=main.weights, input_size=config.size, seed=options.seed)
    prepared = prepare_set(
        pd.concat([train, validation], ignore_index=True),
        setup.preparation(config, setup.recipe.main_margin if config.margin is None else config.margin),
        cache=setup.cache,
        margins=options.augmentation.margin_range,
        progress=progress,
    )
    fitted = fit(
        network,
        spec,
        train=prepared.select(train["key"]),
        validation=prepared.select(validation["key"]),
        options=options,
        folder=folder / "training",
        progress=progress,
    )
    tables = []
    for margin in setup.test_margins(config):
        for part, rows in (("validation", validation), ("test", test)):
            if len(rows):
                risk = probabilities(setup, config, network, spec, rows, margin=margin)
                tables.append(raw_table(part, rows, risk).assign(margin=margin))
    write_table(pd.concat(tables, ignore_index=True), folder / PREDICTIONS)
    return {
        "spec": spec.model_dump(mode="json"),
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "history": fitted.history,
        "precision": fitted.precision,
        "epochs": len(fitted.history),
        "best_epoch": fitted.best_epoch,
        "train": len(train),
        "validation_auc": fitted.history[fitted.best_epoch - 1]["validation_auc"],
        "images_per_second": round(fitted.images_per_second, 1),
        "seconds": sum(epoch["seconds"] for epoch in fitted.history),
    }


def probabilities(
    setup: Setup, config: Configuration, network: nn.Module, spec: ModelSpec, rows: pd.DataFrame, *, margin: float
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The network's probability of malignancy for rows of a cohort, cropped with a fixed margin."""
    options = setup.options(config)
    prepared = prepare_set(rows, setup.preparation(config, margin), cache=setup.cache)
    device = "cpu" if options.accelerator == "cpu" else "auto"
    logits = predict_logits(network, spec, prepared.pixels, batch_size=options.batch_size, device=device)
    return cast(np.ndarray[Any, np.dtype[np.float64]], softmax(logits.astype(np.float64), axis=1)[:, 1])


@dataclass(frozen=True, eq=False)
class Tested:
    """A finished trial with its predictions, one table per fixed margin."""

    config: Configuration
    folder: Path
    outcome: TrialOutcome
    raw: Mapping[float, pd.DataFrame]

    @property
    def spec(self) -> ModelSpec:
        """What the network expects."""
        return ModelSpec.model_validate(self.outcome.result["spec"])

    @classmethod
    def of(cls, config: Configuration, outcome: TrialOutcome, folder: Path) -> "Tested":
        """Read what a trial left."""
        path = folder / outcome.trial.name / PREDICTIONS
        load_raw(path)  # says what is wrong with a damaged file
        table = pd.read_csv(path, dtype={"key": str, "group": str})
        raw = {
            float(str(margin)): rows[list(RAW_COLUMNS)].reset_index(drop=True)
            for margin, rows in table.groupby("margin")
        }
        return cls(config, path.parent, outcome, raw)
