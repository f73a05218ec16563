"""Drawings as data: every number of a figure. Pictures are named by their key in the study's `pictures.npz`."""

from collections.abc import Iterable
from math import isnan
from typing import Annotated, Literal, Self

from pydantic import Field

from thyrosight.documents.diagrams import Diagram
from thyrosight.documents.measure import Frozen, Measure

Floats = tuple[float, ...]
Known = tuple[float | None, ...]
Corners = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels of the picture; they may lie outside it."""


class Curve(Frozen):
    """A line with its name in the legend; `low` and `high` draw a band, a ring marks the place `chosen` on x.

    Points that are not `joined` stand for themselves, in the colour of the line of their place among such curves.
    """

    name: str
    x: Floats
    y: Known
    low: Known | None = None
    high: Known | None = None
    chosen: float | None = None
    joined: bool = True

    @classmethod
    def banded(cls, name: str, points: Iterable[tuple[float, float, float, float]]) -> Self:
        """A line with its band, from x, y and the limits at each point; a limit that is NaN is left open."""
        rows = list(points)
        low, high = (tuple(None if isnan(row[place]) else row[place] for row in rows) for place in (2, 3))
        return cls(name=name, x=tuple(row[0] for row in rows), y=tuple(row[1] for row in rows), low=low, high=high)


class LinePanel(Frozen):
    """Curves in one coordinate system.

    Attributes:
        curves: the first one is drawn on top.
        x, y: what the axes show.
        title: above.
        square: both axes go from 0 to 1.
        whole: otherwise, whether x counts in whole numbers, for example epochs.
        level: height of a dashed line; in a square without one the diagonal is dashed.
        bottom, top: ends of the axis y, where they do not follow from the curves.
        dots: whether every point is marked.
        points: single places marked in grey, for example studies beside their summary.
        note: small print below, where the figure may stand without its caption.
    """

    curves: tuple[Curve, ...]
    x: str
    y: str = ""
    title: str = ""
    square: bool = False
    whole: bool = True
    level: float | None = None
    bottom: float | None = None
    top: float | None = None
    dots: bool = False
    points: tuple[tuple[float, float], ...] = ()
    note: str = ""


class Lines(Frozen):
    """Panels of curves side by side."""

    kind: Literal["lines"] = "lines"
    panels: tuple[LinePanel, ...]


class ForestLine(Frozen):
    """One line of a forest plot; without an estimate it is a heading, and `bold` marks a summary."""

    name: str
    estimate: Measure | None = None
    bold: bool = False


class Forest(Frozen):
    """Estimates with their intervals, one line each, and the numbers beside them.

    Attributes:
        lines: from top to bottom.
        x: what the axis shows.
        reference: value at which a thin line stands, for example 0 for differences.
        digits: decimals of the printed numbers.
        ratio: whether the axis is logarithmic, as for odds ratios.
    """

    kind: Literal["forest"] = "forest"
    lines: tuple[ForestLine, ...]
    x: str
    reference: float | None = None
    digits: int = 3
    ratio: bool = False


class ScatterPanel(Frozen):
    """Points in one coordinate system, with level lines over the whole width.

    Attributes:
        x, y: coordinates of the points.
        x_label, y_label: what the axes show.
        levels: heights of lines, each with its name and the limits of its band where it has one.
        note: small print below.
    """

    x: Floats
    y: Floats
    x_label: str
    y_label: str
    levels: tuple[tuple[str, Measure], ...] = ()
    note: str = ""


class Scatter(Frozen):
    """Points, for example differences of two measurements against their means."""

    kind: Literal["scatter"] = "scatter"
    panel: ScatterPanel


class CalibrationBin(Frozen):
    """Mean predicted risk of a bin against the observed share of malignant cases with its interval."""

    predicted: float
    observed: float
    low: float
    high: float
    n: int


class Calibration(Frozen):
    """Predicted against observed risk.

    Attributes:
        bins: from low to high predicted risk.
        x_label: names the axis of predictions.
        curve: smooth calibration curve, drawn behind the bins.
        counted: what the bins hold.
        note: small print below.
    """

    kind: Literal["calibration"] = "calibration"
    bins: tuple[CalibrationBin, ...]
    x_label: str = "Predicted risk of malignancy (mean of bin)"
    curve: Curve | None = None
    counted: str = "Images"
    note: str = ""


class MeasureBars(Frozen):
    """Measures of networks side by side with their intervals; `chance` is the value of a guess."""

    kind: Literal["measures"] = "measures"
    measures: tuple[str, ...]
    networks: dict[str, tuple[Measure | None, ...]]
    chance: float = 0.5


class DivisionDots(Frozen):
    """One measure of each network on each division; a `narrow` figure stands beside another."""

    kind: Literal["divisions"] = "divisions"
    measure: str
    networks: dict[str, Known]
    narrow: bool = False


class Counts(Frozen):
    """Predictions at an operating point, counted by truth."""

    true_positive: int
    false_negative: int
    false_positive: int
    true_negative: int


class Confusion(Frozen):
    """Truth against prediction, one panel for each network."""

    kind: Literal["confusion"] = "confusion"
    networks: dict[str, Counts]


class Scores(Frozen):
    """Distribution of risks by true class, with the thresholds of the divisions."""

    kind: Literal["scores"] = "scores"
    benign: Floats
    malignant: Floats
    thresholds: Floats = ()


class StackedPanel(Frozen):
    """Counts of one part: a row per bar, a column per category."""

    title: str
    groups: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


class Stacked(Frozen):
    """Shares of categories within groups, part by part.

    Attributes:
        categories: from the bottom to the top of a bar.
        legend: says what they are.
        counted: what the axis shows.
        series: of each category its colour among those of series, where neighbours mean something.
    """

    kind: Literal["stacked"] = "stacked"
    panels: tuple[StackedPanel, ...]
    categories: tuple[str, ...]
    legend: str
    counted: str = "Share of images, %"
    series: tuple[int, ...] = ()


class RegionFeature(Frozen):
    """A shape feature of the highlighted region by true class."""

    title: str
    benign: Floats
    malignant: Floats
    p_corrected: float | None


class Regions(Frozen):
    """Shape features of highlighted regions."""

    kind: Literal["regions"] = "regions"
    features: tuple[RegionFeature, ...]


class DiceValues(Frozen):
    """Dice of every test of one network, and the share of the frame that each lesion covers."""

    name: str
    dice: Floats
    share: Floats = ()


class Dice(Frozen):
    """Dice of every test of each network; below `failed_below` an outline is a complete failure."""

    kind: Literal["dice"] = "dice"
    networks: tuple[DiceValues, ...]
    failed_below: float


class DiceBySize(Frozen):
    """Dice against the share of the frame that the lesion covers."""

    kind: Literal["dice-by-size"] = "dice-by-size"
    network: DiceValues


class HeatExample(Frozen):
    """An explained image: `pictures.npz` holds `<key>/pixels` and `<key>/heat`."""

    key: str
    label: str
    predicted: str
    risk: float
    deletion: float
    deletion_random: float


class HeatMaps(Frozen):
    """Images above their heat maps, all on one scale."""

    kind: Literal["heat-maps"] = "heat-maps"
    scale: float
    examples: tuple[HeatExample, ...]


class Mark(Frozen):
    """A frame over a picture (`box`), or the outline of a mask that `pictures.npz` holds (`mask`), and words on it."""

    colour: Literal["yellow", "red", "green", "turquoise"]
    box: Corners | None = None
    mask: str = ""
    text: str = ""


class GridPicture(Frozen):
    """One image of a grid.

    Attributes:
        picture: its name in `pictures.npz`: `(rows, columns)` or `(rows, columns, 3)`, uint8 or, with `scale`, floats.
        label: shown above; "benign" and "malignant" in their colours.
        letter: shown before the label, for example "A".
        lines: shown below; long lines are wrapped.
        marks: drawn over it.
        part: what is shown of it, in whole pixels; all where there is none.
        scale: values of a signed picture are drawn from -scale to scale, zero alike in all.
        colours: of a signed picture: from black to white, or from blue over black to orange.
        heading: begins a new row under these words.
    """

    picture: str
    label: str = ""
    letter: str = ""
    lines: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    part: tuple[int, int, int, int] | None = None
    scale: float | None = None
    colours: Literal["grey", "signed"] = "grey"
    heading: str = ""


class PictureGrid(Frozen):
    """Images side by side, at most `columns` in a row, each with what was said of it."""

    kind: Literal["picture-grid"] = "picture-grid"
    pictures: tuple[GridPicture, ...]
    columns: int = 4


class FlowStep(Frozen):
    """One box of a flow chart.

    Attributes:
        text, n: what is counted, and how many.
        excluded: reasons with their counts.
        aside: fate of those in `excluded`: left out, or for example used for training.
    """

    text: str
    n: int
    excluded: tuple[tuple[str, int], ...] = ()
    aside: str = "left out"


class Flow(Frozen):
    """Flow chart of a cohort into a study."""

    kind: Literal["flow"] = "flow"
    steps: tuple[FlowStep, ...]


Drawing = Annotated[
    Lines
    | Forest
    | Scatter
    | Calibration
    | MeasureBars
    | DivisionDots
    | Confusion
    | Scores
    | Stacked
    | Regions
    | Dice
    | DiceBySize
    | HeatMaps
    | PictureGrid
    | Flow
    | Diagram,
    Field(discriminator="kind"),
]
