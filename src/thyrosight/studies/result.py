"""What a study found: one validated object, written as `results.json` and read by every report."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from thyrosight.statistics import Estimate

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


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Measure(_Part):
    """An estimate in a form that JSON can hold: None stands for a quantity that the data do not define."""

    value: float | None
    low: float | None
    high: float | None
    se: float | None
    method: str
    n: int
    clusters: int | None = None
    confidence: float = 0.95

    @classmethod
    def of(cls, estimate: Estimate) -> "Measure":
        """Take over an estimate of `thyrosight.statistics`."""
        return cls(**estimate.to_dict())


class MeanMeasure(_Part):
    """A measure averaged over divisions: the spread tells of the divisions, the interval of the cases."""

    value: float | None
    low: float | None
    high: float | None
    spread: float | None
    """Standard deviation over the divisions; None with a single division."""
    divisions: int
    method: str
    confidence: float = 0.95


class Curve(_Part):
    """A curve with an optional band; all lists have one length."""

    x: list[float]
    y: list[float]
    low: list[float] | None = None
    high: list[float] | None = None
    method: str


class ReliabilityBin(_Part):
    """Predicted against observed risk in one bin of the calibration plot."""

    predicted: float
    observed: float
    low: float
    high: float
    n: int


class Reliability(_Part):
    """Calibration of the pooled test predictions."""

    bins: list[ReliabilityBin]
    brier: float
    expected_calibration_error: float
    method: str


class Confusion(_Part):
    """Counts of pooled test predictions at the operating points of their divisions."""

    true_positive: int
    false_negative: int
    false_positive: int
    true_negative: int


class EpochPoint(_Part):
    """Training history of one epoch, averaged over the divisions that reached it."""

    epoch: int
    divisions: int
    train_loss: float
    validation_loss: float
    validation_auc: float | None
    train_loss_spread: float
    validation_loss_spread: float
    validation_auc_spread: float | None


class DivisionResult(_Part):
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


class Comparison(_Part):
    """Difference of a comparator to the main network (comparator minus main), averaged over the same divisions."""

    measure: str
    difference: float
    low: float
    high: float
    p: float
    p_corrected: float
    method: str


class NetworkResult(_Part):
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


class Example(_Part):
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


class RegionComparison(_Part):
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


class Explanations(_Part):
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


class ErrorCase(_Part):
    """A test image on which the main network was most wrong; `explanations.npz` holds its pixels."""

    key: str
    group: str
    label: str
    risk: float
    division: str


class FlowStep(_Part):
    """One box of the flow chart of exclusions."""

    text: str
    n: int
    excluded: list[tuple[str, int]]


class ModelCard(_Part):
    """The bundle that the study left."""

    folder: str
    hash: str
    division: str
    threshold: float
    calibration: str


class StudyResult(_Part):
    """A finished study. `unfinished` lists what could not be done, and why: it is printed first, never hidden."""

    format: int = 1
    recipe: str
    title: str
    paper: str
    created: str
    command: str
    seed: int
    label_sources: list[str]
    label_policy: str
    split_kind: str
    split_method: str
    cohort: dict[str, Any]
    cohort_digest: str
    split_digest: str
    images: int
    groups: int
    patients: int | None
    benign: int
    malignant: int
    flow: list[FlowStep]
    networks: list[NetworkResult]
    explanations: Explanations | None
    errors: list[ErrorCase]
    model: ModelCard | None
    limitations: list[str]
    unfinished: list[str]
    recipe_yaml: str
    software: dict[str, str]

    @property
    def main(self) -> NetworkResult:
        """The network that the study is about."""
        return next(network for network in self.networks if network.role == "main")

    @property
    def source_sentence(self) -> str:
        """Label source, split and size in one sentence, for every figure and table.

        For example "labels: TI-RADS; patient-level split; 595 images in 344 groups".
        """
        sources = " and ".join(self.label_sources)
        return f"labels: {sources}; {self.split_kind} split; {self.images} images in {self.groups} groups"
