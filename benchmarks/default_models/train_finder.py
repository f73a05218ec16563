"""Train the finder: a U-Net that outlines nodules in whole frames, on DDTI and BUSI.

python -m default_models.train_finder PACKS RUN '{"fold": 0, "epochs": 12}'
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

from default_models.fitting import as_input, fit, fitted_view, folds, freeze_start, jittered, save, stretch_pack
from default_models.pack import Pack, load
from default_models.scanners import other_scanner
from thyrosight.networks import create
from thyrosight.networks.unet import Lite0Encoder


class FinderOptions(BaseModel):
    """How one finder is trained.

    Attributes:
        fold: of DDTI, and of TN5000 part train, left out; -1 trains on all of both.
        busi_per_epoch, tn5000_per_epoch: frames drawn in each epoch; DDTI is shown whole.
        mosaic: chance of four frames tiled.
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
    busi_per_epoch: int = 150
    tn5000_per_epoch: int = 400
    erased: float = 0.8
    mosaic: float = 0.25
    zoom: tuple[float, float] = (0.6, 1.6)
    strength: float = 0.8
    frozen_blocks: int = 2
    seed: int = 0
    start: str = ""


def training_set(packs: Path, options: FinderOptions) -> tuple[Pack, Pack, Pack]:
    """DDTI without its fold, BUSI, and the frames of TN5000 part train whose callipers enclose a nodule."""
    ddti, tn5000 = load(packs / "ddti.npz"), load(packs / "tn5000.npz")
    train = np.array([note.startswith("part=train") for note in tn5000.note])
    tn5000 = tn5000.take(tn5000.outlined & train & (folds(tn5000.group) != options.fold))
    ddti = ddti.take(folds(ddti.group) != options.fold)
    return stretch_pack(ddti), stretch_pack(load(packs / "busi.npz")), stretch_pack(tn5000)


def one_view(
    pack: Pack, row: int, options: FinderOptions, draw: np.random.Generator, size: tuple[int, int]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """One frame and its mask at the same random view, the frame as another scanner would show it."""
    view = jittered(fitted_view(pack.extent[row], size), draw, zoom=options.zoom)
    shown = pack.erased if draw.random() < options.erased else pack.images
    picture = view.of(shown[row], size).astype(np.float32)
    mask = view.of(pack.masks[row].astype(np.uint8) * 255, size).astype(np.float32) / 255
    return other_scanner(picture, draw, strength=options.strength), mask.astype(np.float32)


def example(
    pack: Pack, row: int, options: FinderOptions, draw: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A frame and its mask; by chance four frames tiled, so that nodules are small, several, or beside none."""
    if draw.random() >= options.mosaic:
        return one_view(pack, row, options, draw, options.size)
    half = (options.size[0] // 2, options.size[1] // 2)
    rows = [row, *draw.integers(len(pack), size=3)]
    tiles = [one_view(pack, int(number), options, draw, half) for number in rows]
    picture, mask = (
        np.vstack([np.hstack([tiles[0][part], tiles[1][part]]), np.hstack([tiles[2][part], tiles[3][part]])])
        for part in (0, 1)
    )
    return picture, mask


def mask_loss(logits: torch.Tensor, masks: torch.Tensor) -> torch.Tensor:
    """Cross entropy of the pixels, and one minus the soft Dice coefficient of each picture that shows a nodule."""
    entropy = functional.binary_cross_entropy_with_logits(logits, masks)
    given = logits.sigmoid()
    both, sizes = (given * masks).sum((1, 2, 3)), (given + masks).sum((1, 2, 3))
    shown = masks.sum((1, 2, 3)) > 0
    dice = (2 * both + 1) / (sizes + 1)
    return entropy + (1 - dice[shown]).sum() / max(int(shown.sum()), 1)


def train(packs: Path, options: FinderOptions) -> nn.Module:
    """The averaged network."""
    ddti, busi, tn5000 = training_set(packs, options)
    network, _ = create(
        "unet_efficientnet_lite0", weights="imagenet-if-present", task="segmentation", seed=options.seed
    )
    if options.start:
        network.load_state_dict(load_file(options.start))
    network.to(memory_format=torch.channels_last)
    encoder = network.encoder
    assert isinstance(encoder, Lite0Encoder)
    frozen = freeze_start(encoder.body, options.frozen_blocks)
    per_epoch = len(ddti) + options.busi_per_epoch + options.tn5000_per_epoch
    steps = per_epoch // options.batch

    def batches(epoch: int) -> Iterator[tuple[torch.Tensor, ...]]:
        draw = np.random.default_rng((options.seed, epoch))
        chosen = [(ddti, row) for row in range(len(ddti))]
        for pack, count in ((busi, options.busi_per_epoch), (tn5000, options.tn5000_per_epoch)):
            chosen += [(pack, int(row)) for row in draw.choice(len(pack), count, replace=False)]
        order = draw.permutation(len(chosen))
        for step in range(steps):
            rows = [chosen[int(place)] for place in order[step * options.batch : (step + 1) * options.batch]]
            pairs = [example(pack, row, options, draw) for pack, row in rows]
            masks = torch.from_numpy(np.stack([pair[1] for pair in pairs])).unsqueeze(1)
            yield as_input([pair[0] for pair in pairs]), masks

    def loss_of(batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
        return mask_loss(network(batch[0]).mask_logits, batch[1])

    return fit(network, batches, loss_of, frozen=frozen, steps=steps, epochs=options.epochs, rate=options.rate)


def main(packs: str, run: str, options: str = "{}") -> None:
    """Train and store the weights with their options."""
    chosen = FinderOptions.model_validate_json(options)
    torch.manual_seed(chosen.seed)
    save(train(Path(packs), chosen), Path(run) / "weights.safetensors")
    (Path(run) / "options.json").write_text(json.dumps(chosen.model_dump(), indent=1), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
