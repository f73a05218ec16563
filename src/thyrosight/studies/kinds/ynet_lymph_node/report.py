"""The report of a study of outlines and classes: the paper's tables and figures, for any cohort with masks."""

import pandas as pd

from thyrosight.documents import (
    Content,
    Facts,
    Figure,
    Figures,
    Heading,
    Items,
    Measure,
    Summary,
    sentence,
    with_interval,
)
from thyrosight.studies.analyses import curves
from thyrosight.studies.analyses.baseline import SEX, Characteristic, baseline_table, patients_title, recorded
from thyrosight.studies.analyses.calibration_figures import calibration_figure
from thyrosight.studies.analyses.joint_training import joint_effects_table
from thyrosight.studies.analyses.neck_levels import levels_table
from thyrosight.studies.analyses.network_figures import figures_of
from thyrosight.studies.analyses.original_reports import against_reports_table
from thyrosight.studies.analyses.outline_examples import outline_examples
from thyrosight.studies.analyses.outlines import dice_figures, outlined, outlines_table
from thyrosight.studies.analyses.shortcuts import shortcut_words, shortcuts_table
from thyrosight.studies.further.parts import further
from thyrosight.studies.kind import Findings, Finished, Report
from thyrosight.studies.kinds.ynet_lymph_node.decoders import decoders
from thyrosight.studies.kinds.ynet_lymph_node.judging import Judged, Measured, judge
from thyrosight.studies.kinds.ynet_lymph_node.recipe import Recipe
from thyrosight.studies.kinds.ynet_lymph_node.tables import networks_table, roc, table_3
from thyrosight.studies.limitations import random_starts
from thyrosight.studies.measures import pooled_measures
from thyrosight.studies.page import flow_figure, trials_table
from thyrosight.studies.predictions import calibration_clause
from thyrosight.studies.sentences import chance_words, in_words, mask_loss_words, methods_rows, tile
from thyrosight.studies.verdicts import better_or_worse, verdict

_TILES = {"auc": "AUC", "sensitivity": "Sensitivity", "specificity": "Specificity"}
_ONE_READER = (
    "Dice tells how well an outline agrees with one reader's mask; readers differ among themselves, and by how much is "
    "not known here."
)
_DDTI = (
    "The masks of DDTI are drawn in green with a red rim; what counts as lesion is the green alone. Both readings of "
    "one mask have a Dice of about 0.9, so a Dice here cannot be set beside one measured the other way."
)


def report(finished: Finished[Recipe]) -> Report:
    """Report on the networks.

    Raises:
        NetworkError: the main network could not be trained.
        RecipeError: the dictionary of keywords cannot be read.
        CohortError: a choice of images in `within` cannot be read.
    """
    finished.progress("Evaluating", 0, len(finished.networks))
    found = judge(finished)
    main, measures = found.main, found.shown(found.main)
    other, drawn = table_3(found, pooled=not found.once), figures_of(main.network, paper="the paper's Figure 1")
    return Report.of(
        [
            _cohort(found),
            _outlines(found),
            _classes(found),
            _shortcuts(found),
            _joint_or_alone(found),
            _original_report(found),
            *further(finished, failed_below=finished.recipe.outlines.failed_below),
            Findings("Networks and training", [networks_table(found), *drawn, _training(found)]),
            Findings("All trials", [trials_table(finished.every, finished.outcomes)]),
        ],
        tiles=[
            *([tile("Median Dice", main.outlines.dice_median, digits=3)] if main.outlines else []),
            *(tile(title, measures[name]) for name, title in _TILES.items() if name in measures),
        ],
        tiles_note=f"{main.title}, test part; {found.rule}.",
        summary=Summary(
            table="table-3" if found.classes else "outlines",
            columns=("title", *(_TILES if found.classes else ("dice_mean", "dice_median"))),
            figure="roc" if found.classes else "dice",
            note=f"test part, 95 % intervals; {found.rule}",
        ),
        more=[other] if other else [],
        model=main.network,
        metrics=_metrics(main, finished.recipe),
    )


def _metrics(main: Judged, recipe: Recipe) -> dict[str, Measure]:
    """Measures of the model on the test part of the first division."""
    tested, found = main.network.tested[0], {}
    if main.rows is not None:
        found = pooled_measures(tested.judged().part("test"), options=recipe.statistics)
    if main.outlines:
        drawn = main.outlines.drawn
        own = outlined(
            main.network,
            title=main.title,
            failed_below=recipe.outlines.failed_below,
            options=recipe.statistics,
            drawn=drawn[drawn["division"] == tested.trial.division],
        )
        found |= {"dice_mean": own.dice_mean, "dice_median": own.dice_median}
    return found


def absent_columns(rows: pd.DataFrame) -> list[str]:
    """Sentences about the tables that the cohort's columns do not allow."""
    found = []
    wanted = {"sex": "sex", "size_mm": "the long axis", "short_axis_mm": "the short axis"}
    missing = [words for column, words in wanted.items() if not recorded(rows, column)]
    if missing:
        found.append(
            f"The baseline table lacks {' and '.join(missing)}: the cohort does not record "
            + ("it." if len(missing) == 1 else "them.")
        )
    if not recorded(rows, "neck_level"):
        found.append("There is no table of neck levels: the cohort does not record them.")
    elif not recorded(rows, "neck_side"):
        found.append("Neck levels are not parted by side: the cohort does not record it.")
    return found


def _cohort(found: Measured) -> Findings:
    finished, main = found.finished, found.main
    facts, recipe = finished.facts, finished.recipe
    rows, parameters = finished.setup.cohort.table, main.network.tested[0].record["parameters"]
    methods = methods_rows(
        facts,
        ("Network", f"{main.title}, first weights: {main.network.start}; {parameters:,} parameters"),
        *([("Joint loss", mask_loss_words(recipe.training.mask_loss.model_dump()))] if found.outlines else []),
        ("Measures", sentence(found.rule)),
        ("Trials", f"{len(finished.outcomes)}, engine {facts.engine}"),
    )
    characteristics = (
        Characteristic(patients_title(rows).capitalize(), patients=True),
        SEX,
        Characteristic("Age (years)", "age", "ranks", patients=True),
        Characteristic("Images"),
        Characteristic("Long axis (mm)", "size_mm", "regression"),
        Characteristic("Short axis (mm)", "short_axis_mm", "regression"),
    )
    baseline = baseline_table(
        rows,
        characteristics,
        caption="Baseline characteristics by class",
        notes=("Quantities: mean ± standard deviation (range).",),
    )
    return Findings(
        "Cohort and methods",
        [Facts(rows=methods), flow_figure(facts.flow), baseline, levels_table(rows)],
        unfinished=[
            *random_starts({item.title: item.network for item in found.networks}),
            *([found.reports] if isinstance(found.reports, str) else []),
            *absent_columns(rows),
        ],
        predictions={item.network.key: item.predictions() for item in found.networks},
    )


def _outlines(found: Measured) -> Findings:
    part, finished = Findings("Outlines"), found.finished
    if not found.outlines:
        return part
    part.limitations = [_ONE_READER, *([_DDTI] if finished.setup.cohort.kind == "ddti" else [])]
    first, main = found.outlines[0], found.main.outlines
    table = outlines_table(found.outlines, strong=0 if main else None)
    shown, part.pictures = outline_examples(finished.setup, first, count=finished.recipe.outlines.examples)
    examples: list[Content] = [Heading(text="Best, middling and worst outlines"), shown] if shown else []
    compared = decoders(found.outlines, options=finished.recipe.statistics)
    part.contents = [table, *compared, *dice_figures(found.outlines), *examples]
    if main and main.dice_median.value is not None:
        part.said = [
            f"{main.title}: median Dice {in_words(main.dice_median)}, mean {in_words(main.dice_mean)}, "
            f"on {main.sizes['images']} test images; {in_words(main.failed, percent=True)} of the outlines are "
            f"complete failures (Dice below {main.failed_below:g})."
        ]
    return part


def _classes(found: Measured) -> Findings:
    part, main = Findings("Classes"), found.main
    if found.classes:
        figures = [roc(found)]
        if main.rows is not None:
            area = found.shown(main)["auc"]
            part.said = [f"Classes: AUC {in_words(area)}.", chance_words(area)]
            options, clause = found.finished.recipe.statistics, calibration_clause(main.network.judged())
            figures.append(calibration_figure(main.rows, title=main.title, calibrated=clause, options=options))
        part.contents = [table_3(found, pooled=found.once), Figures(items=tuple(figures))]
    return part


def _shortcuts(found: Measured) -> Findings:
    """The networks beside what the files alone tell, where the recipe asks for it."""
    recipe, told = found.finished.recipe, {item.title: item.rows for item in found.classes if item.rows is not None}
    if not recipe.within or not told:
        return Findings("What the files alone tell")
    cohort, progress = found.finished.setup.cohort, found.finished.progress
    table = shortcuts_table(cohort, told, within=recipe.within, options=recipe.statistics, progress=progress)
    return Findings("What the files alone tell", [table], said=shortcut_words(table, found.main.title, networks=told))


def _joint_or_alone(found: Measured) -> Findings:
    table = joint_effects_table(
        [item.network for item in found.networks],
        {item.network.key: item.means for item in found.networks},
        {item.network.key: item.outlines for item in found.networks if item.outlines},
        options=found.finished.recipe.statistics,
    )
    if table is None:
        return Findings("Joint or alone")
    sentences = {str(row["sentence"]): row["measure"] for row in table.rows}
    said = [words for words, measure in sentences.items() if measure in ("auc", "dice")]
    return Findings("Joint or alone", [Items(texts=tuple(sentences)), table], said=said)


def _original_report(found: Measured) -> Findings:
    """The report as a reader, and the accuracy of the main network against it."""
    part, reports, options = Findings("Original report"), found.reports, found.finished.recipe.statistics
    if isinstance(reports, str):
        return part
    told = {item.network.key: (item.title, item.rows) for item in found.networks if item.rows is not None}
    against = against_reports_table(told, reports, once=found.once, options=options)
    part.contents = [reports.words, reports.table, against]
    for row in () if against is None else against.rows:
        difference, p = row.get("difference"), row.get("p_corrected")
        own = (row["network"], row["measure"]) == (found.main.network.key, "accuracy")
        if own and isinstance(difference, Measure) and difference.value is not None:
            reached = verdict(difference, options, p=p if isinstance(p, float) else None)
            part.said = [
                "Accuracy minus that of the original report, in points of per cent: "
                f"{with_interval(difference, 'points')}, where the report decides; "
                f"{better_or_worse('the network', reached)}."
            ]
    return part


def _training(found: Measured) -> Figure:
    """Losses of the main network and the validation AUC of every network."""
    shown = {item.title: item.network for item in found.networks if item is found.main or item.rows is not None}
    caption = (
        "Training, mean over divisions; the loss of a joint network is that of mask and class together. Bands are one "
        "standard deviation"
    )
    return curves.training_figure(shown, caption=caption)
