"""A training that stops in the middle of an epoch and waits to be killed; `test_fit.py` runs it as a process."""

import sys
import time
from pathlib import Path

import numpy as np
import torch

from thyrosight.networks import create
from thyrosight.training import FitOptions, FitResult, LossOptions, PreparedSet, fit

OPTIONS = FitOptions(
    epochs=4, batch_size=8, learning_rate=3e-3, loss=LossOptions(alpha="balanced"), accelerator="cpu", precision="32"
)
STEPS = 5
"""Batches per epoch."""


def images(number: int, *, seed: int, size: int = 16) -> PreparedSet:
    """Noise; malignant images hold a faint bright square."""
    generator = np.random.default_rng(seed)
    labels = np.arange(number) % 2
    pixels = generator.integers(0, 100, (number, size, size), dtype=np.uint8)
    pixels[labels == 1, 4:9, 4:9] += 25
    return PreparedSet.of(pixels, labels, [f"{seed}-{index}" for index in range(number)])


def train(folder: Path, *, options: FitOptions = OPTIONS, stop_at: int | None = None) -> FitResult:
    """Train a tiny network with dropout; at batch `stop_at` say so and wait."""

    def watch(what: str, done: int, total: int) -> None:
        if done == stop_at:
            print("waiting", flush=True)
            time.sleep(600)

    network, spec = create("tiny", input_size=16, dropout=0.5, seed=options.seed)
    train, validation = images(8 * STEPS, seed=0), images(16, seed=1)
    return fit(network, spec, train=train, validation=validation, options=options, folder=folder, progress=watch)


if __name__ == "__main__":
    torch.set_num_threads(int(sys.argv[3]))
    train(Path(sys.argv[1]), stop_at=int(sys.argv[2]))
