"""What a study of outlines and classes found."""

from typing import Any, Literal

from pydantic import Field

from thyrosight.parts import Part
from thyrosight.studies.base import Measure, ResultBase, Summary
from thyrosight.studies.result import Comparison, EpochPoint, MeanMeasure, NetworkResult
from thyrosight.studies.ynet.baseline import BaselineLine, NeckLevel

TABLE_3 = {
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "accuracy": "Accuracy",
    "ppv": "PPV",
    "npv": "NPV",
    "positive_likelihood_ratio": "+LR",
    "negative_likelihood_ratio": "−LR",  # noqa: RUF001 (a minus sign)
}
"""The measures of the paper's Table 3 in its order, with their printed names. The positive class is malignant."""


class Spread(Part):
    """How a quantity is distributed over images."""

    n: int
    low: float | None
    quartile_1: float | None
    median: float | None
    quartile_3: float | None
    high: float | None


class OutlineResult(Part):
    """How well one network outlines the test images, over all divisions; measured in the frames."""

    tests: int
    """Images times divisions that tested them."""
    images: int
    groups: int
    dice_mean: Measure
    dice_median: Measure
    dice_spread_over_divisions: float | None
    """Standard deviation of the mean Dice over the divisions."""
    dice: Spread
    iou: Spread
    hd95_pixels: Spread
    """Of images in which both masks mark something."""
    hd95_mm: Spread
    """Of those whose pixel spacing is known besides."""
    failed_below: float
    failed: Measure
    """Share of tests with a Dice below `failed_below`."""
    found_nothing: int
    """Tests with a lesion in which nothing was marked."""
    marked_nothing_there: int
    """Tests without a lesion in which something was marked."""
    without_lesion: int
    points: list[tuple[float, float]]
    """Dice, and the share of the frame that the lesion covers, of each test."""


class TaskResult(Part):
    """One network of the study, trained for one task."""

    key: str
    architecture: str
    task: Literal["joint", "classification", "segmentation"]
    title: str
    role: Literal["main", "comparator"]
    start: str
    parameters: int
    training: dict[str, Any]
    divisions: int
    seconds: float
    history: list[EpochPoint]
    dice_history: list[float]
    """Mean Dice of the validation images by epoch, averaged over the divisions that reached it."""
    classes: NetworkResult | None
    """None where no classes are learnt."""
    pooled: dict[str, Measure] = Field(default_factory=dict)
    """AUC and the measures of Table 3 over all test predictions together."""
    means: dict[str, MeanMeasure] = Field(default_factory=dict)
    """The same as means over the divisions."""
    outlines: OutlineResult | None
    """None where no outlines are learnt."""
    against_main: list[Comparison] = Field(default_factory=list)
    """AUC and mean Dice minus those of the main network, on the same images."""


class TaskEffect(Part):
    """What learning both tasks does to one of them: the joint network minus the one that learns it alone."""

    architecture: str
    title: str
    task: Literal["classification", "segmentation"]
    measure: str
    joint: float
    alone: float
    difference: float
    low: float
    high: float
    p: float
    method: str
    verdict: Literal["helps", "hurts", "cannot be told"]
    sentence: str


class ReportComparison(Part):
    """A network against the original report on the same test images (network minus report)."""

    network: str
    quantity: str
    of_network: float
    of_report: float
    difference: float
    low: float
    high: float
    p: float | None
    p_corrected: float | None
    method: str
    n: int


class ReportReader(Part):
    """The original report as a reader, by keywords."""

    column: str
    dictionary: str
    images: int
    """Test images, each counted once however many divisions tested it."""
    readings: dict[str, int]
    decided: dict[str, Measure]
    """The measures of Table 3 over the reports that decide."""
    undecided_wrong: dict[str, Measure]
    """The same with every undecided report counted as a wrong call."""
    undecided_right: dict[str, Measure]
    """And as a right call: the truth lies between."""
    comparisons: list[ReportComparison]


class OutlineExample(Part):
    """A test image whose outline is shown; `pictures.npz` holds `<key>/pixels`, `<key>/truth` and `<key>/found`."""

    kind: Literal["good", "middling", "failed"]
    key: str
    group: str
    label: str
    division: str
    dice: float
    risk: float | None
    predicted: str | None


class YNetResult(ResultBase):
    """A finished study of outlines and classes. What could not be had is None or empty, and `unfinished` says why."""

    kind: Literal["ynet-lymph-node"] = "ynet-lymph-node"
    networks: list[TaskResult]
    each_tested_once: bool
    """Whether every image was tested by one division at most; otherwise means over divisions are what tables show."""
    rule: str
    """In words how divisions are summed up."""
    effects: list[TaskEffect]
    report: ReportReader | None
    baseline: list[BaselineLine]
    levels: list[NeckLevel]
    examples: list[OutlineExample]
    examples_of: str
    trials: list[dict[str, Any]]
    engine: str

    @property
    def main(self) -> TaskResult:
        """The network that the study is about."""
        return next(network for network in self.networks if network.role == "main")

    def table(self, network: TaskResult) -> "dict[str, Measure | MeanMeasure]":
        """AUC and Table 3 as they are to be shown: pooled where each image was tested once, else means."""
        return dict(network.pooled if self.each_tested_once else network.means)

    def summary(self) -> Summary:
        """Dice, AUC, sensitivity and specificity of each network for the terminal."""
        rows = []
        for network in self.networks:
            found, drawn = self.table(network), network.outlines
            median = "-" if drawn is None or drawn.dice.median is None else f"{drawn.dice.median:.3f}"
            cells = [_cell(drawn.dice_mean) if drawn else "-", median]
            cells += [_cell(found[name]) if found else "-" for name in ("auc", "sensitivity", "specificity")]
            rows.append([network.title, *cells])
        head = ["network", "mean Dice", "median", "AUC", "sensitivity", "specificity"]
        note = f"test part, 95 % intervals; {self.rule}"
        return Summary(head=head, rows=rows, note=note)


def _cell(measure: Measure | MeanMeasure) -> str:
    if measure.value is None:
        return "-"
    limits = "" if measure.low is None or measure.high is None else f"\n({measure.low:.2f}-{measure.high:.2f})"
    return f"{measure.value:.2f}{limits}"
