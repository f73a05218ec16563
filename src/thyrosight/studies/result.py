"""What a study found: one validated object, written as `results.json` and read by every report."""

from typing import Literal

from thyrosight.parts import Part
from thyrosight.studies.base import FlowStep, Measure, ModelCard, ResultBase, Summary

__all__ = ["MEASURES", "FlowStep", "Measure", "ModelCard", "StudyResult"]

MEASURES = {
    "auc": "AUC",
    "balanced_accuracy": "Balanced accuracy",
    "accuracy": "Accuracy",
    "recall": "Recall (sensitivity)",
    "specificity": "Specificity",
    "precision": "Precision (PPV)",
    "f1": "F1",
}
"""The measures of a study in the order of its tables, with their printed names. The positive class is malignant."""


class MeanMeasure(Part):
    """A measure averaged over divisions: the spread tells of the divisions, the interval of the cases."""

    value: float | None
    low: float | None
    high: float | None
    spread: float | None
    """Standard deviation over the divisions; None with a single division."""
    divisions: int
    method: str
    confidence: float = 0.95


class Curve(Part):
    """A curve with an optional band; all lists have one length."""

    x: list[float]
    y: list[float]
    low: list[float] | None = None
    high: list[float] | None = None
    method: str


class ReliabilityBin(Part):
    """Predicted against observed risk in one bin of the calibration plot."""

    predicted: float
    observed: float
    low: float
    high: float
    n: int


class Reliability(Part):
    """Calibration of the pooled test predictions."""

    bins: list[ReliabilityBin]
    brier: float
    expected_calibration_error: float
    method: str


class Confusion(Part):
    """Counts of pooled test predictions at the operating points of their divisions."""

    true_positive: int
    false_negative: int
    false_positive: int
    true_negative: int


class EpochPoint(Part):
    """Training history of one epoch, averaged over the divisions that reached it."""

    epoch: int
    divisions: int
    train_loss: float
    validation_loss: float
    validation_auc: float | None
    train_loss_spread: float
    validation_loss_spread: float
    validation_auc_spread: float | None


class DivisionResult(Part):
    """What one network did on one division."""

    name: str
    train: int
    validation: int
    test: int
    test_malignant: int
    epochs: int
    best_epoch: int
    threshold: float
    threshold_rule: str
    measures: dict[str, Measure]


class Comparison(Part):
    """Difference of a comparator to the main network (comparator minus main), averaged over the same divisions."""

    measure: str
    difference: float
    low: float
    high: float
    p: float
    p_corrected: float
    method: str


class NetworkResult(Part):
    """Everything measured for one network."""

    architecture: str
    title: str
    role: Literal["main", "comparator"]
    start: str
    """Where the initial weights came from, in words."""
    parameters: int
    mean: dict[str, MeanMeasure]
    pooled: dict[str, Measure]
    divisions: list[DivisionResult]
    confusion: Confusion
    roc: Curve
    precision_recall: Curve
    reliability: Reliability
    score_benign: list[float]
    score_malignant: list[float]
    history: list[EpochPoint]
    against_main: Comparison | None = None
    seconds: float
    """Time spent in training and testing, summed over the divisions."""


class Example(Part):
    """One explained image; `explanations.npz` holds its pixels as `<key>/pixels` and its map as `<key>/heat`."""

    key: str
    group: str
    label: str
    risk: float
    predicted: str
    division: str
    deletion: float
    """Area under the curve of the malignancy probability while the hottest pixels are deleted first."""
    deletion_random: float
    """The same with pixels deleted in random order; lower than random is better for a malignant prediction."""


class RegionComparison(Part):
    """One shape feature of the highlighted region, compared between the classes."""

    feature: str
    title: str
    benign_median: float | None
    malignant_median: float | None
    benign: list[float]
    malignant: list[float]
    p: float | None
    p_corrected: float | None
    method: str


class Explanations(Part):
    """Heat maps of the main network on test images of one division."""

    network: str
    division: str
    method: str
    scale: float
    """The heat value that is drawn as full strength in every map of the study."""
    scale_rule: str
    examples: list[Example]
    regions: list[RegionComparison]
    regions_note: str
    deletion: Measure | None
    """Mean difference of the deletion score to random order; negative: the maps are faithful."""
    explained: int


class ErrorCase(Part):
    """A test image on which the main network was most wrong; `explanations.npz` holds its pixels."""

    key: str
    group: str
    label: str
    risk: float
    division: str


class StudyResult(ResultBase):
    """A finished comparison. `unfinished` lists what could not be done, and why: it is printed first, never hidden."""

    kind: Literal["comparison"] = "comparison"
    networks: list[NetworkResult]
    explanations: Explanations | None
    errors: list[ErrorCase]

    @property
    def main(self) -> NetworkResult:
        """The network that the study is about."""
        return next(network for network in self.networks if network.role == "main")

    def summary(self) -> Summary:
        """The mean measures of each network."""
        shown = {"auc": "AUC", "balanced_accuracy": "balanced acc.", "recall": "recall", "specificity": "specificity"}
        rows = []
        for network in self.networks:
            cells = [network.mean[name] for name in shown]
            texts = ["-" if c.value is None else f"{c.value:.2f} ({c.low:.2f}-{c.high:.2f})" for c in cells]
            rows.append([network.title, *texts])
        return Summary(["network", *shown.values()], rows, "mean over the divisions, 95 % interval")
