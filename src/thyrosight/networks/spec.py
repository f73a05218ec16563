"""What a network is, written down: everything needed to build it again and to feed it."""

from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from thyrosight.errors import NetworkError
from thyrosight.networks.branches import Task
from thyrosight.networks.heads import Head

Triple = tuple[float, float, float]
Fusion = Literal["none", "mixed", "early", "late"]
"""How a network takes a pair of images; see `thyrosight.networks.fusion`."""
LEAST_SIDE = 64
"""The shortest side of images of any size."""
MALIGNANT = "malignant"
"""The class whose probability is the risk that an assessment states, wherever its logit stands."""


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
        classes: in the order of the logits; `column` finds one by its name. Segmentation alone makes no use of them.
        fusion: `none` (one image), or how two images of one place are joined: `mixed` (one network for both kinds of
            image), `early` (one network behind a convolution that joins them) or `late` (two extractors of features).
        head: `own` (the architecture's, for one input size), or for any size `spp` (spatial pyramid pooling and fully
            connected layers) or `gap` (1 x 1 convolution and global average).
        input_size: side of the square input in pixels; with the heads for any size the side it was made for.
        mean, std: per channel, of pixels scaled to 0..1.
        grey_rule: `repeat`: a grey image fills all three channels.
        dropout: probability before the last layer; None keeps the architecture's own.
        weights: what training started from.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    architecture: str
    # Left out of what is written for classification: specs from before there was any other task stay what they were.
    task: Task = Field(default="classification", exclude_if=lambda value: value == "classification")
    fusion: Fusion = Field(default="none", exclude_if=lambda value: value == "none")
    head: Head = Field(default="own", exclude_if=lambda value: value == "own")
    classes: tuple[str, ...] = Field(default=("benign", "malignant"), min_length=2)
    input_size: int = Field(default=224, ge=1)
    mean: Triple
    std: Triple
    grey_rule: Literal["repeat"] = "repeat"
    dropout: float | None = Field(default=None, ge=0, lt=1)
    weights: WeightsOrigin = WeightsOrigin()

    def column(self, name: str) -> int:
        """Column of the logits in which a class stands.

        Raises:
            NetworkError: the network has no such class.

        >>> half = (0.5, 0.5, 0.5)
        >>> spec = ModelSpec(architecture="tiny", classes=("malignant", "benign"), mean=half, std=half)
        >>> spec.column("malignant")
        0
        """
        if name not in self.classes:
            raise NetworkError(f"The network tells apart {', '.join(self.classes)}; none of them is {name}.")
        return self.classes.index(name)


def to_input(pixels: NDArray[np.uint8] | torch.Tensor, spec: ModelSpec) -> torch.Tensor:
    """Turn prepared pixels into what the network takes; the one place for training and inference.

    Args:
        pixels: uint8 `(n, size, size)` grey or `(n, size, size, 3)` RGB, on any device. Of pairs `(n, size, size, 4)`:
            the first image grey, the second RGB. With the heads `spp` and `gap` any rows and columns from 64 on.
        spec: of the network.

    Returns:
        float32 `(n, 3, size, size)`, normalised by `spec.mean` and `spec.std`, on the device of `pixels`. Of pairs
        `(n, 6, size, size)`: first image, second image; an image without one lit pixel is absent, and all NaN.

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
    _require_fit(batch, spec)
    if batch.ndim == 3:
        batch = batch.unsqueeze(-1)
    if spec.fusion == "none":
        return _normalised(batch, spec)
    images = (batch[..., :1], batch[..., 1:])
    # Expanding grey to three channels happens in `_normalised`; where nothing is lit there is no image.
    shown = [torch.where(_lit(image), _normalised(image, spec), torch.nan) for image in images]
    return torch.cat(shown, dim=1).contiguous(memory_format=torch.channels_last)


def fits(shape: tuple[int, ...], spec: ModelSpec) -> bool:
    """Whether the network takes images of these rows and columns."""
    return shape == (spec.input_size,) * 2 or (spec.head != "own" and min(shape) >= LEAST_SIDE)


def _normalised(batch: torch.Tensor, spec: ModelSpec) -> torch.Tensor:
    factor = torch.tensor([1 / (255 * s) for s in spec.std], device=batch.device)
    offset = torch.tensor([-m / s for m, s in zip(spec.mean, spec.std, strict=True)], device=batch.device)
    # Channels are made last in memory, the order in which convolutions are fastest; the shape is the usual one.
    return torch.addcmul(offset, batch.to(torch.float32), factor).permute(0, 3, 1, 2)


def _lit(batch: torch.Tensor) -> torch.Tensor:
    return (batch != 0).flatten(1).any(dim=1).view(-1, 1, 1, 1)


def _require_fit(batch: torch.Tensor, spec: ModelSpec) -> None:
    of_pair = spec.fusion != "none"
    channels = batch.shape[3:]
    if (
        batch.dtype == torch.uint8
        and batch.ndim in (3, 4)
        and fits(tuple(batch.shape[1:3]), spec)
        and channels in ({(4,)} if of_pair else {(), (3,)})
    ):
        return
    side = str(spec.input_size)
    wanted = f"(n, {side}, {side}, 4)" if of_pair else f"(n, {side}, {side}) or (n, {side}, {side}, 3)"
    also = f", or with any sides from {LEAST_SIDE} on" if spec.head != "own" else ""
    what = "pairs" if of_pair else "the images"
    raise NetworkError(
        f"{spec.architecture} takes uint8 pixels of shape {wanted}{also}, got "
        f"{str(batch.dtype).removeprefix('torch.')} {tuple(batch.shape)}; prepare {what} at size {side}."
    )
