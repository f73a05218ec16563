"""How well the network's risk categories and the readers' categories sort nodules (Table 3 of the paper)."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from thyrosight.errors import StatisticsError
from thyrosight.statistics import Categorisation, categorisation, compare_categorisations, proportion_interval
from thyrosight.studies.base import Measure
from thyrosight.studies.micronodule.raters import Reading
from thyrosight.studies.micronodule.recipe import CategoryOptions, MicronoduleRecipe
from thyrosight.studies.micronodule.result import CategoryDifference, CategoryLine, CategorySystem

CALIBRATED = "CNN TIRADS"
UNCALIBRATED = "CNN TIRADS, uncalibrated"

Systems = Mapping[str, tuple[Sequence[str], "pd.Series[Any]"]]
"""Per system its categories from least to most suspicious, and each nodule's category ("" for none)."""


def category_systems(nodules: pd.DataFrame, readings: Sequence[Reading], options: CategoryOptions) -> Systems:
    """The categories of the network, calibrated and not, and of each reader who gave categories."""
    rule = options.rule()
    found: dict[str, tuple[Sequence[str], pd.Series[Any]]] = {}
    if "risk" in nodules:
        for name, column in ((CALIBRATED, "risk"), (UNCALIBRATED, "probability")):
            values = np.clip(nodules[column].to_numpy(dtype=float), 0, 1)
            found[name] = (rule.names, pd.Series(rule.categories(values), index=nodules.index, dtype=object))
    for reading in readings:
        if reading.order:
            found[reading.name] = (reading.order, reading.categories.loc[nodules.index])
    return found


def categorise(nodules: pd.DataFrame, systems: Systems) -> tuple[list[CategorySystem], list[str]]:
    """The figures of each system on its own; and what could not be had."""
    found, missing = [], []
    for name, (order, categories) in systems.items():
        truth, places = _numbers(nodules, order, categories)
        if len(set(places)) == 1:
            found.append(_one_category(name, truth, order[int(places[0]) - 1]))
            continue
        try:
            result = categorisation(truth, places)
        except StatisticsError as error:
            missing.append(f"{name}: {error}")
            continue
        found.append(_system(name, result, order))
    return found, missing


def _one_category(name: str, truth: "np.ndarray[Any, Any]", category: str) -> CategorySystem:
    """A system that put all nodules into one category: it sorts nothing."""
    malignant, total = int(truth.sum()), len(truth)
    rate = Measure.of(proportion_interval(malignant, total, method="wilson"))
    line = CategoryLine(name=category, malignant=malignant, total=total, rate=rate)
    note = f"all {total} nodules are in category {category}, so nothing is sorted"
    return CategorySystem(
        name=name, lines=[line], linear_trend=None, likelihood_ratio=None, aic=None, n=total, note=note
    )


def _numbers(
    nodules: pd.DataFrame, order: Sequence[str], categories: "pd.Series[Any]"
) -> tuple["np.ndarray[Any, Any]", "np.ndarray[Any, Any]"]:
    """Truth and the place of each nodule's category, for nodules that have one."""
    given = categories.loc[nodules.index]
    judged = given[given != ""]
    places = judged.map({level: float(place) for place, level in enumerate(order, 1)}).to_numpy(dtype=float)
    return nodules.loc[judged.index, "truth"].to_numpy(), places


def _system(name: str, result: Categorisation, order: Sequence[str]) -> CategorySystem:
    plain = result.to_dict()
    lines = [
        CategoryLine(name=order[int(place) - 1], malignant=malignant, total=total, rate=Measure.of(rate))
        for place, malignant, total, rate in zip(
            result.categories, result.malignant, result.total, result.malignancy_rate, strict=True
        )
    ]
    return CategorySystem(
        name=name,
        lines=lines,
        linear_trend=plain["linear_trend"]["statistic"],
        likelihood_ratio=plain["likelihood_ratio"]["statistic"],
        aic=plain["aic"],
        n=result.n,
        note=result.note,
    )


def compare_systems(
    nodules: pd.DataFrame, systems: Systems, recipe: MicronoduleRecipe
) -> tuple[list[CategoryDifference], list[str]]:
    """The network's calibrated categories against every other system, on the nodules that both have put in one."""
    if CALIBRATED not in systems:
        return [], []
    found, missing = [], []
    for name in systems:
        if name == CALIBRATED:
            continue
        both = nodules[(systems[CALIBRATED][1].loc[nodules.index] != "") & (systems[name][1].loc[nodules.index] != "")]
        truth, ours = _numbers(both, *systems[CALIBRATED])
        _, theirs = _numbers(both, *systems[name])
        if min(len(set(ours)), len(set(theirs))) < 2:
            continue  # a system of one category sorts nothing; its own line says so
        try:
            result = compare_categorisations(
                truth,
                ours,
                theirs,
                cluster=both["group"].to_numpy(dtype=str),
                replicates=recipe.evaluation.bootstrap,
                seed=recipe.seed,
                confidence=recipe.evaluation.confidence,
            )
        except StatisticsError as error:
            missing.append(f"{CALIBRATED} against {name}: {error}")
            continue
        found.append(
            CategoryDifference(
                a=CALIBRATED,
                b=name,
                difference=Measure.of(result.aic_difference),
                p=None if np.isnan(result.p) else result.p,
                method=result.method,
                n=len(both),
            )
        )
    return found, missing
