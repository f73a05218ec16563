"""What a micronodule study found: per test set the paper's tables for all nodules and for each subgroup."""

from typing import Literal

from pydantic import Field

from thyrosight.parts import Part
from thyrosight.studies.base import FlowStep, Measure, ResultBase, Summary
from thyrosight.studies.result import Confusion, Curve, EpochPoint, Reliability

QUANTITIES = {
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "accuracy": "Accuracy",
    "ppv": "PPV",
    "npv": "NPV",
    "auc": "AUC",
}
"""The measures of the diagnostic tables in the paper's order, with their printed names."""


class ClassSummary(Part):
    """One characteristic in one class: a mean with standard deviation, or a number with its share of the class."""

    n: int
    mean: float | None = None
    sd: float | None = None
    share: float | None = None


class Characteristic(Part):
    """One line of the table of characteristics (Table 1 of the paper)."""

    name: str
    level: str = ""
    """The level of a characteristic that has levels; empty for a mean and for the head of levels."""
    malignant: ClassSummary | None = None
    benign: ClassSummary | None = None
    rate: Measure | None = None
    """Share malignant among the nodules of this level."""
    p: float | None = None
    method: str = ""


class SizeLine(Part):
    """One characteristic of smaller against larger nodules among those tested (Supplement 2 of the paper)."""

    name: str
    level: str = ""
    small: ClassSummary | None = None
    large: ClassSummary | None = None
    p: float | None = None
    method: str = ""


class Diagnosis(Part):
    """What one rater (network or reader) calls malignant at a cut-off, and how well that goes."""

    rater: str
    threshold: float
    threshold_text: str
    """The cut-off in words, for example "category 5 or higher"."""
    chosen_on: str
    counts: Confusion
    measures: dict[str, Measure]
    """By the names in `QUANTITIES`; the AUC is of the score itself."""
    corrected: dict[str, Measure] = Field(default_factory=dict)
    """Sensitivity and specificity less the optimism of choosing the cut-off on the same nodules."""
    n: int


class Difference(Part):
    """The network's measure minus the reader's on the same nodules."""

    quantity: str
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    method: str


class ReaderTable(Part):
    """The network against one reader on the nodules that the reader judged (Table 2 of the paper)."""

    reader: str
    system: str
    n: int
    skipped: int
    network: Diagnosis | None
    radiologist: Diagnosis
    differences: list[Difference]
    notes: list[str]


class CategoryLine(Part):
    """One category: malignant nodules of all in it."""

    name: str
    malignant: int
    total: int
    rate: Measure


class CategorySystem(Part):
    """How well one system of categories sorts nodules (Tables 1 and 3 of the paper)."""

    name: str
    lines: list[CategoryLine]
    linear_trend: float | None
    likelihood_ratio: float | None
    aic: float | None
    n: int
    note: str = ""


class CategoryDifference(Part):
    """Akaike information criterion of one system minus that of another on the same nodules; negative: `a` is better."""

    a: str
    b: str
    difference: Measure
    p: float | None
    method: str
    n: int


class Analysis(Part):
    """The tables of one set of nodules: all that were tested, or a subgroup by size."""

    name: str
    n: int
    groups: int
    benign: int
    malignant: int
    characteristics: list[Characteristic]
    network: Diagnosis | None
    """The network alone at the cut-off redefined on these nodules."""
    readers: list[ReaderTable]
    categories: list[CategorySystem]
    category_differences: list[CategoryDifference]
    missing: list[str]
    """What could not be computed, and why."""


class NetworkOnSet(Part):
    """One network on one set of nodules, at the operating point chosen on the validation part (Supplement 1)."""

    architecture: str
    title: str
    measures: dict[str, Measure]
    counts: Confusion
    against_main: Difference | None = None
    """AUC of the main network minus this one's."""


class ReaderMean(Part):
    """The mean of several readers against the network, over the nodules that all of them judged."""

    readers: list[str]
    n: int
    mean: Measure
    network: Measure
    difference: Measure
    p: float | None
    method: str


class TestSet(Part):
    """Nodules that were tested: within the cohort, or an external set."""

    __test__ = False  # not a test of pytest

    name: str
    external: bool
    label_sources: list[str]
    split_kind: str
    images: int
    groups: int
    benign: int
    malignant: int
    flow: list[FlowStep]
    networks: list[NetworkOnSet]
    roc: dict[str, Curve]
    """ROC curves by rater; the first is the main network's."""
    score_benign: list[float]
    score_malignant: list[float]
    """Calibrated risks that the main network gave, by true class."""
    reliability: Reliability | None
    uncalibrated: Reliability | None
    analysis: Analysis
    subgroups: list[Analysis]
    by_size: list[SizeLine]
    """Smaller against larger nodules; empty where there are not both."""
    reader_mean: ReaderMean | None
    notes: list[str]

    @property
    def source_sentence(self) -> str:
        """Label source, kind of split and numbers, for every figure and table."""
        sources = " and ".join(self.label_sources)
        where = "external set" if self.external else f"{self.split_kind} split"
        return (
            f"labels: {sources}; {where}; {self.images} nodules of {self.name} ({self.benign} benign, "
            f"{self.malignant} malignant) in {self.groups} groups"
        )


class TrainedNetwork(Part):
    """A network of the study."""

    architecture: str
    title: str
    role: Literal["main", "comparator"]
    start: str
    parameters: int
    seconds: float
    train: int
    mirrored: int
    """Mirrored copies that were added to balance the classes."""
    validation: int
    threshold: float
    best_epoch: int
    history: list[EpochPoint]
    validated: dict[str, Measure]
    """Measures on the validation part, on which calibration and threshold were chosen: optimistic."""


class Picture(Part):
    """A nodule that is shown; `pictures.npz` holds its frame as `<key>/pixels`."""

    key: str
    label: str
    label_source: str
    size_mm: float | None
    box: tuple[float, float, float, float] | None
    """The square that the network saw, in pixels of the stored frame."""
    probability: float | None
    risk: float | None
    category: str | None
    readers: dict[str, str]
    why: str


class MicronoduleResult(ResultBase):
    """A finished micronodule study."""

    kind: Literal["micronodule"] = "micronodule"
    size_rule: str
    reference: str
    readers_note: list[str]
    categories_rule: str
    networks: list[TrainedNetwork]
    sets: list[TestSet]
    """The set within the cohort first, where it has one, then the external ones."""
    examples: list[Picture]
    worst: list[Picture]

    @property
    def main(self) -> TrainedNetwork | None:
        """The network that the study is about; None where none could be trained."""
        return next((network for network in self.networks if network.role == "main"), None)

    def summary(self) -> Summary:
        """AUC of network and readers on each set, and the network's operating point."""
        rows = []
        for found in self.sets:
            for network in found.networks:
                cells = [network.measures[name] for name in ("auc", "sensitivity", "specificity")]
                rows.append([found.name, network.title, *map(_text, cells)])
            for table in found.analysis.readers:
                cells = [table.radiologist.measures[name] for name in ("auc", "sensitivity", "specificity")]
                rows.append([found.name, table.reader, *map(_text, cells)])
        note = "95 % intervals; networks at the operating point of the validation part, readers at Youden's"
        return Summary(["set", "rater", "AUC", "sensitivity", "specificity"], rows, note)


def _text(item: Measure) -> str:
    if item.value is None:
        return "-"
    if item.low is None or item.high is None:
        return f"{item.value:.2f}"
    return f"{item.value:.2f} ({item.low:.2f}-{item.high:.2f})"
