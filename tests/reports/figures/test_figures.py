"""Figures draw what they are given, and no text covers another or leaves the figure."""

from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from thyrosight.documents import Measure, drawings
from thyrosight.documents.drawings import Curve, GridPicture, LinePanel, Lines, Mark, PictureGrid
from thyrosight.reports.figures import draw

NAMES = ["ResNet-18", "AlexNet", "Inception-v3", "VGG16", "EfficientNet-Lite0"]
MEASURES = ["AUC", "Balanced accuracy", "Accuracy", "Recall (sensitivity)", "Specificity", "Precision (PPV)", "F1"]
RANDOM = np.random.default_rng(0)
X = tuple(np.linspace(0, 1, 20).tolist())


def curves(count: int = 5, *, lines: int = 1) -> tuple[Curve, ...]:
    bands = {"low": X, "high": X}
    return tuple(
        Curve(name="\n".join([f"{name}, AUC 0.81 (0.74-0.87)"] * lines), x=X, y=X, **({} if place else bands))
        for place, name in enumerate(NAMES[:count])
    )


def roc(count: int = 5, *, lines: int = 1, **options: float) -> Figure:
    panel = LinePanel(curves=curves(count, lines=lines), x="1 - specificity", y="Sensitivity", square=True, **options)
    return draw(Lines(panels=(panel,)))


def measures(count: int = 5) -> Figure:
    bars = (Measure(value=0.8, low=0.7, high=0.85),) * 7
    return draw(drawings.MeasureBars(measures=tuple(MEASURES), networks=dict.fromkeys(NAMES[:count], bars)))


def calibration() -> Figure:
    bins = [drawings.CalibrationBin(predicted=x, observed=x, low=x - 0.1, high=x + 0.1, n=100) for x in (0.2, 0.5, 0.8)]
    return draw(drawings.Calibration(bins=tuple(bins)))


def confusion(count: int = 5) -> Figure:
    counts = drawings.Counts(true_positive=941, false_negative=249, false_positive=203, true_negative=397)
    return draw(drawings.Confusion(networks=dict.fromkeys(NAMES[:count], counts)))


def training() -> Figure:
    epochs = tuple(map(float, range(1, 12)))
    losses = [Curve(name=name, x=epochs, y=epochs, low=epochs, high=epochs) for name in ("training", "validation")]
    areas = [Curve(name=name, x=epochs, y=epochs) for name in NAMES]
    panels = (
        LinePanel(curves=tuple(losses), x="Epoch", y="Loss", title="Loss of ResNet-18", bottom=0),
        LinePanel(curves=tuple(areas), x="Epoch", y="AUC", title="AUC on the validation part"),
    )
    return draw(Lines(panels=panels))


def freeze_depth(count: int = 3, *, depths: tuple[float, ...] = (0, 3, 6, 13)) -> Figure:
    """A measure with an undefined value, chosen depths, and shares, of inputs by frozen layers."""
    y: list[float | None] = [0.6, 0.7, 0.8, 0.65][: len(depths)]
    low = tuple(value - 0.1 for value in y if value is not None)
    inputs = [
        Curve(name=name, x=depths, y=tuple(y), low=low, high=low, chosen=depths[-1])
        for name in ("B-mode image", "Elastogram", "Early fusion")[:count]
    ]
    undefined = inputs[-1].model_copy(update={"y": (None, *y[1:]), "low": (None, *low[1:]), "high": (None, *low[1:])})
    panels = [
        LinePanel(curves=(*inputs[:-1], undefined), x="Frozen convolution layers", title=title, dots=True)
        for title in ("AUC", "Accuracy", "Share of draws in which best")
    ]
    return draw(Lines(panels=tuple(panels)))


def heat_maps(count: int = 6) -> Figure:
    labels = ["benign", "malignant"]
    examples = [
        drawings.HeatExample(
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
    return draw(drawings.HeatMaps(scale=0.84, examples=tuple(examples)), pictures)


def errors(count: int = 6) -> Figure:
    shown = [
        GridPicture(picture="a", label="benign", lines=(f"p0001{i}_2_with_a_long_name", "risk 0.91"))
        for i in range(count)
    ]
    return draw(PictureGrid(pictures=tuple(shown), columns=6), {"a": np.zeros((32, 32), np.uint8)})


def regions() -> Figure:
    titles = ["Area (share of the image)", "Eccentricity", "Orientation (degrees, mean axis)"]
    titles += ["Distance to the nodule's centre (image sides)", "Share of heat inside the nodule's box"]
    benign, malignant = (tuple(RANDOM.random(count).tolist()) for count in (30, 40))
    features = [
        drawings.RegionFeature(title=title, benign=benign, malignant=malignant, p_corrected=0.0123) for title in titles
    ]
    return draw(drawings.Regions(features=tuple(features)))


def signed() -> Figure:
    """Signed pictures of a part, on a scale of their own."""
    words = ("layer 113, map 1023", "blue to orange: ±4e+03")
    part = GridPicture(picture="a", label="Image", lines=words, part=(0, 0, 3, 31), scale=4e3, colours="signed")
    values = np.linspace(-4e3, 4e3, 1024, dtype=np.float32).reshape(32, 32)
    return draw(PictureGrid(pictures=(part,) * 8), {"a": values})


TITLES = ["Y-Net, outline and class", "Y-Net, outline alone", "U-Net on EfficientNet-Lite0, outline and class"]


def dice() -> Figure:
    values = [drawings.DiceValues(name=name, dice=tuple(RANDOM.random(60).tolist())) for name in TITLES]
    return draw(drawings.Dice(networks=tuple(values), failed_below=0.1))


def dice_by_size() -> Figure:
    values, share = RANDOM.random(80).tolist(), RANDOM.uniform(0.004, 0.3, 80).tolist()
    return draw(drawings.DiceBySize(network=drawings.DiceValues(name="Y-Net", dice=tuple(values), share=tuple(share))))


def dice_history() -> Figure:
    epochs = tuple(map(float, range(1, 21)))
    shown = [Curve(name=name, x=epochs, y=tuple(RANDOM.random(20).tolist())) for name in TITLES]
    return draw(Lines(panels=(LinePanel(curves=tuple(shown), x="Epoch", y="Dice", bottom=-0.02, top=1.02),)))


def outlined(*widths: int) -> Figure:
    """Pictures with the outline of a mask of so many columns, each kind under a heading of its own."""
    shown, pictures = [], {"pixels": np.full((64, 64), 90, np.uint8)}
    for place, count in enumerate(widths):
        pictures[f"mask-{place}"] = np.zeros((64, 64), bool)
        pictures[f"mask-{place}"][30:40, 10 : 10 + count] = True
        for label, who in (("malignant", "reader"), ("Dice 0.917, risk 0.66: malignant", "network")):
            heading = f"Group {place}" if who == "reader" and place % 2 == 0 else ""
            mark = Mark(colour="turquoise", mask=f"mask-{place}", text=who)
            shown.append(
                GridPicture(picture="pixels", label=label, marks=(mark,), part=(0, 24, 64, 64), heading=heading)
            )
    return draw(PictureGrid(pictures=tuple(shown)), pictures)


def stacked() -> Figure:
    panel = drawings.StackedPanel(title="training part", groups=("a", "b"), counts=((1, 3, 0), (0, 0, 0)))
    return draw(drawings.Stacked(panels=(panel, panel), categories=("3", "4a", "not recorded"), legend="TI-RADS"))


FIGURES: dict[str, Callable[[], Figure]] = {
    "roc": roc,
    "roc of one": lambda: roc(1),
    "roc of long names": lambda: roc(4, lines=2),
    "precision-recall": lambda: roc(level=0.66),
    "calibration": calibration,
    "confusion": confusion,
    "confusion of one": lambda: confusion(1),
    "scores": lambda: draw(
        drawings.Scores(benign=tuple(RANDOM.random(100)), malignant=tuple(RANDOM.random(200)), thresholds=(0.5, 0.55))
    ),
    "measures": measures,
    "measures of one": lambda: measures(1),
    "divisions": lambda: draw(
        drawings.DivisionDots(measure="AUC", networks={name: tuple(RANDOM.random(10)) for name in NAMES})
    ),
    "training": training,
    "freeze depth": freeze_depth,
    "freeze depth of one": lambda: freeze_depth(1, depths=(0,)),
    "heat maps": heat_maps,
    "heat maps of one": lambda: heat_maps(1),
    "heat maps in two blocks": lambda: heat_maps(8),
    "signed": signed,
    "errors": errors,
    "errors of two": lambda: errors(2),
    "regions": regions,
    "dice": dice,
    "dice by size": dice_by_size,
    "dice history": dice_history,
    "outlined": lambda: outlined(3, 9, 5, 3, 8),
    "stacked": stacked,
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
    bars = (Measure(value=0.8, low=0.7, high=0.9), None)
    figure = draw(drawings.MeasureBars(measures=("AUC", "F1"), networks={"A": bars}))
    heights = [patch.get_height() for patch in figure.axes[0].containers[0]]
    assert heights == [0.8, 0.0]
    segments = next(c for c in figure.axes[0].collections if c.get_segments()).get_segments()
    assert segments[0][:, 1] == pytest.approx([0.7, 0.9])


def test_stacked_bars_add_up_to_a_hundred_and_an_empty_group_is_empty() -> None:
    axes = stacked().axes[0]
    heights = np.array([[bar.get_height() for bar in bars] for bars in axes.containers])
    assert heights.T.tolist() == [[25, 75, 0], [0, 0, 0]]
    assert [bar.get_y() for bars in axes.containers for bar in bars][::2] == [0, 25, 100]
    assert [text.get_text() for text in axes.texts] == ["n = 4", "n = 0"]


def test_every_dice_is_a_dot_and_the_box_stands_at_the_quartiles() -> None:
    values = [0.0, 0.2, 0.4, 0.6, 1.0]
    networks = (drawings.DiceValues(name="A", dice=tuple(values)), drawings.DiceValues(name="B", dice=(0.5,)))
    axes = draw(drawings.Dice(networks=networks, failed_below=0.1)).axes[0]
    dots = [line for line in axes.lines if line.get_marker() == "o" and len(line.get_xdata())]
    assert [sorted(line.get_xdata()) for line in dots] == [values, [0.5]]
    box = axes.lines[1].get_xdata()
    assert (min(box), max(box)) == (0.2, 0.6)
    whiskers = [x for line in axes.lines[2:4] for x in line.get_xdata()]
    assert (min(whiskers), max(whiskers)) == (0, 1)
    assert axes.get_yticklabels()[0].get_text() == "A\nmedian 0.400"


def test_curves_bands_and_the_level_are_those_given() -> None:
    axes = roc().axes[0]
    assert len(axes.collections) == 1  # the first curve alone has a band
    assert len(axes.lines) == 1 + 5
    assert list(axes.lines[0].get_ydata()) == [0, 1]  # the diagonal
    assert list(roc(level=0.66).axes[0].lines[0].get_ydata()) == [0.66, 0.66]


def test_undefined_values_leave_gaps_and_a_ring_marks_what_was_chosen() -> None:
    axes = freeze_depth(2).axes[0]
    lines = [line for line in axes.lines if len(line.get_xdata()) > 1]
    assert list(map(float, lines[0].get_ydata())) == [0.6, 0.7, 0.8, 0.65]
    assert np.isnan(np.asarray(lines[1].get_ydata())).tolist() == [True, False, False, False]
    rings = [line for line in axes.lines if len(line.get_xdata()) == 1]
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in rings] == [(13, 0.65)] * 2
    assert len(axes.collections) == 2


def test_scores_are_all_counted() -> None:
    figure = draw(drawings.Scores(benign=(0.0, 0.1, 1.0), malignant=(0.99, 1.0)))
    counts = [sum(patch.get_height() for patch in axes.patches) for axes in figure.axes]
    assert counts == [2, 3]  # malignant above, benign below


def test_one_scale_for_all_heat_maps() -> None:
    pixels = np.full((8, 8), 100, np.uint8)
    weak, strong = np.full((8, 8), 0.1), np.full((8, 8), 1.0)
    examples = [
        drawings.HeatExample(key=key, label="benign", predicted="benign", risk=0.1, deletion=0.2, deletion_random=0.3)
        for key in ("weak", "strong")
    ]
    pictures = {"weak/pixels": pixels, "strong/pixels": pixels, "weak/heat": weak, "strong/heat": strong}
    figure = draw(drawings.HeatMaps(scale=1.0, examples=tuple(examples)), pictures)
    images = [np.asarray(axes.images[0].get_array(), dtype=float) for axes in figure.axes[:4]]
    change = [np.abs(images[place] - 100).mean() for place in (1, 3)]
    assert change[0] < 0.25 * change[1]  # weak evidence looks weak
    assert [label.get_text() for label in figure.axes[-1].get_yticklabels()] == ["0", "0.5", "≥ 1"]


def test_benign_examples_stand_before_malignant_ones() -> None:
    titles = [axes.get_title(loc="left") for axes in heat_maps(6).axes[:12:2]]
    assert titles == ["benign"] * 3 + ["malignant"] * 3


def test_an_undefined_division_leaves_a_gap() -> None:
    networks = {"A": (0.7, None, 0.8), "B": (None, None, None)}
    figure = draw(drawings.DivisionDots(measure="AUC", networks=networks))
    dots = [line for line in figure.axes[0].lines if line.get_marker() not in ("None", None, "")]
    assert np.isfinite(dots[0].get_ydata()).sum() == 2
    assert np.isfinite(dots[1].get_ydata()).sum() == 0


def test_settings_of_the_user_stay_as_they_are() -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    measures()
    assert dict(matplotlib.rcParams) == before


def test_calibration_draws_its_curve_and_no_line_between_bins() -> None:
    bins = [drawings.CalibrationBin(predicted=x, observed=x, low=x - 0.1, high=x + 0.1, n=9) for x in (0.2, 0.8)]
    points = [(0.1, 0.2, 0.1, 0.3), (0.9, 0.7, 0.6, float("nan"))]
    curve = drawings.Curve.banded("network", points)
    assert curve.high == (0.3, None)
    figure = draw(drawings.Calibration(bins=tuple(bins), curve=curve, counted="Cases", note="all"))
    figure.draw_without_rendering()
    axes = figure.axes
    above, below = (one.get_position() for one in axes)
    assert [below.x0, below.x1] == pytest.approx([above.x0, above.x1], abs=0.002), "bins stand below their points"
    assert any(list(line.get_ydata()) == [0.2, 0.7] for line in axes[0].lines)
    assert not any(line.get_marker() == "o" and line.get_linewidth() for line in axes[0].lines)
    assert axes[1].get_ylabel() == "Cases"
