"""The report of a study of crop margins: the paper's figures and tables, for any cohort with the columns."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from thyrosight.reports import inception_margin_tables as own
from thyrosight.reports.document import (
    Block,
    Document,
    Facts,
    Figures,
    Heading,
    Section,
    Tile,
    document_of,
    draw,
    flow_figure,
    write_document,
)
from thyrosight.reports.figures import (
    CalibrationBin,
    CropView,
    EpochMean,
    GridPicture,
    NamedCurve,
    StackedPanel,
    figure_calibration,
    figure_crop_windows,
    figure_picture_grid,
    figure_roc,
    figure_stacked,
    figure_training,
)
from thyrosight.reports.layout import load_pictures
from thyrosight.reports.result_figures import Pictures
from thyrosight.reports.sentences import preparation_words, training_words
from thyrosight.reports.tables import DASH, sentence

if TYPE_CHECKING:
    from thyrosight.studies.base import Measure
    from thyrosight.studies.inception_margin import InceptionMarginResult
    from thyrosight.studies.inception_margin.result import CropExample


def write(result: "InceptionMarginResult", out: Path) -> Path:
    """Write `report.html` into the study's folder."""
    return write_document(document(result, load_pictures(out / "pictures.npz")), out)


def document(result: "InceptionMarginResult", pictures: Pictures) -> Document:
    """The page; `pictures` holds the crops shown."""
    sections = [_cohort(result), _crops(result, pictures), _margins(result)]
    if result.size_groups:
        sections.append(_groups(result))
    if result.features:
        sections.append(_features(result))
    if result.external:
        sections.append(_external(result))
    sections += [_main(result), Section("All trials", [own.trials_table(result)])]
    return document_of(
        result,
        key_result=_key_result(result),
        sections=sections,
        tiles=_tiles(result),
        tiles_note=f"Main choice on the test part: {_main_words(result)}.",
    )


def _main_words(result: "InceptionMarginResult") -> str:
    unit, size = result.margin_unit, result.main_size
    return f"{result.main.title}, margin {result.main_margin:g} {unit}, input {size} x {size}"


def _interval(item: "Measure | None", *, digits: int = 2) -> str:
    if item is None or item.value is None:
        return "undefined"
    if item.low is None or item.high is None:
        return f"{item.value:.{digits}f}"
    return f"{item.value:.{digits}f} (95 % interval {item.low:.{digits}f} to {item.high:.{digits}f})"


def _key_result(result: "InceptionMarginResult") -> str:
    area = result.main.pooled["auc"]
    parts = [f"{_main_words(result)}: AUC {_interval(area)} on {area.n} test images."]
    if area.low is not None and area.high is not None and area.low <= 0.5 <= area.high:
        parts.append("The interval includes 0.5: this cannot be told from guessing.")
    compared = [c for item in result.margins for c in item.against_main if c.measure == "auc"]
    if compared:
        apart = sum(comparison.p_corrected < 0.05 for comparison in compared)
        parts.append(
            f"Of {len(compared)} other margins {apart or 'none'} differ{'s' if apart == 1 else ''} from it in AUC "
            "(corrected P below 0.05)."
        )
    parts.append(result.choice)
    if result.features:
        found = result.features
        low = [test for test in found.tests if test.p_corrected is not None and test.p_corrected < 0.05]
        names = ", ".join(f"{test.feature} ({test.label})" for test in low)
        parts.append(
            f"Errors go with {names} (corrected P below 0.05)."
            if low
            else f"No recorded feature goes with errors once {len(found.tests)} tests are corrected for."
        )
    parts += [f"Outside, on {item.name}: AUC {_interval(item.measures.get('auc'))}." for item in result.external]
    return " ".join(parts)


def _tiles(result: "InceptionMarginResult") -> list[Tile]:
    tiles = []
    for name, title in (
        ("auc", "AUC"),
        ("accuracy", "Accuracy"),
        ("recall", "Sensitivity"),
        ("specificity", "Specificity"),
    ):
        item = result.main.pooled[name]
        limits = item.low is not None and item.high is not None
        below = f"95 % interval {item.low:.2f} to {item.high:.2f}" if limits else ""
        tiles.append(Tile(title, "undefined" if item.value is None else f"{item.value:.2f}", below))
    return tiles


def _cohort(result: "InceptionMarginResult") -> Section:
    blocks: list[Block] = [_methods(result), flow_figure(result)]
    recorded = any(category != "not recorded" for item in result.distribution for category in item.categories)
    if recorded:
        panels = [StackedPanel(f"{item.part} part", item.groups, item.counts) for item in result.distribution]
        figure = figure_stacked(panels, result.distribution[0].categories, legend="TI-RADS")
        parts = " and ".join(f"{item.part} {item.images}" for item in result.distribution)
        caption = (
            f"TI-RADS categories by nodule size in the training part (with validation) and the test part (images: "
            f"{parts}; the paper's Figure 1). {sentence(result.source_sentence)}"
        )
        blocks.append(draw(figure, caption, wide=True))
    blocks.append(own.balance_table(result))
    return Section("Cohort and division", blocks)


def _methods(result: "InceptionMarginResult") -> Facts:
    recipe: dict[str, Any] = yaml.safe_load(result.recipe_yaml) or {}
    training = recipe.get("training", {})
    rows = [
        ("Network", f"{result.main.title}, first weights: {result.main.start}; {result.main.parameters:,} parameters"),
        ("Preparation", preparation_words(recipe.get("preparation", {}))),
        ("Margin in training", result.margins[0].trained if result.margins else ""),
        ("Training", training_words(training)),
        ("Division", f"{result.split_method}; {result.split_kind}; seed {result.seed}"),
        ("Sweep", f"{len(result.trials)} trials, engine {result.engine}"),
    ]
    if result.paper:
        rows.append(("Paper", result.paper))
    return Facts(rows)


def _crops(result: "InceptionMarginResult", pictures: Pictures) -> Section:
    blocks: list[Block] = []
    shown = [item for item in result.examples if f"{item.key}/frame" in pictures]
    if shown:
        views = [view for item in shown[:1] for view in _views(item, pictures)]
        margin = f"{result.main_margin:g} {result.margin_unit}"
        caption = (
            f"Above: the nodule's box (red) and the window with a margin of {margin} (green); below: the window as "
            f"resized. The square keeps the nodule's shape, the rectangle does not (paper: Figures 2 and 3). Image "
            f"{shown[0].key}, {shown[0].label}. {sentence(result.source_sentence)}"
        )
        blocks.append(draw(figure_crop_windows(views), caption, wide=True))
    for item in shown:
        grid = [
            GridPicture(pictures[f"{item.key}/{margin:g}"], item.label, [f"margin {margin:g} {result.margin_unit}"])
            for margin in item.margins
            if f"{item.key}/{margin:g}" in pictures
        ]
        caption = (
            f"The same nodule with every margin tested; what is small in the frame becomes smaller still as the margin "
            f"grows. Image {item.key}. {sentence(result.source_sentence)}"
        )
        blocks.append(draw(figure_picture_grid(grid, columns=5), caption, wide=True))
    return Section("Crops", blocks or ["No crop is shown: no box of a nodule is known, or the pictures are missing."])


def _views(item: "CropExample", pictures: Pictures) -> list[CropView]:
    frame = pictures[f"{item.key}/frame"]
    return [
        CropView(shape, frame, item.box, window, pictures[f"{item.key}/{shape}"])
        for shape, window in (("square", item.square), ("rectangle", item.rectangle))
    ]


def _margins(result: "InceptionMarginResult") -> Section:
    blocks: list[Block] = [
        result.choice,
        own.performance_table(
            result, result.margins, caption=f"Margins, at input size {result.main_size} (the paper's Table 1)",
            varied="Margin",
        ),
    ]  # fmt: skip
    unit = result.margin_unit
    curves = [
        _curve(f"margin {item.margin:g} {unit}", item.roc, item.measures["auc"])
        for item in sorted(result.margins, key=lambda item: not item.main)
    ]
    what = "ROC curves of the margins; the band is that of the main choice (the paper's Figure 5)."
    figures = [draw(figure_roc(curves), f"{what} {sentence(result.source_sentence)}")]
    if len(result.sizes) > 1:
        table = own.performance_table(
            result, result.sizes, caption=f"Input sizes, at a margin of {result.main_margin:g} {unit}",
            varied="Input size",
        )  # fmt: skip
        curves = [
            _curve(f"input {item.size}", item.roc, item.measures["auc"])
            for item in sorted(result.sizes, key=lambda item: not item.main)
        ]
        caption = f"ROC curves of the input sizes. {sentence(result.source_sentence)}"
        figures.append(draw(figure_roc(curves), caption))
        blocks += [Figures(figures), Heading("Input sizes"), table]
    else:
        blocks.append(Figures(figures))
    if len(result.shapes) > 1:
        table = own.performance_table(
            result, result.shapes, caption="Square crop against the rectangle that the paper rejected", varied="Shape"
        )
        blocks += [Heading("Shape of the crop"), table]
    return Section("Margins and input sizes", blocks)


def _curve(name: str, curve: Any, area: "Measure") -> NamedCurve:
    if area.value is not None and area.low is not None and area.high is not None:
        name = f"{name}, AUC {area.value:.2f} ({area.low:.2f}{DASH}{area.high:.2f})"
    return NamedCurve(name, curve.x, curve.y, curve.low, curve.high)


def _groups(result: "InceptionMarginResult") -> Section:
    curves = [_curve(group.name, group.roc, group.measures["auc"]) for group in result.size_groups if group.roc]
    caption = (
        f"ROC curves of the size groups with their chosen configuration; the band is the first one's. "
        f"{sentence(result.source_sentence)}"
    )
    return Section("Size groups", [own.groups_table(result), Figures([draw(figure_roc(curves), caption)])])


def _features(result: "InceptionMarginResult") -> Section:
    found = result.features
    assert found is not None, "the section is left out without features"
    intro = (
        f"Of {result.features_of}: {found.wrong} of {found.images} calls were wrong. A feature that goes with errors "
        "need not be their cause, and features go with one another."
    )
    return Section(
        "Features and errors",
        [
            intro,
            Heading("Right and wrong calls by feature (the paper's Table 2)"),
            own.feature_table(result, found, label="malignant"),
            own.feature_table(result, found, label="benign"),
            Heading("Odds of a wrong call (the paper's Table 3)"),
            own.odds_table(result, found),
        ],
    )


def _external(result: "InceptionMarginResult") -> Section:
    inside = _curve(f"{result.cohort.get('name', '')} (internal)", result.main.roc, result.main.pooled["auc"])
    curves = [inside] + [_curve(item.name, item.roc, item.measures["auc"]) for item in result.external if item.roc]
    outside = "; ".join(f"{item.name}: labels {' and '.join(item.label_sources)}" for item in result.external)
    caption = (
        f"ROC curves of the main network within its cohort and outside ({outside}). {sentence(result.source_sentence)}"
    )
    return Section("Internal and external", [own.external_table(result), Figures([draw(figure_roc(curves), caption)])])


def _main(result: "InceptionMarginResult") -> Section:
    main = result.main
    history = {main.title: [EpochMean(**point.model_dump(exclude={"divisions"})) for point in main.history]}
    bins = [CalibrationBin(**item.model_dump()) for item in main.reliability.bins]
    calibration = (
        f"Predicted against observed risk of the main choice: {main.reliability.method}. Brier score "
        f"{main.reliability.brier:.3f}. {sentence(result.source_sentence)}"
    )
    curves = f"Training of the main choice, mean over divisions. {sentence(result.source_sentence)}"
    return Section(
        "Training and calibration",
        [
            draw(figure_training(history), curves, wide=True),
            Figures([draw(figure_calibration(bins, name=main.title), calibration)]),
        ],
    )
