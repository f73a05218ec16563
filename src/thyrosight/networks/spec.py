"""What a network is, written down: everything needed to build it again and to feed it."""

from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from thyrosight.errors import NetworkError
from thyrosight.networks.branches import Task

Triple = tuple[float, float, float]


class WeightsOrigin(BaseModel):
    """Where the weights came from that training started with.

    Attributes:
        kind: `none` (random, from the seed), `download`, `file` or `package`.
        name: for people: a file name, a package with its version, or `random`.
        sha256: of the file that was read; None for random weights.
        url: where a download came from.
        licence: of the weights, where it is known.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["none", "download", "file", "package"] = "none"
    name: str = "random"
    sha256: str | None = None
    url: str | None = None
    licence: str | None = None


class ModelSpec(BaseModel):
    """Structure and input of a network: frozen, stored in every bundle, all that inference reads.

    Attributes:
        architecture: a name of `architectures()`.
        task: `classification` (of the image), `segmentation` (a mask of the lesion) or `joint` (both).
        classes: in the order of the logits; the last of two is the positive class. Segmentation alone makes no use of
            them.
        input_size: side of the square input in pixels.
        mean, std: per channel, of pixels scaled to 0..1.
        grey_rule: `repeat`: a grey image fills all three channels.
        dropout: probability before the last layer; None keeps the architecture's own.
        weights: what training started from.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    architecture: str
    # Left out of what is written for classification: specs from before there was any other task stay what they were.
    task: Task = Field(default="classification", exclude_if=lambda value: value == "classification")
    classes: tuple[str, ...] = Field(default=("benign", "malignant"), min_length=2)
    input_size: int = Field(default=224, ge=1)
    mean: Triple
    std: Triple
    grey_rule: Literal["repeat"] = "repeat"
    dropout: float | None = Field(default=None, ge=0, lt=1)
    weights: WeightsOrigin = WeightsOrigin()


def to_input(pixels: NDArray[np.uint8] | torch.Tensor, spec: ModelSpec) -> torch.Tensor:
    """Turn prepared pixels into what the network takes; the one place for training and inference.

    Args:
        pixels: uint8 `(n, size, size)` grey or `(n, size, size, 3)` RGB, on any device.
        spec: of the network.

    Returns:
        float32 `(n, 3, size, size)`, normalised by `spec.mean` and `spec.std`, on the device of `pixels`.

    Raises:
        NetworkError: another type or shape than the network was made for.

    >>> spec = ModelSpec(architecture="tiny", input_size=2, mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))
    >>> to_input(np.array([[[0, 255], [255, 0]]], dtype=np.uint8), spec)[0, 2].round()
    tensor([[-1.,  1.],
            [ 1., -1.]])
    """
    # torch takes no read-only memory, which a memory-mapped file is.
    batch = (
        pixels if isinstance(pixels, torch.Tensor) else torch.from_numpy(np.require(pixels, requirements=["C", "W"]))
    )
    size = spec.input_size
    if (
        batch.dtype != torch.uint8
        or batch.ndim not in (3, 4)
        or tuple(batch.shape[1:]) not in {(size, size), (size, size, 3)}
    ):
        raise NetworkError(
            f"{spec.architecture} takes uint8 pixels of shape (n, {size}, {size}) or (n, {size}, {size}, 3), got "
            f"{str(batch.dtype).removeprefix('torch.')} {tuple(batch.shape)}; prepare the images at size {size}."
        )
    if batch.ndim == 3:
        batch = batch.unsqueeze(-1)
    factor = torch.tensor([1 / (255 * s) for s in spec.std], device=batch.device)
    offset = torch.tensor([-m / s for m, s in zip(spec.mean, spec.std, strict=True)], device=batch.device)
    # Channels are made last in memory, the order in which convolutions are fastest; the shape is the usual one.
    return torch.addcmul(offset, batch.to(torch.float32), factor).permute(0, 3, 1, 2)
