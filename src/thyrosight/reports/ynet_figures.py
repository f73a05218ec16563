"""The figures of a study of outlines and classes: which numbers go where, and what the captions say."""

from typing import TYPE_CHECKING, Any

from thyrosight.reports.document import Figures, draw
from thyrosight.reports.figures import (
    CalibrationBin,
    DiceValues,
    EpochMean,
    NamedCurve,
    OutlinedPicture,
    figure_calibration,
    figure_dice,
    figure_dice_by_size,
    figure_dice_history,
    figure_roc,
    figure_segmentations,
    figure_training,
)
from thyrosight.reports.result_figures import PageFigure, Pictures
from thyrosight.reports.tables import DASH, sentence

if TYPE_CHECKING:
    from thyrosight.studies.ynet import YNetResult
    from thyrosight.studies.ynet.result import OutlineExample, TaskResult

_HEADINGS = {"good": "Best", "middling": "In the middle", "failed": "Worst"}


def dice_figures(result: "YNetResult") -> list[PageFigure | Figures]:
    """Box plot with every test as a dot (Figure 3), and Dice against the size of the lesion for the first network."""
    drawn = [(network, network.outlines) for network in result.networks if network.outlines]
    values = [
        DiceValues(network.title, [dice for dice, _ in found.points], [share for _, share in found.points])
        for network, found in drawn
    ]
    first = drawn[0][1]
    tests = f"{first.tests} tests of {first.images} images"
    caption = (
        f"Dice of every test ({tests}): box at the quartiles, whiskers over the whole range, heavy line at the median; "
        f"left of the dashed line ({first.failed_below:g}) an outline is a complete failure (the paper's Figure 3). "
        f"{sentence(result.source_sentence)}"
    )
    figures: list[PageFigure | Figures] = [
        draw(figure_dice(values, failed_below=first.failed_below), caption, wide=True)
    ]
    if any(share > 0 for share in values[0].share):
        caption = (
            f"Dice of {drawn[0][0].title} by the size of the lesion; lines: the median of each quarter of the tests. "
            f"{sentence(result.source_sentence)}"
        )
        pair = [draw(figure_dice_by_size(values[0]), caption)]
        histories = {network.title: network.dice_history for network, _ in drawn}
        caption = (
            "Mean Dice of the validation part by epoch, measured at the network's size, mean over the divisions that "
            f"reached it. {sentence(result.source_sentence)}"
        )
        figures.append(Figures([*pair, draw(figure_dice_history(histories), caption)]))
    return figures


def outline_pictures(result: "YNetResult", pictures: Pictures) -> PageFigure | None:
    """Good, middling and failed outlines side by side (Figure 2); None where their pixels are missing."""
    shown = [
        OutlinedPicture(
            pixels=pictures[f"{item.key}/pixels"],
            truth=pictures[f"{item.key}/truth"],
            found=pictures[f"{item.key}/found"],
            label=item.label,
            group=_HEADINGS[item.kind],
            text=_said(item),
        )
        for item in result.examples
        if f"{item.key}/found" in pictures
    ]
    if not shown:
        return None
    keys = ", ".join(item.key for item in result.examples)
    caption = (
        f"Outlines of {result.examples_of}: left the reader's, right the network's, with its Dice and the calibrated "
        f"risk (the paper's Figure 2). Chosen by Dice alone, one image of a group. Images: {keys}. "
        f"{sentence(result.source_sentence)}"
    )
    return draw(figure_segmentations(shown), caption, wide=True)


def _said(item: "OutlineExample") -> str:
    risk = "" if item.risk is None else f", risk {item.risk:.2f}: {item.predicted}"
    return f"Dice {item.dice:.3f}{risk}"


def roc_figure(result: "YNetResult") -> PageFigure:
    """ROC curves of every network that tells classes (Figure 4), and the original report as a point."""
    curves = [_curve(result, network) for network in result.networks if network.classes]
    words = "ROC curves of the pooled test predictions; the band is that of the first network (the paper's Figure 4)."
    if result.report:
        point = result.report.decided
        sensitivity, specificity = point["sensitivity"].value, point["specificity"].value
        if sensitivity is not None and specificity is not None:
            # The corner of a reader with a single operating point.
            corner = NamedCurve("Original report, where it decides", [0, 1 - specificity, 1], [0, sensitivity, 1])
            curves.append(corner)
            words += " The original report is the corner of its line."
    return draw(figure_roc(curves), f"{words} {sentence(result.source_sentence)}")


def _curve(result: "YNetResult", network: "TaskResult") -> NamedCurve:
    """The pooled curve, with the AUC that the tables show."""
    assert network.classes is not None, "only networks with classes are here"
    curve, area = network.classes.roc, result.table(network)["auc"]
    name, what = network.title, "AUC" if result.each_tested_once else "mean AUC"
    if area.value is not None and area.low is not None and area.high is not None:
        name = f"{name}\n{what} {area.value:.2f} ({area.low:.2f}{DASH}{area.high:.2f})"
    return NamedCurve(name, curve.x, curve.y, curve.low, curve.high)


def calibration_figure(result: "YNetResult") -> list[PageFigure]:
    """Predicted against observed risk of the main network, where it tells classes."""
    main = result.main
    if main.classes is None:
        return []
    found = main.classes.reliability
    bins = [CalibrationBin(**item.model_dump()) for item in found.bins]
    caption = (
        f"Predicted against observed risk of {main.title}: {found.method}. Brier score {found.brier:.3f}. "
        f"{sentence(result.source_sentence)}"
    )
    return [draw(figure_calibration(bins, name=main.title), caption)]


def training_figure(result: "YNetResult") -> PageFigure:
    """Losses of the main network and the validation AUC of every network."""
    networks = [result.main, *(network for network in result.networks if network is not result.main)]
    histories: dict[str, Any] = {
        network.title: [EpochMean(**point.model_dump(exclude={"divisions"})) for point in network.history]
        for network in networks
        if network is result.main or network.classes
    }
    caption = (
        f"Training, mean over divisions; the loss of a joint network is that of mask and class together. "
        f"{sentence(result.source_sentence)}"
    )
    return draw(figure_training(histories), caption, wide=True)
