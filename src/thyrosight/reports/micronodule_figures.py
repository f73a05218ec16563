"""The figures of a micronodule study's report: curves of network and readers, and nodules that are shown."""

import textwrap
from typing import TYPE_CHECKING

from thyrosight.reports.document import Block, Figures, PageFigure, draw
from thyrosight.reports.figures import (
    CalibrationBin,
    GridPicture,
    NamedCurve,
    figure_calibration,
    figure_picture_grid,
    figure_roc,
    figure_scores,
)
from thyrosight.reports.result_figures import Pictures
from thyrosight.reports.tables import DASH, sentence

if TYPE_CHECKING:
    from thyrosight.studies.base import Measure
    from thyrosight.studies.micronodule import MicronoduleResult
    from thyrosight.studies.micronodule.result import Picture, TestSet

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LEGEND_LETTERS = 22


def set_figures(found: "TestSet") -> list[PageFigure]:
    """ROC curves, risks by class and calibration of one tested set."""
    figures = []
    if found.roc:
        areas = {table.reader: table.radiologist.measures["auc"] for table in found.analysis.readers}
        if found.networks:
            areas["CNN"] = found.networks[0].measures["auc"]
        curves = [
            NamedCurve(_named(name, areas.get(name)), curve.x, curve.y, curve.low, curve.high)
            for name, curve in found.roc.items()
        ]
        figures.append(
            draw(
                figure_roc(curves),
                (
                    "ROC curves of the network and of each reader on the nodules that each judged; AUC with 95 % "
                    "interval. Readers' curves join their categories. "
                    if found.analysis.readers
                    else "ROC curve of the network with its pointwise band; AUC with 95 % interval. "
                )
                + sentence(found.source_sentence),
            )
        )
    if found.score_benign and found.score_malignant and found.roc:
        figures.append(
            draw(
                figure_scores(found.score_benign, found.score_malignant, thresholds=[]),
                f"Calibrated risks that the CNN gave, by true class. {sentence(found.source_sentence)}",
            )
        )
    for item, name in ((found.reliability, "calibrated"), (found.uncalibrated, "uncalibrated")):
        if item is None:
            continue
        bins = [CalibrationBin(**cell.model_dump()) for cell in item.bins]
        label = "Calibrated risk of malignancy (mean of bin)" if name == "calibrated" else "Probability (mean of bin)"
        figures.append(
            draw(
                figure_calibration(bins, name=f"CNN, {name}", x_label=label),
                f"Predicted against observed risk of the CNN, {name}: {item.method}. Brier score {item.brier:.3f}, "
                f"expected calibration error {item.expected_calibration_error:.3f}. {sentence(found.source_sentence)}",
            )
        )
    return figures


def _named(name: str, area: "Measure | None") -> str:
    if area is None or area.value is None or area.low is None or area.high is None:
        return name
    text = f"AUC {area.value:.2f} ({area.low:.2f}{DASH}{area.high:.2f})"
    return f"{name}, {text}" if len(name) <= _LEGEND_LETTERS else "\n".join([*textwrap.wrap(name, 40), text])


def figure_of_all_sets(result: "MicronoduleResult") -> list[Block]:
    """The network's ROC curves of all sets on one square."""
    curves = []
    for found in result.sets:
        if "CNN" in found.roc and found.networks:
            curve = found.roc["CNN"]
            curves.append(
                NamedCurve(
                    _named(found.name, found.networks[0].measures["auc"]), curve.x, curve.y, curve.low, curve.high
                )
            )
    if len(curves) < 2:
        return []
    caption = f"ROC curves of the main network on every tested set. {sentence(result.source_sentence)}"
    return [Figures([draw(figure_roc(curves), caption)])]


def picture_figure(items: "list[Picture]", pictures: Pictures, what: str, result: "MicronoduleResult") -> list[Block]:
    """Nodules side by side; nothing where their pictures are not beside the report."""
    there = [item for item in items if f"{item.key}/pixels" in pictures]
    if not there:
        return []
    grid = [
        GridPicture(pictures[f"{item.key}/pixels"], item.label, _lines(item), item.box, LETTERS[place % 26])
        for place, item in enumerate(there)
    ]
    whys: dict[str, list[str]] = {}
    for place, item in enumerate(there):
        whys.setdefault(item.why, []).append(LETTERS[place % 26])
    reasons = "; ".join(f"{', '.join(letters)}: {why}" for why, letters in whys.items())
    sources = " and ".join(dict.fromkeys(item.label_source for item in there))
    caption = (
        f"{what} Chosen because: {reasons}. Labels of these nodules: {sources}. {sentence(result.source_sentence)}"
    )
    return [draw(figure_picture_grid(grid), caption, wide=True)]


def _lines(item: "Picture") -> list[str]:
    """What stands below a picture."""
    lines = [f"{item.key}" + ("" if item.size_mm is None else f", {item.size_mm:.1f} mm")]
    if item.risk is not None and item.probability is not None:
        lines.append(f"CNN: category {item.category}")
        lines += [f"risk {100 * item.risk:.1f} %", f"uncalibrated {100 * item.probability:.1f} %"]
    lines += [f"{name}: {category}" for name, category in item.readers.items()]
    return lines
