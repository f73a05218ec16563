"""Running a network over prepared pixels, in batches, on any device."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import softmax
from torch import nn

from thyrosight.errors import NetworkError
from thyrosight.networks import ModelSpec, to_input
from thyrosight.networks.spec import MALIGNANT
from thyrosight.progress import Progress

PRECISIONS = ("32", "bf16")


def predict_logits(
    network: nn.Module,
    spec: ModelSpec,
    pixels: NDArray[np.uint8],
    *,
    batch_size: int = 16,
    device: str | torch.device = "cpu",
    precision: str = "32",
    progress: Progress | None = None,
) -> NDArray[np.float32]:
    """Run `network` in evaluation mode over prepared images.

    One batch is in memory at a time, so `pixels` may be a memory-mapped file of any length. The network is moved to
    `device` and stays there; its training mode is as before when this returns.

    Args:
        network: a network of `thyrosight.networks`.
        spec: its description: classes and normalisation.
        pixels: uint8 `(n, size, size)` grey, `(n, size, size, 3)` or pairs `(n, size, size, 4)`; n may be 0.
        batch_size: images at a time; changes speed and memory, and the result only by rounding.
        device: as for `find_device`.
        precision: "32", or "bf16" for automatic mixed precision.
        progress: called after each batch.

    Returns:
        float32 `(n, classes)`.

    Raises:
        NetworkError: unfit pixels, an unknown device or precision, or outputs that are not finite.
    """
    if batch_size < 1:
        raise NetworkError(f"The batch size must be at least 1, got {batch_size}.")
    if precision not in PRECISIONS:
        raise NetworkError(f"The precision must be one of {', '.join(PRECISIONS)}, got {precision!r}.")
    place = find_device(device)
    logits = np.zeros((len(pixels), len(spec.classes)), dtype=np.float32)
    network.to(place)
    training = network.training
    network.eval()
    try:
        with torch.inference_mode(), torch.autocast(place.type, torch.bfloat16, enabled=precision == "bf16"):
            for start in range(0, len(pixels), batch_size):
                part = np.array(pixels[start : start + batch_size])  # a copy: torch wants writable memory
                stop = start + len(part)
                logits[start:stop] = _outputs(network(to_input(torch.from_numpy(part).to(place), spec)), first=start)
                if progress is not None:
                    progress("Predicting", stop, len(pixels))
    finally:
        network.train(training)
    return logits


def by_shape(images: Sequence[NDArray[np.uint8]]) -> list[list[int]]:
    """Indices of images of one shape together, each group in order.

    >>> by_shape([np.zeros((2, 2), np.uint8), np.zeros((2, 3), np.uint8), np.zeros((2, 2), np.uint8)])
    [[0, 2], [1]]
    """
    groups: dict[tuple[int, ...], list[int]] = {}
    for index, image in enumerate(images):
        groups.setdefault(image.shape, []).append(index)
    return list(groups.values())


def malignancy(logits: NDArray[np.floating[Any]], spec: ModelSpec) -> NDArray[np.float64]:
    """Softmax probability of the class "malignant" `(n,)` from logits `(n, classes)`.

    Raises:
        NetworkError: the network has no such class.
    """
    return np.asarray(softmax(np.asarray(logits, dtype=np.float64), axis=1)[:, spec.column(MALIGNANT)])


def find_device(name: str | torch.device) -> torch.device:
    """The device called `name`: "cpu", "cuda", "cuda:1", "mps", or "auto" for the fastest present.

    Raises:
        NetworkError: no such device on this machine; says which there are.

    >>> find_device("cpu")
    device(type='cpu')
    """
    present = ["cpu", *(f"cuda:{index}" for index in range(torch.cuda.device_count()))]
    if torch.backends.mps.is_available():
        present.append("mps")
    if str(name) == "auto":
        return torch.device(present[1] if len(present) > 1 else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        device = None
    index = 0 if device is None or device.index is None else device.index
    if device is None or (f"{device.type}:{index}" not in present and device.type not in present):
        raise NetworkError(f"This machine has no device {str(name)!r}; choose auto or one of {', '.join(present)}.")
    return device


def _outputs(logits: torch.Tensor, *, first: int) -> NDArray[np.float32]:
    values: NDArray[np.float32] = logits.float().cpu().numpy()
    wrong = np.flatnonzero(~np.isfinite(values).all(axis=1))
    if wrong.size:
        raise NetworkError(
            f"The network gives values that are not finite for image {first + wrong[0] + 1}; its weights are damaged "
            "or its training diverged (train again with a smaller learning rate)."
        )
    return values
