"""The assessment of one nodule or image: the one type that reports, files and servers read."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, InstanceOf

from thyrosight.imaging import Box
from thyrosight.inference.bundle import NOT_CALIBRATED, Bundle, OperatingPoint
from thyrosight.showing import Shown

GRAD_CAM, CAM = "Grad-CAM", "CAM"
"""Methods of heat maps."""


@dataclass(frozen=True, eq=False)
class HeatMap:
    """Where in a frame the network found evidence for malignant.

    Attributes:
        values: float32 `(rows, columns)` of the frame, not rescaled, so that maps of one model can be compared; zero
            outside `window`.
        scale: the value that is drawn at full strength in all maps of the model; None where its bundle states none.
        window: the part of the frame that the network saw; it may reach outside the frame.
        method: "Grad-CAM", or "CAM" (class activation map) where PyTorch, which gradients need, is not installed.
    """

    values: NDArray[np.float32]
    scale: float | None
    window: Box
    method: str = GRAD_CAM


class ModelResult(Shown, BaseModel):
    """A result of a model for one image, with the facts on the model that stand beside every result.

    Attributes:
        image: the file as given.
        model: in words.
        model_hash: of the bundle.
        split_kind: how the data were split on which the model was measured.
        research_use: the statement on the model's use.
        label_source: the source of the labels in the training data, for example "TI-RADS".
    """

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    image: str
    model: str
    model_hash: str
    split_kind: str
    research_use: str
    label_source: str

    @classmethod
    def facts_of(cls, bundle: Bundle) -> dict[str, Any]:
        """The facts on a model that a result of this kind states."""
        return {
            "model": bundle.title,
            "model_hash": bundle.hash,
            "split_kind": str(bundle.info.cohort["split_kind"]),
            "research_use": bundle.info.research_use,
            "label_source": bundle.info.label_source,
        }

    def facts(self) -> dict[str, Any]:
        """The facts on the model, for another result of it."""
        return {name: getattr(self, name) for name in ModelResult.model_fields if name != "image"}


class ClassifierResult(ModelResult):
    """A result that tells benign from malignant.

    Attributes:
        operating_point: the threshold, with the data it was chosen on.
        calibration: how the risk was calibrated, a method of `thyrosight.statistics.fit_calibrator`; "none" where it is
            the network's own output, and empty in results that were made before it was stated.
        label: "malignant" where the calibrated risk reaches the operating point.
    """

    operating_point: OperatingPoint
    calibration: str = ""
    label: Literal["benign", "malignant"]

    @classmethod
    def facts_of(cls, bundle: Bundle) -> dict[str, Any]:
        """The facts on a model that a result of this kind states."""
        info = bundle.info
        return super().facts_of(bundle) | {
            "operating_point": info.operating_point,
            "calibration": info.calibration_method,
        }

    def facts(self) -> dict[str, Any]:
        """The facts on the model, for another result of it."""
        return super().facts() | {"operating_point": self.operating_point, "calibration": self.calibration}

    @property
    def risk_name(self) -> str:
        """Name of the risk: calibrated only where a calibration was fitted."""
        return {NOT_CALIBRATED: "risk, not calibrated", "": "risk"}.get(self.calibration, "calibrated risk")


class Assessment(ClassifierResult):
    """One nodule (with a box) or image (without).

    Attributes:
        elastogram: the file of a pair's elastogram, as given; None without one.
        frame_number: position in a file of several frames, from 0.
        probability: the network's softmax output for malignant, before calibration.
        calibrated_risk: the probability after the model's calibration, or as it is where `calibration` is "none"; the
            label follows from it.
        box: the nodule in frame coordinates, or None.
        box_origin: who drew the box, or the part of the image that was used without one.
        contour: outline of the nodule as (column, row) points, where a model found it; see `Outline.polygon`.
        size_mm: height and width of the box in mm, or None.
        size_reason: where the pixel spacing came from, or why there is no size.
        quality_flags: properties of the image that make the result less reliable; see `QUALITY_FLAGS`.
        notes: how the image was read and prepared, where that matters.
        heat_map: not part of the JSON form.
    """

    elastogram: str | None = Field(default=None, exclude_if=lambda value: value is None)
    frame_number: int = 0
    probability: float = Field(ge=0, le=1)
    calibrated_risk: float = Field(ge=0, le=1)
    box: Box | None
    box_origin: str
    contour: tuple[tuple[float, float], ...] | None = None
    size_mm: tuple[float, float] | None = None
    size_reason: str
    quality_flags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    heat_map: InstanceOf[HeatMap] | None = Field(default=None, exclude=True, repr=False)


class Refusal(BaseModel):
    """An image that was not assessed, with the reason in one sentence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    image: str
    reason: str
