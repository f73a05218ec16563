"""The order of images in training: a function of seed and epoch alone, the same for any number of devices."""

import numpy as np
from numpy.typing import NDArray

from thyrosight.training.variable_size import by_shape

_ORDER, _NETWORK = 1, 2
"""Streams of random numbers that share seed and epoch but have nothing else in common (3: `augmentation.py`)."""


def batches(images: int, batch_size: int, *, seed: int, epoch: int, smallest: int = 2) -> list[NDArray[np.int64]]:
    """Shuffle the images and divide them into batches whose sizes differ by one at most.

    Every image is seen once. No batch has fewer than `smallest` images, too few for batch normalisation.

    >>> [len(batch) for batch in batches(9, 4, seed=0, epoch=0)]
    [3, 3, 3]
    """
    order = np.random.default_rng(np.random.SeedSequence((seed, epoch), spawn_key=(_ORDER,))).permutation(images)
    number = min(-(-images // batch_size), max(1, images // smallest))
    return np.array_split(order, number)


def batches_by_shape(sides: NDArray[np.int64], batch_size: int, *, seed: int, epoch: int) -> list[NDArray[np.int64]]:
    """Batches of variable-size input, each of one size, in random order; `sides` are rows and columns, `(n, 2)`.

    Every image is seen once. Images of a rare size form a small batch, if necessary of one image.

    >>> [batch.tolist() for batch in batches_by_shape(np.array([[64, 64], [64, 96], [64, 64]]), 4, seed=1, epoch=0)]
    [[2, 0], [1]]
    """
    random = np.random.default_rng(np.random.SeedSequence((seed, epoch), spawn_key=(_ORDER,)))
    found: list[NDArray[np.int64]] = []
    for group in by_shape(sides):
        found += np.array_split(random.permutation(group), -(-len(group) // batch_size))
    return [found[place] for place in random.permutation(len(found))]


def share(batch: NDArray[np.int64], *, rank: int, processes: int) -> NDArray[np.int64]:
    """The part of a batch for process `rank` of `processes`; sizes differ by one at most."""
    return np.array_split(batch, processes)[rank]


def network_seed(seed: int, epoch: int, *, rank: int) -> int:
    """Seed of the network's own random numbers (dropout) in one epoch of one process."""
    sequence = np.random.SeedSequence((seed, epoch), spawn_key=(_NETWORK, rank))
    return int(sequence.generate_state(1, np.uint64)[0])
