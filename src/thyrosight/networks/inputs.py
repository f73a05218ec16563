"""From prepared pixels to the input of a network, the same for training and inference."""

import numpy as np
import torch
from numpy.typing import NDArray

from thyrosight.errors import NetworkError
from thyrosight.networks.spec import LEAST_SIDE, ModelSpec, fits


def to_input(pixels: NDArray[np.uint8] | torch.Tensor, spec: ModelSpec) -> torch.Tensor:
    """Turn prepared pixels into the input of a network; training and inference both call it.

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
