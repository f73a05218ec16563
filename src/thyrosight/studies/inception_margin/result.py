"""What a study of crop margins found."""

from typing import Any, Literal

from pydantic import Field

from thyrosight.parts import Part
from thyrosight.studies.base import Measure, ResultBase, Summary
from thyrosight.studies.inception_margin.feature_errors import FeatureErrors
from thyrosight.studies.result import Comparison, Curve, NetworkResult


class Tried(Part):
    """One margin, input size and shape on the test part (of all divisions, pooled)."""

    margin: float
    size: int
    shape: str
    trained: str
    """With which margins the network was trained, in words."""
    main: bool
    validation_auc: float | None
    """Uncalibrated, mean over divisions: what a choice may rest on."""
    measures: dict[str, Measure]
    thresholds: list[float]
    roc: Curve
    against_main: list[Comparison] = Field(default_factory=list)
    """AUC and accuracy minus those of the main configuration, on the same images."""


class SizeGroup(Part):
    """Nodules of one size group, judged by the configuration chosen for them on their validation part."""

    name: str
    benign: int
    malignant: int
    validation_benign: int
    validation_malignant: int
    chosen: str
    chosen_on: str
    tried: int
    """Configurations to choose from."""
    measures: dict[str, Measure]
    roc: Curve | None
    main_measures: dict[str, Measure]
    """The main configuration with its own operating point on the same images."""


class Distribution(Part):
    """Images of one part by size group and TI-RADS category: one panel of Figure 1."""

    part: str
    images: int
    groups: list[str]
    categories: list[str]
    counts: list[list[int]]
    """Rows: size groups; columns: categories."""


class Balance(Part):
    """How alike training and test part are in one column."""

    column: str
    p: float | None
    method: str


class CropExample(Part):
    """A nodule whose crops are shown; `pictures.npz` holds the pixels."""

    key: str
    label: str
    box: tuple[int, int, int, int]
    square: tuple[int, int, int, int]
    rectangle: tuple[int, int, int, int]
    margins: list[float]


class ExternalResult(Part):
    """The main network on a cohort it never saw, with the operating point chosen within its own."""

    name: str
    label_sources: list[str]
    images: int
    benign: int
    malignant: int
    groups: int
    split_kind: str
    without_box: int
    excluded: list[tuple[str, int]]
    measures: dict[str, Measure]
    roc: Curve | None
    note: str = ""


class InceptionMarginResult(ResultBase):
    """A finished study of crop margins. Parts that could not be had are None or empty, and `unfinished` says why."""

    kind: Literal["inception-margin"] = "inception-margin"
    main: NetworkResult
    main_margin: float
    main_size: int
    margin_unit: str
    margins: list[Tried]
    sizes: list[Tried]
    shapes: list[Tried]
    choice: str
    """Which margin and input size the validation part speaks for."""
    size_groups: list[SizeGroup]
    distribution: list[Distribution]
    balance: list[Balance]
    features: FeatureErrors | None
    features_of: str
    examples: list[CropExample]
    external: list[ExternalResult]
    trials: list[dict[str, Any]]
    engine: str

    def summary(self) -> Summary:
        """Table 1 for the terminal."""
        shown = {"accuracy": "accuracy", "recall": "sensitivity", "specificity": "specificity", "auc": "AUC"}
        rows = []
        for item in [*self.margins, *(tried for tried in self.sizes if not tried.main)]:
            cells = [item.measures[name] for name in shown]
            texts = ["-" if c.value is None else f"{c.value:.2f} ({_limits(c)})" for c in cells]
            rows.append([f"{item.margin:g} {self.margin_unit}", f"{item.size}", *texts])
        return Summary(head=["margin", "input", *shown.values()], rows=rows, note="test part, 95 % intervals")


def _limits(measure: Measure) -> str:
    return "-" if measure.low is None or measure.high is None else f"{measure.low:.2f}-{measure.high:.2f}"
