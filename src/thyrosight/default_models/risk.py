"""Training of the risk model: benign or malignant, on TN5000 (pathology) and DDTI (TI-RADS, a head of its own)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import nn
from torch.nn import functional

from thyrosight.default_models.finding import Boxes, box_around
from thyrosight.default_models.fitting import Schedule, Task, as_input, fit, freeze_start
from thyrosight.default_models.pack import Pack, load, stretch_pack
from thyrosight.default_models.scanners import other_scanner, with_style_of
from thyrosight.default_models.views import View, around, jittered, whole
from thyrosight.networks import create, load_weights
from thyrosight.parts import Part
from thyrosight.progress import Progress, silent

ARCHITECTURE = "efficientnet_lite0"

TIRADS_TARGETS = {"2": 0.02, "3": 0.05, "4a": 0.1, "4b": 0.5, "4c": 0.8, "5": 0.95}
"""Share of cancers that each category stands for, about as published with the categories (Kwak et al. 2011)."""

PATHOLOGY, TIRADS = 0, 1  # the two answers of the network, each learnt from its own source of labels
ANSWERS = ("pathology", "TI-RADS")


class RiskOptions(Part):
    """How one stage of the risk model is trained.

    Attributes:
        fold: of TN5000 part train, left out; -1 trains on all of it.
        size: side of the network's input in pixels.
        epochs, batch, rate, average, seed: of the training; `average` is the decay of the mean of the weights.
        boxes: where windows near the nodule are possible: nowhere; where a reader's outline or callipers enclose it; or
            also where the finder finds one.
        ddti_per_epoch: frames of DDTI in each epoch; 0 leaves the collection out.
        tirads_weight: of their loss, beside 1 for pathology.
        near: chance of such a window; else the whole scan area is shown.
        context: how many times the nodule's box the window is wide.
        zoom: how much of the scan area is shown, where it is shown.
        erased: chance that upright callipers are erased before anything else.
        style: chance of taking over the spectrum's amplitude from another frame of any collection.
        strength: multiplies the chances of the simulated scanner's changes.
        smoothing: how far the targets of pathology are moved from 0 and 1.
        frozen_blocks: first blocks of the network that are held, with the stem.
        dropout: before the last layer.
        weights: where the network begins, as for `thyrosight.networks.create`.
    """

    fold: int = Field(0, ge=-1, le=4)
    size: int = Field(176, ge=32)
    epochs: int = Field(20, ge=1)
    batch: int = Field(32, ge=1)
    rate: float = Field(7e-4, gt=0)
    boxes: Literal["none", "outlines", "finder"] = "outlines"
    ddti_per_epoch: int = Field(0, ge=0)
    tirads_weight: float = Field(0.5, ge=0)
    near: float = Field(0.65, ge=0, le=1)
    context: tuple[float, float] = (1.4, 3.5)
    zoom: tuple[float, float] = (0.55, 1.05)
    erased: float = Field(0.6, ge=0, le=1)
    style: float = Field(0.3, ge=0, le=1)
    strength: float = Field(0.8, ge=0)
    smoothing: float = Field(0.05, ge=0, lt=0.5)
    frozen_blocks: int = Field(2, ge=0)
    dropout: float = Field(0.3, ge=0, lt=1)
    average: float = Field(0.995, ge=0, lt=1)
    seed: int = Field(0, ge=0)
    weights: str = "imagenet-if-present"


def risk_network(*, weights: str = "none", dropout: float = 0.3, seed: int = 0) -> nn.Module:
    """EfficientNet-Lite0 with two answers: logits by pathology and by TI-RADS."""
    network, _ = create(ARCHITECTURE, weights=weights, classes=ANSWERS, dropout=dropout, seed=seed)
    return network.to(memory_format=torch.channels_last)


def training_rows(packs: Path, fold: int) -> Pack:
    """Part train of TN5000 without one fold of groups."""
    pack = load(packs / "tn5000.npz")
    train = np.array([note.startswith("part=train") for note in pack.note], dtype=bool)
    return stretch_pack(pack.take(train & (pack.fold != fold)))


def tirads_frames(packs: Path) -> tuple[Pack, NDArray[np.float32]]:
    """Frames of DDTI with a category, and the share of cancers it stands for."""
    pack = load(packs / "ddti.npz")
    pack = stretch_pack(pack.take(pack.label >= 0))
    return pack, np.array([TIRADS_TARGETS[note.removeprefix("tirads=")] for note in pack.note], dtype=np.float32)


def near_view(extent: NDArray[np.int64], box: NDArray[np.float64], context: float) -> View:
    """A window around a box, `context` times its longer side, at least a third and at most the whole of the scan area.

    >>> near_view(np.array([300, 384]), np.array([100.0, 100.0, 200.0, 150.0]), 1.8).width
    180.0
    """
    left, top, right, bottom = box
    widest = whole(extent).width
    side = float(np.clip(context * max(right - left, bottom - top), widest / 3, widest))
    return around(float(left + right) / 2, float(top + bottom) / 2, side)


class Examples:
    """Draws training examples: one frame as another scanner and another user would have shown it.

    Args:
        packs: the folder with the packs.
        options: of the stage.
        boxes: of the finder, for frames of TN5000 without an outline.
    """

    def __init__(self, packs: Path, options: RiskOptions, boxes: Boxes | None = None) -> None:
        self.options, self.boxes = options, boxes or {}
        self.tn5000 = training_rows(packs, options.fold)
        self.ddti, self.tirads = tirads_frames(packs)
        self.styles = (self.tn5000, self.ddti, stretch_pack(load(packs / "busi.npz"))) if options.style else ()

    def picture(self, pack: Pack, row: int, draw: np.random.Generator) -> NDArray[np.float32]:
        """One frame of a pack, ready for the network but for its scale."""
        options = self.options
        box = None if options.boxes == "none" else self._box(pack, row)
        if box is not None and draw.random() < options.near:
            view = near_view(pack.extent[row], box, draw.uniform(*options.context))
            view = jittered(view, draw, zoom=(0.9, 1.1))
        else:
            view = jittered(whole(pack.extent[row]), draw, zoom=options.zoom)
        frames = pack.erased if draw.random() < options.erased else pack.images
        picture = view.of(frames[row], options.size).astype(np.float32)
        if draw.random() < options.style:
            picture = with_style_of(picture, self._donor(draw), draw)
        return other_scanner(picture, draw, strength=options.strength)

    def _donor(self, draw: np.random.Generator) -> NDArray[np.float32]:
        """The scan area of any frame, whose style another one takes over."""
        pack = self.styles[int(draw.integers(len(self.styles)))]
        row = int(draw.integers(len(pack)))
        return whole(pack.extent[row]).of(pack.images[row], self.options.size).astype(np.float32)

    def _box(self, pack: Pack, row: int) -> NDArray[np.float64] | None:
        return box_around(pack.masks[row]) if pack.masks[row].any() else self.boxes.get(str(pack.key[row]))

    def epoch(self, epoch: int) -> Iterator[tuple[torch.Tensor, ...]]:
        """Batches of one epoch: pictures, targets, source of the label, weights."""
        options = self.options
        draw = np.random.default_rng((options.seed, epoch))
        share = float(self.tn5000.label.mean())
        rows = [(self.tn5000, row) for row in range(len(self.tn5000))]
        rows += [(self.ddti, int(row)) for row in draw.choice(len(self.ddti), self._of_ddti, replace=False)]
        order = draw.permutation(len(rows))
        for step in range(self.steps):
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
    def _of_ddti(self) -> int:
        return min(self.options.ddti_per_epoch, len(self.ddti))

    @property
    def steps(self) -> int:
        """Steps of one epoch."""
        return (len(self.tn5000) + self._of_ddti) // self.options.batch


def answer_loss(
    logits: torch.Tensor, targets: torch.Tensor, source: torch.Tensor, weights: torch.Tensor
) -> torch.Tensor:
    """Cross entropy of the answer that each frame's label teaches; the other answer learns nothing from it.

    Args:
        logits: `(n, 2)` by pathology and by TI-RADS.
        targets, source, weights: `(n,)`.
    """
    given = logits.gather(1, source[:, None])[:, 0]
    losses: torch.Tensor = functional.binary_cross_entropy_with_logits(given, targets, reduction="none")
    return (losses * weights).sum() / weights.sum()


def train_risk(
    packs: Path,
    run: Path,
    options: RiskOptions,
    *,
    start: Path | None = None,
    boxes: Boxes | None = None,
    progress: Progress = silent,
    what: str = "Training the risk model",
) -> list[float]:
    """Train one stage and leave its weights in the folder `run`; see `thyrosight.default_models.fitting.fit`.

    Args:
        packs: the folder with the packs.
        run: of the stage.
        options: of the stage.
        start: weights of an earlier stage to go on from.
        boxes: of the finder, where the options ask for them.
        progress, what: as for `fit`.

    Returns:
        The mean loss of each epoch.
    """
    examples = Examples(packs, options, boxes)
    network = risk_network(weights=options.weights, dropout=options.dropout, seed=options.seed)
    if start is not None:
        load_weights(network, start)
    task = Task(
        network=network,
        frozen=freeze_start(network, options.frozen_blocks),
        batches=examples.epoch,
        loss=lambda batch: answer_loss(network(batch[0]), *batch[1:]),
        steps=examples.steps,
    )
    schedule = Schedule(options.epochs, options.rate, options.average, options.seed)
    return fit(task, schedule, run, progress=progress, what=what)
