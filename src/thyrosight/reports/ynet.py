"""The report of a study of outlines and classes: the paper's tables and figures, for any cohort with masks."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from thyrosight.reports import ynet_more_tables as more
from thyrosight.reports import ynet_tables as own
from thyrosight.reports.document import (
    Block,
    Document,
    Facts,
    Figures,
    Heading,
    Items,
    Section,
    Tile,
    document_of,
    flow_figure,
    write_document,
)
from thyrosight.reports.layout import load_pictures
from thyrosight.reports.result_figures import Pictures
from thyrosight.reports.sentences import preparation_words, training_words
from thyrosight.reports.tables import DASH, sentence
from thyrosight.reports.ynet_cells import rows_of
from thyrosight.reports.ynet_figures import (
    calibration_figure,
    dice_figures,
    outline_pictures,
    roc_figure,
    training_figure,
)

if TYPE_CHECKING:
    from thyrosight.studies.ynet import YNetResult


def write(result: "YNetResult", out: Path) -> Path:
    """Write `report.html` into the study's folder."""
    return write_document(document(result, load_pictures(out / "pictures.npz")), out)


def document(result: "YNetResult", pictures: Pictures) -> Document:
    """The page; `pictures` holds the outlines shown."""
    sections = [_cohort(result)]
    if rows_of(result.networks, task="outlines"):
        sections.append(_outlines(result, pictures))
    if rows_of(result.networks, task="classes"):
        sections.append(_classes(result))
    if result.effects:
        sections.append(
            Section("Joint or alone", [Items([e.sentence for e in result.effects]), own.effects_table(result)])
        )
    if result.report:
        sections.append(_report(result))
    sections += [_networks(result), Section("All trials", [more.trials_table(result)])]
    return document_of(
        result,
        key_result=_key_result(result),
        sections=sections,
        tiles=_tiles(result),
        tiles_note=f"{result.main.title}, test part; {result.rule}.",
    )


def _with_interval(item: Any, *, factor: float = 1, digits: int = 2, unit: str = "") -> str:
    if item.value is None:
        return "undefined"
    value = f"{factor * item.value:.{digits}f}{unit}"
    if item.low is None or item.high is None:
        return value
    return f"{value} (95 % interval {factor * item.low:.{digits}f} to {factor * item.high:.{digits}f})"


def _key_result(result: "YNetResult") -> str:
    main, parts = result.main, []
    drawn = main.outlines
    if drawn is not None and drawn.dice.median is not None:
        parts.append(
            f"{main.title}: median Dice {_with_interval(drawn.dice_median)}, mean {_with_interval(drawn.dice_mean)}, "
            f"on {drawn.images} test images; {_with_interval(drawn.failed, factor=100, digits=0, unit=' %')} of the "
            f"outlines are complete failures (Dice below {drawn.failed_below:g})."
        )
    if main.classes is not None:
        area = result.table(main)["auc"]
        parts.append(f"Classes: AUC {_with_interval(area)}.")
        if area.low is not None and area.high is not None and area.low <= 0.5 <= area.high:
            parts.append("The interval includes 0.5: this cannot be told from guessing.")
    parts += [effect.sentence for effect in result.effects if effect.measure in ("auc", "dice")]
    parts.append(_against_report(result))
    return " ".join(part for part in parts if part)


def _against_report(result: "YNetResult") -> str:
    """The main network's accuracy against the report's."""
    rows = result.report.comparisons if result.report else []
    for item in rows:
        if item.network == result.main.title and item.quantity == "accuracy":
            return (
                f"Accuracy minus that of the original report: {100 * item.difference:+.1f} points (95 % interval "
                f"{100 * item.low:+.1f} to {100 * item.high:+.1f}), where the report decides."
            )
    return ""


def _tiles(result: "YNetResult") -> list[Tile]:
    found, drawn = result.table(result.main), result.main.outlines
    chosen: list[tuple[str, Any, int]] = [("Median Dice", drawn.dice_median, 3)] if drawn else []
    chosen += [
        (title, found[name], 2)
        for name, title in (("auc", "AUC"), ("sensitivity", "Sensitivity"), ("specificity", "Specificity"))
        if name in found
    ]
    tiles = []
    for title, item, digits in chosen:
        known = item.low is not None and item.high is not None
        below = f"95 % interval {item.low:.2f} to {item.high:.2f}" if known else ""
        tiles.append(Tile(title, DASH if item.value is None else f"{item.value:.{digits}f}", below))
    return tiles


def _cohort(result: "YNetResult") -> Section:
    blocks: list[Block] = [_methods(result), flow_figure(result), own.baseline_table(result)]
    if result.levels:
        blocks.append(own.levels_table(result))
    return Section("Cohort and methods", blocks)


def _methods(result: "YNetResult") -> Facts:
    recipe: Mapping[str, Any] = yaml.safe_load(result.recipe_yaml) or {}
    preparation, training = recipe.get("preparation", {}), recipe.get("training", {})
    rows = [
        ("Network", f"{result.main.title}, first weights: {result.main.start}; {result.main.parameters:,} parameters"),
        ("Preparation", _preparation(preparation)),
        ("Training", f"{sentence(training_words(training))} {_mask_loss(training.get('mask_loss', {}))}"),
        ("Division", f"{result.split_method}; {result.split_kind}; seed {result.seed}"),
        ("Figures", sentence(result.rule)),
        ("Trials", f"{len(result.trials)}, engine {result.engine}"),
    ]
    if result.paper:
        rows.append(("Paper", result.paper))
    return Facts(rows)


def _preparation(preparation: Mapping[str, Any]) -> str:
    words = [sentence(preparation_words(preparation))]
    if preparation.get("text") == "removed":
        words.append("Text found in the scan area is painted over.")
    if preparation.get("contrast") == "stretch":
        words.append("Grey levels of the scan area are stretched from the 1st to the 99th percentile.")
    return " ".join(words)


def _mask_loss(options: Mapping[str, Any]) -> str:
    """The loss of the mask in words."""
    terms = []
    if options.get("cross_entropy"):
        gamma = options.get("gamma") or 0
        kind = f"focal loss (gamma {gamma:g})" if gamma else "cross-entropy"
        terms.append(f"{options['cross_entropy']:g} x {kind} of the pixels")
    if options.get("dice"):
        terms.append(f"{options['dice']:g} x (1 - Dice)")
    if not terms:
        return ""
    share = f"{options.get('classification', 1):g} x the loss of the classes"
    return f"Joint loss: {' + '.join(terms)} + {share}."


def _outlines(result: "YNetResult", pictures: Pictures) -> Section:
    blocks: list[Block] = [own.outlines_table(result), *dice_figures(result)]
    shown = outline_pictures(result, pictures)
    if shown is not None:
        blocks += [Heading("Good, middling and failed outlines"), shown]
    return Section("Outlines", blocks)


def _classes(result: "YNetResult") -> Section:
    figures = [roc_figure(result), *calibration_figure(result)]
    return Section("Classes", [own.table_3(result), Figures(figures)])


def _report(result: "YNetResult") -> Section:
    blocks: list[Block] = [more.report_table(result)]
    compared = more.report_comparisons_table(result)
    if compared is not None:
        blocks.append(compared)
    return Section("Original report", blocks)


def _networks(result: "YNetResult") -> Section:
    return Section("Networks and training", [more.networks_table(result), training_figure(result)])
