"""The report of a micronodule study: the paper's flow chart, tables and figures, for any cohort with the columns."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from thyrosight.reports import micronodule_tables as own
from thyrosight.reports.document import (
    Block,
    Document,
    Facts,
    Figures,
    Heading,
    Items,
    PageFigure,
    Section,
    Tile,
    document_of,
    draw,
    flow_figure,
    write_document,
)
from thyrosight.reports.figures import EpochMean, figure_training
from thyrosight.reports.layout import load_pictures
from thyrosight.reports.micronodule_figures import LETTERS, figure_of_all_sets, picture_figure, set_figures
from thyrosight.reports.micronodule_network_tables import everywhere_table, networks_table, training_table
from thyrosight.reports.result_figures import Pictures
from thyrosight.reports.sentences import preparation_words, training_words
from thyrosight.reports.tables import sentence

if TYPE_CHECKING:
    from thyrosight.studies.base import Measure
    from thyrosight.studies.micronodule import MicronoduleResult
    from thyrosight.studies.micronodule.result import Analysis, TestSet


def write(result: "MicronoduleResult", out: Path) -> Path:
    """Write `report.html` into the study's folder."""
    return write_document(document(result, load_pictures(out / "pictures.npz")), out)


def document(result: "MicronoduleResult", pictures: Pictures) -> Document:
    """The page; `pictures` holds `<key>/pixels` of the nodules shown."""
    sections = [_methods(result), _enrolment(result)]
    for place, found in enumerate(result.sets):
        sections.append(_set_section(result, found, first=place == 0))
    everywhere = everywhere_table(result)
    if everywhere:
        at = 3 if result.sets and not result.sets[0].external else 2
        sections.insert(at, Section("Within and outside the cohort", [everywhere, *figure_of_all_sets(result)]))
    sections.append(_examples(result, pictures))
    if result.networks:
        sections.append(_training(result))
    return document_of(
        result, key_result=_key_result(result), sections=sections, tiles=_tiles(result), tiles_note=_tiles_note(result)
    )


def _first(result: "MicronoduleResult") -> "TestSet | None":
    return result.sets[0] if result.sets else None


def _interval(item: "Measure", *, digits: int = 2) -> str:
    if item.value is None:
        return "undefined"
    if item.low is None or item.high is None:
        return f"{item.value:.{digits}f}"
    return f"{item.value:.{digits}f} (95 % interval {item.low:.{digits}f} to {item.high:.{digits}f})"


def _key_result(result: "MicronoduleResult") -> str:
    """The result in a few sentences."""
    found = _first(result)
    if found is None:
        return (
            "Nothing was tested: no nodule is left on the side of the rule that is tested, and there is no other set."
        )
    parts = [f"{sentence(result.size_rule).rstrip('.')}."]
    if found.networks:
        area = found.networks[0].measures["auc"]
        parts.append(
            f"On {found.name} ({found.images} nodules) {found.networks[0].title} had an AUC of {_interval(area)}."
        )
        if area.low is not None and area.high is not None and area.low <= 0.5 <= area.high:
            parts.append("The interval includes 0.5: this cannot be told from guessing.")
        elif area.high is not None and area.high < 0.5:
            parts.append("It is below 0.5: the network orders these nodules the wrong way round.")
    for table in found.analysis.readers[:3]:
        area = table.radiologist.measures["auc"]
        line = next((item for item in table.differences if item.quantity == "auc"), None)
        p = f"; difference to the network P {own.p_equals(line.p)}" if line and line.p is not None else ""
        parts.append(f"{table.reader}: AUC {_interval(area)}{p}.")
    outside = [item for item in result.sets if item.external and item is not found and item.networks]
    parts += [f"Outside, on {item.name}: AUC {_interval(item.networks[0].measures['auc'])}." for item in outside]
    return " ".join(parts)


def _tiles(result: "MicronoduleResult") -> list[Tile]:
    found = _first(result)
    if found is None or not found.networks:
        return []
    tiles = []
    for name, title in (("auc", "AUC"), ("sensitivity", "Sensitivity"), ("specificity", "Specificity"), ("npv", "NPV")):
        item = found.networks[0].measures[name]
        if item.value is None:
            tiles.append(Tile(title, "undefined"))
            continue
        below = "" if item.low is None or item.high is None else f"95 % interval {item.low:.2f} to {item.high:.2f}"
        tiles.append(Tile(title, f"{item.value:.2f}", below))
    return tiles


def _tiles_note(result: "MicronoduleResult") -> str:
    found = _first(result)
    if found is None or not found.networks:
        return ""
    return (
        f"{found.networks[0].title} on {found.name}, at the operating point chosen on the validation part. "
        f"{sentence(found.source_sentence)}"
    )


def _methods(result: "MicronoduleResult") -> Section:
    recipe: dict[str, Any] = yaml.safe_load(result.recipe_yaml) or {}
    balance = recipe.get("training", {}).get("balance", "none")
    rows = [
        ("Who trains, who is tested", result.size_rule),
        ("Reference standard", result.reference),
        ("Division", f"{result.split_method}; {result.split_kind}; seed {result.seed}"),
        ("Preparation", preparation_words(recipe.get("preparation", {}))),
        ("Training", training_words(recipe.get("training", {}))),
        (
            "Balance",
            "mirrored left to right: exactly as many randomly drawn images of the smaller class as it lacks"
            if balance == "mirror"
            else "none",
        ),
        ("Risk categories of the CNN", f"{result.categories_rule}, from the calibrated risk"),
        (
            "Statistics",
            "cut-offs by Youden's index, redefined in each set and subgroup; proportions compared by logistic "
            "regression with generalised estimating equations over patients; AUC by Obuchowski's method for "
            "clustered data; categories by linear trend, likelihood ratio and Akaike's criterion",
        ),
        ("After the paper", result.paper),
    ]
    return Section("Methods", [Facts([row for row in rows if row[1]])])


def _enrolment(result: "MicronoduleResult") -> Section:
    blocks: list[Block] = [flow_figure(result, what="nodules")] if result.flow else []
    for found in result.sets:
        if found.external and found.flow:
            chart = result.model_copy(update={"flow": found.flow})
            figure = flow_figure(chart, what=f"nodules of {found.name}")
            caption = f"Flow of nodules of {found.name} into the study. {sentence(found.source_sentence)}"
            blocks.append(PageFigure(figure.svg, caption, wide=True))
    if result.readers_note:
        blocks += [Heading("What must be known of readers and sets"), Items(result.readers_note)]
    return Section("Enrolment", blocks)


def _set_section(result: "MicronoduleResult", found: "TestSet", *, first: bool) -> Section:
    title = "Results" if first and not found.external else f"External: {found.name}"
    blocks: list[Block] = []
    prefix = "Table" if first else f"{found.name}, Table"
    blocks += _analysis(found, found.analysis, prefix=prefix, rule=result.categories_rule)
    figures = set_figures(found)
    if figures:
        blocks.append(Figures(figures))
    table = networks_table(found, title="Supplement 1" if first else f"{found.name}, Supplement 1")
    if table:
        blocks.append(table)
    if found.reader_mean:
        blocks += _mean_reader(found)
    by_size = own.sizes_table(found, title="Supplement 2" if first else f"{found.name}, Supplement 2")
    blocks += [by_size] if by_size else []
    for part in found.subgroups:
        blocks.append(Heading(f"Subgroup {part.name}: {part.n} nodules, {part.malignant} malignant"))
        blocks += _analysis(found, part, prefix=f"Subgroup {part.name}, Table", rule=result.categories_rule)
    return Section(title, blocks)


def _analysis(found: "TestSet", part: "Analysis", *, prefix: str, rule: str) -> list[Block]:
    """Tables 1 to 3 of one set of nodules."""
    blocks: list[Block] = []
    if part.missing:
        blocks.append(Items(part.missing))
    if part.characteristics:
        blocks.append(own.characteristics_table(found, part, title=f"{prefix} 1"))
    if part.readers:
        for place, table in enumerate(part.readers):
            letter = LETTERS[place % 26].lower() if len(part.readers) > 1 else ""
            blocks.append(own.reader_table(found, part, table, title=f"{prefix} 2{letter}"))
    else:
        alone = own.alone_table(found, part, title=f"{prefix} 2")
        blocks += [alone] if alone else []
    for made in (
        own.categorisation_table(found, part, title=f"{prefix} 3"),
        own.categories_table(found, part, rule),
    ):
        blocks += [made] if made else []
    return blocks


def _mean_reader(found: "TestSet") -> list[Block]:
    item = found.reader_mean
    assert item is not None
    difference = item.difference
    low = (
        ""
        if difference.low is None or difference.high is None
        else f" ({difference.low:+.2f} to {difference.high:+.2f})"
    )
    value = "undefined" if difference.value is None else f"{difference.value:+.2f}"
    return [
        Heading(f"Mean of {len(item.readers)} readers"),
        f"On the {item.n} nodules that all of them judged, the readers' mean AUC was {_interval(item.mean)}, the "
        f"network's {_interval(item.network)}; mean reader minus network {value}{low}, P {own.p_equals(item.p)}. "
        f"{sentence(item.method)} {sentence(found.source_sentence)}",
    ]


def _examples(result: "MicronoduleResult", pictures: Pictures) -> Section:
    blocks: list[Block] = []
    for label in ("malignant", "benign"):
        items = [item for item in result.examples if item.label == label]
        what = (
            f"Nodules labelled {label}, with the square that the network saw; below, category and probability of the "
            f"CNN{' and categories of readers' if any(item.readers for item in items) else ''}."
        )
        blocks += picture_figure(items, pictures, what, result)
    blocks += picture_figure(
        result.worst, pictures, "Nodules that the network judged most wrongly, with the square that it saw.", result
    )
    if not blocks:
        blocks.append("No nodule is shown: none was tested by a network, or the pictures are not beside this report.")
    return Section("Examples", blocks)


def _training(result: "MicronoduleResult") -> Section:
    networks = {
        network.title: [EpochMean(**point.model_dump(exclude={"divisions"})) for point in network.history]
        for network in result.networks
        if network.history
    }
    figure = draw(
        figure_training(networks), f"Training and validation by epoch. {sentence(result.source_sentence)}", wide=True
    )
    return Section("Training", [training_table(result), figure])
