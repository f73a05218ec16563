"""The network that a study is about on cohorts that it never saw."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from thyrosight.cohort import Cohort, flow_chart_steps
from thyrosight.documents import Content, Figure, Figures, Row, hidden
from thyrosight.errors import ThyroSightError
from thyrosight.studies.analyses.decisions import BIOPSIED
from thyrosight.studies.analyses.external import Answered, open_external, predict_external, without_box
from thyrosight.studies.analyses.outlines import Outlined, outlined, outlines_table
from thyrosight.studies.analyses.sets import EXTERNAL, SetTested, named_sources, sets_roc, sets_table
from thyrosight.studies.kind import Findings, Finished
from thyrosight.studies.page import flow_figure
from thyrosight.studies.recipe import ExternalSet, folder_name
from thyrosight.studies.sentences import in_words
from thyrosight.studies.tested import Network

_OWN_CHOICE = (
    "The network of the first division, with the calibration and operating point chosen on its own validation part, "
    "where that is large enough; figures of the test part are those of all divisions."
)


@dataclass(eq=False)
class Sets:
    """The sets on which the network was tested, its own cohort first.

    Attributes:
        found: where it tells classes.
        drawn: where it draws outlines.
        sources: of those, by title: source of labels, and kind of split.
        flows: flow charts of the external ones.
        problems: why sets were left out.
        predictions: of the external ones, by the name of their file.
    """

    found: list[SetTested] = field(default_factory=list)
    drawn: list[Outlined] = field(default_factory=list)
    sources: dict[str, Row] = field(default_factory=dict)
    flows: list[Figure] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    predictions: dict[str, pd.DataFrame] = field(default_factory=dict)


def tested_sets(
    finished: Finished[Any], network: Network, *, chosen: Callable[[Cohort], Cohort], failed_below: float
) -> Sets:
    """The test part of all divisions, and every external set with the network of the first one.

    Args:
        chosen: the images of an external cohort that the network can be tested on, and what is derived of them.
        failed_below: an outline with a lower Dice is a complete failure.
    """
    facts, options, task = finished.facts, finished.recipe.statistics, network.trial.task
    missed, inside = finished.recipe.decisions.missed, "Test part"
    sets = Sets()
    if task != "segmentation":
        rows = biopsied(network.pooled(network.view), network, missed=missed)
        sets.found.append(
            SetTested.judged(inside, rows, labels=facts.label_sources, split=facts.split_kind, options=options)
        )
    if task != "classification":
        sets.drawn.append(outlined(network, title=inside, failed_below=failed_below, options=options))
        sets.sources[inside] = {"labels": " and ".join(facts.label_sources), "split": facts.split_kind}
    for item in finished.recipe.external:
        found = _answered(finished, network, item, chosen)
        if isinstance(found, str):
            sets.problems.append(f"External set {item.title} was left out: {found}")
            continue
        cohort, answered = found
        title = f"{item.title} (external)"
        if answered.judged is not None:
            rows, note = biopsied(answered.rows, network, missed=missed), _note(item.title, cohort)
            one = SetTested.judged(title, rows, labels=cohort.label_sources, split=EXTERNAL, options=options, note=note)
            sets.found.append(one)
            sets.predictions[f"external-{folder_name(item.title)}"] = answered.rows
        if answered.drawn is not None and len(answered.drawn):
            drawn = answered.drawn.assign(division=EXTERNAL)
            one_set = outlined(network, title=title, failed_below=failed_below, options=options, drawn=drawn)
            sets.drawn.append(one_set)
            sets.sources[title] = {"labels": " and ".join(cohort.label_sources), "split": EXTERNAL}
        sets.flows.append(_flow(item.title, cohort))
    return sets


def biopsied(rows: pd.DataFrame, network: Network, *, missed: float) -> pd.DataFrame:
    """Predictions, and whether each reaches the cut-off of few missed cancers of its division.

    That is the first one where rows name none; where a validation part is too small to choose, rows stay as they are.
    """
    cut_offs = [item.cut_off(f"sensitivity>={1 - missed:g}") for item in network.judged(network.view)]
    if any(cut_off is None for cut_off in cut_offs):
        return rows
    by_division = dict(zip(network.divisions, cut_offs, strict=True))
    cut_off = rows["division"].map(by_division) if "division" in rows else cut_offs[0]
    return rows.assign(**{BIOPSIED: (rows["risk"] >= cut_off).astype(int)})


def _answered(
    finished: Finished[Any], network: Network, item: ExternalSet, chosen: Callable[[Cohort], Cohort]
) -> tuple[Cohort, Answered] | str:
    """An external cohort and what the network said of it, or why that cannot be."""
    setup, folder, tested, progress = finished.setup, finished.workspace.folder, network.tested[0], finished.progress
    if not tested.keeps_weights:
        return f"the trained weights of {tested.trial.name} are not in its folder."
    try:
        cohort = open_external(item, setup.cohort, options=setup.recipe.cohort, folder=folder, progress=progress)
        if cohort.table.empty:
            return "every image of it stands in the study's cohort too."
        cohort = chosen(cohort)
        if cohort.table.empty:
            return "it holds no image that the network can be tested on."
        view = tested.trial.views[0]
        return cohort, predict_external(setup, tested, cohort, folder=folder, progress=progress, view=view)
    except ThyroSightError as error:
        return str(error)


def _note(name: str, cohort: Cohort) -> str:
    """How many groups a set has, and what networks for nodules saw of it."""
    unmarked = without_box(cohort.table)
    boxes = f"{unmarked} without a box: whole scan area" if unmarked else "all with a box"
    return f"{name}: {cohort.table['group'].nunique()} groups, {boxes}."


def _flow(name: str, cohort: Cohort) -> Figure:
    """The flow chart of an external set."""
    labels = " and ".join(cohort.label_sources)
    changes = {"name": f"flow-{folder_name(name)}", "source": f"labels: {labels}; {EXTERNAL}"}
    return flow_figure(flow_chart_steps(cohort), what=f"images of {name}").model_copy(update=changes)


def outside(sets: Sets, *, options: Any) -> Findings:
    """How well the network does on each set; nothing where there is no external one."""
    part = Findings("Within and outside the cohort", unfinished=sets.problems, predictions=sets.predictions)
    beyond = [item for item in sets.found if item.external]
    contents: list[Content] = []
    if beyond:
        caption = "The main network within its cohort and on cohorts it never saw"
        contents.append(sets_table(sets.found, caption=caption, notes=(_OWN_CHOICE,), strong=0))
        caption = f"ROC curves of the main network on each set ({named_sources(beyond)})"
        roc = sets_roc(sets.found, caption=caption, options=options)
        contents += [Figures(items=(roc,))] if roc else []
        part.said = [f"On {item.title}: AUC {in_words(item.measures.get('auc'))}." for item in beyond]
    if len(sets.drawn) > 1:
        caption = "Outlines of the main network within its cohort and outside"
        table = outlines_table(sets.drawn, name="external-outlines", caption=caption, of="Tested on")
        rows = tuple({**row, **sets.sources[str(row["title"])]} for row in table.rows)
        contents.append(
            table.model_copy(update={"rows": rows, "columns": (*hidden("labels", "split"), *table.columns)})
        )
        part.said += [f"On {item.title}: mean Dice {in_words(item.dice_mean)}." for item in sets.drawn[1:]]
    part.contents, part.external = [*contents, *sets.flows], bool(contents)
    return part
