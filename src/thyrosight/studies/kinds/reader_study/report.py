"""The report of a study of readers, section by section."""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from thyrosight.documents import Content, Facts, Figures, Measure, Summary, Table, Tile
from thyrosight.progress import Progress
from thyrosight.readings import Protocol
from thyrosight.studies.analyses.readings import (
    accuracy,
    agreement,
    changes,
    figures,
    flow,
    groups,
    places,
    scores,
    standalone,
    times,
)
from thyrosight.studies.analyses.readings.agreement_change import agreement_change_table
from thyrosight.studies.analyses.readings.reading_set import METRICS, ReadingSet
from thyrosight.studies.kind import Findings, Report
from thyrosight.studies.kinds.reader_study.arranging import Arranged
from thyrosight.studies.kinds.reader_study.words import (
    bias_words,
    key_result,
    limitations,
    methods_rows,
)
from thyrosight.studies.page import flow_figure
from thyrosight.studies.result import StudyFacts
from thyrosight.studies.sentences import tile

ACTIONS = ("sensitivity", "specificity")


def report(
    arranged: Arranged,
    facts: StudyFacts,
    protocol: Protocol | None,
    *,
    lesions: pd.DataFrame | None,
    amendments: Sequence[str],
    progress: Progress,
) -> Report:
    """Report on the readers."""
    found = arranged.found
    parts: list[Callable[[], Findings]] = [
        lambda: Findings("Methods", [Facts(rows=methods_rows(arranged, facts, protocol, amendments=amendments))]),
        lambda: readings(arranged),
        lambda: areas(found),
        lambda: decisions(found),
        lambda: against_model(found),
        lambda: minds(found),
        lambda: agreed(found),
        lambda: took(found),
        lambda: as_risks(found),
        lambda: localised(found, lesions),
        lambda: by_subgroup(arranged),
    ]
    sections = []
    for place, part in enumerate(parts, start=1):
        progress("Analysing readings", place, len(parts))
        sections.append(part())
    sections[0].unfinished = list(arranged.unfinished)
    sections[0].limitations = limitations(arranged, facts)
    tables = {item.name: item for part in sections for item in part.contents if isinstance(item, Table)}
    return Report.of(
        sections,
        tiles=tiles(found, tables),
        tiles_note="Means of the readers.",
        summary=summary(found, tables),
        flow=flow.flow_steps(arranged.counted, found),
        single_source=False,
    )


def summary(found: ReadingSet, tables: Mapping[str, Table]) -> Summary | None:
    """Summary for the terminal."""
    if "mrmc" not in tables:
        return None
    shown = ("comparison", "readers", "reference", "new", "difference", "p") if len(found.arms) > 1 else (
        "readers", "reference")  # fmt: skip
    return Summary(table="mrmc", columns=shown, note="AUC of the mean reader, 95 % interval")


def tiles(found: ReadingSet, tables: Mapping[str, Table]) -> list[Tile]:
    """The main figures in large type."""
    if "readers-auc" not in tables:
        return []
    row = tables["readers-auc"].rows[-1]
    arms = [
        tile(f"AUC, {arm}", cell) for arm in found.arms[:2] if isinstance(cell := row.get(accuracy.slug(arm)), Measure)
    ]
    if len(found.arms) < 2:
        return arms
    apart = row.get(f"{accuracy.slug(found.arms[1])}_less_{accuracy.slug(found.reference)}")
    arms.append(tile("Difference", apart if isinstance(apart, Measure) else None, digits=3, signed=True))
    if "reliance" in tables:
        misled = next(line for line in tables["reliance"].rows if line["what"] == "misled")
        cell = misled.get("share")
        arms.append(tile("Misled by the model", cell if isinstance(cell, Measure) else None, percent=True))
    return arms


def readings(arranged: Arranged) -> Findings:
    """Readings of each reader, and missing ones."""
    found, counted = arranged.found, arranged.counted
    missing = flow.missing_table(found) if counted.crossed else None
    steps = flow.flow_steps(counted, found)
    part = Findings("Readings", [flow_figure(steps, what="readings"), flow.readers_table(counted, found), missing])
    part.predictions = {"readings-analysed": found.rows.drop(columns="marks")}
    return part


def areas(found: ReadingSet) -> Findings:
    """Areas under the ROC curve."""
    compared = accuracy.compare_metric(found, "auc")
    part = Findings("Accuracy")
    part.unfinished = [f"{METRICS['auc']} of the readers: {why}" for why in dict.fromkeys(compared.why.values())]
    table = accuracy.readers_table(found, compared)
    whole = accuracy.mrmc_table(found, [compared], name="mrmc", caption="AUC of the mean reader")
    result = compared.first(found.options.readers)
    drawn = [figures.roc_figure(found, result)]
    if table is not None and result is not None:
        drawn += [figures.slopes_figure(found, table), figures.forest_figure(found, result)]
    part.contents = [whole, table, Figures(items=tuple(item for item in drawn if item))]
    part.said = [key_result(found, whole)]
    return part


def decisions(found: ReadingSet) -> Findings:
    """Sensitivity and specificity of the readers' decisions."""
    part = Findings("Decisions")
    if not found.has_calls:
        return part
    every = [accuracy.compare_metric(found, metric) for metric in ACTIONS]
    part.unfinished = [
        f"{METRICS[one.metric]} of the readers: {why}" for one in every for why in dict.fromkeys(one.why.values())
    ]
    whole = accuracy.mrmc_table(
        found, every, name="mrmc-decisions", caption="Sensitivity and specificity of the mean reader"
    )
    tables = [accuracy.readers_table(found, one) for one in every]
    part.contents = [whole, *tables, accuracy.calls_table(found)]
    return part


def against_model(found: ReadingSet) -> Findings:
    """The readers against the model alone."""
    models = standalone.models_of(found)
    part = Findings("Readers against the model alone")
    if models:
        table, part.unfinished = standalone.standalone_table(found, models)
        part.contents = [table] if table else []
    return part


def minds(found: ReadingSet) -> Findings:
    """Changes of mind."""
    part = Findings("Changes of mind")
    others = [arm for arm in found.aided if arm != found.reference]
    if not found.has_calls or not others:
        return part
    pairs = {arm: own for arm in others if len(own := changes.pairs_of(found, arm))}
    if not pairs:
        part.unfinished = ["Changes of mind: no reader decided on a case both without and with the model."]
        return part
    reliance = changes.reliance_table(found, pairs)
    part.contents = [changes.changes_table(found, pairs), reliance, changes.changes_figure(pairs)]
    if reliance is None:
        part.unfinished = [
            "Changes of mind by whether the model was right: the table has no column `model_positive`, and the recipe "
            "names no score from which the model calls a case positive (`model_called_from`)."
        ]
    else:
        part.said = [bias_words(reliance)]
    part.predictions = {f"changes-{accuracy.slug(arm)}": own for arm, own in pairs.items()}
    return part


def agreed(found: ReadingSet) -> Findings:
    """Agreement between and within readers."""
    between, unfinished = agreement.agreement_table(found)
    change, undone = agreement_change_table(found)
    within = agreement.repeats_table(found) if len(found.repeated) else None
    contents = [item for item in (between, change, within) if item]
    return Findings("Agreement", contents, unfinished=[*unfinished, *undone])


def took(found: ReadingSet) -> Findings:
    """Times of readings."""
    rows = times.timed(found)
    part = Findings("Time")
    if rows.empty:
        return part
    table = times.times_table(found, rows)
    drawn = [times.times_figure(found, table), times.learning_figure(found, rows)]
    part.contents = [table, times.learning_table(found, rows), Figures(items=tuple(item for item in drawn if item))]
    return part


def as_risks(found: ReadingSet) -> Findings:
    """Readers' scores as risks."""
    part = Findings("Scores as risks")
    if not found.probability or found.rows["rating"].max() > 100 or found.rows["rating"].min() < 0:
        return part
    contents: list[Content] = [scores.calibration_table(found), Figures(items=tuple(scores.calibration_figures(found)))]
    part.contents = contents
    return part


def localised(found: ReadingSet, lesions: pd.DataFrame | None) -> Findings:
    """Lesions found and localised."""
    part = Findings("Lesions found and localised")
    if not found.rows["marks"].notna().any():
        return part
    if lesions is None:
        part.unfinished = ["Lesions found and localised: readers set marks, but there is no table of lesions."]
        return part
    own = places.places_of(found, lesions)
    if isinstance(own, str):
        part.unfinished = [f"Lesions found and localised: {own}."]
        return part
    table = places.localisation_table(found, own)
    if isinstance(table, str):
        part.unfinished = [f"Lesions found and localised: {table}"]
    part.contents = [*([] if isinstance(table, str) else [table]), places.froc_figure(found, own)]
    return part


def by_subgroup(arranged: Arranged) -> Findings:
    """Subgroups of readers and cases."""
    found = arranged.found
    table, unfinished = groups.subgroup_table(found, arranged.case_columns)
    drawn = groups.subgroup_figure(found, table) if table else None
    contents = [item for item in (table, drawn) if item]
    return Findings("Subgroups", contents, unfinished=unfinished)
