"""A network within its cohort and on external sets: one table, ROC curves, and what must be known of the sets."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from thyrosight.cohort import Cohort
from thyrosight.documents import Figures, Measure
from thyrosight.errors import StatisticsError, ThyroSightError
from thyrosight.studies.analyses.candidates import FURTHER, SHOWN, Candidate, measures_of
from thyrosight.studies.analyses.external import (
    external_roc,
    external_row,
    external_table,
    open_external,
    predict_external,
    without_box,
)
from thyrosight.studies.kind import Findings, Finished
from thyrosight.studies.recipe import ExternalSet, folder_name
from thyrosight.studies.sentences import in_words


def tested_outside(finished: Finished[Any], main: Candidate, items: Sequence[ExternalSet], *, inside: str) -> Findings:
    """The network of the first division on other cohorts, with calibration and operating point from its own.

    Args:
        main: the network, in the view in which it is tested.
        items: the external sets; what cannot be tested is told, and the rest is done.
        inside: printed name of the study's own cohort.
    """
    part = Findings("Internal and external")
    facts = finished.facts
    labels, split = facts.label_sources, facts.split_kind
    rows = [external_row(inside, main.pooled, labels=labels, split=split, measures=main.measures)]
    drawn: dict[str, tuple[pd.DataFrame, Measure]] = {inside: (main.pooled, main.measures["auc"])}
    notes = [
        "The network of the first division, with the calibration and operating point chosen on its own validation "
        "part; internal figures are of the test part of all divisions."
    ]
    sources = []
    for item in items:
        found = _predicted(finished, main, item)
        if isinstance(found, str):
            part.unfinished.append(f"External set {item.title} was left out: {found}")
            continue
        name, (cohort, judged) = item.title, found
        measures: Mapping[str, Measure] = {}
        notes += _notes(name, cohort, judged)
        try:
            measures = measures_of(judged, options=main.options)
            drawn[name] = judged, measures["auc"]
        except StatisticsError as error:
            notes.append(f"{name}: {error}")
        notes += [f"{name}, left out: {one.count} images, {one.reason}." for one in cohort.exclusions]
        own, title = cohort.label_sources, f"{name} (external)"
        rows.append(external_row(title, judged, labels=own, split="external set", measures=measures))
        sources.append(f"{name}: labels {' and '.join(own)}")
        part.said.append(f"Outside, on {name}: AUC {in_words(measures.get('auc'))}.")
        part.predictions |= {f"external-{folder_name(name)}": judged}
    if sources:
        caption = "The main network within its cohort and on cohorts it never saw"
        table = external_table(
            rows, caption=caption, measures=SHOWN, further=FURTHER, by_class=True, notes=notes, strong=0
        )
        words = f"ROC curves of the main network within its cohort and outside ({'; '.join(sources)})"
        figure = external_roc(drawn, caption=words, options=main.options)
        part.contents = [table, Figures(items=(figure,)) if figure else None]
    return part


def _predicted(finished: Finished[Any], main: Candidate, item: ExternalSet) -> tuple[Cohort, pd.DataFrame] | str:
    """An external cohort and the calibrated predictions of the first division's network, or why there are none."""
    setup, folder, tested = finished.setup, finished.workspace.folder, main.network.tested[0]
    if not tested.keeps_weights:
        return f"the trained weights of {tested.trial.name} are not in its folder."
    view = next(view for view in tested.trial.views if view.name == main.view)
    progress = finished.progress
    try:
        cohort = open_external(item, setup.cohort, options=setup.recipe.cohort, folder=folder, progress=progress)
        if cohort.table.empty:
            return "every image of it stands in the study's cohort too."
        return cohort, predict_external(setup, tested, cohort, folder=folder, progress=progress, view=view).table
    except ThyroSightError as error:
        return str(error)


def _notes(name: str, cohort: Cohort, judged: pd.DataFrame) -> list[str]:
    unmarked = without_box(cohort.table)
    boxes = f"{unmarked} without a box: whole scan area" if unmarked else "all with a box"
    return [f"{name}: {judged['group'].nunique()} groups, {boxes}."]
