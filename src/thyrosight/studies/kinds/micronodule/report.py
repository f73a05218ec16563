"""The report of a study of micronodules: the paper's flow chart, tables and figures for any cohort."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from thyrosight.cohort import Cohort
from thyrosight.documents import (
    Column,
    Content,
    Facts,
    Figure,
    Figures,
    FlowStep,
    Heading,
    Items,
    Measure,
    Row,
    Summary,
    Table,
    columns,
    hidden,
    sentence,
)
from thyrosight.studies.analyses import curves
from thyrosight.studies.analyses.diagnosis import (
    NETWORK,
    QUANTITIES,
    NetworkOnSet,
    networks_on_set,
    networks_on_set_table,
)
from thyrosight.studies.analyses.examples import show_lesions
from thyrosight.studies.analyses.lesion_set import (
    AnalysedSet,
    Analysis,
    SetOptions,
    TestedSet,
    analysed,
    placed,
    sizes_table,
)
from thyrosight.studies.analyses.network_figures import figures_of
from thyrosight.studies.analyses.networks import trained_table
from thyrosight.studies.analyses.rater_figures import raters_figures
from thyrosight.studies.analyses.reader_comparison import reader_mean_words
from thyrosight.studies.analyses.set_comparisons import comparisons_table
from thyrosight.studies.analyses.sets import SetTested
from thyrosight.studies.base import Evaluation
from thyrosight.studies.further.outside import Sets, biopsied
from thyrosight.studies.further.parts import further
from thyrosight.studies.kind import Findings, Finished, Report
from thyrosight.studies.kinds.micronodule.published import published_table
from thyrosight.studies.kinds.micronodule.recipe import Recipe
from thyrosight.studies.kinds.micronodule.selection import Selection
from thyrosight.studies.kinds.micronodule.sets import judged_on_own, tested_sets
from thyrosight.studies.kinds.micronodule.words import NOTHING, limitations, methods, said_of, size_rule, unfinished
from thyrosight.studies.limitations import random_starts
from thyrosight.studies.measures import PROPORTIONS, pooled_measures
from thyrosight.studies.page import flow_figure
from thyrosight.studies.recipe import folder_name
from thyrosight.studies.result import StudyFacts
from thyrosight.studies.sentences import small_validation, tile
from thyrosight.studies.tested import Network

_TILES = {"auc": "AUC", "sensitivity": "Sensitivity", "specificity": "Specificity", "npv": "NPV"}
_MEASURES = ("auc", *PROPORTIONS)
_VALIDATION = "Validation part"
_SUMMARY = (
    "95 % intervals; networks at the operating point of the validation part, or 0.5 where that is too small to choose; "
    "readers by its rule on these nodules"
)
_NO_EXAMPLES = "No nodule is shown: none was tested by a network, or the pictures are not beside this report."


def report(finished: Finished[Recipe], selection: Selection, sites: Sequence[Cohort]) -> Report:
    """Report on network and readers; on readers alone where nothing can be trained.

    Raises:
        NetworkError: the main network could not be trained although there are nodules to train on.
    """
    recipe = finished.recipe
    main = finished.main(recipe.main.key) if selection.trainable else None
    sets, left_out = tested_sets(finished, selection, sites)
    options = SetOptions(recipe.statistics, recipe.categories.rule(), recipe.subgroups.at_most_mm)
    found = [analysed(item, options, first=place == 0) for place, item in enumerate(sets)]
    first = sets[0] if sets else None
    validated = networks_on_set(judged_on_own(finished), "validation", recipe.statistics)
    flow = first.flow if first and not first.external else selection.flow(recipe, finished.setup.split)
    return Report.of(
        [
            _methods(finished, selection, found, left_out, validated),
            Findings("Enrolment", _enrolment(flow, found)),
            *(
                _set_part(item, recipe, first=place == 0, small=small_validation(finished.facts.parts))
                for place, item in enumerate(found)
            ),
            *further(finished, sets=_everywhere(finished, found)),
            _examples(first, recipe),
            _published(found, main, recipe, shown=recipe.report.published),
            _training(list(finished.networks.values())),
        ],
        **_tiles(first, small=small_validation(finished.facts.parts)),
        summary=Summary(
            table="raters",
            columns=("set", "rater", "auc", "sensitivity", "specificity"),
            figure=f"roc-{folder_name(first.name)}" if first else "",
            note=_SUMMARY,
        ),
        more=[
            *(table for place, item in enumerate(found) for table in _more(item, first=place == 0)),
            *_validation_table(finished.facts, validated, options=recipe.statistics),
            _raters_table(found),
        ],
        model=main,
        metrics=_metrics(main, recipe) if main else {},
        flow=flow,
    )


def _tiles(first: TestedSet | None, *, small: bool) -> dict[str, Any]:
    """Measures of the main network on the first set in large type; none where it was not tested."""
    if first is None or not first.main:
        return {}
    who = first.networks[0].title
    where = f"{who} on {first.name}, at the operating point chosen on the validation part."
    if small:
        where = f"{who} on {first.name}, at a cut-off of 0.5: the validation part is too small to choose one."
    return {
        "tiles": [tile(title, first.main[name]) for name, title in _TILES.items()],
        "tiles_note": f"{where} {sentence(first.source)}",
    }


def _methods(
    finished: Finished[Recipe],
    selection: Selection,
    found: Sequence[AnalysedSet],
    left_out: Sequence[str],
    validated: Sequence[NetworkOnSet],
) -> Findings:
    recipe = finished.recipe
    return Findings(
        "Methods",
        [Facts(rows=methods(recipe, finished.facts, reference=selection.reference))],
        said=[sentence(size_rule(recipe)) if found else NOTHING],
        limitations=limitations(recipe, found),
        unfinished=[
            *unfinished(recipe, selection.warnings, found),
            *left_out,
            *random_starts({item.title: item for item in finished.networks.values()}),
        ],
        predictions={item.key: _predictions(item, found) for item in validated},
    )


def _examples(first: TestedSet | None, recipe: Recipe) -> Findings:
    if first is None:
        return Findings("Examples", [_NO_EXAMPLES])
    shown = show_lesions(
        first.nodules,
        first.readings,
        count=recipe.examples.shown,
        worst=recipe.examples.worst,
        preparation=recipe.preparation,
        rule=recipe.categories.rule(),
    )
    contents: list[Content] = [*shown.figures, *shown.notes] or [_NO_EXAMPLES]
    return Findings("Examples", contents, unfinished=shown.problems, pictures=shown.pictures)


def _metrics(main: Network, recipe: Recipe) -> dict[str, Measure]:
    """Measures of the model on the nodules tested within the cohort, where they are of both classes."""
    test = main.tested[0].judged().part("test")
    return pooled_measures(test, options=recipe.statistics) if test["truth"].nunique() == 2 else {}


def _predictions(validated: NetworkOnSet, found: Sequence[AnalysedSet]) -> pd.DataFrame:
    """Calibrated predictions of one network: its validation part, and every tested set."""
    networks = [(one.item.name, item) for one in found for item in one.item.networks]
    own = [item.rows.assign(set=name) for name, item in networks if item.key == validated.key]
    return pd.concat([validated.rows.assign(set=_VALIDATION), *own], ignore_index=True)


def _published(found: Sequence[AnalysedSet], main: Network | None, recipe: Recipe, *, shown: bool) -> Findings:
    """Published results of others, where the recipe does not leave the papers out."""
    if not found or main is None or not shown:
        return Findings("Published results")
    return Findings(
        "Published results",
        [published_table(found[0], trained=main.tested[0].record["train"], rule=recipe.statistics.operating_point)],
    )


def _training(networks: Sequence[Network]) -> Findings:
    if not networks:
        return Findings("Training")
    curve = curves.training_figure({item.title: item for item in networks})
    return Findings("Training", [trained_table(networks), *figures_of(networks[0]), curve])


def _enrolment(flow: Sequence[FlowStep], found: Sequence[AnalysedSet]) -> list[Content]:
    contents: list[Content] = [flow_figure(flow, what="nodules")]
    notes = dict.fromkeys(_of_set(note, one.item) for one in found for note in one.notes)
    if notes:
        contents += [Heading(text="What must be known of readers and sets"), Items(texts=tuple(notes))]
    return contents


def _of_set(note: str, item: TestedSet) -> str:
    """A note with the name of the external set that it is of."""
    return note if not item.external or note.startswith(f"{item.name}:") else f"{item.name}: {note}"


def _sourced(figure: Figure, item: TestedSet) -> Figure:
    """A figure of a set, with its source and a name of its own."""
    return figure.model_copy(update={"source": item.source, "name": f"{figure.name}-{folder_name(item.name)}"})


def _set_part(found: AnalysedSet, recipe: Recipe, *, first: bool, small: bool) -> Findings:
    """One set: the paper's tables of the first one, of further ones the comparisons; the others are CSV files alone."""
    item = found.item
    prefix = "" if first else f"{item.name}, "
    flow = [_sourced(flow_figure(item.flow, what=f"nodules of {item.name}"), item)] if item.external else []
    contents: list[Content] = [*flow, Items(texts=tuple(missing)) if (missing := _missing(found)) else None]
    contents += _printed(found.whole) if first else []
    contents.append(
        comparisons_table(
            found,
            caption=f"{prefix}CNN against readers, all nodules and by size",
            rule=recipe.statistics.operating_point,
        )
    )
    areas = {name: table.at(quantity="auc", column="reader") for name, table in found.whole.readers.items()}
    areas |= {NETWORK: item.main["auc"]} if item.main else {}
    drawn = raters_figures(item.nodules, item.readings, areas, options=recipe.statistics)
    figures = [_sourced(figure, item) for figure in drawn]
    contents += [Figures(items=tuple(figures))] if figures else []
    if item.networks:
        caption = f"{prefix}Supplement 1. Networks on {item.name}, at the operating point of the validation part"
        if small:
            caption = f"{prefix}Supplement 1. Networks on {item.name}, at a cut-off of 0.5"
        contents.append(placed(networks_on_set_table(item.networks, caption=caption, options=recipe.statistics), item))
    if found.mean:
        contents += [
            Heading(text=found.mean.caption),
            reader_mean_words(found.mean, item.source, options=recipe.statistics),
        ]
    if recipe.subgroups.at_most_mm is not None:
        caption = f"{prefix}Supplement 2. Patients and nodules by size"
        sizes = sizes_table(item.nodules, recipe.subgroups.at_most_mm, caption=caption)
        contents.append(placed(sizes, item) if sizes else None)
    title = "Results" if first and not item.external else f"External: {item.name}"
    return Findings(title, contents, said=said_of(found, first=first, options=recipe.statistics))


def _missing(found: AnalysedSet) -> list[str]:
    """Sentences on values that could not be computed for a set and its subgroups."""
    return [sentence for part in (found.whole, *found.subgroups) for sentence in part.missing]


def _printed(part: Analysis) -> list[Table]:
    """Tables 1 to 3 as the paper has them, with the first reader."""
    readers = [table for table in part.tables if table.name == "readers"]
    return [table for table in part.tables if table not in readers[1:]]


def _more(found: AnalysedSet, *, first: bool) -> list[Table]:
    """Tables that are not printed: of further readers, subgroups and sets, and the mean of the readers, whose sentence
    is."""
    printed = _printed(found.whole) if first else []
    parts = (found.whole, *found.subgroups)
    rest = [table for part in parts for table in (*part.tables, *part.more) if table not in printed]
    return [*rest, *([found.mean] if found.mean else [])]


def _validation_table(facts: StudyFacts, validated: Sequence[NetworkOnSet], *, options: Evaluation) -> list[Table]:
    """Rows of the table of networks that are not printed."""
    if not validated:
        return []
    keys = {"set": _VALIDATION, "labels": " and ".join(facts.label_sources), "split": facts.split_kind}
    caption = f"Networks on the {_VALIDATION.lower()}"
    return [networks_on_set_table(validated, caption=caption, options=options).told_apart(**keys)]


def _everywhere(finished: Finished[Recipe], found: Sequence[AnalysedSet]) -> Sets:
    """The main network on the nodules of every set."""
    sets = Sets()
    for item in (one.item for one in found if one.item.networks):
        main, network = item.networks[0], finished.networks[finished.studied]
        title = f"{item.name} ({'external' if item.external else 'internal'})"
        rows = biopsied(main.rows, network, missed=finished.recipe.decisions.missed)
        sets.found.append(SetTested(title, rows, item.label_sources, item.keys["split"], dict(main.found.measures)))
    return sets


def _raters_table(found: Sequence[AnalysedSet]) -> Table:
    """AUC, sensitivity and specificity of networks and readers on each set, for the terminal."""
    rows: list[Row] = []
    for one in found:
        raters = {network.title: network.found.measures for network in one.item.networks}
        for name, table in one.whole.readers.items():
            raters[name] = {quantity: table.at(quantity=quantity, column="reader") for quantity in _MEASURES[:3]}
        rows += [
            {**one.item.keys, "rater": rater, **{name: measures[name] for name in _MEASURES[:3]}}
            for rater, measures in raters.items()
        ]
    return Table(
        name="raters",
        caption="Networks and readers on each set",
        columns=(
            *columns("text", {"set": "Set", "rater": "Rater"}),
            *hidden("labels", "split"),
            *(Column(key=name, title=QUANTITIES[name], kind="area", digits=2) for name in _MEASURES[:3]),
        ),
        rows=tuple(rows),
        notes=(_SUMMARY,),
    )
