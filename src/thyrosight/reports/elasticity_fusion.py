"""The report of a study of fusion: the paper's tables and figures, for any cohort with elastograms."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from thyrosight.reports import elasticity_fusion_more_tables as more
from thyrosight.reports import elasticity_fusion_tables as own
from thyrosight.reports.document import (
    Block,
    Document,
    Facts,
    Figures,
    Heading,
    Section,
    Tile,
    document_of,
    flow_figure,
    write_document,
)
from thyrosight.reports.elasticity_fusion_figures import (
    calls_figure,
    depth_figure,
    projections_figure,
    roc_figure,
    training_figures,
)
from thyrosight.reports.figures import p_text
from thyrosight.reports.layout import load_pictures
from thyrosight.reports.result_figures import Pictures
from thyrosight.reports.sentences import preparation_words, training_words

if TYPE_CHECKING:
    from thyrosight.reports.tables import Table
    from thyrosight.studies.elasticity_fusion import ElasticityFusionResult
    from thyrosight.studies.result import MeanMeasure


def write(result: "ElasticityFusionResult", out: Path) -> Path:
    """Write `report.html` into the study's folder."""
    return write_document(document(result, load_pictures(out / "pictures.npz")), out)


def document(result: "ElasticityFusionResult", pictures: Pictures) -> Document:
    """The page; `pictures` holds the pixels of examples and projections."""
    sections = [_cohort(result)]
    if result.plain:
        sections.append(_plain(result))
    if result.depths:
        sections.append(_depths(result))
    sections.append(_methods(result))
    if result.hidden:
        sections.append(Section("One image missing", [_hidden_words(result), more.hidden_table(result)]))
    sections += [_shown(result, pictures), _published(result), _cost(result)]
    return document_of(
        result,
        key_result=_key_result(result),
        sections=sections,
        tiles=_tiles(result),
        tiles_note=f"{result.main_row.title}, mean over the folds' networks on the held-out test part.",
    )


def input_names(result: "ElasticityFusionResult") -> dict[str, str]:
    """What each input is called."""
    second = result.second_name
    return {
        "b-mode": "B-mode image",
        "elastogram": second[0].upper() + second[1:],
        "mixed": "Mixed training",
        "early": "Early fusion",
        "late": "Late fusion",
    }


def _interval(item: "MeanMeasure") -> str:
    if item.value is None:
        return "undefined"
    if item.low is None or item.high is None:
        return f"{item.value:.2f}"
    return f"{item.value:.2f} (95 % interval {item.low:.2f} to {item.high:.2f})"


def _key_result(result: "ElasticityFusionResult") -> str:
    main = result.main_row
    area = main.mean["auc"]
    tested = next(item for item in result.parts if item.part == "Test")
    parts = [
        f"{main.title} ({result.network_title}, {main.depth} convolution layers frozen): mean AUC {_interval(area)} "
        f"over {area.divisions} networks on {tested.images} test images."
    ]
    if area.low is not None and area.high is not None and area.low <= 0.5 <= area.high:
        parts.append("The interval includes 0.5: this cannot be told from guessing.")
    parts += [_gain_words(result), _depth_words(result)]
    if result.second_source == "image":
        parts.append("The second image is another view of the same B-mode image: nothing here is about elastography.")
    return " ".join(part for part in parts if part)


def _gain_words(result: "ElasticityFusionResult") -> str:
    """What late fusion gained over each kind of image, with the main head."""
    late = next((row for row in result.methods if row.input == "late" and row.head == result.main_row.head), None)
    if late is None:
        return ""
    gains = [item for item in late.against if item.measure == "auc" and "late fusion" in item.family]
    words = [
        f"against {item.to} {100 * item.difference:+.1f} ({100 * item.low:+.1f} to {100 * item.high:+.1f}, "
        f"corrected P {p_text(item.p_corrected)})"
        for item in gains
    ]
    return f"Difference in AUC of {late.title}, in points of per cent: {'; '.join(words)}." if words else ""


def _depth_words(result: "ElasticityFusionResult") -> str:
    names = input_names(result)
    found = [
        f"{item.depth} for {names[item.input]} (best in {100 * item.share_of_draws[str(item.depth)]:.0f} % of draws)"
        for item in result.best
    ]
    return f"Frozen layers that the validation folds speak for: {', '.join(found)}." if found else ""


def _tiles(result: "ElasticityFusionResult") -> list[Tile]:
    tiles = []
    for name, title in (
        ("auc", "AUC"),
        ("accuracy", "Accuracy"),
        ("recall", "Sensitivity"),
        ("specificity", "Specificity"),
    ):
        item = result.main_row.mean[name]
        limits = item.low is not None and item.high is not None
        below = f"95 % interval {item.low:.2f} to {item.high:.2f}" if limits else ""
        tiles.append(Tile(title, "undefined" if item.value is None else f"{item.value:.2f}", below))
    return tiles


def _cohort(result: "ElasticityFusionResult") -> Section:
    return Section("Cohort and division", [_facts(result), flow_figure(result), own.parts_table(result)])


def _facts(result: "ElasticityFusionResult") -> Facts:
    from thyrosight.studies.base import merge

    recipe: dict[str, Any] = yaml.safe_load(result.recipe_yaml) or {}
    first, second = recipe.get("preparation", {}), recipe.get("second", {})
    sized = ", ".join(f"{key} {value}" for key, value in (recipe.get("any_size") or {}).items())
    rows = [
        ("Network", f"{result.network_title}, first weights: {result.main.start}"),
        ("B-mode image", preparation_words(first)),
        (
            result.second_name[0].upper() + result.second_name[1:],
            preparation_words(merge(first, second.get("preparation") or {})),
        ),
        ("Heads of any size", f"images for spp and gap: {sized or 'the same square'}"),
        ("Training", training_words(recipe.get("training", {}))),
        ("Division", f"{result.split_method}; {result.split_kind}; seed {result.seed}"),
        ("Frozen layers", result.choice),
        ("Sweep", f"{len(result.trials)} trials, engine {result.engine}"),
    ]
    if result.paper:
        rows.append(("Paper", result.paper))
    return Facts(rows)


_NUMERALS = {"b-mode": "I", "elastogram": "II"}


def _plain(result: "ElasticityFusionResult") -> Section:
    names = input_names(result)
    blocks: list[Block] = []
    for shown, rows in result.plain.items():
        numeral = f" (the paper's Table {_NUMERALS[shown]})" if shown in _NUMERALS else ""
        blocks.append(own.networks_table(result, rows, caption=f"Without pretraining, {names[shown]}{numeral}"))
    return Section("Networks without pretraining", blocks)


def _depths(result: "ElasticityFusionResult") -> Section:
    names = input_names(result)
    blocks: list[Block] = [result.choice, depth_figure(result, names)]
    if result.best:
        blocks.append(own.best_table(result, names))
    for shown, rows in result.depths.items():
        numeral = {"b-mode": "III", "elastogram": "III", "early": "V"}.get(shown)
        table = f" (the paper's Table {numeral})" if numeral else ""
        blocks.append(own.depth_table(result, rows, caption=f"Frozen layers, {names[shown]}{table}"))
    return Section("How many layers to freeze", blocks)


def _methods(result: "ElasticityFusionResult") -> Section:
    blocks: list[Block] = [own.methods_table(result)]
    gained: Table | None = own.fusion_table(result)
    if gained:
        blocks.append(gained)
    blocks += [Figures([roc_figure(result, input_names(result))]), more.nodule_table(result)]
    return Section("Methods", blocks)


def _hidden_words(result: "ElasticityFusionResult") -> str:
    dropout = (yaml.safe_load(result.recipe_yaml) or {}).get("training", {}).get("modality_dropout", 0)
    learnt = (
        f"Late fusion learnt for it by hiding one image of a training pair with probability {dropout:g}."
        if dropout
        else "Late fusion was not trained for it (training.modality_dropout is 0)."
    )
    return f"What is left of a method when one of the two images is not there. {learnt}"


def _shown(result: "ElasticityFusionResult", pictures: Pictures) -> Section:
    blocks: list[Block] = []
    projected = projections_figure(result, pictures)
    calls = calls_figure(result, pictures)
    if projected:
        blocks += [Heading("What layers answer to (the paper's Figure 3)"), projected]
    if calls:
        blocks += [Heading("Right and wrong calls (the paper's Figure 7)"), calls]
    return Section("Examples", blocks or ["No picture is shown: the pictures are missing, or none was asked for."])


def _published(result: "ElasticityFusionResult") -> Section:
    return Section("Published results", [more.published_table(result)])


def _cost(result: "ElasticityFusionResult") -> Section:
    table = more.cost_table(result)
    blocks: list[Block] = [table] if table else ["What keeping activations saves was not measured in this run."]
    return Section("Training and cost", [*blocks, *training_figures(result), more.trials_table(result)])
