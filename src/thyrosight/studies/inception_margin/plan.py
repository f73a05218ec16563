"""Which networks a study of crop margins trains."""

import pandas as pd

from thyrosight.cohort import Split
from thyrosight.studies.inception_margin.recipe import SIZE_GROUP, InceptionMarginRecipe
from thyrosight.studies.inception_margin.sizes import UNKNOWN_SIZE
from thyrosight.studies.inception_margin.trials import Configuration


def configurations(recipe: InceptionMarginRecipe, split: Split, table: pd.DataFrame) -> list[Configuration]:
    """Every network to train, each once: input sizes, margins (where fixed in training), the shape, the size groups."""
    found: list[Configuration] = []
    for division in split.divisions:
        found += _sweep(recipe, division.name)
        found += _groups(recipe, division.name, table)
    return list({config.name: config for config in found}.values())


def _sweep(recipe: InceptionMarginRecipe, division: str) -> list[Configuration]:
    main, shape = recipe.preparation.size, recipe.main_shape
    drawn = recipe.sweep.margin_in_training == "drawn"
    own = None if drawn else recipe.main_margin
    found = [Configuration(division, main, shape, own)]
    if not drawn:
        found += [Configuration(division, main, shape, margin) for margin in recipe.margins]
    found += [Configuration(division, size, shape, own) for size in recipe.input_sizes]
    if recipe.sweep.rectangle:
        found.append(Configuration(division, main, "rectangle" if shape == "square" else "square", own))
    return found


def _groups(recipe: InceptionMarginRecipe, division: str, table: pd.DataFrame) -> list[Configuration]:
    """Networks trained for the size groups alone: those of the sweep are to choose from in any case."""
    options, shape = recipe.sizes, recipe.main_shape
    present = [name for name in table[SIZE_GROUP].unique() if name != UNKNOWN_SIZE]
    if not present or not options.tune:
        return []
    own = None if recipe.sweep.margin_in_training == "drawn" else recipe.main_margin
    groups = sorted(present) if options.train_on == "group" else [""]
    return [
        Configuration(division, size, shape, own, group=group, training=changes)
        for group in groups
        for size in recipe.input_sizes
        for changes in ({}, *options.training)
    ]
