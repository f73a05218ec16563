"""What freezing the first convolutions of VGG16 saves, and what keeping their output on disk saves on top of it.

Both are ratios measured in one run: a step of each network in turn, and an epoch with the cache after each one without
it, because absolute times drift with what else the machine does. `SIZE`, `IMAGES`, `EPOCHS` and `NETWORK` change what
is measured, for example `NETWORK=vgg16 SIZE=224`.
"""

import os
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

from thyrosight.networks import convolution_names, create, freeze_convolutions
from thyrosight.training import Augmentation, FitOptions, PreparedSet, fit
from thyrosight.training.losses import training_loss
from thyrosight.training.optimisers import make_optimiser

NETWORK = os.environ.get("NETWORK", "vgg16_quarter")
SIZE, IMAGES, EPOCHS = (
    int(os.environ.get(name, value)) for name, value in (("SIZE", 128), ("IMAGES", 64), ("EPOCHS", 4))
)
FROZEN, BATCH, STEPS = (0, 6, 13), 8, 6


def options(freeze: int) -> FitOptions:
    """Options of one epoch on the CPU."""
    return FitOptions(epochs=1, batch_size=BATCH, freeze=freeze, accelerator="cpu")


def steps() -> dict[int, float]:
    """Median seconds of a training step with so many layers frozen, one of each in turn."""
    made: dict[int, tuple[nn.Module, torch.optim.Optimizer]] = {}
    for count in FROZEN:
        network, spec = create(NETWORK, input_size=SIZE)
        freeze_convolutions(network.train().to(memory_format=torch.channels_last), count)
        made[count] = network, make_optimiser(network, spec, options(count))
    images = torch.randn(BATCH, 3, SIZE, SIZE).to(memory_format=torch.channels_last)
    labels = torch.arange(BATCH) % 2
    seconds: dict[int, list[float]] = {count: [] for count in FROZEN}
    for turn in range(STEPS + 1):
        for count, (network, optimiser) in made.items():
            started = time.perf_counter()
            training_loss(network(images), labels, options(count).loss, weights=None).mean().backward()
            optimiser.step()
            optimiser.zero_grad()
            if turn:  # the first one warms up
                seconds[count].append(time.perf_counter() - started)
    return {count: statistics.median(values) for count, values in seconds.items()}


def images(number: int, *, seed: int) -> PreparedSet:
    """Noise: what images show does not matter to speed."""
    pixels = np.random.default_rng(seed).integers(1, 255, (number, SIZE, SIZE), dtype=np.uint8)
    return PreparedSet.of(pixels, np.arange(number) % 2, [f"{seed}-{index}" for index in range(number)])


def epochs(freeze: int, folder: Path) -> tuple[float, float, float, int]:
    """Median seconds of an epoch without the cache, with it, and while it is filled, and its bytes."""
    sets = {"train": images(IMAGES, seed=0), "validation": images(IMAGES // 4, seed=1)}
    cache = folder / f"activations-{freeze}"
    found: dict[str, list[float]] = {"without": [], "with": [], "filling": []}

    def epoch(kind: str, flips: float, turn: int) -> None:
        network, spec = create(NETWORK, input_size=SIZE)
        flipped = Augmentation.none().model_copy(update={"horizontal_flip": flips})
        chosen = options(freeze).model_copy(update={"augmentation": flipped, "seed": turn})
        where = folder / f"{freeze}-{kind}-{flips}-{turn}"
        kept = None if kind == "without" else cache
        result = fit(network, spec, **sets, options=chosen, folder=where, activations=kept)
        found[kind].append(result.history[0]["seconds"])

    for flips in (0.0, 1.0):
        epoch("filling", flips, 0)
    for turn in range(EPOCHS):
        epoch("without", 0.5, turn)
        epoch("with", 0.5, turn)
    size = sum(path.stat().st_size for path in cache.glob("*/*/*.npy"))
    without, cached, filling = (statistics.median(values) for values in found.values())
    return without, cached, filling, size


def main() -> None:
    """Measure and print."""
    number = len(convolution_names(create(NETWORK, input_size=SIZE)[0]))
    print(f"{NETWORK}, {number} convolutions, {SIZE} x {SIZE}, batches of {BATCH}, {torch.get_num_threads()} threads:")
    measured = steps()
    for count in FROZEN[1:]:
        print(f"  a training step with {count} layers frozen: {measured[count] / measured[0]:.2f} of one with none")
    with tempfile.TemporaryDirectory() as name:
        for count in FROZEN[1:]:
            plain, cached, filling, size = epochs(count, Path(name))
            print(
                f"  {count} frozen: an epoch with validation takes {cached / plain:.2f} of its time with the cache, "
                f"{filling / plain:.2f} while the cache is filled; {size / 1e6:.0f} MB for {IMAGES * 5 // 4} images"
            )


if __name__ == "__main__":
    main()
