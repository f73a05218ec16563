"""Balancing classes by mirrored copies: images are drawn here, and mirrored when a batch is read.

The rule is that of Rho et al., "Diagnosis of thyroid micronodules on ultrasound using a deep convolutional neural
network" (Sci Rep 2023): of 6,400 benign images 760 drawn at random are added once more, mirrored left to right, so that
both classes hold 7,160.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thyrosight.training.prepared import PreparedSet

_BALANCE = 5
"""Stream of random numbers for the draw; `order.py` and `augmentation.py` name the others."""


def draw_mirrored(labels: NDArray[np.int64], *, classes: int, seed: int) -> NDArray[np.int64]:
    """Draw the images that get a mirrored copy, so that every class becomes as large as the largest one.

    Images are drawn without replacement. A class that needs more copies than it has images is first copied whole, as
    often as necessary, so that the numbers of copies of two images of a class differ by one at most. A class without
    images stays empty.

    Args:
        labels: `(n,)`, index of each image's class.
        classes: number of classes.
        seed: seed of the draw, which depends on the seed and the labels alone.

    Returns:
        Indices into `labels`, one per copy, in rising order.

    >>> draw_mirrored(np.array([0, 1, 1, 0, 1, 1]), classes=2, seed=0).tolist()
    [0, 3]
    """
    random = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_BALANCE,)))
    counts = np.bincount(labels, minlength=classes)
    drawn: list[int] = []
    for label, count in enumerate(counts):
        if count == 0:
            continue
        members = np.flatnonzero(labels == label)
        rounds, rest = divmod(int(counts.max() - count), int(count))
        drawn += members.tolist() * rounds
        drawn += random.choice(members, size=rest, replace=False).tolist()
    return np.sort(np.array(drawn, dtype=np.int64))


@dataclass(frozen=True, eq=False)
class BalancedSet:
    """Training images followed by mirrored copies of some of them.

    Attributes:
        images: the set without copies.
        mirrored: indices of the images whose copies follow at the end, mirrored left to right.
    """

    images: PreparedSet
    mirrored: NDArray[np.int64]

    @classmethod
    def of(cls, images: PreparedSet, *, seed: int) -> "BalancedSet":
        """The set with mirrored copies that make its smaller classes as large as the largest."""
        return cls(images, draw_mirrored(images.labels, classes=len(images.classes), seed=seed))

    def __len__(self) -> int:
        return len(self.images) + len(self.mirrored)

    @property
    def labels(self) -> NDArray[np.int64]:
        """Labels of the images and their copies."""
        return np.concatenate([self.images.labels, self.images.labels[self.mirrored]])

    @property
    def sides(self) -> NDArray[np.int64]:
        """Rows and columns of the images and their copies."""
        return np.concatenate([self.images.sides, self.images.sides[self.mirrored]])

    @property
    def mirrored_keys(self) -> tuple[str, ...]:
        """Names of the images that were copied, once per copy."""
        return tuple(self.images.keys[index] for index in self.mirrored)

    def batch(self, indices: NDArray[np.int64], *, margins: Sequence[float] | None = None) -> NDArray[np.uint8]:
        """Copy of the images at `indices`; indices after the last image of the set give the mirrored copies."""
        here = len(self.images)
        source = np.concatenate([np.arange(here), self.mirrored])[indices]
        pixels = self.images.batch(source) if margins is None else self.images.batch(source, margins=margins)
        copies = indices >= here
        pixels[copies] = np.flip(pixels[copies], axis=2)
        return pixels
