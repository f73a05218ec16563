"""The finder at work: probability maps, nodules in them, and boxes for the risk model.

python -m default_models.finding PACKS WEIGHTS FOLDER [SET ...]    (boxes)
python -m default_models.finding PACKS WEIGHTS MAPS.npz SET        (maps, to teach the next finder)
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import load_file
from scipy import ndimage
from torch import nn

from default_models.fitting import as_input, fitted_view, stretch_pack
from default_models.pack import Pack, load
from default_models.scanners import View
from thyrosight.networks import create

SIZE = (160, 192)
THRESHOLD = 0.5
LEAST_SHARE = 0.002
"""A find that covers less of the scan area counts as none."""

_AT_ONCE = 16


@dataclass(frozen=True, eq=False)
class Find:
    """One nodule: its mask at the pack's resolution, and the mean probability inside."""

    mask: NDArray[np.bool_]
    probability: float


def finder(weights: Path) -> nn.Module:
    """The network with these weights, ready to be asked."""
    network, _ = create("unet_efficientnet_lite0", task="segmentation")
    network.load_state_dict({name: value.float() for name, value in load_file(weights).items()})
    return network.eval().to(memory_format=torch.channels_last)


@torch.no_grad()
def maps(network: nn.Module, pack: Pack, size: tuple[int, int] = SIZE) -> Iterator[NDArray[np.float32]]:
    """Probability of nodule for each frame at the pack's resolution, the mean of two views (one mirrored)."""
    for start in range(0, len(pack), _AT_ONCE):
        rows = range(start, min(start + _AT_ONCE, len(pack)))
        views = [fitted_view(pack.extent[row], size) for row in rows]
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
    """Dice coefficient; 1 where both are empty."""
    total = int(one.sum()) + int(other.sum())
    return 1.0 if total == 0 else 2 * int((one & other).sum()) / total


def overlap(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Intersection over union; 0 where both are empty."""
    return int((one & other).sum()) / max(int((one | other).sum()), 1)


def store_maps(packs: str, weights: str, out: str, name: str) -> None:
    """Write the maps of a collection (0 to 255, by key) for the training of the next finder."""
    pack = stretch_pack(load(Path(packs) / f"{name}.npz"))
    found = maps(finder(Path(weights)), pack)
    stored = {str(key): (255 * one).round().astype(np.uint8) for key, one in zip(pack.key, found, strict=True)}
    np.savez_compressed(out, **stored)  # type: ignore[arg-type]


def store_boxes(packs: str, weights: str, out: str, *names: str) -> None:
    """Write, per collection, the box of the most probable nodule of each frame in which one is found."""
    network = finder(Path(weights))
    Path(out).mkdir(parents=True, exist_ok=True)
    for name in names:
        pack = stretch_pack(load(Path(packs) / f"{name}.npz"))
        boxes: dict[str, NDArray[np.float64]] = {}
        for row, probability in enumerate(maps(network, pack)):
            best = _weightiest(finds(probability, pack.extent[row]))
            if best is not None:
                rows, columns = np.nonzero(best.mask)
                boxes[str(pack.key[row])] = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1.0])
        np.savez(Path(out) / f"{name}.npz", **boxes)  # type: ignore[arg-type]
        print(f"{name}: a nodule found in {len(boxes)} of {len(pack)} frames", flush=True)


def _weightiest(found: list[Find]) -> Find | None:
    """The find with the most probability in all: large and sure."""
    return max(found, key=lambda find: find.probability * float(np.sqrt(find.mask.sum())), default=None)


def main(packs: str, weights: str, out: str, *names: str) -> None:
    """Write boxes to a folder, or maps to a file."""
    (store_maps if out.endswith(".npz") else store_boxes)(packs, weights, out, *names)


if __name__ == "__main__":
    main(*sys.argv[1:])
