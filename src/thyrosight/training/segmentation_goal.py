"""The goals of segmentation, alone or with the class: augmentation changes masks with their images, Dice measures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from thyrosight.errors import NetworkError
from thyrosight.inference import branch_batches
from thyrosight.networks import Branches, ModelSpec, to_input
from thyrosight.training.balance import BalancedSet
from thyrosight.training.draws import Draw
from thyrosight.training.history import Measures, validation_auc
from thyrosight.training.losses import class_weights, training_loss
from thyrosight.training.options import FitOptions
from thyrosight.training.prepared import PreparedSet
from thyrosight.training.segmentation_losses import dice_of, mask_loss
from thyrosight.training.segmentation_set import split_masks
from thyrosight.training.warp import warp

_CHUNK = 64


@dataclass(frozen=True, eq=False)
class Segmentation:
    """Learn masks and, if the task is joint, the class of the image.

    A validation image's row holds the loss of its mask, its Dice and, if the task is joint, the logits of the classes.
    """

    spec: ModelSpec
    options: FitOptions
    device: torch.device
    class_weights: torch.Tensor | None
    pixel_weights: tuple[float, float]

    def shown(self, stored: torch.Tensor, draws: Sequence[Draw]) -> tuple[torch.Tensor, torch.Tensor]:
        pixels, masks = split_masks(stored)
        images = to_input(self.options.augmentation.apply(pixels, draws), self.spec)
        return images, warp(masks, [_geometry(draw) for draw in draws]) >= 128

    def losses(self, output: Any, labels: torch.Tensor, masks: torch.Tensor | None) -> torch.Tensor:
        assert isinstance(output, Branches) and output.mask_logits is not None and masks is not None
        loss = mask_loss(output.mask_logits, masks, self.options.mask_loss, weights=self.pixel_weights)
        return loss if output.logits is None else loss + self._class_losses(output.logits, labels)

    def judge(self, network: nn.Module, stored: NDArray[np.uint8]) -> torch.Tensor:
        pixels, drawn = split_masks(stored)
        masks = torch.from_numpy(np.ascontiguousarray(drawn)) >= 128
        classes = len(self.spec.classes) if self.spec.task == "joint" else 0
        rows = torch.zeros(len(stored), 2 + classes)
        for start, found in branch_batches(
            network,
            self.spec,
            pixels,
            batch_size=self.options.batch_size,
            device=self.device,
            precision=self.options.precision,
        ):
            assert found.mask_logits is not None
            truth = masks[start : start + len(found.mask_logits)].to(self.device)
            part = rows[start : start + len(truth)]
            part[:, 0] = mask_loss(found.mask_logits, truth, self.options.mask_loss, weights=self.pixel_weights)
            part[:, 1] = dice_of(found.mask_logits[:, 0] > 0, truth)
            if found.logits is not None:
                part[:, 2:] = found.logits
        return rows

    def measure(self, judged: torch.Tensor, labels: NDArray[np.int64]) -> Measures:
        losses, auc = judged[:, 0], None
        if self.spec.task == "joint":
            logits = judged[:, 2:]
            losses = losses + self._class_losses(logits, torch.from_numpy(labels).to(judged.device))
            auc = validation_auc(logits.cpu().numpy(), labels)
        dice = float(judged[:, 1].mean())
        return Measures(validation_loss=float(losses.mean()), validation_auc=auc, validation_dice=dice)

    def _class_losses(self, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        share = self.options.mask_loss.classification
        return share * training_loss(logits, labels, self.options.loss, weights=self.class_weights)


def segmentation_goal(
    spec: ModelSpec, options: FitOptions, train: PreparedSet | BalancedSet, *, device: torch.device
) -> Segmentation:
    """The goal of a segmentation, with weights from the training images; see `goals.goal_of`."""
    weights = None
    if spec.task == "joint":
        weights = class_weights(options.loss, train.labels, classes=spec.classes, device=device)
    return Segmentation(spec, options, device, weights, pixel_weights(options.mask_loss.lesion_weight, train))


def pixel_weights(lesion_weight: float | str, train: PreparedSet | BalancedSet) -> tuple[float, float]:
    """Weights of pixels outside and inside a lesion.

    Raises:
        NetworkError: the weights are to be balanced, and the training masks mark nothing or everything.
    """
    if not isinstance(lesion_weight, str):
        return 1.0, lesion_weight
    marked = total = 0
    for start in range(0, len(train), _CHUNK):
        masks = split_masks(train.batch(np.arange(start, min(start + _CHUNK, len(train)))))[1]
        marked, total = marked + int((masks >= 128).sum()), total + masks.size
    if marked in (0, total):
        raise NetworkError(
            "The training masks mark " + ("nothing" if marked == 0 else "every pixel") + ", so balanced weights of "
            "lesion and surroundings are not defined; give lesion_weight a number or other images."
        )
    return total / (2 * (total - marked)), total / (2 * marked)


def _geometry(draw: Draw) -> Draw:
    """The part of an augmentation that applies to the mask: all but the grey values."""
    return Draw({**draw, "brightness": 1.0, "contrast": 1.0})
