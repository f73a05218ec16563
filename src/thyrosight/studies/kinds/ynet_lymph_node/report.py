"""The report of a study of outlines and classes: the paper's tables and figures, for any cohort with masks."""

from typing import Any

import pandas as pd

from thyrosight.documents import (
    Column,
    Content,
    Facts,
    Figure,
    Figures,
    Heading,
    Items,
    Measure,
    Row,
    Summary,
    Table,
    columns,
    drawings,
    hidden,
    sentence,
    with_interval,
)
from thyrosight.studies.analyses import curves
from thyrosight.studies.analyses.baseline import SEX, Characteristic, baseline_table, patients_title, recorded
from thyrosight.studies.analyses.calibration_figures import calibration_figure
from thyrosight.studies.analyses.joint_training import joint_effects_table
from thyrosight.studies.analyses.neck_levels import levels_table
from thyrosight.studies.analyses.network_figures import network_figures
from thyrosight.studies.analyses.original_reports import OriginalReports, against_reports_table
from thyrosight.studies.analyses.outline_examples import outline_examples
from thyrosight.studies.analyses.outlines import dice_figures, outlines_table
from thyrosight.studies.analyses.shortcuts import shortcuts_table
from thyrosight.studies.further.parts import further
from thyrosight.studies.kind import Findings, Finished, Report
from thyrosight.studies.kinds.ynet_lymph_node.decoders import decoders
from thyrosight.studies.kinds.ynet_lymph_node.judging import Judged, Measured, judge
from thyrosight.studies.kinds.ynet_lymph_node.recipe import Recipe
from thyrosight.studies.limitations import random_starts
from thyrosight.studies.measures import DIAGNOSTIC, diagnostic_column, pooled_measures
from thyrosight.studies.page import flow_figure, trials_table
from thyrosight.studies.predictions import calibration_clause
from thyrosight.studies.sentences import chance_words, in_words, mask_loss_words, methods_rows, tile
from thyrosight.studies.verdicts import better_or_worse, verdict

_TABLE_3 = ("auc", *DIAGNOSTIC)
_TILES = {"auc": "AUC", "sensitivity": "Sensitivity", "specificity": "Specificity"}
_REPORT = "Original report, where it decides"
_ONE_READER = (
    "Dice tells how well an outline agrees with one reader's mask; readers differ among themselves, and by how much is "
    "not known here."
)
_DDTI = (
    "The masks of DDTI are drawn in green with a red rim; what counts as lesion is the green alone. Both readings of "
    "one mask have a Dice of about 0.9, so a Dice here cannot be set beside one measured the other way."
)


def report(finished: Finished[Recipe]) -> Report:
    """Everything that is said of the networks.

    Raises:
        NetworkError: the main network could not be trained.
        RecipeError: the dictionary of keywords cannot be read.
        CohortError: a choice of images in `within` cannot be read.
    """
    finished.progress("Evaluating", 0, len(finished.networks))
    found = judge(finished)
    main, measures = found.main, found.shown(found.main)
    other = _table_3(found, pooled=not found.once)
    return Report.of(
        [
            _cohort(found),
            _outlines(found),
            _classes(found),
            _shortcuts(found),
            _joint_or_alone(found),
            _original_report(found),
            *further(finished, failed_below=finished.recipe.outlines.failed_below),
            Findings("Networks and training", [_networks_table(found), *_structure(found), _training(found)]),
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
        dice = drawn.loc[drawn["division"] == tested.trial.division, "dice"]
        found |= {
            f"dice_{name}": Measure(value=float(getattr(dice, name)()), n=len(dice)) for name in ("mean", "median")
        }
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
    examples: list[Content] = [Heading(text="Good, middling and failed outlines"), shown] if shown else []
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
        figures = [_roc(found)]
        if main.rows is not None:
            area = found.shown(main)["auc"]
            part.said = [f"Classes: AUC {in_words(area)}.", chance_words(area)]
            options, clause = found.finished.recipe.statistics, calibration_clause(main.network.judged())
            figures.append(calibration_figure(main.rows, title=main.title, calibrated=clause, options=options))
        part.contents = [_table_3(found, pooled=found.once), Figures(items=tuple(figures))]
    return part


def _shortcuts(found: Measured) -> Findings:
    """The networks beside what the files alone tell, where the recipe asks for it."""
    recipe, told = found.finished.recipe, {item.title: item.rows for item in found.classes if item.rows is not None}
    if not recipe.within or not told:
        return Findings("What the files alone tell")
    cohort, progress = found.finished.setup.cohort, found.finished.progress
    table = shortcuts_table(cohort, told, within=recipe.within, options=recipe.statistics, progress=progress)
    return Findings("What the files alone tell", [table])


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
        difference = row.get("difference")
        own = (row["network"], row["measure"]) == (found.main.network.key, "accuracy")
        if own and isinstance(difference, Measure) and difference.value is not None:
            limits = ""
            if difference.low is not None and difference.high is not None:
                limits = f" (95 % interval {100 * difference.low:+.1f} to {100 * difference.high:+.1f})"
            reached = verdict(difference, options, p=_number(row.get("p_corrected")))
            part.said = [
                f"Accuracy minus that of the original report: {100 * difference.value:+.1f} points{limits}, where the "
                f"report decides; {better_or_worse('the network', reached)}."
            ]
    return part


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _table_3(found: Measured, *, pooled: bool) -> Table | None:
    """AUC and the seven measures of each network that tells classes, and of the original report.

    The table is printed in the way that fits the division (`Measured.once`); the other way goes into a CSV file.
    """
    if not found.classes:
        return None
    printed = pooled == found.once
    rows: list[Row] = [
        {"network": item.network.key, "title": item.title, **(item.pooled if pooled else item.means)}
        for item in found.classes
    ]
    if printed and isinstance(found.reports, OriginalReports):
        own = {name: found.reports.measure(name) for name in DIAGNOSTIC}
        rows.append({"network": "original-report", "title": _REPORT, **own})
    return Table(
        name="table-3" if printed else f"table-3-{'pooled' if pooled else 'means'}",
        caption="Classes: AUC and measures at the operating point (the paper's Table 3)",
        columns=(
            *hidden("network"),
            Column(key="title", title="Network"),
            *(diagnostic_column(name) for name in _TABLE_3),
        ),
        rows=tuple(rows),
        notes=tuple(_table_3_notes(found)),
        strong=0 if found.main.rows is not None else None,
    )


def _table_3_notes(found: Measured) -> list[str]:
    notes = [
        f"{sentence(found.rule)} Operating points: chosen on each validation part. {_test_sizes(found.classes[0])}"
    ]
    if not found.once:
        notes.append("± is the standard deviation between divisions.")
    if isinstance(found.reports, OriginalReports):
        images = len(found.reports.called)
        undecided = images - len(found.reports.decided)
        out = (
            f"{undecided} of {images} test images are undecided by its keywords and left out of this row; bounds with "
            "them stand in its own section"
            if undecided
            else f"its keywords decide all {images} test images"
        )
        notes.append(f"Original report: {out}. It has one operating point and no AUC.")
    notes.append("The paper prints sensitivity as TP / (TN + FP), which is no sensitivity; here it is TP / (TP + FN).")
    return notes


def _test_sizes(item: Judged) -> str:
    tests = [judged.part("test") for judged in item.network.judged()]
    sizes = [(len(test), int(test["truth"].sum())) for test in tests]
    if len(set(sizes)) == 1:
        return f"Test images in each division: {sizes[0][0]}, {sizes[0][1]} of them malignant."
    return f"Test images: {sum(n for n, _ in sizes)}, {sum(m for _, m in sizes)} of them malignant."


def _roc(found: Measured) -> Figure:
    """ROC curves of every network that tells classes, and the original report as a corner."""
    recipe, what = found.finished.recipe, "AUC" if found.once else "mean AUC"
    drawn: list[drawings.Curve] = []
    for item in found.classes:
        area = found.shown(item)["auc"]
        name = item.title if area.value is None else f"{item.title}\n{what} {with_interval(area, digits=2)}"
        assert item.rows is not None, "only networks with classes are here"
        drawn.append(curves.roc_of(item.rows, name=name, options=recipe.statistics, band=not drawn))
    words = "ROC curves of the pooled test predictions; the band is that of the first network (the paper's Figure 4)."
    if isinstance(found.reports, OriginalReports):
        sensitivity, specificity = (found.reports.measure(name).value for name in ("sensitivity", "specificity"))
        if sensitivity is not None and specificity is not None:
            corner = {"x": (0, 1 - specificity, 1), "y": (0, sensitivity, 1)}
            drawn.append(drawings.Curve(name=_REPORT, **corner))
            words += " The original report is the corner of its line."
    return Figure(name="roc", caption=words, drawing=curves.roc_drawing(drawn))


def _structure(found: Measured) -> list[Figure]:
    tested = found.main.network.tested[0]
    return network_figures(tested.spec, parameters=tested.record["parameters"], paper="the paper's Figure 1")


def _training(found: Measured) -> Figure:
    """Losses of the main network and the validation AUC of every network."""
    shown = {item.title: item.network for item in found.networks if item is found.main or item.rows is not None}
    caption = (
        "Training, mean over divisions; the loss of a joint network is that of mask and class together. Bands are one "
        "standard deviation"
    )
    return curves.training_figure(shown, caption=caption)


def _networks_table(found: Measured) -> Table:
    """Every network with its size, its start, and its difference to the main one in AUC and mean Dice."""
    against = found.against_main()
    rows: list[Row] = []
    for item in found.networks:
        record = item.network.tested[0].record
        row: Row = {"network": item.network.key, "title": item.title, "start": item.network.start}
        row |= {"role": item.asked.role, "parameters": record["parameters"], "millions": record["parameters"] / 1e6}
        row["epochs"] = max(tested.record["epochs"] for tested in item.network.tested)
        for measure, compared in against.items():
            if one := compared.get(item.network.key):
                row |= {measure: one.difference, f"{measure}_p": one.p, f"{measure}_p_corrected": one.p_corrected}
        rows.append(row)
    return Table(
        name="networks",
        caption=f"Networks, and their difference to {found.main.title} on the same images",
        columns=(
            *hidden("network"),
            *columns("text", {"title": "Network", "role": "Role", "start": "First weights"}),
            *hidden("parameters", kind="count"),
            Column(key="millions", title="Million parameters", kind="number"),
            Column(key="epochs", title="Epochs", kind="count"),
            Column(key="auc", title="Δ AUC", kind="difference"),
            *columns("p", {"auc_p": "P", "auc_p_corrected": "P corrected"}),
            Column(key="dice", title="Δ mean Dice", kind="difference"),
            *columns("p", {"dice_p": "P", "dice_p_corrected": "P corrected"}),
        ),
        rows=tuple(rows),
        notes=("Δ: minus the main network. Epochs: the most trained in a division.",),
        strong=0,
    )
