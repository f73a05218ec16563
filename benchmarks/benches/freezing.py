"""Time saved by freezing the first convolutions, and by keeping their output on disk as well.

Both stand beside the same without it. A step of each network in turn (the fastest of each), and an epoch (with
validation) with the cache after each one without it (medians); processor time. `vgg16_quarter` at 96 pixels, batches
of 8, images of noise.
"""

import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

from benches.row import Row, in_turn, named
from thyrosight.networks import create, freeze_convolutions
from thyrosight.training import Augmentation, FitOptions, PreparedSet, fit
from thyrosight.training.losses import training_loss
from thyrosight.training.optimisers import make_optimiser

NETWORK, SIZE, IMAGES, EPOCHS = "vgg16_quarter", 96, 48, 3
FROZEN, BATCH, ROUNDS = (0, 6, 13), 8, 6


def options(freeze: int) -> FitOptions:
    """Options of one epoch on the CPU."""
    return FitOptions(epochs=1, batch_size=BATCH, freeze=freeze, accelerator="cpu", precision="32", devices=1)


def steps() -> dict[int, float]:
    """Seconds of a training step with so many layers frozen."""
    images = torch.randn(BATCH, 3, SIZE, SIZE).to(memory_format=torch.channels_last)
    labels = torch.arange(BATCH) % 2
    made: dict[str, tuple[nn.Module, torch.optim.Optimizer]] = {}
    for count in FROZEN:
        network, spec = create(NETWORK, input_size=SIZE)
        freeze_convolutions(network.train().to(memory_format=torch.channels_last), count)
        made[str(count)] = network, make_optimiser(network, spec, options(count))

    def step(name: str) -> None:
        network, optimiser = made[name]
        training_loss(network(images), labels, options(0).loss, weights=None).mean().backward()
        optimiser.step()
        optimiser.zero_grad()

    seconds = in_turn({name: lambda name=name: step(name) for name in made}, rounds=ROUNDS)
    return {int(name): took for name, took in seconds.items()}


def noise(number: int, *, seed: int) -> PreparedSet:
    """Images of noise: their content does not matter to speed."""
    pixels = np.random.default_rng(seed).integers(1, 255, (number, SIZE, SIZE), dtype=np.uint8)
    return PreparedSet.of(pixels, np.arange(number) % 2, [f"{seed}-{index}" for index in range(number)])


def epochs(freeze: int, folder: Path) -> tuple[float, float]:
    """Median seconds of an epoch with the cache, and without it; it is filled before."""
    sets = {"train": noise(IMAGES, seed=0), "validation": noise(IMAGES // 4, seed=1)}
    found: dict[str, list[float]] = {"without": [], "with": [], "filling": []}

    def epoch(kind: str, flips: float, turn: int) -> None:
        network, spec = create(NETWORK, input_size=SIZE)
        flipped = Augmentation.none().model_copy(update={"horizontal_flip": flips})
        chosen = options(freeze).model_copy(update={"augmentation": flipped, "seed": turn})
        kept = None if kind == "without" else folder / f"activations-{freeze}"
        start = time.process_time()
        fit(network, spec, **sets, options=chosen, folder=folder / f"{freeze}-{kind}-{flips}-{turn}", activations=kept)
        found[kind].append(time.process_time() - start)

    for flips in (0.0, 1.0):
        epoch("filling", flips, 0)
    for turn in range(EPOCHS):
        epoch("without", 0.5, turn)
        epoch("with", 0.5, turn)
    return statistics.median(found["with"]), statistics.median(found["without"])


def rows() -> list[Row]:
    """Measure steps and epochs."""
    torch.set_num_threads(1)
    rates = {count: BATCH / took for count, took in steps().items()}
    none = f"{named('PyTorch', 'torch')}, none frozen"
    found = [
        Row(f"training step, {count} of 13 layers frozen", rates[count], "images/s", none, rates[0])
        for count in FROZEN[1:]
    ]
    with tempfile.TemporaryDirectory() as name:
        for count in FROZEN[1:]:
            cached, plain = epochs(count, Path(name))
            what = f"epoch, {count} layers frozen, output kept"
            found.append(Row(what, cached, "s", "the same, output computed again", plain))
    return found
