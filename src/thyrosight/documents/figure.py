"""Figures as data: what is drawn, with its numbers. Pictures are named by their key in the study's `pictures.npz`."""

from typing import Annotated, Literal

from pydantic import Field

from thyrosight.documents.measure import Frozen, Measure

Floats = tuple[float, ...]


class NamedCurve(Frozen):
    """A curve with its name in the legend; `low` and `high` draw a band. All lists have one length."""

    name: str
    x: Floats
    y: Floats
    low: Floats | None = None
    high: Floats | None = None


class RocCurves(Frozen):
    """ROC curves: x is 1 - specificity, y sensitivity; the band of the first is drawn."""

    kind: Literal["roc"] = "roc"
    curves: tuple[NamedCurve, ...]


class PrecisionRecall(Frozen):
    """Precision (y) against recall (x); `prevalence` is the precision of calling every image malignant."""

    kind: Literal["precision-recall"] = "precision-recall"
    curves: tuple[NamedCurve, ...]
    prevalence: float


class CalibrationBin(Frozen):
    """Mean predicted risk of a bin against the observed share of malignant cases with its interval."""

    predicted: float
    observed: float
    low: float
    high: float
    n: int


class Calibration(Frozen):
    """Predicted against observed risk; `x_label` names the axis of predictions."""

    kind: Literal["calibration"] = "calibration"
    name: str
    bins: tuple[CalibrationBin, ...]
    brier: float | None = None
    expected_calibration_error: float | None = None
    x_label: str = "Calibrated risk of malignancy (mean of bin)"


class MeasureBars(Frozen):
    """Measures of networks side by side with their intervals; `chance` is the value of a guess."""

    kind: Literal["measures"] = "measures"
    measures: tuple[str, ...]
    networks: dict[str, tuple[Measure | None, ...]]
    chance: float = 0.5


class DivisionDots(Frozen):
    """One measure of each network on each division."""

    kind: Literal["divisions"] = "divisions"
    measure: str
    networks: dict[str, tuple[float | None, ...]]


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
    thresholds: Floats


class EpochMean(Frozen):
    """Training history of one epoch: means and standard deviations over divisions."""

    epoch: int
    train_loss: float
    train_loss_spread: float
    validation_loss: float
    validation_loss_spread: float
    validation_auc: float | None
    validation_auc_spread: float | None


class Training(Frozen):
    """Training curves of each network."""

    kind: Literal["training"] = "training"
    networks: dict[str, tuple[EpochMean, ...]]


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


class ErrorExample(Frozen):
    """A wrongly judged image: `pictures.npz` holds `<key>/pixels`."""

    key: str
    label: str
    risk: float


class Errors(Frozen):
    """The images that were judged most wrongly."""

    kind: Literal["errors"] = "errors"
    examples: tuple[ErrorExample, ...]


class GridPicture(Frozen):
    """One image of a grid.

    Attributes:
        picture: its name in `pictures.npz`: uint8 `(rows, columns)` grey or `(rows, columns, 3)`.
        label: "benign" or "malignant", shown above in its colour.
        lines: shown below; long lines are wrapped.
        box: (left, top, right, bottom) in pixels of the image, drawn as a frame.
        letter: shown before the label, for example "A".
    """

    picture: str
    label: str
    lines: tuple[str, ...] = ()
    box: tuple[float, float, float, float] | None = None
    letter: str = ""


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


class DiceHistory(Frozen):
    """Mean Dice of the validation images by epoch; the first value is that of epoch 1."""

    kind: Literal["dice-history"] = "dice-history"
    networks: dict[str, Floats]


class OutlineExample(Frozen):
    """An image with two outlines: `pictures.npz` holds `<key>/pixels`, `<key>/truth` and `<key>/found`.

    Attributes:
        key, label: of the image.
        group: heading under which it stands.
        text: the result in words.
    """

    key: str
    label: str
    group: str
    text: str


class Outlines(Frozen):
    """Images with the reader's outline and the network's; those of a group stand together."""

    kind: Literal["outlines"] = "outlines"
    examples: tuple[OutlineExample, ...]


class DepthCurve(Frozen):
    """One kind of input over the number of frozen layers.

    Attributes:
        name: of the input.
        depths: frozen layers, rising.
        measures: per measure the estimate at each depth.
        shares: how often each depth was the best, from 0 to 1.
        chosen: the depth that was chosen.
    """

    name: str
    depths: tuple[int, ...]
    measures: tuple[tuple[Measure, ...], ...]
    shares: Floats
    chosen: int


class FreezeDepth(Frozen):
    """Measures against the number of frozen layers, and how often each number was the best."""

    kind: Literal["freeze-depth"] = "freeze-depth"
    measures: tuple[str, ...]
    curves: tuple[DepthCurve, ...]


class FeatureProjection(Frozen):
    """A unit of a layer projected to pixels: `pictures.npz` holds `<key>/pixels`, `/deconvolution` and `/attribution`.

    Attributes:
        key: its name there.
        layer, map: of the unit, counted from 1 and from 0.
        activation: of the unit.
        window: its receptive field in the image (left, top, right, bottom).
    """

    key: str
    layer: int
    map: int
    activation: float
    window: tuple[int, int, int, int]


class FeatureProjections(Frozen):
    """The strongest responses of layers, projected to pixels."""

    kind: Literal["feature-projections"] = "feature-projections"
    projections: tuple[FeatureProjection, ...]


class CropView(Frozen):
    """A nodule's box in its frame and the window of a crop, above the crop as resized.

    Attributes:
        title: of the pair.
        frame, crop: names of their pixels in `pictures.npz`.
        box, window: in pixels of the frame (left, top, right, bottom); the window may reach outside.
    """

    title: str
    frame: str
    crop: str
    box: tuple[float, float, float, float]
    window: tuple[float, float, float, float]


class CropWindows(Frozen):
    """Where crops lie in their frame, and what becomes of them; at most four views."""

    kind: Literal["crop-windows"] = "crop-windows"
    views: tuple[CropView, ...]


class StackedPanel(Frozen):
    """Counts of one part: a row per bar, a column per category."""

    title: str
    groups: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


class Stacked(Frozen):
    """Shares of categories within groups, part by part; `legend` says what the categories are."""

    kind: Literal["stacked"] = "stacked"
    panels: tuple[StackedPanel, ...]
    categories: tuple[str, ...]
    legend: str


Drawing = Annotated[
    RocCurves
    | PrecisionRecall
    | Calibration
    | MeasureBars
    | DivisionDots
    | Confusion
    | Scores
    | Training
    | HeatMaps
    | Regions
    | Errors
    | Flow
    | Dice
    | DiceBySize
    | DiceHistory
    | Outlines
    | PictureGrid
    | FreezeDepth
    | FeatureProjections
    | CropWindows
    | Stacked,
    Field(discriminator="kind"),
]


class Figure(Frozen):
    """A figure of a page.

    Attributes:
        name: for the file when figures are saved one by one.
        caption: printed below; the page numbers it and adds its source.
        drawing: the data.
        wide: takes the whole width of the page.
        source: label source, split and size, where they are not those of the whole document.
    """

    block: Literal["figure"] = "figure"
    name: str
    caption: str
    drawing: Drawing
    wide: bool = False
    source: str | None = None
