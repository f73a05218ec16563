"""Networks run by torch: the session of a bundle, and functions for networks that are in training or in a study.

The one file of this room that imports torch.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from thyrosight.errors import BundleError, NetworkError
from thyrosight.inference.session import Capabilities, Outputs, Session, capabilities_of
from thyrosight.networks import Branches, ModelSpec, TwoBranches, load_network, save_weights, to_input
from thyrosight.networks.encoder_maps import captured, encoder_of, joined_features
from thyrosight.networks.onnx_file import OPSET, write_onnx
from thyrosight.progress import Progress

Network = nn.Module
"""The type of the networks that bundles are made from."""
PRECISIONS = ("32", "bf16")


class TorchSession:
    """A network of torch in evaluation mode.

    Args:
        network: with its weights; it is moved to `device`.
        spec: its description.
        capabilities: of the model.
        device: as for `find_device`.
        features: give what the network's encoder has of each image too.
    """

    def __init__(
        self,
        network: nn.Module,
        spec: ModelSpec,
        *,
        capabilities: Capabilities,
        device: str | torch.device = "cpu",
        features: bool = False,
    ) -> None:
        self.device = find_device(device)
        self.network = network.to(self.device).eval().requires_grad_(False)
        self.engine, self.spec, self.capabilities = "PyTorch", spec, capabilities
        self._encoder = encoder_of(network) if features else None

    def run(self, pixels: NDArray[np.uint8]) -> Outputs:
        """Run the network over prepared images as one batch; see `Session.run`."""
        count, can = len(pixels), self.capabilities
        logits = np.zeros((count, len(self.spec.classes)), dtype=np.float32) if can.classes else None
        masks = np.zeros(pixels.shape[:3], dtype=np.float32) if can.outlines else None
        batches = branch_batches(self.network, self.spec, pixels, batch_size=max(count, 1), device=self.device)
        with captured(self._encoder) as maps:
            found_at_once = list(batches)
        for _, found in found_at_once:
            if logits is not None and found.logits is not None:
                logits[:] = found.logits.cpu().numpy()
            if masks is not None and found.mask_logits is not None:
                masks[:] = found.mask_logits[:, 0].cpu().numpy()
        features = joined_features(maps[0]).cpu().numpy() if maps else None
        return Outputs(logits, masks, features=features)

    def lane(self) -> None:
        """None: torch is fastest with whole batches."""


def open_torch_session(
    spec: ModelSpec, weights: Path, *, device: str | torch.device = "cpu", features: bool = False
) -> TorchSession:
    """Build the network that `spec` describes and load its weights; arguments as for `TorchSession`.

    Raises:
        NetworkError: an unknown network or device, or weights that do not fit.
    """
    network = load_network(spec, weights)
    return TorchSession(network, spec, capabilities=capabilities_of(spec, weights), device=device, features=features)


def network_of(session: Session) -> nn.Module:
    """The torch network of a session, for what needs gradients.

    Raises:
        BundleError: the session runs on another engine.
    """
    if not isinstance(session, TorchSession):
        raise BundleError(
            f"This needs the network in torch, and the model runs on {type(session).__name__}; load it with torch."
        )
    return session.network


def save_network(network: nn.Module, path: Path) -> None:
    """Write a network's weights; see `thyrosight.networks.save_weights`."""
    save_weights(network, path)


def export_network(session: Session, path: Path, *, colour: bool, features: bool = False) -> int:
    """Write the network of a session as ONNX, and return the version of its operators; see `write_onnx`."""
    write_onnx(network_of(session), session.spec, path, colour=colour, features=features)
    return OPSET


def branch_batches(
    network: nn.Module,
    spec: ModelSpec,
    pixels: NDArray[np.uint8],
    *,
    batch_size: int = 16,
    device: str | torch.device = "cpu",
    precision: str = "32",
) -> Iterator[tuple[int, Branches]]:
    """Run `network` in evaluation mode over prepared images; the outputs stay on the device.

    One batch is in memory at a time, so `pixels` may be a memory-mapped file of any length. The network is moved to
    `device` and stays there; its training mode is as before when this ends.

    Args:
        network: a network of `thyrosight.networks`.
        spec: its description: task and normalisation.
        pixels: uint8 `(n, size, size)` grey, `(n, size, size, 3)` or pairs `(n, size, size, 4)`; n may be 0.
        batch_size: images at a time; changes speed and memory, and the result only by rounding.
        device: as for `find_device`.
        precision: "32", or "bf16" for automatic mixed precision.

    Yields:
        The number of a batch's first image, and its float32 outputs.

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
            part = torch.from_numpy(np.array(pixels[start : start + batch_size]))  # a copy: torch wants writable memory
            with torch.inference_mode(), torch.autocast(place.type, torch.bfloat16, enabled=precision == "bf16"):
                found = _branches(network, to_input(part.to(place), spec))
                outputs = [None if branch is None else _finite(branch.float(), first=start) for branch in found]
            yield start, Branches(*outputs)
    finally:
        network.train(training)


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
    """Logits of the classes of prepared images, float32 `(n, classes)`.

    Args:
        network, spec, pixels, batch_size, device, precision: as for `branch_batches`.
        progress: called after each batch.

    Raises:
        NetworkError: the network tells no classes apart; or as `branch_batches`.
    """
    if spec.task == "segmentation":
        raise NetworkError(f"This {spec.architecture} was made for segmentation and tells no classes apart.")
    logits = np.zeros((len(pixels), len(spec.classes)), dtype=np.float32)
    batches = branch_batches(network, spec, pixels, batch_size=batch_size, device=device, precision=precision)
    for start, found in batches:
        assert found.logits is not None
        stop = start + len(found.logits)
        logits[start:stop] = found.logits.cpu().numpy()
        if progress is not None:
            progress("Predicting", stop, len(pixels))
    return logits


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


def _branches(network: nn.Module, images: torch.Tensor) -> Branches:
    return network.branches(images) if isinstance(network, TwoBranches) else Branches(network(images), None)


def _finite(values: torch.Tensor, *, first: int) -> torch.Tensor:
    wrong = (~values.flatten(1).isfinite().all(dim=1)).nonzero()
    if len(wrong):
        raise NetworkError(
            f"The network gives values that are not finite for image {first + int(wrong[0]) + 1}; its weights are "
            "damaged or its training diverged (train again with a smaller learning rate)."
        )
    return values
