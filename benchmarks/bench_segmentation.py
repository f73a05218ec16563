"""Y-Net beside two U-Nets: parameters, and images per second forward and in training, step by step in turn.

They are timed in one run and in turn, because absolute times drift with what else the machine does: compare the rows of
one table only. `SIZE` and `BATCH` change the input, `STEPS` how often each is timed.
"""

import os
import statistics
import time
from dataclasses import dataclass, field

import torch

from thyrosight.networks import Branches, TwoBranches, create
from thyrosight.training import MaskLossOptions
from thyrosight.training.losses import focal_loss
from thyrosight.training.segmentation_losses import mask_loss

NAMES = ("ynet", "unet", "unet_efficientnet_lite0")
SIZE, BATCH, STEPS = (int(os.environ.get(name, value)) for name, value in (("SIZE", 256), ("BATCH", 8), ("STEPS", 5)))


@dataclass
class Timed:
    """One network and the seconds of its steps."""

    name: str
    device: torch.device
    forward: list[float] = field(default_factory=list)
    training: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        network, _ = create(self.name, input_size=SIZE, task="joint")
        assert isinstance(network, TwoBranches)
        self.network = network.to(self.device, memory_format=torch.channels_last)
        self.optimiser = torch.optim.Adam(self.network.parameters(), fused=True)

    @property
    def parameters(self) -> int:
        return sum(parameter.numel() for parameter in self.network.parameters())

    def step(self, images: torch.Tensor, masks: torch.Tensor, labels: torch.Tensor) -> None:
        started = self._now()
        self.network.eval()
        with torch.inference_mode():
            self.network.branches(images)
        between = self._now()
        found = self.network.train()(images)
        assert isinstance(found, Branches) and found.logits is not None and found.mask_logits is not None
        losses = mask_loss(found.mask_logits, masks, MaskLossOptions()) + focal_loss(found.logits, labels, gamma=2)
        losses.mean().backward()
        self.optimiser.step()
        self.optimiser.zero_grad()
        self.forward.append(between - started)
        self.training.append(self._now() - between)

    def _now(self) -> float:
        if self.device.type == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter()


def main() -> None:
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    images = torch.randn(BATCH, 3, SIZE, SIZE, device=device).to(memory_format=torch.channels_last)
    masks = torch.rand(BATCH, SIZE, SIZE, device=device) < 0.1
    labels = torch.arange(BATCH, device=device) % 2
    timed = [Timed(name, device) for name in NAMES]
    for _ in range(STEPS + 1):
        for one in timed:
            one.step(images, masks, labels)
    print(f"Joint segmentation and classification, {SIZE} x {SIZE}, batch {BATCH}, float32, {device}, "
          f"{torch.get_num_threads()} threads; medians of {STEPS} steps in turn")  # fmt: skip
    print(f"{'network':<26}{'parameters':>12}{'forward/s':>12}{'training/s':>12}{'forward vs U-Net':>18}")
    plain = next(statistics.median(one.forward[1:]) for one in timed if one.name == "unet")
    for one in timed:
        forward, training = statistics.median(one.forward[1:]), statistics.median(one.training[1:])
        print(f"{one.name:<26}{one.parameters:>12,}{BATCH / forward:>12.1f}{BATCH / training:>12.1f}"
              f"{plain / forward:>17.2f}x")  # fmt: skip


if __name__ == "__main__":
    main()
