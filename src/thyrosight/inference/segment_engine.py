"""Running a network that draws masks over prepared pixels, in batches, on any device."""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from thyrosight.errors import NetworkError
from thyrosight.inference.engine import PRECISIONS, find_device
from thyrosight.networks import Branches, ModelSpec, TwoBranches, to_input
from thyrosight.progress import Progress


def branch_batches(
    network: TwoBranches,
    spec: ModelSpec,
    pixels: NDArray[np.uint8],
    *,
    batch_size: int = 16,
    device: str | torch.device = "cpu",
    precision: str = "32",
) -> Iterator[tuple[int, Branches]]:
    """Run both branches of `network` in evaluation mode; see `predict_logits`, whose arguments these are.

    Yields:
        The number of a batch's first image, and float32 outputs on the device.

    Raises:
        NetworkError: unfit pixels, an unknown device or precision, or outputs that are not finite.
    """
    if batch_size < 1:
        raise NetworkError(f"The batch size must be at least 1, got {batch_size}.")
    if precision not in PRECISIONS:
        raise NetworkError(f"The precision must be one of {', '.join(PRECISIONS)}, got {precision!r}.")
    place = find_device(device)
    network.to(place)
    training = network.training
    network.eval()
    try:
        for start in range(0, len(pixels), batch_size):
            part = torch.from_numpy(np.array(pixels[start : start + batch_size])).to(place)
            with torch.inference_mode(), torch.autocast(place.type, torch.bfloat16, enabled=precision == "bf16"):
                found = network.branches(to_input(part, spec))
                outputs = [None if branch is None else _finite(branch.float(), first=start) for branch in found]
            yield start, Branches(*outputs)
    finally:
        network.train(training)


def predict_masks(
    network: TwoBranches,
    spec: ModelSpec,
    pixels: NDArray[np.uint8],
    *,
    batch_size: int = 16,
    device: str | torch.device = "cpu",
    precision: str = "32",
    progress: Progress | None = None,
) -> NDArray[np.float32]:
    """Probability of lesion at each pixel of prepared images.

    Args:
        network: with a decoder.
        spec: of the network.
        pixels: uint8 `(n, size, size)` grey or `(n, size, size, 3)`; n may be 0.
        batch_size, device, precision, progress: as for `predict_logits`.

    Returns:
        float32 `(n, size, size)`.

    Raises:
        NetworkError: the network draws no masks; or as `branch_batches`.
    """
    if spec.task == "classification":
        raise NetworkError(f"This {spec.architecture} was made for classification and draws no masks.")
    masks = np.zeros((len(pixels), spec.input_size, spec.input_size), dtype=np.float32)
    batches = branch_batches(network, spec, pixels, batch_size=batch_size, device=device, precision=precision)
    for start, found in batches:
        assert found.mask_logits is not None
        stop = start + len(found.mask_logits)
        masks[start:stop] = found.mask_logits[:, 0].sigmoid().cpu().numpy()
        if progress is not None:
            progress("Predicting", stop, len(pixels))
    return masks


def _finite(values: torch.Tensor, *, first: int) -> torch.Tensor:
    wrong = (~values.flatten(1).isfinite().all(dim=1)).nonzero()
    if len(wrong):
        raise NetworkError(
            f"The network gives values that are not finite for image {first + int(wrong[0]) + 1}; its weights are "
            "damaged or its training diverged (train again with a smaller learning rate)."
        )
    return values
