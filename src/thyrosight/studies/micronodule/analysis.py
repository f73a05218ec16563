"""All tables of one set of nodules, and of its subgroups by size."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from thyrosight.errors import StatisticsError
from thyrosight.statistics import compare_readers_with_system
from thyrosight.studies.base import Measure
from thyrosight.studies.micronodule.categorising import categorise, category_systems, compare_systems
from thyrosight.studies.micronodule.characteristics import characteristics
from thyrosight.studies.micronodule.diagnosis import against_reader, diagnose, network_judgements, shared
from thyrosight.studies.micronodule.raters import Reading
from thyrosight.studies.micronodule.recipe import MicronoduleRecipe
from thyrosight.studies.micronodule.result import Analysis, ReaderMean


def analyse(nodules: pd.DataFrame, readings: Sequence[Reading], recipe: MicronoduleRecipe, *, name: str) -> Analysis:
    """The paper's tables for these nodules; what cannot be computed is named and the rest is still there.

    Args:
        nodules: one row each, with label, truth, group, patient_id, nodule_mm and, where there is a network,
            probability and risk.
        readings: of all readers, for at least these rows.
        recipe: of the study.
        name: of the set of nodules.
    """
    benign, malignant = (int((nodules["label"] == label).sum()) for label in ("benign", "malignant"))
    missing: list[str] = []
    systems = category_systems(nodules, readings, recipe.categories)
    network, tables = None, []
    if not (benign and malignant):
        only = "benign" if benign else "malignant"
        missing.append(
            f"{name}: all {len(nodules)} nodules are {only}; AUC, cut-offs and comparisons need both classes."
            if len(nodules)
            else f"{name}: there is no nodule."
        )
    else:
        if "risk" in nodules:
            network = diagnose(network_judgements(nodules), recipe.evaluation, seed=recipe.seed)
        for reading in readings:
            table, problems = against_reader(nodules, reading, recipe.evaluation, seed=recipe.seed)
            missing += problems
            tables += [table] if table else []
    both = bool(benign and malignant)
    categories, unsorted = categorise(nodules, systems) if both else ([], [])
    differences, uncompared = compare_systems(nodules, systems, recipe) if both else ([], [])
    return Analysis(
        name=name,
        n=len(nodules),
        groups=int(nodules["group"].nunique()),
        benign=benign,
        malignant=malignant,
        characteristics=characteristics(nodules, systems) if len(nodules) else [],
        network=network,
        readers=tables,
        categories=categories,
        category_differences=differences,
        missing=[*missing, *unsorted, *uncompared],
    )


def subgroups(
    nodules: pd.DataFrame, readings: Sequence[Reading], recipe: MicronoduleRecipe
) -> tuple[list[Analysis], list[str]]:
    """The tables of small and larger nodules among those tested, each with its own cut-offs."""
    limit = recipe.subgroups.at_most_mm
    if limit is None:
        return [], []
    sizes = nodules["nodule_mm"]
    if sizes.isna().all():
        return [], [f"Subgroups by size (at most {limit:g} mm and above): no sizes are recorded."]
    notes = []
    if sizes.isna().any():
        notes.append(f"{int(sizes.isna().sum())} nodules of unknown size stand in no subgroup by size.")
    found = []
    for name, chosen in ((f"≤ {limit:g} mm", sizes <= limit), (f"> {limit:g} mm", sizes > limit)):
        part = nodules[chosen]
        if part.empty:
            notes.append(f"Subgroup {name}: there is no such nodule.")
            continue
        found.append(analyse(part, readings, recipe, name=name))
    return found, notes


def mean_of_readers(
    nodules: pd.DataFrame, readings: Sequence[Reading], recipe: MicronoduleRecipe
) -> tuple[ReaderMean | None, list[str]]:
    """The mean AUC of the readers against the network's, over the nodules that all of them judged."""
    if len(readings) < 2 or "risk" not in nodules:
        return None, []
    every = shared(readings, nodules)
    names = [reading.name for reading in readings]
    if not 0 < every["truth"].sum() < len(every):
        return None, [f"Mean of {len(names)} readers: they share {len(every)} nodules, which are not of both classes."]
    rows = _long_table(every, readings)
    try:
        result = compare_readers_with_system(
            rows,
            reader="reader",
            case="case",
            truth="truth",
            rating="rating",
            system="system",
            cluster="patient",
            confidence=recipe.evaluation.confidence,
        )
    except StatisticsError as error:
        return None, [f"Mean of {len(names)} readers: {error}"]
    plain = result.to_dict()
    found = ReaderMean(
        readers=names,
        n=len(every),
        mean=Measure.of(result.mean_reader),
        network=Measure.of(result.system),
        difference=Measure.of(result.difference),
        p=plain["p"],
        method=result.difference.method,
    )
    return found, []


def _long_table(nodules: pd.DataFrame, readings: Sequence[Reading]) -> dict[str, NDArray[Any]]:
    """One row per reader and nodule, as reader studies take them."""
    rows = pd.concat(
        [
            pd.DataFrame(
                {
                    "reader": reading.name,
                    "case": nodules["key"].astype(str),
                    "truth": nodules["truth"],
                    "rating": reading.ranks.loc[nodules.index],
                    "system": nodules["risk"],
                    "patient": nodules["group"].astype(str),
                }
            )
            for reading in readings
        ]
    )
    return {str(name): rows[name].to_numpy() for name in rows}
