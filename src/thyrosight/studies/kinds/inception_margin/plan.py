"""Which networks a study of crop margins trains: for input sizes, margins fixed in training, the shape, size groups."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from thyrosight.cohort import Cohort, Split
from thyrosight.cohort.records.sizes import SIZE_GROUP, UNKNOWN_SIZE, size_groups
from thyrosight.imaging import Margin, Preparation
from thyrosight.imaging.crops import Shape
from thyrosight.progress import Progress
from thyrosight.studies.divisions import study_split
from thyrosight.studies.kind import Finished, Kind, Report
from thyrosight.studies.kinds.inception_margin.recipe import Recipe
from thyrosight.studies.kinds.inception_margin.report import report
from thyrosight.studies.planning import check_networks
from thyrosight.studies.tested import Network
from thyrosight.studies.trial import Setup, Trial, View, trial_seed
from thyrosight.studies.workspace import Workspace

_IN_WORDS = {SIZE_GROUP: "size", "tirads": "TI-RADS"}


class Study(Kind[Recipe]):
    """A study of crop margins. Each network keeps its training, so that a further margin trains nothing."""

    _unmatched: Sequence[str] = ()

    def check(self, cohort: Cohort) -> None:
        for size in self.recipe.input_sizes:
            check_networks(self.recipe.networks, size=size)

    def select(self, cohort: Cohort, *, folder: Path, progress: Progress) -> Cohort:
        """The cohort with the size group of each image."""
        sizes = self.recipe.sizes
        groups = size_groups(cohort.table, bounds_mm=sizes.bounds_mm, names=sizes.names, unit=sizes.unit)
        return replace(cohort, table=cohort.table.assign(**{SIZE_GROUP: groups}))

    def split(self, cohort: Cohort, workspace: Workspace, *, given: Path | None) -> Split:
        """The division, matched on what the cohort records."""
        wanted, table = self.recipe.split.stratify, cohort.table
        matched = tuple(name for name in wanted if name in table and table[name].nunique(dropna=False) > 1)
        self._unmatched = [_IN_WORDS.get(name, name) for name in wanted if name not in matched]
        options = self.recipe.split.model_copy(update={"stratify": matched})
        return study_split(options, cohort, workspace, given=given, seed=self.recipe.seed)

    def identity(self, cohort: Cohort) -> dict[str, Any]:
        sizes = self.recipe.sizes
        return {"sizes": [sizes.unit, *sizes.bounds_mm]} if sizes.train_on == "group" else {}

    def trials(self, setup: Setup[Recipe], networks: Mapping[str, Network]) -> Sequence[Trial]:
        divisions = setup.split.divisions
        main, *others = configurations(self.recipe, setup.cohort.table)
        return [
            _trial(self.recipe, config, division.name, keep=config == main and division == divisions[0])
            for division in divisions
            for config in (main, *others)
        ]

    def studied(self, networks: Mapping[str, Network]) -> str:
        return _main(self.recipe).key

    def report(self, finished: Finished[Recipe]) -> Report:
        return report(finished, unmatched=self._unmatched)


@dataclass(frozen=True)
class Configuration:
    """One network to train on each division.

    Attributes:
        margin: with which it is trained; None where margins are drawn.
        group: size group whose nodules alone it sees; "" for all.
        training: settings laid over the recipe's.
    """

    size: int
    shape: Shape = "square"
    margin: float | None = None
    group: str = ""
    training: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """A name, also for folders.

        >>> Configuration(384, group="< 0.5 cm", training={"learning_rate": 0.001}).key
        '384px_square_drawn_below-0.5-cm_learning-rate-0.001'
        """
        rule = "drawn" if self.margin is None else f"margin-{self.margin:g}"
        group = self.group.replace("<", "below").replace(">", "above")
        changes = [f"{key}-{value}" for key, value in sorted(self.training.items())]
        parts = [f"{self.size}px", self.shape, rule, group, *changes]
        return "_".join(re.sub(r"[^A-Za-z0-9.]+", "-", part).strip("-") for part in parts if part)[:100]


def configurations(recipe: Recipe, table: pd.DataFrame) -> list[Configuration]:
    """Every network once, the main one first."""
    main = _main(recipe)
    margins = [] if main.margin is None else [replace(main, margin=margin) for margin in recipe.margins]
    sizes = [replace(main, size=size) for size in recipe.input_sizes]
    shapes = [replace(main, shape=shape) for shape in recipe.shapes]
    every = [main, *margins, *sizes, *shapes, *_of_groups(recipe, table, main)]
    return list({config.key: config for config in every}.values())


def _main(recipe: Recipe) -> Configuration:
    """The network that the study is about."""
    margin = None if recipe.sweep.margin_in_training == "drawn" else recipe.main_margin
    return Configuration(recipe.preparation.size, recipe.preparation.shape, margin)


def _of_groups(recipe: Recipe, table: pd.DataFrame, main: Configuration) -> list[Configuration]:
    """Networks to choose from for the size groups, besides those above."""
    options = recipe.sizes
    present = [name for name in table[SIZE_GROUP].unique() if name != UNKNOWN_SIZE]
    if not present or not options.tune:
        return []
    return [
        replace(main, size=size, group=group, training=changes)
        for group in (sorted(present) if options.train_on == "group" else [""])
        for size in recipe.input_sizes
        for changes in ({}, *options.training)
    ]


def _trial(recipe: Recipe, config: Configuration, division: str, *, keep: bool) -> Trial:
    """One network on one division, tested with every margin that fits its training."""
    training = recipe.training_with(config.training)
    augmentation = training.augmentation
    if config.margin is not None:
        augmentation = augmentation.model_copy(update={"margin_range": None})
    # Configurations start from the same weights and see images in the same order, so that they differ in what is
    # studied and not by chance.
    seed = trial_seed(recipe.seed, division, recipe.main.architecture)
    own = recipe.main_margin if config.margin is None else config.margin
    margins = sorted(recipe.margins, key=lambda margin: margin != own) if config.margin is None else [own]
    where: dict[str, str | bool] = {SIZE_GROUP: config.group} if config.group else {}
    return Trial(
        division=division,
        key=config.key,
        axes={"size": config.size, "shape": config.shape, "margin": config.margin, "group": config.group or None}
        | {"training": ", ".join(f"{key} {value}" for key, value in config.training.items()) or None},
        architecture=recipe.main.architecture,
        weights=recipe.main.weights,
        preparation=_preparation(recipe, config, own),
        training=training.model_copy(update={"seed": seed, "augmentation": augmentation}),
        train_where=where,
        test_where=where,
        views=tuple(
            View(name=f"margin {margin:g}", preparation=_preparation(recipe, config, margin)) for margin in margins
        ),
        keep_weights=keep,
        keep_training=True,
    )


def _preparation(recipe: Recipe, config: Configuration, margin: float) -> Preparation:
    """How images are prepared with a fixed margin."""
    own = recipe.preparation
    there = Margin(value=margin, unit=own.margin.unit)
    return own.model_copy(update={"size": config.size, "shape": config.shape, "margin": there})
