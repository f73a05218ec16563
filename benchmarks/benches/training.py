"""Training steps from prepared images, beside the same network on random tensors in memory in plain PyTorch.

Ours loads, augments, moves, steps, reports and keeps checkpoints; the other only steps (the same loss and optimiser).
After each step of training the other takes one, and the sums of all steps after the first epoch count. ResNet-18 at 224
pixels, batches of 16, precision `auto`, images of noise: what they show does not matter to speed.
"""

import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from benches.row import Row, named
from thyrosight.networks import create
from thyrosight.training import FitOptions, PreparedSet, fit
from thyrosight.training.losses import training_loss
from thyrosight.training.optimisers import make_optimiser
from thyrosight.training.precision import fastest_precision

BATCH, STEPS, EPOCHS, SIZE, AIM = 16, 6, 3, 224, 0.95


@dataclass
class InTurn:
    """Takes one step on random tensors after each step of training, and times both."""

    options: FitOptions
    training: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        network, spec = create("resnet18")
        self.network = network.to(memory_format=torch.channels_last)
        self.optimiser = make_optimiser(self.network, spec, self.options)
        self.images = torch.randn(BATCH, 3, SIZE, SIZE).to(memory_format=torch.channels_last)
        self.labels = torch.randint(0, 2, (BATCH,))
        self.left = time.process_time()

    def __call__(self, what: str, done: int, total: int) -> None:
        came = time.process_time()
        if done == total:
            return
        with torch.autocast("cpu", torch.bfloat16, enabled=fastest_precision("cpu") == "bf16"):
            output = self.network(self.images)
        training_loss(output, self.labels, self.options.loss, weights=None).mean().backward()
        self.optimiser.step()
        self.optimiser.zero_grad()
        step = time.process_time() - came
        # The first epoch warms up; the first step of each epoch follows validation and is not a step alone.
        if done > STEPS and (done - 1) % STEPS:
            self.training.append(came - self.left)
            self.memory.append(step)
        self.left = time.process_time()


def noise(count: int, *, seed: int) -> PreparedSet:
    """Images of noise with labels."""
    pixels = np.random.default_rng(seed).integers(1, 255, (count, SIZE, SIZE), dtype=np.uint8)
    return PreparedSet.of(pixels, np.arange(count) % 2, [f"{seed}-{number}" for number in range(count)])


def rows() -> list[Row]:
    """Measure one training."""
    torch.set_num_threads(1)
    options = FitOptions(epochs=EPOCHS, batch_size=BATCH, devices=1, accelerator="cpu")
    in_turn = InTurn(options)
    network, spec = create("resnet18")
    with tempfile.TemporaryDirectory() as folder:
        fit(
            network, spec, train=noise(STEPS * BATCH, seed=0), validation=noise(BATCH, seed=1), options=options,
            folder=Path(folder), progress=in_turn,
        )  # fmt: skip
    ours, theirs = (BATCH * len(times) / sum(times) for times in (in_turn.training, in_turn.memory))
    what = f"training step with all around it, ResNet-18 at {SIZE}, {fastest_precision('cpu')}"
    return [Row(what, ours, "images/s", f"{named('PyTorch', 'torch')}, tensors in memory", theirs, least_ratio=AIM)]
