"""Figures draw what they are given, and no text covers another or leaves the figure."""

from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from thyrosight.explain import ConvolutionLayer, Unit, UnitProjection
from thyrosight.reports.figures import (
    Bar,
    CalibrationBin,
    Counts,
    DiceValues,
    EpochMean,
    ErrorExample,
    HeatExample,
    NamedCurve,
    OutlinedPicture,
    RegionFeature,
    figure_calibration,
    figure_confusion,
    figure_dice,
    figure_dice_by_size,
    figure_dice_history,
    figure_divisions,
    figure_errors,
    figure_feature_projections,
    figure_heat_maps,
    figure_measures,
    figure_precision_recall,
    figure_regions,
    figure_roc,
    figure_scores,
    figure_segmentations,
    figure_training,
)

NAMES = ["ResNet-18", "AlexNet", "Inception-v3", "VGG16", "EfficientNet-Lite0"]
MEASURES = ["AUC", "Balanced accuracy", "Accuracy", "Recall (sensitivity)", "Specificity", "Precision (PPV)", "F1"]
RANDOM = np.random.default_rng(0)
X = np.linspace(0, 1, 20).tolist()


def curves(count: int = 5) -> list[NamedCurve]:
    return [NamedCurve(f"{name}, AUC 0.81 (0.74-0.87)", X, X, X, X) for name in NAMES[:count]]


def measures(count: int = 5) -> Figure:
    return figure_measures({name: [Bar(0.8, 0.7, 0.85)] * 7 for name in NAMES[:count]}, MEASURES)


def calibration() -> Figure:
    return figure_calibration([CalibrationBin(x, x, x - 0.1, x + 0.1, 100) for x in (0.2, 0.5, 0.8)], name="ResNet-18")


def confusion(count: int = 5) -> Figure:
    return figure_confusion({name: Counts(941, 249, 203, 397) for name in NAMES[:count]})


def training() -> Figure:
    points = [EpochMean(e, 1 / e, 0.01, 1.2 / e, 0.02, 0.5 + e / 40, 0.02) for e in range(1, 12)]
    return figure_training(dict.fromkeys(NAMES, points))


def heat_maps(count: int = 6) -> Figure:
    pixels, heat = np.full((32, 32), 90, np.uint8), np.linspace(0, 1, 1024).reshape(32, 32)
    labels = ["benign", "malignant"]
    return figure_heat_maps(
        [
            HeatExample(f"p0040{i}_1_with_a_long_name", pixels, heat, labels[i % 2], labels[i % 2], 0.83, 0.31, 0.42)
            for i in range(count)
        ],
        scale=0.84,
    )


def errors(count: int = 6) -> Figure:
    return figure_errors(
        [ErrorExample(f"p0001{i}_2", np.zeros((32, 32), np.uint8), "benign", 0.91) for i in range(count)]
    )


def regions() -> Figure:
    titles = ["Area (share of the image)", "Eccentricity", "Orientation (degrees, mean axis)"]
    titles += ["Distance to the nodule's centre (image sides)", "Share of heat inside the nodule's box"]
    return figure_regions([RegionFeature(t, RANDOM.random(30), RANDOM.random(40), 0.0123) for t in titles])


def feature_projections() -> Figure:
    values = np.linspace(-4e3, 4e3, 1024, dtype=np.float32).reshape(32, 32)
    return figure_feature_projections(
        [
            UnitProjection(
                Unit(ConvolutionLayer(number, "features"), 1023, 0, 3, 3, 123456.0),
                np.zeros((32, 32), np.uint8),
                window,
                values,
                values,
                0.0,
                0.0,
            )
            for number, window in ((2, (0, 0, 3, 31)), (113, (0, 0, 31, 3)))
        ]
    )


TITLES = ["Y-Net, outline and class", "Y-Net, outline alone", "U-Net on EfficientNet-Lite0, outline and class"]


def dice() -> Figure:
    return figure_dice([DiceValues(name, RANDOM.random(60)) for name in TITLES], failed_below=0.1)


def outlined(count: int = 3, *, tall: bool = True) -> OutlinedPicture:
    pixels, mask = np.full((64, 64), 90, np.uint8), np.zeros((64, 64), bool)
    pixels[: 0 if tall else 24] = 0
    mask[30:40, 10 : 10 + count] = True
    group = "Best" if tall else "Worst"
    return OutlinedPicture(pixels, mask, mask & (count > 3), "malignant", group, "Dice 0.917, risk 0.66: malignant")


def segmentations() -> Figure:
    return figure_segmentations([outlined(), outlined(9), outlined(5), outlined(tall=False), outlined(8, tall=False)])


FIGURES: dict[str, Callable[[], Figure]] = {
    "roc": lambda: figure_roc(curves()),
    "roc of one": lambda: figure_roc(curves(1)),
    "precision-recall": lambda: figure_precision_recall(curves(), prevalence=0.66),
    "calibration": calibration,
    "confusion": confusion,
    "confusion of one": lambda: confusion(1),
    "scores": lambda: figure_scores(RANDOM.random(100), RANDOM.random(200), thresholds=[0.5, 0.55]),
    "measures": measures,
    "measures of one": lambda: measures(1),
    "divisions": lambda: figure_divisions({name: RANDOM.random(10).tolist() for name in NAMES}, measure="AUC"),
    "training": training,
    "heat maps": heat_maps,
    "heat maps of one": lambda: heat_maps(1),
    "heat maps in two blocks": lambda: heat_maps(8),
    "feature projections": feature_projections,
    "errors": errors,
    "errors of two": lambda: errors(2),
    "regions": regions,
    "dice": dice,
    "dice by size": lambda: figure_dice_by_size(DiceValues("Y-Net", RANDOM.random(80), RANDOM.uniform(0.004, 0.3, 80))),
    "dice history": lambda: figure_dice_history({name: RANDOM.random(20).tolist() for name in TITLES}),
    "segmentations": segmentations,
}


@pytest.mark.parametrize("name", FIGURES)
def test_text_neither_overlaps_nor_leaves_the_figure(name: str) -> None:
    figure = FIGURES[name]()
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in _drawn(figure) if text.get_text().strip()]
    assert len(boxes) > 3
    width, height = canvas.get_width_height()
    for text, box in boxes:
        assert box.x0 > -2 and box.y0 > -2 and box.x1 < width + 2 and box.y1 < height + 2, f"{text!r} is cut off"
    for (one, first), (other, second) in combinations(boxes, 2):
        inner = (
            min(first.x1, second.x1) - max(first.x0, second.x0),
            min(first.y1, second.y1) - max(first.y0, second.y0),
        )
        assert min(inner) < 1.5, f"{one!r} and {other!r} overlap"


def _drawn(figure: Figure) -> Iterator[Text]:
    """Every text that is drawn: of the figure, legends, axes, titles, labels and ticks inside the limits."""
    yield from figure.texts
    legends = [*figure.legends, *(axes.get_legend() for axes in figure.axes if axes.get_legend())]
    yield from (text for legend in legends for text in legend.get_texts())
    for axes in figure.axes:
        if not axes.get_visible():
            continue
        yield from axes.texts
        yield from (child for child in axes.get_children() if isinstance(child, Text) and child not in axes.texts)
        for axis in (axes.xaxis, axes.yaxis):
            yield axis.label
            low, high = sorted(axis.get_view_interval())
            for place, label in zip(axis.get_majorticklocs(), axis.get_ticklabels(), strict=False):
                if low <= place <= high and label.get_visible():
                    yield label


def test_bars_and_intervals_have_the_given_heights() -> None:
    figure = figure_measures({"A": [Bar(0.8, 0.7, 0.9), Bar(None, None, None)]}, ["AUC", "F1"])
    heights = [patch.get_height() for patch in figure.axes[0].containers[0]]
    assert heights == [0.8, 0.0]
    segments = next(c for c in figure.axes[0].collections if c.get_segments()).get_segments()
    assert segments[0][:, 1] == pytest.approx([0.7, 0.9])


def test_every_dice_is_a_dot_and_the_box_stands_at_the_quartiles() -> None:
    values = [0.0, 0.2, 0.4, 0.6, 1.0]
    axes = figure_dice([DiceValues("A", values), DiceValues("B", [0.5])], failed_below=0.1).axes[0]
    dots = [line for line in axes.lines if line.get_marker() == "o" and len(line.get_xdata())]
    assert [sorted(line.get_xdata()) for line in dots] == [values, [0.5]]
    box = axes.lines[1].get_xdata()
    assert (min(box), max(box)) == (0.2, 0.6)
    assert axes.get_yticklabels()[0].get_text() == "A\nmedian 0.400"


def test_outlines_are_drawn_around_their_masks_and_black_bars_are_cut_away() -> None:
    figure = figure_segmentations([outlined(9, tall=False)])
    reader, network = figure.axes
    assert reader.get_ylim() == (63.5, 23.5) and reader.get_xlim() == (-0.5, 63.5)
    points = np.concatenate([path.vertices for path in reader.collections[0].get_paths()])
    assert points.min(axis=0) == pytest.approx([9.5, 29.5]) and points.max(axis=0) == pytest.approx([18.5, 39.5])
    assert len(network.collections) == 1
    nothing = figure_segmentations([outlined(3)])
    assert [text.get_text() for axes in nothing.axes for text in axes.texts] == ["reader", "network: nothing"]


def test_the_first_curve_alone_has_a_band() -> None:
    axes = figure_roc(curves()).axes[0]
    assert len(axes.collections) == 1
    assert len(axes.lines) == 1 + 5


def test_scores_are_all_counted() -> None:
    figure = figure_scores([0.0, 0.1, 1.0], [0.99, 1.0])
    counts = [sum(patch.get_height() for patch in axes.patches) for axes in figure.axes]
    assert counts == [2, 3]  # malignant above, benign below


def test_one_scale_for_all_heat_maps() -> None:
    pixels = np.full((8, 8), 100, np.uint8)
    weak, strong = np.full((8, 8), 0.1), np.full((8, 8), 1.0)
    figure = figure_heat_maps(
        [HeatExample("a", pixels, heat, "benign", "benign", 0.1, 0.2, 0.3) for heat in (weak, strong)], scale=1.0
    )
    images = [np.asarray(axes.images[0].get_array(), dtype=float) for axes in figure.axes[:4]]
    change = [np.abs(images[place] - 100).mean() for place in (1, 3)]
    assert change[0] < 0.25 * change[1]  # weak evidence looks weak
    assert [label.get_text() for label in figure.axes[-1].get_yticklabels()] == ["0", "0.5", "≥ 1"]


def test_benign_examples_stand_before_malignant_ones() -> None:
    titles = [axes.get_title(loc="left") for axes in heat_maps(6).axes[:12:2]]
    assert titles == ["benign"] * 3 + ["malignant"] * 3


def test_an_undefined_division_leaves_a_gap() -> None:
    figure = figure_divisions({"A": [0.7, None, 0.8], "B": [None, None, None]}, measure="AUC")
    dots = [line for line in figure.axes[0].lines if line.get_marker() not in ("None", None, "")]
    assert np.isfinite(dots[0].get_ydata()).sum() == 2
    assert np.isfinite(dots[1].get_ydata()).sum() == 0


def test_settings_of_the_user_stay_as_they_are() -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    measures()
    assert dict(matplotlib.rcParams) == before
