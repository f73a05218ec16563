"""Training speed beside the same network on random tensors in memory, and where the time goes.

Both are measured in one run, step by step in turn, because absolute times drift with what else the machine does.
Run with `DATA=path` to use a cohort of your own instead of made-up images.
"""

import os
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from PIL import Image

from thyrosight.cohort import open_cohort
from thyrosight.imaging import Preparation
from thyrosight.networks import create
from thyrosight.training import FitOptions, PreparedSet, Stopwatch, fit, prepare_set
from thyrosight.training.losses import training_loss
from thyrosight.training.optimisers import make_optimiser

IMAGES, EPOCHS, AIM = 128, 3, 0.95
OPTIONS = FitOptions(epochs=EPOCHS, batch_size=16, precision="bf16", devices=1)


@dataclass
class InTurn:
    """Takes one step on random tensors after each step of training, and times both."""

    steps_per_epoch: int
    training: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        network, spec = create("resnet18")
        self.network = network.to(self.device, memory_format=torch.channels_last)
        self.optimiser = make_optimiser(self.network, spec, OPTIONS)
        images = torch.randn(OPTIONS.batch_size, 3, 224, 224, device=self.device)
        self.images = images.to(memory_format=torch.channels_last)
        self.labels = torch.randint(0, 2, (OPTIONS.batch_size,), device=self.device)
        self.left = time.perf_counter()

    def __call__(self, what: str, done: int, total: int) -> None:
        came = self._now()
        if done == total:
            return
        with torch.autocast(self.device.type, torch.bfloat16):
            output = self.network(self.images)
        training_loss(output, self.labels, OPTIONS.loss, weights=None).mean().backward()
        self.optimiser.step()
        self.optimiser.zero_grad()
        step = self._now() - came
        # The first epoch warms up; the first step of each epoch follows validation and is not a step alone.
        if done > self.steps_per_epoch and (done - 1) % self.steps_per_epoch:
            self.training.append(came - self.left)
            self.memory.append(step)
        self.left = self._now()

    def _now(self) -> float:
        if self.device.type == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter()


def made_up_images(folder: Path) -> pd.DataFrame:
    """Speckle-like PNG files of a usual size with a box each."""
    rows = []
    for number in range(IMAGES):
        generator = np.random.default_rng(number)
        pixels = np.clip(generator.rayleigh(40, (400, 560)), 0, 255).astype(np.uint8)
        path = folder / f"{number}.png"
        Image.fromarray(pixels).save(path)
        label = ("benign", "malignant")[number % 2]
        rows.append({"key": str(number), "image": str(path), "label": label, "box": "150,100,350,300"})
    return pd.DataFrame(rows)


def divided(prepared: PreparedSet) -> tuple[PreparedSet, PreparedSet]:
    """Whole batches for training, about a sixth for validation. How images fall does not matter to speed."""
    number = len(prepared) * 5 // 6 // OPTIONS.batch_size * OPTIONS.batch_size
    return prepared.select(prepared.keys[:number]), prepared.select(prepared.keys[number:])


def main() -> None:
    """Measure and print."""
    source = os.environ.get("DATA")
    watch = Stopwatch(settle=torch.cuda.synchronize if torch.cuda.is_available() else None)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table = open_cohort(source).table if source else made_up_images(folder)
        started = time.perf_counter()
        prepared = prepare_set(table, Preparation(), cache=folder / "cache", stopwatch=watch)
        preparing = time.perf_counter() - started
        train, validation = divided(prepared)
        in_turn = InTurn(len(train) // OPTIONS.batch_size)
        network, spec = create("resnet18")
        fit(
            network,
            spec,
            train=train,
            validation=validation,
            options=OPTIONS,
            folder=folder / "run",
            progress=in_turn,
            stopwatch=watch,
        )
        del prepared, train, validation  # Windows removes no file that is still mapped
    report(in_turn, watch, images=len(table), preparing=preparing, source=source or "made-up images")


def report(in_turn: InTurn, watch: Stopwatch, *, images: int, preparing: float, source: str) -> None:
    """Print the ratio and the shares."""
    ratio = sum(in_turn.memory) / sum(in_turn.training)
    speed = OPTIONS.batch_size * len(in_turn.training) / sum(in_turn.training)
    print(
        f"Training ResNet-18 (224 x 224, batches of {OPTIONS.batch_size}, {OPTIONS.precision}, {in_turn.device.type}, "
        f"{torch.get_num_threads()} threads) on {source}:"
    )
    print(
        f"  {speed:.1f} images per second, {ratio:.3f} times the speed on random tensors in memory (aim {AIM}; "
        f"{len(in_turn.training)} steps of each in turn, after the first epoch)"
    )
    print(
        f"  Reading and preparing {images} images once: {preparing:.1f} s, {images / preparing:.0f} images per second"
    )
    once = {stage: watch.seconds.pop(stage) for stage in ("reading", "preparing")}
    for title, seconds in (("once, summed over threads", once), (f"in {EPOCHS} epochs", watch.seconds)):
        total = sum(seconds.values())
        shares = ", ".join(f"{stage} {spent / total:.1%}" for stage, spent in seconds.items())
        print(f"  Shares of the time {title}: {shares}")


if __name__ == "__main__":
    main()
