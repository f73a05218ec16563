"""Sessions: how a network is run, whatever the engine. Torch is one; another is one more file."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open

from thyrosight.networks.spec import MALIGNANT, ModelSpec

AbsentImage = Literal["refused", "untrained", "trained"]
"""A pair with one image absent is refused by the network; or accepted, though no such pair was in its training
("untrained"); or accepted as it learned to in training ("trained")."""


@dataclass(frozen=True)
class Capabilities:
    """The abilities of a model.

    Attributes:
        classes: it gives logits of the classes.
        outlines: it gives a mask of the lesions.
        pairs: it reads two images of one place.
        absent_image: how it treats a pair with one image absent; "refused" for a model of single images.
        variable_size: it reads images of any number of rows and columns.
    """

    classes: bool
    outlines: bool
    pairs: bool
    absent_image: AbsentImage
    variable_size: bool


@dataclass(frozen=True, eq=False)
class Outputs:
    """The outputs of a network for n images.

    Attributes:
        logits: float32 `(n, classes)`, in the order of the spec's classes; None where it tells none apart.
        mask_logits: float32 `(n, rows, columns)` of the prepared images, above 0 where a lesion is likelier than not;
            None where it draws no masks.
        heat: float32 `(n, rows, columns)` of the network's last map: its class activation map of the malignant class in
            the units of Grad-CAM, where an exported network has one; else None.
        features: float32 `(n, channels, rows, columns)` that the encoder has of each image, where the model tells by
            them whether an image is like those of its training; else None.
    """

    logits: NDArray[np.float32] | None
    mask_logits: NDArray[np.float32] | None
    heat: NDArray[np.float32] | None = None
    features: NDArray[np.float32] | None = None


@dataclass(frozen=True, eq=False)
class Lane:
    """A way to run single images from several threads at once.

    Attributes:
        run: as `Session.run`, on one thread of the processor.
        count: so many threads should call it at a time.
    """

    run: Callable[[NDArray[np.uint8]], Outputs]
    count: int


class Session(Protocol):
    """A network that is ready to run on the engine and device for which it was opened."""

    @property
    def engine(self) -> str:
        """The program that runs the network."""
        ...

    @property
    def spec(self) -> ModelSpec:
        """Structure and input of the network."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """The abilities of the model."""
        ...

    def run(self, pixels: NDArray[np.uint8]) -> Outputs:
        """Run the network over prepared images, all at once where the engine can.

        Args:
            pixels: uint8 `(n, rows, columns)` grey, `(n, rows, columns, 3)` or pairs `(n, rows, columns, 4)`.

        Raises:
            NetworkError: unfit pixels, or outputs that are not finite.
        """
        ...

    def lane(self) -> Lane | None:
        """The fastest way to run many images where that is one image per thread; None where it is whole batches.

        Raises:
            NetworkError: the engine cannot be started.
        """
        ...


def capabilities_of(spec: ModelSpec, weights: Path | str) -> Capabilities:
    """Read the abilities of a model from its spec and its weights, without building the network.

    Args:
        spec: of the network.
        weights: its safetensors file.
    """
    return Capabilities(
        classes=spec.task != "segmentation",
        outlines=spec.task != "classification",
        pairs=spec.fusion != "none",
        absent_image=_absent_image(spec, weights),
        variable_size=spec.head != "own",
    )


def _absent_image(spec: ModelSpec, weights: Path | str) -> AbsentImage:
    if spec.fusion in ("none", "early"):
        return "refused"
    if spec.fusion == "mixed":  # one network for both images, so that either will do
        return "trained"
    # A late fusion that was never shown a pair with a gap still has the vectors of zeros that it began with.
    with safe_open(weights, framework="numpy") as tensors:
        return "trained" if tensors.get_tensor("absent").any() else "untrained"


def malignancy(logits: NDArray[np.floating[Any]], spec: ModelSpec) -> NDArray[np.float64]:
    """Softmax probability of the class "malignant" `(n,)` from logits `(n, classes)`.

    Raises:
        NetworkError: the network has no such class.
    """
    return softmax(logits)[:, spec.column(MALIGNANT)]


def softmax(logits: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Probabilities of the classes `(n, classes)` from their logits."""
    # Written here because scipy.special takes longer to import than a network takes to judge an image.
    values = np.asarray(logits, dtype=np.float64)
    raised = np.exp(values - values.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
