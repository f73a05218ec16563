"""The tested sets: nodules of the cohort and of external sets, with what networks and readers said of them."""

from collections.abc import Mapping, Sequence

import pandas as pd

from thyrosight.cohort import Cohort
from thyrosight.cohort.records.readers import Reading, read_readers
from thyrosight.documents import FlowStep
from thyrosight.errors import ThyroSightError
from thyrosight.studies.analyses.diagnosis import networks_on_set
from thyrosight.studies.analyses.external import open_external, predict_external, without_box
from thyrosight.studies.analyses.lesion_set import TestedSet
from thyrosight.studies.kind import Finished
from thyrosight.studies.kinds.micronodule.recipe import Recipe
from thyrosight.studies.kinds.micronodule.selection import External, Selection, select_external
from thyrosight.studies.predictions import DivisionPredictions
from thyrosight.studies.recipe import ExternalSet

Judged = Mapping[str, tuple[str, DivisionPredictions]]
"""Title and predictions of each network by its key, the main one first."""


def tested_sets(
    finished: Finished[Recipe], selection: Selection, sites: Sequence[Cohort]
) -> tuple[list[TestedSet], list[str]]:
    """The set within the cohort, where it has one, then external sites and sets; and why a set was left out."""
    recipe, split, progress = finished.recipe, finished.setup.split, finished.progress
    folder = finished.workspace.folder
    found: list[TestedSet] = []
    rows = split.rows(selection.cohort, split.divisions[0], "test")
    if len(rows):
        own = External(selection.cohort, selection.flow(recipe, split), [])
        found.append(_tested(own, rows["key"], judged_on_own(finished), finished, part="test"))
    problems = []
    outside: list[Cohort | ExternalSet] = [*sites, *recipe.external]
    for item in outside:
        try:
            cohort = (
                item
                if isinstance(item, Cohort)
                else open_external(item, selection.cohort, options=recipe.cohort, folder=folder, progress=progress)
            )
            own = select_external(cohort, recipe)
            judged: dict[str, tuple[str, DivisionPredictions]] = {}
            for key, n in finished.networks.items() if len(own.cohort) else ():
                said = predict_external(finished.setup, n.tested[0], own.cohort, folder=folder, progress=progress)
                assert said.judged is not None, "every network tells classes"
                judged[key] = (n.title, said.judged)
            found.append(_tested(own, own.cohort.table["key"], judged, finished, part="external"))
        except ThyroSightError as error:
            name = item.name if isinstance(item, Cohort) else item.title
            problems.append(f"External set {name} was left out: {error}")
    return found, problems


def judged_on_own(finished: Finished[Recipe]) -> Judged:
    """Every network on the cohort's own parts."""
    return {key: (network.title, network.tested[0].judged()) for key, network in finished.networks.items()}


def _tested(
    item: External, keys: "pd.Series[str]", judged: Judged, finished: Finished[Recipe], *, part: str
) -> TestedSet:
    recipe, name = finished.recipe, item.cohort.name
    table = item.cohort.table
    rows = table[table["key"].isin(keys)].reset_index(drop=True)
    nodules = rows.assign(truth=(rows["label"] == "malignant").astype(int), group=rows["group"].astype(str))
    readings, notes = read_readers(
        nodules, recipe.readers, label_sources=sorted({str(source) for source in rows["label_source"]})
    )
    for _, predictions in list(judged.values())[:1]:
        said = predictions.part(part).set_index("key")[["probability", "risk"]]
        nodules = nodules.drop(columns=["probability", "risk"], errors="ignore").join(said, on="key")
    noted = [f"{reading.name}: {note}." for reading in readings for note in reading.notes]
    return TestedSet(
        name=name,
        external=part != "test",
        split_kind=finished.setup.split.kind,
        flow=_flow(item.flow, readings),
        nodules=nodules,
        readings=readings,
        networks=networks_on_set(judged, part, recipe.statistics),
        notes=[*item.notes, *_box_note(name, nodules, recipe), *notes, *noted],
    )


def _flow(steps: Sequence[FlowStep], readings: Sequence[Reading]) -> list[FlowStep]:
    """The flow chart, whose last box also says how many nodules each reader judged."""
    if not steps or not readings:
        return list(steps)
    read = ", ".join(f"{reading.name} {int(reading.ranks.notna().sum())}" for reading in readings)
    return [*steps[:-1], steps[-1].model_copy(update={"text": f"{steps[-1].text}. Read by: {read}"})]


def _box_note(name: str, nodules: pd.DataFrame, recipe: Recipe) -> list[str]:
    """Say where the network saw more than the nodule, because nothing tells where that is."""
    missing = without_box(nodules) if recipe.preparation.crop == "nodule" else 0
    if not missing:
        return []
    return [
        f"{name}: {missing} of {len(nodules)} images have no box and no outline of the nodule; the network saw their "
        "whole scan area, and a square around the nodule of the others."
    ]
