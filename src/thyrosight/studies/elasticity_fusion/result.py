"""What a study of fusion found."""

from typing import Any, Literal

from pydantic import Field

from thyrosight.parts import Part
from thyrosight.studies.base import ResultBase, Summary
from thyrosight.studies.elasticity_fusion.recipe import Head, Input
from thyrosight.studies.result import Comparison, Curve, MeanMeasure, NetworkResult

NO_ELASTOGRAPHY = "second view of the same image, no elastography"
"""Said in the title and in every caption of a study whose second image is no elastogram."""


class PairComparison(Comparison):
    """A difference of one row to another over the same networks' divisions (this row minus `to`)."""

    to: str
    """Name of the other row."""
    family: str
    """The tests that were corrected together."""


class Row(Part):
    """One network, trained once per fold and tested on the held-out patients."""

    name: str
    """As its trials are called, without the division."""
    title: str
    input: Input
    head: Head
    architecture: str
    depth: int
    """Convolution layers that were frozen."""
    start: str
    """Where its first weights came from, in words."""
    parameters: int
    trained_parameters: int
    """Those that were not frozen."""
    main: bool = False
    mean: dict[str, MeanMeasure]
    """On the test part: mean over the folds' networks, with the standard deviation between them."""
    validation_auc: MeanMeasure
    """Mean over the validation folds, uncalibrated: what choices rest on."""
    per_nodule: dict[str, MeanMeasure]
    """On the test part with the risks of a nodule's (else a patient's) images averaged."""
    against: list[PairComparison] = Field(default_factory=list)
    epochs: list[int]
    """Trained in each division."""
    seconds: float
    """Of training, summed over the divisions."""
    images_per_second: float | None
    """Median over the divisions."""
    cached: list[str]
    """Distinct words on whether the output of frozen layers was kept."""


class HiddenRow(Part):
    """A method tested with one image of each pair hidden; calibration and operating point are those of whole pairs."""

    name: str
    title: str
    hidden: str
    """Which image was hidden."""
    mean: dict[str, MeanMeasure]
    against: list[PairComparison]
    """Minus the same networks with both images."""


class BestDepth(Part):
    """The depth that the validation folds speak for, and how sure that is."""

    input: Input
    depth: int
    validation_auc: float
    share_of_draws: dict[str, float]
    """Per depth: share of bootstrap draws of the validation patients in which it was the best."""
    likely: list[int]
    """The fewest depths that hold 95 % of the draws, in rising order."""
    best_in_folds: dict[str, int]
    """Per depth: validation folds in which it was the best (ties count for the smallest depth)."""
    draws: int
    against: list[PairComparison]
    """AUC and accuracy on the test part minus those without freezing and with the most layers frozen."""


class PartCount(Part):
    """A row of Table IV."""

    part: str
    patients: int | None
    """None where the patients are not known."""
    images: int
    malignant_patients: int | None
    malignant_images: int
    benign_patients: int | None
    benign_images: int


class CostRow(Part):
    """What the same training costs with and without cached activations."""

    name: str
    cached: str
    """In words: kept, or why not."""
    epochs: int
    seconds: float
    """Of the whole trial's training, making the cache included."""
    seconds_per_epoch: float
    """The last epoch's."""
    images_per_second: float


class Cost(Part):
    """What caching frozen layers saves."""

    depth: int
    title: str
    rows: list[CostRow]
    largest_difference: float | None
    """Between the probabilities that the two networks give the test images."""
    sentence: str


class CallExample(Part):
    """A test image with what the main method's network of one division said; `pictures.npz` holds its pixels."""

    key: str
    label: str
    call: Literal["true positive", "true negative", "false negative", "false positive"]
    risk: float


class Projection(Part):
    """A layer's strongest response, projected to pixels; `pictures.npz` holds `projection/<place in the list>/...`."""

    key: str
    label: str
    image: Literal["first", "second"]
    """Whether the network's layers for the B-mode image or for the second image are shown."""
    layer: int
    layer_name: str
    map: int
    row: int
    column: int
    activation: float
    blurred_activation: float
    gap: float
    window: tuple[int, int, int, int]


class ElasticityFusionResult(ResultBase):
    """A finished study of fusion. Parts that could not be had are None or empty, and `unfinished` says why."""

    kind: Literal["elasticity-fusion"] = "elasticity-fusion"
    second_source: Literal["elastogram", "image"]
    second_name: str
    network_title: str
    pairs: int
    """Images with a second one."""
    plain: dict[str, list[Row]]
    """Per input: Tables I and II."""
    depths: dict[str, list[Row]]
    """Per input: Tables III and V."""
    best: list[BestDepth]
    chosen: dict[str, int]
    """Per input: the depth of the methods."""
    choice: str
    """How the depths of the methods came about."""
    methods: list[Row]
    hidden: list[HiddenRow]
    main: NetworkResult
    main_name: str
    roc: dict[str, Curve]
    """Per input: the curve of its method with the main head."""
    parts: list[PartCount]
    cost: Cost | None
    calls: list[CallExample]
    calls_division: str
    projections: list[Projection]
    projection_note: str
    trials: list[dict[str, Any]]
    engine: str

    @property
    def source_sentence(self) -> str:
        """Label source, split and size; where the second image is no elastogram, that is said first."""
        words = super().source_sentence
        return words if self.second_source == "elastogram" else f"{NO_ELASTOGRAPHY}; {words}"

    @property
    def main_row(self) -> Row:
        """The row of the method that the study is about."""
        return next(row for row in self.methods if row.main)

    def summary(self) -> Summary:
        """Table VI for the terminal."""
        shown = {"accuracy": "accuracy", "recall": "sensitivity", "specificity": "specificity", "auc": "AUC"}
        rows = [[row.title, *(_cell(row.mean[name]) for name in shown)] for row in self.methods]
        return Summary(
            ["method", *shown.values()], rows, "mean over the folds' networks on the test part, 95 % interval"
        )


def _cell(item: MeanMeasure) -> str:
    if item.value is None:
        return "-"
    return f"{item.value:.2f}" if item.low is None else f"{item.value:.2f} ({item.low:.2f}-{item.high:.2f})"
