"""The images of a batch before augmentation: crops with random margins, and pairs with one image hidden at random."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from thyrosight.imaging.pairs import CHANNELS
from thyrosight.training.balance import BalancedSet
from thyrosight.training.options import FitOptions
from thyrosight.training.paired import hide
from thyrosight.training.prepared import PreparedSet

_MODALITY = 6
"""Stream of random numbers; `order.py`, `augmentation.py` and `balance.py` name the others."""


def seen(
    train: PreparedSet | BalancedSet, indices: NDArray[np.int64], options: FitOptions, *, epoch: int
) -> NDArray[np.uint8]:
    """The pixels of a batch in `epoch`, before augmentation."""
    margins = options.augmentation.draw_margins(options.seed, epoch, indices.tolist())
    pixels = train.batch(indices, margins=margins)
    if options.modality_dropout == 0:
        return pixels
    hidden = draw_hidden(options.modality_dropout, seed=options.seed, epoch=epoch, indices=indices.tolist())
    # The only image of a pair is never hidden.
    return hide(pixels, hidden & are_shown(pixels).all(axis=1, keepdims=True))


def are_shown(pairs: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Whether each image of pairs `(n, rows, columns, 4)` is present, that is not all black: `(n, 2)`."""
    return np.stack([pairs[..., kind].any(axis=tuple(range(1, pairs.ndim))) for kind in CHANNELS.values()], axis=1)


def draw_hidden(probability: float, *, seed: int, epoch: int, indices: Sequence[int]) -> NDArray[np.bool_]:
    """Draw the image of each pair that is hidden in `epoch`, if any: `(n, 2)`, never both.

    A draw depends on seed, epoch and index alone, and is independent of the other draws.

    >>> draw_hidden(0.9, seed=0, epoch=0, indices=[0, 1, 2]).tolist()
    [[False, True], [False, True], [False, True]]
    """
    streams = (np.random.SeedSequence((seed, epoch, index), spawn_key=(_MODALITY,)) for index in indices)
    chances = np.array([np.random.default_rng(stream).random(2) for stream in streams]).reshape(-1, 2)
    second = chances[:, 1] < 0.5
    return np.asarray((chances[:, :1] < probability) & np.stack([~second, second], axis=1))
