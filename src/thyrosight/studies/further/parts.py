"""The parts that reports of all kinds share, of the network that a study is about."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from thyrosight.cohort import Cohort
from thyrosight.documents import Content, Figures
from thyrosight.studies.analyses.decisions import biopsies_table, decision_figure, decisions_table
from thyrosight.studies.analyses.repeated import (
    learning_figure,
    learning_table,
    seed_values_table,
    seeds_figure,
    seeds_table,
    seeds_words,
)
from thyrosight.studies.analyses.sets import calibration_table
from thyrosight.studies.analyses.subgroup_words import interactions_words
from thyrosight.studies.analyses.subgroups import (
    interactions_table,
    properties,
    subgroups_figure,
    subgroups_table,
)
from thyrosight.studies.further.outside import Sets, outside, tested_sets
from thyrosight.studies.further.trials import SEED, SHARE
from thyrosight.studies.kind import Findings, Finished
from thyrosight.studies.sentences import chance_words
from thyrosight.studies.tested import Network


def _as_it_is(cohort: Cohort) -> Cohort:
    return cohort


def further(
    finished: Finished[Any],
    *,
    sets: Sets | None = None,
    chosen: Callable[[Cohort], Cohort] = _as_it_is,
    failed_below: float = 0.1,
) -> list[Findings]:
    """Further findings on the studied network: on external sets, on decisions that rest on its risk, in subgroups, from
    several seeds, and from fewer patients.

    Args:
        sets: on which it was tested, where the kind chooses among images in a way of its own.
        chosen: the images of an external cohort that it can be tested on.
        failed_below: an outline with a lower Dice is a complete failure.
    """
    network = finished.networks.get(finished.studied)
    if network is None:
        return []
    if sets is None:
        sets = tested_sets(finished, network, chosen=chosen, failed_below=failed_below)
    options = finished.recipe.statistics
    return [
        outside(sets, options=options),
        _decisions(finished, sets),
        _subgroups(finished, network, sets),
        _seeds(finished, network),
        _learning_curve(finished, network, failed_below=failed_below),
    ]


def _decisions(finished: Finished[Any], sets: Sets) -> Findings:
    """Calibration in numbers, decision curves and biopsies avoided."""
    asked, options = finished.recipe.decisions, finished.recipe.statistics
    curves = decision_figure(sets.found, asked, options=options)
    contents: list[Content] = [
        calibration_table(sets.found, options=options),
        Figures(items=(curves,)) if curves else None,
        decisions_table(sets.found, asked, options=options),
        biopsies_table(sets.found, asked, options=options),
    ]
    return Findings("Calibration and decisions", [item for item in contents if item is not None])


def _subgroups(finished: Finished[Any], network: Network, sets: Sets) -> Findings:
    """The network by sex, age, site and so on, as far as the cohort records them."""
    recipe, options = finished.recipe, finished.recipe.statistics
    in_cm = getattr(getattr(recipe, "sizes", None), "unit", "mm") == "cm"
    rows = None if network.trial.task == "segmentation" else network.pooled(network.view)
    drawn = None if network.trial.task == "classification" else network.outlines()
    keys = pd.concat([item["key"].astype(str) for item in (rows, drawn) if item is not None])
    table = finished.setup.cohort.table
    tested_images = table[table["key"].astype(str).isin(keys)]
    found, problems = properties(tested_images, recipe.subgroups, cm=in_cm)
    part = Findings("Subgroups", unfinished=problems)
    if not found:
        return part
    grouped, tested = subgroups_table(found, rows, drawn, options=options), interactions_table(found, rows, drawn)
    area = next((item.measures.get("auc") for item in sets.found if not item.external), None)
    told = interactions_words(tested, at_chance=bool(chance_words(area)))
    part.contents = [told, *([tested] if tested else []), subgroups_figure(grouped), grouped]
    return part


def _seeds(finished: Finished[Any], network: Network) -> Findings:
    """How much the seed of training matters; nothing where there is one."""
    part = Findings("Several seeds")
    again = [item for item in finished.repeats.values() if SEED in item.axes]
    if again:
        trained = [network, *again]
        table = seeds_table(trained, options=finished.recipe.statistics)
        part.contents = [table, seeds_figure(trained)]
        part.said, part.more = [seeds_words(table)], [seed_values_table(trained)]
    return part


def _learning_curve(finished: Finished[Any], network: Network, *, failed_below: float) -> Findings:
    """Results of training on fewer patients; empty where that was not asked for."""
    part = Findings("Learning curve")
    trained = {float(str(item.axes[SHARE])): item for item in finished.repeats.values() if SHARE in item.axes}
    if trained:
        trained[1.0] = network
        sizes = {share: finished.setup.rows(item.trial, "train") for share, item in trained.items()}
        table = learning_table(trained, sizes, options=finished.recipe.statistics, failed_below=failed_below)
        part.contents = [table, Figures(items=(learning_figure(table),))]
    return part
