"""Figures draw what they are given, and no text covers another or leaves the figure."""

from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from thyrosight.documents import (
    CalibrationBin,
    Counts,
    DiceValues,
    EpochMean,
    ErrorExample,
    FeatureProjection,
    HeatExample,
    Measure,
    NamedCurve,
    OutlineExample,
    RegionFeature,
)
from thyrosight.reports.figures import (
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
X = tuple(np.linspace(0, 1, 20).tolist())


def curves(count: int = 5) -> list[NamedCurve]:
    return [NamedCurve(name=f"{name}, AUC 0.81 (0.74-0.87)", x=X, y=X, low=X, high=X) for name in NAMES[:count]]


def measures(count: int = 5) -> Figure:
    return figure_measures({name: [Measure(value=0.8, low=0.7, high=0.85)] * 7 for name in NAMES[:count]}, MEASURES)


def calibration() -> Figure:
    return figure_calibration(
        [CalibrationBin(predicted=x, observed=x, low=x - 0.1, high=x + 0.1, n=100) for x in (0.2, 0.5, 0.8)],
        name="ResNet-18",
    )


def confusion(count: int = 5) -> Figure:
    return figure_confusion(
        {
            name: Counts(true_positive=941, false_negative=249, false_positive=203, true_negative=397)
            for name in NAMES[:count]
        }
    )


def training() -> Figure:
    points = [
        EpochMean(
            epoch=e,
            train_loss=1 / e,
            train_loss_spread=0.01,
            validation_loss=1.2 / e,
            validation_loss_spread=0.02,
            validation_auc=0.5 + e / 40,
            validation_auc_spread=0.02,
        )
        for e in range(1, 12)
    ]
    return figure_training(dict.fromkeys(NAMES, points))


def heat_maps(count: int = 6) -> Figure:
    labels = ["benign", "malignant"]
    examples = [
        HeatExample(
            key=f"p0040{i}_1_with_a_long_name",
            label=labels[i % 2],
            predicted=labels[i % 2],
            risk=0.83,
            deletion=0.31,
            deletion_random=0.42,
        )
        for i in range(count)
    ]
    pixels, heat = np.full((32, 32), 90, np.uint8), np.linspace(0, 1, 1024).reshape(32, 32)
    pictures = {
        f"{item.key}/{part}": value for item in examples for part, value in (("pixels", pixels), ("heat", heat))
    }
    return figure_heat_maps(examples, pictures, scale=0.84)


def errors(count: int = 6) -> Figure:
    examples = [ErrorExample(key=f"p0001{i}_2", label="benign", risk=0.91) for i in range(count)]
    return figure_errors(examples, {f"{item.key}/pixels": np.zeros((32, 32), np.uint8) for item in examples})


def regions() -> Figure:
    titles = ["Area (share of the image)", "Eccentricity", "Orientation (degrees, mean axis)"]
    titles += ["Distance to the nodule's centre (image sides)", "Share of heat inside the nodule's box"]
    return figure_regions(
        [
            RegionFeature(
                title=t,
                benign=tuple(RANDOM.random(30).tolist()),
                malignant=tuple(RANDOM.random(40).tolist()),
                p_corrected=0.0123,
            )
            for t in titles
        ]
    )


def feature_projections() -> Figure:
    values = np.linspace(-4e3, 4e3, 1024, dtype=np.float32).reshape(32, 32)
    found = [
        FeatureProjection(key=str(number), layer=number, map=1023, activation=123456.0, window=window)
        for number, window in ((2, (0, 0, 3, 31)), (113, (0, 0, 31, 3)))
    ]
    pixels = np.zeros((32, 32), np.uint8)
    parts = {"pixels": pixels, "deconvolution": values, "attribution": values}
    pictures = {f"{item.key}/{part}": value for item in found for part, value in parts.items()}
    return figure_feature_projections(found, pictures)


TITLES = ["Y-Net, outline and class", "Y-Net, outline alone", "U-Net on EfficientNet-Lite0, outline and class"]


def dice() -> Figure:
    return figure_dice(
        [DiceValues(name=name, dice=tuple(RANDOM.random(60).tolist())) for name in TITLES], failed_below=0.1
    )


def outlined(*asked: tuple[int, bool]) -> Figure:
    """Examples with a lesion of so many columns, in a square picture or in one with a black bar above."""
    examples, pictures = [], {}
    for place, (count, tall) in enumerate(asked):
        pixels, mask = np.full((64, 64), 90, np.uint8), np.zeros((64, 64), bool)
        pixels[: 0 if tall else 24] = 0
        mask[30:40, 10 : 10 + count] = True
        group, text = ("Best" if tall else "Worst"), "Dice 0.917, risk 0.66: malignant"
        examples.append(OutlineExample(key=str(place), label="malignant", group=group, text=text))
        pictures |= {f"{place}/pixels": pixels, f"{place}/truth": mask, f"{place}/found": mask & (count > 3)}
    return figure_segmentations(examples, pictures)


def segmentations() -> Figure:
    return outlined((3, True), (9, True), (5, True), (3, False), (8, False))


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
    "dice by size": lambda: figure_dice_by_size(
        DiceValues(
            name="Y-Net", dice=tuple(RANDOM.random(80).tolist()), share=tuple(RANDOM.uniform(0.004, 0.3, 80).tolist())
        )
    ),
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
    figure = figure_measures({"A": [Measure(value=0.8, low=0.7, high=0.9), None]}, ["AUC", "F1"])
    heights = [patch.get_height() for patch in figure.axes[0].containers[0]]
    assert heights == [0.8, 0.0]
    segments = next(c for c in figure.axes[0].collections if c.get_segments()).get_segments()
    assert segments[0][:, 1] == pytest.approx([0.7, 0.9])


def test_every_dice_is_a_dot_and_the_box_stands_at_the_quartiles() -> None:
    values = [0.0, 0.2, 0.4, 0.6, 1.0]
    axes = figure_dice(
        [DiceValues(name="A", dice=tuple(values)), DiceValues(name="B", dice=(0.5,))], failed_below=0.1
    ).axes[0]
    dots = [line for line in axes.lines if line.get_marker() == "o" and len(line.get_xdata())]
    assert [sorted(line.get_xdata()) for line in dots] == [values, [0.5]]
    box = axes.lines[1].get_xdata()
    assert (min(box), max(box)) == (0.2, 0.6)
    assert axes.get_yticklabels()[0].get_text() == "A\nmedian 0.400"


def test_outlines_are_drawn_around_their_masks_and_black_bars_are_cut_away() -> None:
    figure = outlined((9, False))
    reader, network = figure.axes
    assert reader.get_ylim() == (63.5, 23.5) and reader.get_xlim() == (-0.5, 63.5)
    points = np.concatenate([path.vertices for path in reader.collections[0].get_paths()])
    assert points.min(axis=0) == pytest.approx([9.5, 29.5]) and points.max(axis=0) == pytest.approx([18.5, 39.5])
    assert len(network.collections) == 1
    nothing = outlined((3, True))
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
    examples = [
        HeatExample(key=key, label="benign", predicted="benign", risk=0.1, deletion=0.2, deletion_random=0.3)
        for key in ("weak", "strong")
    ]
    pictures = {"weak/pixels": pixels, "strong/pixels": pixels, "weak/heat": weak, "strong/heat": strong}
    figure = figure_heat_maps(examples, pictures, scale=1.0)
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
