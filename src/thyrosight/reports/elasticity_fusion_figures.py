"""The figures of a study of fusion, made from its result and its stored pictures."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thyrosight.reports.document import Block, Figures, draw
from thyrosight.reports.figures import (
    Bar,
    CalibrationBin,
    DepthCurve,
    EpochMean,
    GridPicture,
    NamedCurve,
    figure_calibration,
    figure_feature_projections,
    figure_freeze_depth,
    figure_picture_grid,
    figure_roc,
    figure_training,
)
from thyrosight.reports.result_figures import PageFigure, Pictures
from thyrosight.reports.tables import sentence, with_interval

if TYPE_CHECKING:
    from thyrosight.studies.elasticity_fusion import ElasticityFusionResult
    from thyrosight.studies.elasticity_fusion.result import Row

_GAP = 6
"""Pixels between the two images of a pair."""


def depth_figure(result: "ElasticityFusionResult", names: dict[str, str]) -> PageFigure:
    """AUC and accuracy against the frozen layers, and how often each was best."""
    best = {item.input: item for item in result.best}
    curves = [
        DepthCurve(
            name=names[shown],
            depths=[row.depth for row in rows],
            measures=[[_bar(row, name) for row in rows] for name in ("auc", "accuracy")],
            shares=[best[rows[0].input].share_of_draws[str(row.depth)] for row in rows],
            chosen=best[rows[0].input].depth,
        )
        for shown, rows in result.depths.items()
    ]
    caption = (
        "AUC and accuracy on the test part against the number of frozen layers, mean over the folds' networks with "
        "95 % intervals; rings mark the depth chosen on the validation folds. Right: in which share of bootstrap draws "
        f"of the validation patients each depth was the best. {sentence(result.source_sentence)}"
    )
    return draw(figure_freeze_depth(curves, ["AUC", "Accuracy"]), caption, wide=True)


def _bar(row: "Row", name: str) -> Bar:
    item = row.mean[name]
    return Bar(item.value, item.low, item.high)


def roc_figure(result: "ElasticityFusionResult", names: dict[str, str]) -> PageFigure:
    """The methods with the main head, the main one first."""
    main = result.main_row
    areas = {row.input: row.mean["auc"] for row in result.methods if row.head == main.head}
    order = sorted(result.roc, key=lambda shown: shown != main.input)
    curves = [
        NamedCurve(
            f"{names[shown]}, AUC {with_interval(area.value, area.low, area.high, digits=2)}",
            result.roc[shown].x,
            result.roc[shown].y,
            result.roc[shown].low,
            result.roc[shown].high,
        )
        for shown in order
        if (area := next((found for kind, found in areas.items() if kind == shown), None)) is not None
    ]
    caption = (
        f"ROC curves over the test predictions of all folds' networks, methods with the head of the main one "
        f"({main.title}), whose band is shown; mean AUC with 95 % interval. {sentence(result.source_sentence)}"
    )
    return draw(figure_roc(curves), caption)


def training_figures(result: "ElasticityFusionResult") -> list[Block]:
    """Training and calibration of the main method."""
    main, title = result.main, result.main_row.title
    history = {title: [EpochMean(**point.model_dump(exclude={"divisions"})) for point in main.history]}
    bins = [CalibrationBin(**item.model_dump()) for item in main.reliability.bins]
    source = sentence(result.source_sentence)
    calibration = (
        f"Predicted against observed risk of the main method: {main.reliability.method}. Brier score "
        f"{main.reliability.brier:.3f}. {source}"
    )
    return [
        draw(figure_training(history), f"Training of the main method, mean over the folds. {source}", wide=True),
        Figures([draw(figure_calibration(bins, name=title), calibration)]),
    ]


def calls_figure(result: "ElasticityFusionResult", pictures: Pictures) -> PageFigure | None:
    """Right and wrong calls of the main method, each pair side by side; None without pictures."""
    grid = [
        GridPicture(_side_by_side(pictures[f"{item.key}/pair"]), item.label, [item.call, f"risk {item.risk:.2f}"])
        for item in result.calls
        if f"{item.key}/pair" in pictures
    ]
    if not grid:
        return None
    absent = {"true positive", "true negative", "false negative", "false positive"} - {i.call for i in result.calls}
    none = f" There was no {' and no '.join(sorted(absent))}." if absent else ""
    caption = (
        f"Test images with what the main method said ({result.calls_division}): on the left the B-mode image, on the "
        f"right the {result.second_name}, as the network sees them. Of each kind of call those with the most extreme "
        f"risk, so that the worst errors are shown.{none} {sentence(result.source_sentence)}"
    )
    return draw(figure_picture_grid(grid, columns=4), caption, wide=True)


def _side_by_side(pair: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Both images of prepared pixels `(rows, columns, 4)` beside each other, with a white line between."""
    grey = np.repeat(pair[..., :1], 3, axis=2)
    line = np.full((pair.shape[0], _GAP, 3), 255, dtype=np.uint8)
    return np.concatenate([grey, line, pair[..., 1:]], axis=1)


def projections_figure(result: "ElasticityFusionResult", pictures: Pictures) -> PageFigure | None:
    """The strongest response of each layer, projected to pixels; None without pictures."""
    from thyrosight.explain import ConvolutionLayer, Unit, UnitProjection  # brings torch

    found = [
        UnitProjection(
            unit=Unit(
                layer=ConvolutionLayer(item.layer, item.layer_name),
                map=item.map,
                image=0,
                row=item.row,
                column=item.column,
                activation=item.activation,
            ),
            pixels=pictures[f"projection/{place}/pixels"],
            window=item.window,
            deconvolution=pictures[f"projection/{place}/deconvolution"],
            attribution=pictures[f"projection/{place}/attribution"],
            blurred_activation=item.blurred_activation,
            gap=item.gap,
        )
        for place, item in enumerate(result.projections)
        if f"projection/{place}/pixels" in pictures
    ]
    if not found:
        return None
    which = "; ".join(
        f"layer {item.layer} of the {'B-mode image' if item.image == 'first' else result.second_name}: {item.key}, "
        f"{item.label}"
        for item in result.projections
    )
    caption = (
        f"What layers answer to: {result.projection_note} ({which}). Deconvolution as in the paper; beside it "
        "integrated gradients of the same response, which add up to it (less the response to a blurred copy). Yellow: "
        "what the unit can see. A picture shows what drives one unit, not why a nodule is called malignant. "
        f"{sentence(result.source_sentence)}"
    )
    return draw(figure_feature_projections(found), caption, wide=True)
