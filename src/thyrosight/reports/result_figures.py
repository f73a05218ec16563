"""The figures of a study's report, made from its result: which numbers go where, and what the caption says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup
from matplotlib.figure import Figure
from numpy.typing import NDArray

from thyrosight.reports import tables
from thyrosight.reports.figures import (
    Bar,
    CalibrationBin,
    Counts,
    EpochMean,
    ErrorExample,
    HeatExample,
    NamedCurve,
    RegionFeature,
    figure_calibration,
    figure_confusion,
    figure_divisions,
    figure_errors,
    figure_heat_maps,
    figure_measures,
    figure_precision_recall,
    figure_regions,
    figure_roc,
    figure_scores,
    figure_training,
    to_svg,
)

if TYPE_CHECKING:
    from thyrosight.studies import StudyResult
    from thyrosight.studies.result import NetworkResult

Pictures = Mapping[str, NDArray[Any]]
"""`<key>/pixels` and `<key>/heat` of the images shown, as `explanations.npz` holds them."""


@dataclass(frozen=True)
class PageFigure:
    """A figure on the page: drawing, number and caption. `wide` figures take the whole width."""

    svg: Markup
    caption: str
    wide: bool = False


def _show(figure: Figure, caption: str, *, wide: bool = False) -> PageFigure:
    return PageFigure(Markup(to_svg(figure, title=caption)), caption, wide)


def result_figures(result: "StudyResult") -> list[PageFigure]:
    """All figures of the results section, in order."""
    makers: list[Callable[[StudyResult], PageFigure]] = [
        _measures_figure,
        _roc_figure,
        _precision_recall_figure,
        _scores_figure,
        _calibration_figure,
        _confusion_figure,
        _divisions_figure,
        _training_figure,
    ]
    return [make(result) for make in makers]


def _measures_figure(result: "StudyResult") -> PageFigure:
    from thyrosight.studies import MEASURES

    networks = {
        network.title: [
            Bar(cell.value, cell.low, cell.high) if cell else Bar(None, None, None)
            for cell in (network.mean.get(name) for name in MEASURES)
        ]
        for network in ordered(result)
    }
    return _show(
        figure_measures(networks, list(MEASURES.values())),
        "Measures of each network with 95 % intervals, mean over the divisions. The dashed line is the AUC "
        f"and balanced accuracy of a guess. {_source(result)}.",
        wide=True,
    )


def _roc_figure(result: "StudyResult") -> PageFigure:
    curves = [
        NamedCurve(_with_auc(network), network.roc.x, network.roc.y, network.roc.low, network.roc.high)
        for network in ordered(result)
    ]
    return _show(
        figure_roc(curves),
        f"ROC curves of the pooled test predictions; AUC with 95 % interval. Band: {result.main.title}, "
        f"{result.main.roc.method}. {_source(result)}.",
    )


def _precision_recall_figure(result: "StudyResult") -> PageFigure:
    curves = [
        NamedCurve(network.title, network.precision_recall.x, network.precision_recall.y) for network in ordered(result)
    ]
    counts = result.main.confusion
    positive = counts.true_positive + counts.false_negative
    everyone = positive + counts.false_positive + counts.true_negative
    share = positive / everyone if everyone else 0.0
    return _show(
        figure_precision_recall(curves, prevalence=share),
        f"Precision against recall of the pooled test predictions. Dashed: calling every image malignant "
        f"({100 * share:.0f} % are). {_source(result)}.",
    )


def _confusion_figure(result: "StudyResult") -> PageFigure:
    networks = {network.title: Counts(**network.confusion.model_dump()) for network in ordered(result)}
    return _show(
        figure_confusion(networks),
        "Truth (rows) against prediction at the operating points of the divisions, pooled test predictions (an image "
        f"counts once for each division that tests it). {_source(result)}.",
        wide=True,
    )


def _scores_figure(result: "StudyResult") -> PageFigure:
    main = result.main
    return _show(
        figure_scores(main.score_benign, main.score_malignant, thresholds=[item.threshold for item in main.divisions]),
        f"Calibrated risks that {main.title} gave the test images, by true class. {_source(result)}.",
    )


def _calibration_figure(result: "StudyResult") -> PageFigure:
    found = result.main.reliability
    bins = [CalibrationBin(**item.model_dump()) for item in found.bins]
    return _show(
        figure_calibration(bins, name=result.main.title),
        f"Predicted against observed risk of {result.main.title}: {found.method}. Brier score {found.brier:.3f}, "
        f"expected calibration error {found.expected_calibration_error:.3f}. {_source(result)}.",
    )


def _divisions_figure(result: "StudyResult") -> PageFigure:
    networks = {}
    for network in ordered(result):
        cells = [division.measures.get("auc") for division in network.divisions]
        networks[network.title] = [cell.value if cell else None for cell in cells]
    return _show(
        figure_divisions(networks, measure="AUC on the test part"),
        f"AUC on the test part of each division; thin lines join the same division, bars are means. {_source(result)}.",
        wide=True,
    )


def _training_figure(result: "StudyResult") -> PageFigure:
    networks = {
        network.title: [EpochMean(**point.model_dump(exclude={"divisions"})) for point in network.history]
        for network in ordered(result)
        if network.history
    }
    return _show(
        figure_training(networks),
        "Training, mean over the divisions that reached an epoch; bands are one standard deviation. Early stopping "
        f"leaves fewer divisions at later epochs. {_source(result)}.",
        wide=True,
    )


def _source(result: "StudyResult") -> str:
    """Label source, split and size, as a sentence of its own."""
    return tables.sentence(result.source_sentence).rstrip(".")


def ordered(result: "StudyResult") -> list["NetworkResult"]:
    """The networks with the main one first, which gets the first colour and the band."""
    return sorted(result.networks, key=lambda network: network.role != "main")


def _with_auc(network: "NetworkResult") -> str:
    cell = network.pooled.get("auc")
    if cell is None or cell.value is None:
        return network.title
    return f"{network.title}, AUC {tables.with_interval(cell.value, cell.low, cell.high, digits=2)}"


def heat_maps(result: "StudyResult", pictures: Pictures) -> PageFigure | None:
    """Examples above their heat maps; None without explanations or without their pictures."""
    found = result.explanations
    if found is None:
        return None
    examples = [
        HeatExample(
            name=item.key,
            pixels=pictures[f"{item.key}/pixels"],
            heat=pictures[f"{item.key}/heat"],
            label=item.label,
            predicted=item.predicted,
            risk=item.risk,
            deletion=item.deletion,
            deletion_random=item.deletion_random,
        )
        for item in found.examples
        if f"{item.key}/heat" in pictures and f"{item.key}/pixels" in pictures
    ]
    if not examples:
        return None
    return _show(
        figure_heat_maps(examples, scale=found.scale),
        f"Test images of {found.division} above their heat maps ({found.method}). All maps share one scale "
        f"({found.scale_rule}), so weak evidence looks weak. Deletion score: area under the probability of malignant "
        f"while the hottest pixels are removed first; below that of random order for a faithful map. "
        f"{_source(result)}.",
        wide=True,
    )


def region_figure(result: "StudyResult") -> PageFigure | None:
    """Shape features of highlighted regions by class; None where there are none."""
    found = result.explanations
    if found is None or not any(item.benign or item.malignant for item in found.regions):
        return None
    features = [
        RegionFeature(item.title, item.benign, item.malignant, item.p_corrected)
        for item in found.regions
        if item.benign or item.malignant
    ]
    return _show(
        figure_regions(features),
        "Shape of the highlighted region by true class. Boxes: quartiles; P corrected for the number of features. "
        f"{_source(result)}.",
        wide=True,
    )


def error_pictures(result: "StudyResult", pictures: Pictures) -> PageFigure | None:
    """The worst errors; None without any or without their pictures."""
    examples = [
        ErrorExample(item.key, pictures[f"{item.key}/pixels"], item.label, item.risk)
        for item in result.errors
        if f"{item.key}/pixels" in pictures
    ]
    if not examples:
        return None
    return _show(
        figure_errors(examples),
        f"The test images that {result.main.title} judged most wrongly: true label, and calibrated risk of malignancy. "
        f"{_source(result)}.",
        wide=True,
    )
