"""Train the finder: a U-Net that outlines nodules in whole frames, on DDTI, BUSI and TN5000.

python -m default_models.train_finder PACKS RUN '{"fold": 0, "epochs": 12}'

A run that was broken off goes on after its last whole epoch when the command is given again.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional

from default_models.fitting import around, as_input, fit, fitted_view, folds, freeze_start, jittered, save, stretch_pack
from default_models.outlines import Frames, as_drawn, beside, emptied, outlined_again, with_patch
from default_models.pack import Pack, load
from default_models.scanners import View, other_scanner
from thyrosight.networks import create
from thyrosight.networks.unet import Lite0Encoder


class FinderOptions(BaseModel):
    """How one finder is trained.

    Attributes:
        fold: of every collection left out; -1 trains on all.
        ddti_per_epoch, busi_per_epoch, tn5000_per_epoch, found_per_epoch: frames drawn in each epoch: of DDTI, of BUSI
            (half of them normal), of TN5000 where callipers enclose a nodule, and where only the teacher outlines one.
        teacher: a file of the maps of an earlier finder (`finding maps`) for TN5000; empty for callipers alone.
        mosaic: chance of four frames tiled.
        near: chance of a window around the nodule instead of the scan area.
        empty: chance of a view without the nodule: tissue beside it, or tissue put over it.
        patched: chance of tissue put over a place without a nodule, so that seams do not tell an emptied frame.
        zoom: how much of the scan area is shown.
        erased: chance that upright callipers are erased before anything else.
        strength: multiplies the chances of the simulated scanner's changes.
        start: weights to go on from, instead of ImageNet's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    fold: int = 0
    size: tuple[int, int] = (160, 192)
    epochs: int = 10
    batch: int = 16
    rate: float = 1e-3
    ddti_per_epoch: int = 472
    busi_per_epoch: int = 150
    tn5000_per_epoch: int = 400
    found_per_epoch: int = 0
    teacher: str = ""
    erased: float = 0.8
    mosaic: float = 0.25
    near: float = 0.0
    empty: float = 0.0
    patched: float = 0.0
    zoom: tuple[float, float] = (0.6, 1.6)
    strength: float = 0.8
    frozen_blocks: int = 2
    average: float = 0.99
    seed: int = 0
    start: str = ""


def without_fold(pack: Pack, fold: int) -> Pack:
    """The frames outside a fold of groups, their contrast stretched."""
    return stretch_pack(pack.take(folds(pack.group) != fold))


def training_set(packs: Path, options: FinderOptions) -> list[tuple[Frames, int]]:
    """The frames that are learnt from, each kind with how many of it an epoch shows."""
    tn5000 = load(packs / "tn5000.npz")
    tn5000 = tn5000.take(np.array([note.startswith("part=train") for note in tn5000.note]))
    if options.teacher:
        drawn, found = outlined_again(without_fold(tn5000, options.fold), dict(np.load(options.teacher)))
    else:
        drawn, found = as_drawn(without_fold(tn5000.take(tn5000.outlined), options.fold)), None
    busi = without_fold(load(packs / "busi.npz"), options.fold)
    normal = np.array([note == "class=normal" for note in busi.note])
    kinds = [
        (as_drawn(without_fold(load(packs / "ddti.npz"), options.fold)), options.ddti_per_epoch),
        (as_drawn(busi.take(~normal)), options.busi_per_epoch - options.busi_per_epoch // 2),
        (as_drawn(busi.take(normal)), options.busi_per_epoch // 2),
        (drawn, options.tn5000_per_epoch),
    ]
    return kinds if found is None else [*kinds, (found, options.found_per_epoch)]


Example = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]
"""Picture, mask and what of the mask is unknown, each `(rows, columns)`."""


def one_view(
    frames: Frames, row: int, options: FinderOptions, draw: np.random.Generator, size: tuple[int, int]
) -> Example:
    """One frame and its mask at the same random view, the frame as another scanner would show it."""
    pack = frames.pack
    pixels = (pack.erased if draw.random() < options.erased else pack.images)[row]
    mask, unknown = pack.masks[row], frames.unknown[row]
    whole = fitted_view(pack.extent[row], size)
    view = jittered(whole, draw, zoom=options.zoom)
    if mask.any() and draw.random() < options.empty:
        window = beside(mask | unknown, pack.extent[row], size, draw) if draw.random() < 0.5 else None
        if window is not None:
            view = jittered(window, draw, zoom=(0.85, 1.0), shift=0.0, angle=2.0, stretch=1.05)
        else:
            pixels, mask = emptied(pixels, mask, pack.extent[row], draw)
    else:
        if mask.any() and draw.random() < options.near:
            view = jittered(near(mask, whole, size, draw), draw, zoom=(0.8, 1.25))
        if draw.random() < options.patched:
            pixels = with_patch(pixels, mask | unknown, pack.extent[row], draw)
    shown, outline, open_to_doubt = (
        view.of(values, size).astype(np.float32)
        for values in (pixels, mask.astype(np.uint8) * 255, unknown.astype(np.uint8) * 255)
    )
    return other_scanner(shown, draw, strength=options.strength), outline / 255, open_to_doubt / 255


def near(mask: NDArray[np.bool_], whole: View, size: tuple[int, int], draw: np.random.Generator) -> View:
    """A window around the nodule, 1.2 to 3 times as wide, at least a fifth of the scan area."""
    rows, columns = np.nonzero(mask)
    wide = max(np.ptp(columns) + 1, (np.ptp(rows) + 1) * size[1] / size[0]) * draw.uniform(1.2, 3.0)
    widest = whole.right - whole.left
    return around(columns.mean(), rows.mean(), float(np.clip(wide, widest / 5, widest)), size)


def example(frames: Frames, row: int, options: FinderOptions, draw: np.random.Generator) -> Example:
    """A frame and its mask; by chance four frames tiled, so that nodules are small, several, or beside none."""
    if draw.random() >= options.mosaic:
        return one_view(frames, row, options, draw, options.size)
    half = (options.size[0] // 2, options.size[1] // 2)
    rows = [row, *draw.integers(len(frames.pack), size=3)]
    tiles = [one_view(frames, int(number), options, draw, half) for number in rows]
    picture, mask, unknown = (
        np.vstack([np.hstack([tiles[0][part], tiles[1][part]]), np.hstack([tiles[2][part], tiles[3][part]])])
        for part in range(3)
    )
    return picture, mask, unknown


def mask_loss(logits: torch.Tensor, masks: torch.Tensor, unknown: torch.Tensor) -> torch.Tensor:
    """Cross entropy of the pixels, and one minus the soft Dice coefficient of each picture that shows a nodule.

    Pixels count by how well their truth is known.
    """
    known = 1 - unknown
    entropy = functional.binary_cross_entropy_with_logits(logits, masks, weight=known)
    given, masks = logits.sigmoid() * known, masks * known
    both, sizes = (given * masks).sum((1, 2, 3)), (given + masks).sum((1, 2, 3))
    shown = masks.sum((1, 2, 3)) > 0
    dice = (2 * both + 1) / (sizes + 1)
    return entropy + (1 - dice[shown]).sum() / max(int(shown.sum()), 1)


def train(packs: Path, run: Path, options: FinderOptions) -> nn.Module:
    """The averaged network."""
    kinds = training_set(packs, options)
    network, _ = create(
        "unet_efficientnet_lite0", weights="imagenet-if-present", task="segmentation", seed=options.seed
    )
    if options.start:
        network.load_state_dict({name: value.float() for name, value in load_file(options.start).items()})
    network.to(memory_format=torch.channels_last)
    encoder = network.encoder
    assert isinstance(encoder, Lite0Encoder)
    frozen = freeze_start(encoder.body, options.frozen_blocks)
    steps = sum(min(count, len(frames.pack)) for frames, count in kinds) // options.batch

    def batches(epoch: int) -> Iterator[tuple[torch.Tensor, ...]]:
        draw = np.random.default_rng((options.seed, epoch))
        chosen = [
            (frames, int(row))
            for frames, count in kinds
            for row in draw.choice(len(frames.pack), min(count, len(frames.pack)), replace=False)
        ]
        order = draw.permutation(len(chosen))
        for step in range(steps):
            rows = [chosen[int(place)] for place in order[step * options.batch : (step + 1) * options.batch]]
            shown = [example(frames, row, options, draw) for frames, row in rows]
            masks, unknown = (torch.from_numpy(np.stack([one[part] for one in shown])).unsqueeze(1) for part in (1, 2))
            yield as_input([one[0] for one in shown]), masks, unknown

    def loss_of(batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
        return mask_loss(network(batch[0]).mask_logits, batch[1], batch[2])

    return fit(
        network,
        batches,
        loss_of,
        frozen=frozen,
        steps=steps,
        epochs=options.epochs,
        rate=options.rate,
        average=options.average,
        keep=run,
    )


def main(packs: str, run: str, options: str = "{}") -> None:
    """Train and store the weights with their options."""
    chosen = FinderOptions.model_validate_json(options)
    torch.manual_seed(chosen.seed)
    Path(run).mkdir(parents=True, exist_ok=True)
    (Path(run) / "options.json").write_text(json.dumps(chosen.model_dump(), indent=1), encoding="utf-8")
    save(train(Path(packs), Path(run), chosen), Path(run) / "weights.safetensors")


if __name__ == "__main__":
    main(*sys.argv[1:])
