"""The report of a comparison: networks side by side, where the main one looked, and its worst errors."""

from collections.abc import Mapping, Sequence

from thyrosight.documents import Content, Facts, Figures, Summary, Table
from thyrosight.studies.analyses import curves
from thyrosight.studies.analyses.calibration_figures import calibration_figure
from thyrosight.studies.analyses.heat_maps import METHOD, explain_network, why_no_heat_maps, worst_errors
from thyrosight.studies.analyses.network_figures import figures_of
from thyrosight.studies.analyses.networks import (
    Evaluated,
    comparison_table,
    division_measures,
    divisions_table,
    evaluate,
    means_table,
    networks_table,
    pooled_table,
)
from thyrosight.studies.analyses.part_balance import parts_table
from thyrosight.studies.base import Evaluation
from thyrosight.studies.further.parts import further
from thyrosight.studies.kind import Findings, Finished, Report
from thyrosight.studies.kinds.comparison.recipe import Recipe
from thyrosight.studies.limitations import random_starts
from thyrosight.studies.measures import MEASURES
from thyrosight.studies.page import cohort_table, flow_figure
from thyrosight.studies.predictions import calibration_clause
from thyrosight.studies.sentences import chance_words, in_words, listed, methods_rows, tile
from thyrosight.studies.verdicts import UNTOLD, verdict

_TILES = ("auc", "balanced_accuracy", "recall", "specificity")


def report(finished: Finished[Recipe]) -> Report:
    """Report on the networks.

    Raises:
        NetworkError: the main network could not be trained.
    """
    recipe, facts, options = finished.recipe, finished.facts, finished.recipe.statistics
    finished.main(recipe.main.key)
    finished.progress("Evaluating", 0, len(finished.networks))
    found = evaluate(list(finished.networks.values()), options=options)
    main = found[0]
    explained = explain_network(finished.setup, main.network.tested[0], recipe.explain, progress=finished.progress)
    errors, pixels = worst_errors(finished.setup, main.network, count=recipe.explain.worst)
    explanation = Findings("Explanation: where the network looked", ["No heat maps were made in this study."])
    if explained:
        explanation = Findings(explanation.title, explained.contents, pictures=explained.pictures)
    divisions = {item.title: divisions_table(item, options=options) for item in found}
    many = len(main.network.divisions)
    parts = parts_table(
        finished.setup.cohort, finished.setup.split, caption="Patients and images of the training and the test part"
    )
    more = (("Explanation", METHOD),) if explained else ()
    rows = Facts(rows=methods_rows(facts, *more))
    methods = Findings("Methods", [rows, networks_table(found), *figures_of(main.network)])
    methods.unfinished = [
        *random_starts({item.title: item.network for item in found}),
        *why_no_heat_maps(main.network.tested[0].spec),
    ]
    methods.predictions = {
        item.trial.name: item.judged().table for network in finished.networks.values() for item in network.tested
    }
    return Report.of(
        [
            methods,
            Findings("Cohort", [flow_figure(facts.flow) if facts.flow else None, cohort_table(facts), parts]),
            Findings("Results", _results(found, divisions, options), said=[key_result(found, options=options)]),
            explanation,
            Findings("Worst errors", [errors], pictures=pixels),
            *further(finished),
            Findings("Divisions", list(divisions.values())),
        ],
        tiles=[tile(MEASURES[name], main.mean.get(name)) for name in _TILES],
        tiles_note=f"{main.title}, mean over the test parts of {many} division{'s' if many != 1 else ''}.",
        summary=Summary(
            table="means", columns=("title", *_TILES), figure="roc", note="mean over the divisions, 95 % interval"
        ),
        model=main.network,
        metrics=division_measures(main, 0, options=options),
        heat_scale=explained.scale if explained else None,
    )


def _results(found: Sequence[Evaluated], divisions: Mapping[str, Table], options: Evaluation) -> list[Content]:
    main = found[0]
    areas = {
        title: [table.at(division=row["division"], measure="auc").value for row in table.rows]
        for title, table in divisions.items()
    }
    figures = (
        curves.measures_figure(found),
        curves.pooled_roc_figure(found, options=options),
        curves.precision_recall_figure(found),
        curves.scores_figure(main),
        calibration_figure(
            main.pooled_rows,
            title=main.title,
            calibrated=calibration_clause(main.network.judged()),
            options=options,
        ),
        curves.confusion_figure(found),
        curves.divisions_figure(areas),
        curves.training_figure({item.title: item.network for item in found}),
    )
    return [means_table(found), comparison_table(found, options=options), Figures(items=figures), pooled_table(found)]


def key_result(found: Sequence[Evaluated], *, options: Evaluation) -> str:
    """The result in two or three sentences: measure, interval, size, and whether chance is excluded."""
    main = found[0]
    area, divisions = main.mean.get("auc"), len(main.network.divisions)
    many = "one division" if divisions == 1 else f"{divisions} divisions"
    if area is None or area.value is None:
        return f"The AUC of {main.title} is not defined on the test parts of {many}."
    spread = "" if area.spread is None else f"; it varied by {area.spread:.2f} (standard deviation) between divisions"
    parts = (
        f"On images kept out of training, {main.title} told nodules labelled malignant from those labelled benign "
        f"with a mean AUC of {in_words(area)} over {many}{spread}.",
        chance_words(area),
        comparison_words(found, options=options),
    )
    return " ".join(part for part in parts if part)


def comparison_words(found: Sequence[Evaluated], *, options: Evaluation) -> str:
    """How the comparators stand to the main network, against the margin of the recipe."""
    told: dict[str, list[str]] = {"better": [], "worse": [], "practically equal": [], UNTOLD: []}
    for item in found:
        if (one := item.against_main) is not None:
            told[verdict(one.difference, options, p=one.p_corrected)].append(item.title)
    said = [
        f"{listed(titles)} {'is' if len(titles) == 1 else 'are'} {how}"
        for how, titles in told.items()
        if titles and how != UNTOLD
    ]
    if told[UNTOLD]:
        said.append(
            f"whether {listed(told[UNTOLD])} {'is' if len(told[UNTOLD]) == 1 else 'are'} better or worse {UNTOLD}"
        )
    if not said:
        return ""
    text = "; ".join(said)
    return f"{text[0].upper()}{text[1:]} (AUC, margin {options.margin:g}, corrected for the number of comparators)."
