"""From prepared pixels to the input of a network, the same for training and inference."""

import numpy as np
import torch
from numpy.typing import NDArray

from thyrosight.networks.spec import ModelSpec, require_fit


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
    require_fit(str(batch.dtype).removeprefix("torch."), tuple(batch.shape), spec)
    return normalised(batch, spec)


def normalised(batch: torch.Tensor, spec: ModelSpec) -> torch.Tensor:
    """The input of a network from prepared pixels that are known to fit; see `to_input`."""
    if batch.ndim == 3:
        batch = batch.unsqueeze(-1)
    if spec.fusion == "none":
        return _scaled(batch, spec)
    images = (batch[..., :1], batch[..., 1:])
    # Expanding grey to three channels happens in `_scaled`; where nothing is lit there is no image.
    shown = [torch.where(_lit(image), _scaled(image, spec), torch.nan) for image in images]
    return torch.cat(shown, dim=1).contiguous(memory_format=torch.channels_last)


def planes(batch: torch.Tensor, spec: ModelSpec) -> torch.Tensor:
    """The numbers of `normalised`, one channel after the other in memory, as engines of exported networks want them.

    Grey is scaled once where all channels have one mean and one standard deviation, and repeated then.
    """
    if spec.fusion != "none":
        return normalised(batch, spec)
    factor, offset = (values[:, None, None] for values in _scale(spec))
    if batch.ndim == 4:
        return torch.addcmul(offset, batch.permute(0, 3, 1, 2).to(torch.float32), factor)
    grey = batch[:, None].to(torch.float32)
    if len(set(spec.mean)) == len(set(spec.std)) == 1:
        return torch.addcmul(offset[:1], grey, factor[:1]).expand(-1, len(spec.mean), -1, -1)
    return torch.addcmul(offset, grey, factor)


def _scaled(batch: torch.Tensor, spec: ModelSpec) -> torch.Tensor:
    factor, offset = (values.to(batch.device) for values in _scale(spec))
    # Channels are made last in memory, the order in which convolutions are fastest; the shape is the usual one.
    return torch.addcmul(offset, batch.to(torch.float32), factor).permute(0, 3, 1, 2)


def _scale(spec: ModelSpec) -> tuple[torch.Tensor, torch.Tensor]:
    """Factor and offset of each channel, which turn grey levels from 0 to 255 into the network's numbers."""
    factor = torch.tensor([1 / (255 * s) for s in spec.std])
    return factor, torch.tensor([-m / s for m, s in zip(spec.mean, spec.std, strict=True)])


def _lit(batch: torch.Tensor) -> torch.Tensor:
    return (batch != 0).flatten(1).any(dim=1).view(-1, 1, 1, 1)
