"""A bundle: a network with everything needed to use it, and where it came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from thyrosight.errors import StatisticsError
from thyrosight.files import sha256_of_json
from thyrosight.imaging import PairPreparation, Preparation
from thyrosight.inference.familiarity import Familiarity
from thyrosight.inference.session import Session
from thyrosight.inference.views import SINGLE, Views
from thyrosight.networks.registry import architectures
from thyrosight.networks.spec import ModelSpec
from thyrosight.networks.timm_names import is_of_timm, timm_title
from thyrosight.statistics import Calibrator, calibrator_from_dict, rule_in_words

FORMAT_VERSION = 1
NOT_CALIBRATED = "none"
"""The calibration of a model whose risks are the network's own."""
RESEARCH_USE = "For research use only. Not a medical device; not for diagnosis."
UNHASHED = ("bundle_sha256", "created")
"""Entries of `bundle.json` outside its hash: itself, and the date, so that the same study gives the same hash."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OperatingPoint(_Part):
    """The calibrated risk from which on a nodule is labelled malignant.

    Attributes:
        threshold: a risk equal to it or above is labelled malignant.
        rule: how it was chosen, for example "youden" or "sensitivity>=0.95".
        chosen_on: the part of the data it was chosen on, for example "validation part of division-01".
        sensitivity, specificity: at this threshold, on that part; None where one class was absent.
    """

    threshold: float = Field(allow_inf_nan=False)
    rule: str
    chosen_on: str
    sensitivity: float | None = Field(default=None, ge=0, le=1)
    specificity: float | None = Field(default=None, ge=0, le=1)

    def label(self, risk: float) -> Literal["benign", "malignant"]:
        """The label of a calibrated risk.

        >>> point = OperatingPoint(threshold=0.4, rule="youden", chosen_on="validation part")
        >>> point.label(0.4), point.label(0.39)
        ('malignant', 'benign')
        """
        return "malignant" if risk >= self.threshold else "benign"

    @property
    def rule_in_words(self) -> str:
        """The rule as readers know it.

        >>> OperatingPoint(threshold=0.4, rule="youden", chosen_on="validation part").rule_in_words
        "Youden's index"
        """
        return rule_in_words(self.rule)


NO_CLASSES = OperatingPoint(threshold=0.5, rule="none: this model tells no classes apart", chosen_on="nothing")
"""The operating point of a model that draws masks and tells no classes apart."""


class MaskPoint(_Part):
    """The probability from which on a pixel belongs to a lesion, for networks that draw masks.

    Attributes:
        threshold: a pixel with this probability or more is marked.
        rule: how it was chosen.
        chosen_on: the part of the data it was chosen on, or on which its Dice was measured.
        dice: mean Dice of the images there.
        least_share: a lesion that covers less of the scan area counts as none.
        least_probability: a lesion whose pixels have a smaller probability on average counts as none.
    """

    threshold: float = Field(default=0.5, gt=0, lt=1)
    rule: str = "fixed at one half"
    chosen_on: str
    dice: float | None = Field(default=None, ge=0, le=1)
    # Left out of what is written while they do nothing: the same study gives the same hash as before they were there.
    least_share: float = Field(default=0.0, ge=0, lt=1, exclude_if=lambda value: value == 0)
    least_probability: float = Field(default=0.0, ge=0, lt=1, exclude_if=lambda value: value == 0)


class HeatScale(_Part):
    """The heat that is drawn at full strength in every overlay of a model, so that maps can be compared.

    Attributes:
        value: in the units of the raw maps.
        rule: how it was found, with the number of images.
    """

    value: float = Field(gt=0, allow_inf_nan=False)
    rule: str


class BundleInfo(_Part):
    """The content of `bundle.json`.

    Attributes:
        format_version: of the bundle's layout.
        spec: structure and input of the network.
        preparation: from a frame to the network's input, the same as in training.
        views: the windows of an image over which the network's logits are averaged.
        pair: of a network that reads two images: how both are prepared; `preparation` is then that of the first.
        calibration: a calibrator of `thyrosight.statistics`, as its `to_dict` gives it.
        operating_point: on the calibrated risk.
        heat_scale: for overlays; None where the study made no heat maps.
        masks: of a network that draws masks. One that draws masks alone has no calibration, and `NO_CLASSES` as its
            operating point.
        familiarity: of a network that draws masks on whole images: how it tells whether an image is like those of its
            training; None where it does not.
        cohort: the training data. `name`, `digest`, `label_source` and `split_kind` are required; a study may add more.
        metrics: measured on data that played no part in training.
        recalibration: of a model whose calibration was fitted anew: `parent` (the hash of the model it was made from),
            and the cases: `cohort`, `digest`, `label_source`, `split_kind`, counts, and measures before and after.
        software: versions of the software that made the bundle.
        research_use: the statement on the model's use that every result repeats.
        created: date and time, ISO 8601.
        weights_sha256: of `weights.safetensors`.
    """

    format_version: int = FORMAT_VERSION
    spec: ModelSpec
    preparation: Preparation
    # Left out of what is written for single images: the same study gives the same hash as before there were pairs.
    pair: PairPreparation | None = Field(default=None, exclude_if=lambda value: value is None)
    # Left out of what is written for one window: the same study gives the same hash as before there were several.
    views: Views = Field(default=SINGLE, exclude_if=lambda value: value == SINGLE)
    calibration: dict[str, Any]
    operating_point: OperatingPoint
    heat_scale: HeatScale | None = None
    # Left out of what is written for classifiers: the same study gives the same hash as before there were masks.
    masks: MaskPoint | None = Field(default=None, exclude_if=lambda value: value is None)
    # Left out of what studies write: the same study gives the same hash as before models could tell.
    familiarity: Familiarity | None = Field(default=None, exclude_if=lambda value: value is None)
    cohort: dict[str, Any]
    metrics: dict[str, Any] = {}
    # Left out of what studies write: the same study gives the same hash as before calibration could be fitted anew.
    recalibration: dict[str, Any] | None = Field(default=None, exclude_if=lambda value: value is None)
    software: dict[str, Any] = {}
    research_use: str = RESEARCH_USE
    created: str
    weights_sha256: str = Field(pattern="^[0-9a-f]{64}$")

    @field_validator("calibration")
    @classmethod
    def _calibrates(cls, value: dict[str, Any]) -> dict[str, Any]:
        try:
            calibrator_from_dict(value)
        except StatisticsError as error:
            raise ValueError(str(error)) from error
        return value

    @field_validator("cohort")
    @classmethod
    def _names_its_labels(cls, value: dict[str, Any]) -> dict[str, Any]:
        _require_texts(value, "name", "digest", "label_source", "split_kind")
        return value

    @field_validator("recalibration")
    @classmethod
    def _names_its_cases(cls, value: dict[str, Any] | None) -> dict[str, Any] | None:
        if value is not None:
            _require_texts(value, "parent", "cohort", "digest", "label_source", "split_kind")
        return value

    @model_validator(mode="after")
    def _sizes_agree(self) -> Self:
        if self.preparation.size != self.spec.input_size:
            raise ValueError(
                f"images are prepared at {self.preparation.size} pixels, the network takes {self.spec.input_size}"
            )
        if (self.masks is None) != (self.spec.task == "classification"):
            raise ValueError(f"a model for {self.spec.task} {'needs' if self.masks is None else 'has no'} `masks`")
        return self

    @model_validator(mode="after")
    def _images_fit_the_network(self) -> Self:
        fusion = self.spec.fusion
        if (self.pair is None) != (fusion == "none"):
            raise ValueError(
                f"a network of {fusion} fusion reads pairs and needs `pair`"
                if self.pair is None
                else "a network for one image has no `pair`"
            )
        if self.pair is not None and self.pair.first != self.preparation:
            raise ValueError("`preparation` must be that of the first image of `pair`")
        if self.preparation.shape == "own" and self.spec.head == "own":
            raise ValueError("images of shapes of their own need a network with the head spp or gap")
        return self

    @model_validator(mode="after")
    def _views_fit(self) -> Self:
        if self.views != SINGLE and self.pair is not None:
            raise ValueError("`views` are of single images; a network that reads pairs has none")
        if self.views.around and (self.spec.task != "classification" or self.preparation.crop != "nodule"):
            raise ValueError("`views` around a nodule need a classifier whose preparation crops nodules")
        if self.views.around and self.preparation.shape != "square":
            raise ValueError("`views` around a nodule are square; choose the shape square")
        return self

    @model_validator(mode="after")
    def _features_exist(self) -> Self:
        if self.familiarity is not None and (self.masks is None or self.preparation.crop == "nodule"):
            raise ValueError("`familiarity` needs a network that draws masks on whole images")
        return self

    @property
    def calibration_method(self) -> str:
        """How the network's probability becomes a risk: a method of `fit_calibrator`, "none" where it stays."""
        return str(self.calibration.get("method") or self.calibration.get("kind") or NOT_CALIBRATED)

    @property
    def calibrated(self) -> bool:
        """Whether a calibration was fitted."""
        return self.calibration_method != NOT_CALIBRATED

    @property
    def label_source(self) -> str:
        """The source of the labels in the training data, for example "TI-RADS"."""
        return str(self.cohort["label_source"])


@dataclass(frozen=True, eq=False)
class Bundle:
    """A bundle in memory.

    Attributes:
        folder: where it was read from or written to; a zip file where it was read from one.
        info: everything but the weights.
        session: the network with the bundle's weights, ready to run on the device it was loaded for.
        hash: SHA-256 over `info` in canonical JSON without the date; it covers the weights through their own hash.
    """

    folder: Path
    info: BundleInfo
    session: Session
    hash: str

    @property
    def calibrator(self) -> Calibrator:
        """From the network's probability to the calibrated risk."""
        return calibrator_from_dict(self.info.calibration)

    @property
    def title(self) -> str:
        """The model in words: network and training cohort, for example "ResNet-18 trained on ddti"."""
        name, fusion = self.info.spec.architecture, self.info.spec.fusion
        entry = architectures().get(name)
        title = entry.title if entry else timm_title(name) if is_of_timm(name) else name
        pairs = "" if fusion == "none" else f", {fusion} fusion,"
        anew = self.info.recalibration
        recalibrated = "" if anew is None else f", calibrated on {anew['cohort']} ({anew['label_source']})"
        return f"{title}{pairs} trained on {self.info.cohort['name']}{recalibrated}"


def _require_texts(value: Mapping[str, Any], *keys: str) -> None:
    for key in keys:
        if not isinstance(value.get(key), str) or not value[key]:
            raise ValueError(f"`{key}` must be a text that is not empty; every result names it")


def bundle_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 of the content of `bundle.json` in canonical JSON, without the entries in `UNHASHED`."""
    return sha256_of_json({key: value for key, value in content.items() if key not in UNHASHED})
