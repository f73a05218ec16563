"""Training of the finder: a U-Net that outlines nodules in whole frames, on DDTI, BUSI and TN5000."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import nn
from torch.nn import functional

from thyrosight.default_models.finder_views import ViewOptions, example
from thyrosight.default_models.finding import ARCHITECTURE, Maps
from thyrosight.default_models.fitting import Schedule, Task, as_input, fit, freeze_start
from thyrosight.default_models.outlines import Frames, as_drawn, outlined_again
from thyrosight.default_models.pack import Pack, load, stretch_pack
from thyrosight.default_models.tissue import WithTissue, tissue_loss
from thyrosight.networks import create, load_weights
from thyrosight.networks.unet import Lite0Encoder
from thyrosight.progress import Progress, silent


class FinderOptions(ViewOptions):
    """How one stage of the finder is trained.

    Attributes:
        fold: of every collection, left out; -1 trains on all.
        size: side of the network's input in pixels.
        epochs, batch, rate, average, seed: of the training; `average` is the decay of the mean of the weights.
        ddti_per_epoch, busi_per_epoch, tn5000_per_epoch, found_per_epoch: frames drawn in each epoch: of DDTI, of BUSI
            (half of them normal), of TN5000 where callipers enclose a nodule, and where only the teacher outlines one.
        tissue: weight of the loss of a second answer, thyroid or not, for each cell of the encoder's deeper maps; it
            makes features by which an image without a thyroid is told, and is no part of the finder.
        frozen_blocks: first blocks of the encoder that are held, with the stem.
        weights: where the encoder begins, as for `thyrosight.networks.create`.
    """

    fold: int = Field(0, ge=-1, le=4)
    size: int = Field(192, ge=32, multiple_of=32)
    epochs: int = Field(22, ge=1)
    batch: int = Field(16, ge=1)
    rate: float = Field(1e-3, gt=0)
    ddti_per_epoch: int = Field(472, ge=0)
    busi_per_epoch: int = Field(160, ge=0)
    tn5000_per_epoch: int = Field(450, ge=0)
    found_per_epoch: int = Field(0, ge=0)
    tissue: float = Field(0.0, ge=0)
    frozen_blocks: int = Field(2, ge=0)
    average: float = Field(0.995, ge=0, lt=1)
    seed: int = Field(0, ge=0)
    weights: str = "imagenet-if-present"


Kinds = list[tuple[Frames, int]]
"""The frames that are learnt from, each kind with how many of it an epoch shows."""


def training_set(packs: Path, options: FinderOptions, teacher: Maps | None = None) -> Kinds:
    """The frames outside the fold, their contrast stretched.

    Args:
        packs: the folder with the packs of `tn5000`, `ddti` and `busi`.
        options: of the stage.
        teacher: maps of an earlier finder over part train of TN5000; None for callipers alone.
    """
    tn5000 = load(packs / "tn5000.npz")
    train = np.array([note.startswith("part=train") for note in tn5000.note], dtype=bool)
    found = None
    if teacher is not None:
        drawn, found = outlined_again(without_fold(tn5000.take(train), options.fold), teacher)
    else:
        drawn = as_drawn(without_fold(tn5000.take(train & tn5000.outlined), options.fold))
    busi = without_fold(load(packs / "busi.npz"), options.fold)
    normal = np.array([note == "class=normal" for note in busi.note], dtype=bool)
    kinds = [
        (as_drawn(without_fold(load(packs / "ddti.npz"), options.fold)), options.ddti_per_epoch),
        (as_drawn(busi.take(~normal), thyroid=False), options.busi_per_epoch - options.busi_per_epoch // 2),
        (as_drawn(busi.take(normal), thyroid=False), options.busi_per_epoch // 2),
        (drawn, options.tn5000_per_epoch),
        *([] if found is None else [(found, options.found_per_epoch)]),
    ]
    return [(frames, min(count, len(frames.pack))) for frames, count in kinds]


def without_fold(pack: Pack, fold: int) -> Pack:
    """The frames outside a fold of groups, their contrast stretched."""
    return stretch_pack(pack.take(pack.fold != fold))


def batches_of(kinds: Kinds, options: FinderOptions, epoch: int) -> Iterator[tuple[torch.Tensor, ...]]:
    """Batches of one epoch: pictures, masks, what of the masks is unknown, cells with thyroid and with other things."""
    draw = np.random.default_rng((options.seed, epoch))
    chosen = [
        (frames, int(row)) for frames, count in kinds for row in draw.choice(len(frames.pack), count, replace=False)
    ]
    order = draw.permutation(len(chosen))
    for step in range(len(chosen) // options.batch):
        rows = [chosen[int(place)] for place in order[step * options.batch : (step + 1) * options.batch]]
        shown = [example(frames, row, options, draw, options.size) for frames, row in rows]
        pictures, *known = zip(*shown, strict=True)
        yield as_input(list(pictures)), *(_stacked(part) for part in known)


def _stacked(parts: Sequence[NDArray[np.float32]]) -> torch.Tensor:
    return torch.from_numpy(np.stack(parts)).unsqueeze(1)


def mask_loss(logits: torch.Tensor, masks: torch.Tensor, unknown: torch.Tensor) -> torch.Tensor:
    """Cross entropy of the pixels, and one minus the soft Dice coefficient of each picture that shows a nodule.

    Pixels count by how well their truth is known.

    Args:
        logits, masks, unknown: `(n, 1, rows, columns)`; masks and unknown from 0 to 1.
    """
    known = 1 - unknown
    entropy = functional.binary_cross_entropy_with_logits(logits, masks, weight=known)
    given, masks = logits.sigmoid() * known, masks * known
    both, sizes = (given * masks).sum((1, 2, 3)), (given + masks).sum((1, 2, 3))
    shown = masks.sum((1, 2, 3)) > 0
    dice = (2 * both + 1) / (sizes + 1)
    return entropy + (1 - dice[shown]).sum() / max(int(shown.sum()), 1)


def train_finder(
    packs: Path,
    run: Path,
    options: FinderOptions,
    *,
    start: Path | None = None,
    teacher: Mapping[str, NDArray[np.uint8]] | None = None,
    progress: Progress = silent,
    what: str = "Training the finder",
) -> list[float]:
    """Train one stage and leave its weights in the folder `run`; see `thyrosight.default_models.fitting.fit`.

    Args:
        packs: the folder with the packs.
        run: of the stage.
        options: of the stage.
        start: weights of an earlier stage to go on from.
        teacher: as for `training_set`.
        progress, what: as for `fit`.

    Returns:
        The mean loss of each epoch.
    """
    kinds = training_set(packs, options, None if teacher is None else dict(teacher))
    network = _network(options, start)
    encoder = network.encoder
    assert isinstance(encoder, Lite0Encoder)
    both = WithTissue(network, sum(encoder.channels[-2:]))

    def loss(batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
        pictures, masks, unknown, thyroid, other = batch
        mask_logits, tissue_logits = both(pictures)
        return mask_loss(mask_logits, masks, unknown) + options.tissue * tissue_loss(tissue_logits, thyroid, other)

    task = Task(
        network=both,
        frozen=freeze_start(encoder.body, options.frozen_blocks),
        batches=lambda epoch: batches_of(kinds, options, epoch),
        loss=loss,
        steps=sum(count for _, count in kinds) // options.batch,
        kept="network",
    )
    schedule = Schedule(options.epochs, options.rate, options.average, options.seed)
    return fit(task, schedule, run, progress=progress, what=what)


def _network(options: FinderOptions, start: Path | None) -> nn.Module:
    network, _ = create(ARCHITECTURE, weights=options.weights, task="segmentation", seed=options.seed)
    if start is not None:
        load_weights(network, start)
    return network.to(memory_format=torch.channels_last)
