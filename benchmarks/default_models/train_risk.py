"""Train the risk model: benign or malignant, on TN5000 (pathology) and by choice DDTI (TI-RADS, a head of its own).

python -m default_models.train_risk PACKS RUN '{"fold": 0, "epochs": 6}'

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

from default_models.fitting import (
    around,
    as_input,
    fit,
    fitted_view,
    folds,
    freeze_start,
    jittered,
    save,
    stretch_pack,
)
from default_models.pack import Pack, load
from default_models.scanners import View, other_scanner, with_style_of
from thyrosight.networks import create

TIRADS_TARGETS = {"2": 0.02, "3": 0.05, "4a": 0.1, "4b": 0.5, "4c": 0.8, "5": 0.95}
"""Share of cancers that each category stands for, about as published with the categories (Kwak et al. 2011)."""

PATHOLOGY, TIRADS = 0, 1  # the two answers of the network, each learnt from its own source of labels


class RiskOptions(BaseModel):
    """How one risk model is trained.

    Attributes:
        fold: of TN5000 part train, left out; -1 trains on all of it.
        ddti_per_epoch: frames of DDTI in each epoch; 0 leaves the collection out.
        tirads_weight: of their loss, beside 1 for pathology.
        boxes: a file of the finder's boxes (`finding`), for frames without an outline; empty for whole scan areas.
        near: chance of such a window; else the whole scan area is shown.
        context: how many times the nodule's box the window is wide.
        zoom: how much of the scan area is shown, where it is shown.
        erased: chance that upright callipers are erased before anything else.
        style: chance of taking over the spectrum's amplitude from another frame of any collection.
        strength: multiplies the chances of the simulated scanner's changes.
        start: weights to go on from, instead of ImageNet's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    fold: int = 0
    size: tuple[int, int] = (144, 192)
    epochs: int = 6
    batch: int = 32
    rate: float = 7e-4
    ddti_per_epoch: int = 0
    tirads_weight: float = 0.5
    boxes: str = ""
    near: float = 0.6
    context: tuple[float, float] = (1.6, 3.5)
    zoom: tuple[float, float] = (0.55, 1.05)
    erased: float = 0.7
    style: float = 0.0
    strength: float = 0.8
    smoothing: float = 0.05
    frozen_blocks: int = 2
    dropout: float = 0.3
    average: float = 0.99
    seed: int = 0
    start: str = ""


def risk_network(dropout: float = 0.3, seed: int = 0) -> nn.Module:
    """EfficientNet-Lite0 from ImageNet with two answers: logits by pathology and by TI-RADS."""
    network, _ = create(
        "efficientnet_lite0",
        weights="imagenet-if-present",
        classes=("pathology", "TI-RADS"),
        dropout=dropout,
        seed=seed,
    )
    return network.to(memory_format=torch.channels_last)


def training_rows(packs: Path, fold: int) -> Pack:
    """Part train of TN5000 without one fold of groups."""
    pack = load(packs / "tn5000.npz")
    train = np.array([note.startswith("part=train") for note in pack.note])
    return stretch_pack(pack.take(train & (folds(pack.group) != fold)))


def tirads_frames(packs: Path) -> tuple[Pack, NDArray[np.float32]]:
    """Frames of DDTI with a category, and the share of cancers it stands for."""
    pack = load(packs / "ddti.npz")
    pack = stretch_pack(pack.take(pack.label >= 0))
    return pack, np.array([TIRADS_TARGETS[note.removeprefix("tirads=")] for note in pack.note], dtype=np.float32)


def near_view(pack: Pack, row: int, box: NDArray[np.float64], context: float, size: tuple[int, int]) -> View:
    """A window around a box, `context` times as wide, at least a third and at most the whole of the scan area."""
    left, top, right, bottom = box
    wanted = context * max(right - left, (bottom - top) * size[1] / size[0])
    whole = fitted_view(pack.extent[row], size)
    widest = whole.right - whole.left
    return around((left + right) / 2, (top + bottom) / 2, float(np.clip(wanted, widest / 3, widest)), size)


class Examples:
    """Draws training examples: one frame as another scanner and another user would have shown it."""

    def __init__(self, packs: Path, options: RiskOptions) -> None:
        self.options = options
        self.tn5000 = training_rows(packs, options.fold)
        self.ddti, self.tirads = tirads_frames(packs)
        self.boxes = dict(np.load(options.boxes)) if options.boxes else {}
        self.styles = (self.tn5000, self.ddti, stretch_pack(load(packs / "busi.npz"))) if options.style else ()

    def picture(self, pack: Pack, row: int, draw: np.random.Generator) -> NDArray[np.float32]:
        """One frame of a pack, ready for the network but for its scale."""
        options = self.options
        box = self._box(pack, row) if options.boxes else None
        if box is not None and draw.random() < options.near:
            view = near_view(pack, row, box, draw.uniform(*options.context), options.size)
            view = jittered(view, draw, zoom=(0.9, 1.1))
        else:
            view = jittered(fitted_view(pack.extent[row], options.size), draw, zoom=options.zoom)
        frames = pack.erased if draw.random() < options.erased else pack.images
        picture = view.of(frames[row], options.size).astype(np.float32)
        if draw.random() < options.style:
            donor = self.styles[int(draw.integers(len(self.styles)))]
            other = int(draw.integers(len(donor)))
            seen = fitted_view(donor.extent[other], options.size).of(donor.images[other], options.size)
            picture = with_style_of(picture, seen.astype(np.float32), draw)
        return other_scanner(picture, draw, strength=options.strength)

    def _box(self, pack: Pack, row: int) -> NDArray[np.float64] | None:
        rows, columns = np.nonzero(pack.masks[row])
        if rows.size:
            return np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1], dtype=np.float64)
        return self.boxes.get(str(pack.key[row]))

    def epoch(self, epoch: int) -> Iterator[tuple[torch.Tensor, ...]]:
        """Batches of one epoch: pictures, targets, source of the label, weights."""
        options = self.options
        draw = np.random.default_rng((options.seed, epoch))
        share = float(self.tn5000.label.mean())
        rows = [(self.tn5000, row) for row in range(len(self.tn5000))]
        rows += [(self.ddti, int(row)) for row in draw.choice(len(self.ddti), options.ddti_per_epoch, replace=False)]
        order = draw.permutation(len(rows))
        for step in range(len(rows) // options.batch):
            chosen = [rows[place] for place in order[step * options.batch : (step + 1) * options.batch]]
            pictures = as_input([self.picture(pack, row, draw) for pack, row in chosen])
            targets = np.array([self._target(pack, row) for pack, row in chosen], dtype=np.float32)
            source = np.array([TIRADS if pack is self.ddti else PATHOLOGY for pack, _ in chosen])
            balance = np.where(targets > 0.5, 0.5 / share, 0.5 / (1 - share))
            weights = np.where(source == TIRADS, options.tirads_weight, balance).astype(np.float32)
            yield pictures, torch.from_numpy(targets), torch.from_numpy(source), torch.from_numpy(weights)

    def _target(self, pack: Pack, row: int) -> float:
        if pack is self.ddti:
            return float(self.tirads[row])
        return abs(float(pack.label[row]) - self.options.smoothing)

    @property
    def steps(self) -> int:
        """Steps of one epoch."""
        return (len(self.tn5000) + self.options.ddti_per_epoch) // self.options.batch


def train(packs: Path, run: Path, options: RiskOptions) -> nn.Module:
    """The averaged network."""
    examples = Examples(packs, options)
    network = risk_network(options.dropout, options.seed)
    if options.start:
        network.load_state_dict(load_file(options.start))
    frozen = freeze_start(network, options.frozen_blocks)

    def loss_of(batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
        pictures, targets, source, weights = batch
        logits = network(pictures).gather(1, source[:, None])[:, 0]
        losses: torch.Tensor = functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
        return (losses * weights).sum() / weights.sum()

    return fit(
        network,
        examples.epoch,
        loss_of,
        frozen=frozen,
        steps=examples.steps,
        epochs=options.epochs,
        rate=options.rate,
        average=options.average,
        keep=run,
    )


def main(packs: str, run: str, options: str = "{}") -> None:
    """Train and store the weights with their options."""
    chosen = RiskOptions.model_validate_json(options)
    torch.manual_seed(chosen.seed)
    Path(run).mkdir(parents=True, exist_ok=True)
    (Path(run) / "options.json").write_text(json.dumps(chosen.model_dump(), indent=1), encoding="utf-8")
    save(train(Path(packs), Path(run), chosen), Path(run) / "weights.safetensors")


if __name__ == "__main__":
    main(*sys.argv[1:])
