"""The finder at work on packed frames: probability maps, nodules in them, and boxes for the risk model."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage
from torch import nn

from thyrosight.default_models.fitting import as_input
from thyrosight.default_models.pack import Pack
from thyrosight.default_models.views import View, whole
from thyrosight.networks import create, load_weights
from thyrosight.progress import Progress, silent

ARCHITECTURE = "unet_efficientnet_lite0"
THRESHOLD = 0.5
LEAST_SHARE = 0.002
"""A find that covers less of the scan area counts as none."""

Boxes = dict[str, NDArray[np.float64]]
"""Left, top, right and bottom of a nodule in pixels of the pack, by the frame's key."""
Maps = dict[str, NDArray[np.uint8]]
"""Probabilities of nodule, 0 to 255, at the pack's resolution, by the frame's key."""

_AT_ONCE = 16


@dataclass(frozen=True, eq=False)
class Find:
    """One nodule: its mask at the pack's resolution, and the mean probability inside."""

    mask: NDArray[np.bool_]
    probability: float


def finder_network(weights: Path) -> nn.Module:
    """The finder's network with these weights, ready to be asked.

    Raises:
        NetworkError: the file is missing or damaged, or belongs to another network.
    """
    network, _ = create(ARCHITECTURE, task="segmentation")
    load_weights(network, weights)
    return network.eval().to(memory_format=torch.channels_last)


@torch.no_grad()
def maps(network: nn.Module, pack: Pack, size: int) -> Iterator[NDArray[np.float32]]:
    """Probability of nodule for each frame at the pack's resolution, the mean of two views (one mirrored).

    Args:
        network: of `finder_network`.
        pack: with its contrast stretched.
        size: side of the network's input in pixels.
    """
    for start in range(0, len(pack), _AT_ONCE):
        rows = range(start, min(start + _AT_ONCE, len(pack)))
        views = [whole(pack.extent[row]) for row in rows]
        shown = [view.of(pack.erased[row], size).astype(np.float32) for row, view in zip(rows, views, strict=True)]
        images = as_input(shown)
        logits = (network(images) + network(images.flip(-1)).flip(-1)) / 2
        for row, view, found in zip(rows, views, logits.sigmoid()[:, 0].numpy(), strict=True):
            yield _put_back(found, view, pack, row)


def _put_back(found: NDArray[np.float32], view: View, pack: Pack, row: int) -> NDArray[np.float32]:
    left, top = round(view.left), round(view.top)
    width, height = max(round(view.right) - left, 1), max(round(view.bottom) - top, 1)
    enlarged = np.asarray(Image.fromarray(found).resize((width, height), Image.Resampling.BILINEAR))
    rows, columns = pack.extent[row]
    placed = np.zeros(pack.images.shape[1:], dtype=np.float32)
    placed[:rows, :columns] = enlarged[-top : rows - top, -left : columns - left]
    return placed


def finds(probability: NDArray[np.float32], extent: NDArray[np.int64]) -> list[Find]:
    """The nodules in a map, from the most to the least probable."""
    labels, count = ndimage.label(probability >= THRESHOLD)
    result = []
    for number in range(1, count + 1):
        mask = labels == number
        if mask.sum() >= LEAST_SHARE * extent[0] * extent[1]:
            result.append(Find(mask, float(probability[mask].mean())))
    return sorted(result, key=lambda find: -find.probability)


def dice(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Dice coefficient; 1 where both are empty.

    >>> dice(np.array([True, True, False]), np.array([True, False, False]))
    0.6666666666666666
    """
    total = int(one.sum()) + int(other.sum())
    return 1.0 if total == 0 else 2 * int((one & other).sum()) / total


def overlap(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Intersection over union; 0 where both are empty.

    >>> overlap(np.array([True, True, False]), np.array([True, False, False]))
    0.5
    """
    return int((one & other).sum()) / max(int((one | other).sum()), 1)


def teacher_maps(network: nn.Module, pack: Pack, size: int, *, progress: Progress = silent) -> Maps:
    """The maps of a collection, to teach the next finder."""
    found: Maps = {}
    for row, one in enumerate(maps(network, pack, size)):
        found[str(pack.key[row])] = (255 * one).round().astype(np.uint8)
        progress("Outlining frames for the next stage", row + 1, len(pack))
    return found


def boxes_of(network: nn.Module, pack: Pack, size: int, *, progress: Progress = silent) -> Boxes:
    """The box of the weightiest nodule (large and sure) of each frame in which one is found."""
    boxes: Boxes = {}
    for row, probability in enumerate(maps(network, pack, size)):
        best = _weightiest(finds(probability, pack.extent[row]))
        if best is not None:
            boxes[str(pack.key[row])] = box_around(best.mask)
        progress("Finding nodules", row + 1, len(pack))
    return boxes


def box_around(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Left, top, right and bottom of everything in a mask that is not empty.

    >>> box_around(np.array([[False, False, False], [False, True, True]])).tolist()
    [1.0, 1.0, 3.0, 2.0]
    """
    rows, columns = np.nonzero(mask)
    return np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1], dtype=np.float64)


def _weightiest(found: list[Find]) -> Find | None:
    """The find with the most probability in all: large and sure."""
    return max(found, key=lambda find: find.probability * float(np.sqrt(find.mask.sum())), default=None)
