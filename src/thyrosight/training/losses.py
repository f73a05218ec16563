"""Losses per image, so that batches of unequal size and several devices add up to the same mean."""

from typing import Protocol, runtime_checkable

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from thyrosight.errors import NetworkError
from thyrosight.networks.spec import MALIGNANT
from thyrosight.training.options import LossOptions


@runtime_checkable
class WithAuxiliary(Protocol):
    """The output of Inception in training: logits of its head and of its auxiliary head."""

    logits: torch.Tensor
    aux_logits: torch.Tensor


@runtime_checkable
class WithTwoAuxiliary(Protocol):
    """The output of GoogLeNet in training: logits of its head and of its two auxiliary heads."""

    logits: torch.Tensor
    aux_logits1: torch.Tensor
    aux_logits2: torch.Tensor


GOOGLENET_WEIGHT = 0.3
"""Weight of each auxiliary output of GoogLeNet (Szegedy et al., CVPR 2015, section 5)."""


def focal_loss(
    logits: torch.Tensor, labels: torch.Tensor, *, gamma: float, weights: torch.Tensor | None = None
) -> torch.Tensor:
    """Focal loss of each image, `-weight[t] * (1 - p[t])^gamma * log(p[t])` for its true class t.

    Args:
        logits: `(n, classes)`.
        labels: int64 `(n,)`.
        gamma: 0 gives cross-entropy.
        weights: one per class, or None.

    Returns:
        float32 `(n,)`.

    Source: Lin et al., Focal loss for dense object detection, ICCV 2017, equations 4 and 5.

    >>> focal_loss(torch.tensor([[0.0, 0.0]]), torch.tensor([1]), gamma=2.0)  # (1 - 1/2)^2 * ln 2
    tensor([0.1733])
    """
    cross_entropy = focused(functional.cross_entropy(logits.float(), labels, reduction="none"), gamma)
    return cross_entropy if weights is None else weights[labels] * cross_entropy


def focused(cross_entropy: torch.Tensor, gamma: float) -> torch.Tensor:
    """Weight cross-entropies, `-log(p)`, by `(1 - p)^gamma`, so that easy images count less."""
    if gamma == 0:
        return cross_entropy
    # 1 - p without cancellation. Where it is 0 the loss is 0; the floor keeps its slope finite for gamma < 1.
    wrong = -torch.expm1(-cross_entropy)
    return wrong.clamp_min(torch.finfo(wrong.dtype).tiny).pow(gamma) * cross_entropy


def training_loss(
    output: torch.Tensor | WithAuxiliary | WithTwoAuxiliary,
    labels: torch.Tensor,
    options: LossOptions,
    *,
    weights: torch.Tensor | None,
) -> torch.Tensor:
    """Loss of each image from the network's output, including the auxiliary heads if there are any."""
    gamma = options.gamma if options.name == "focal" else 0.0

    def loss(logits: torch.Tensor) -> torch.Tensor:
        return focal_loss(logits, labels, gamma=gamma, weights=weights)

    if isinstance(output, torch.Tensor):
        return loss(output)
    if isinstance(output, WithTwoAuxiliary):
        return loss(output.logits) + GOOGLENET_WEIGHT * (loss(output.aux_logits1) + loss(output.aux_logits2))
    return loss(output.logits) + options.auxiliary_weight * loss(output.aux_logits)


def class_weights(
    options: LossOptions, labels: NDArray[np.int64], *, classes: tuple[str, ...], device: torch.device | None = None
) -> torch.Tensor | None:
    """Weight of each class, float32 `(classes,)`, or None if all classes have the same weight.

    `balanced` gives n / (classes * images of the class), so that the weights of the training images have mean 1.

    Raises:
        NetworkError: a class has no images, or alpha is a number and lies outside 0..1 or the classes are not two with
            malignant among them.

    >>> class_weights(LossOptions(alpha="balanced"), np.array([0, 0, 0, 1]), classes=("benign", "malignant"))
    tensor([0.6667, 2.0000])
    """
    if options.alpha is None:
        return None
    if options.alpha == "balanced":
        counts = np.bincount(labels, minlength=len(classes))
        if (counts == 0).any():
            raise NetworkError(
                "A class has no training image, so its balanced weight is not defined; add images of it."
            )
        return torch.tensor(len(labels) / (len(classes) * counts), dtype=torch.float32, device=device)
    if len(classes) != 2 or MALIGNANT not in classes or not 0 < options.alpha < 1:
        raise NetworkError(
            f"The loss's alpha is the weight of malignant beside one other class, between 0 and 1; got {options.alpha} "
            f"for {', '.join(classes)}."
        )
    weights = [options.alpha if name == MALIGNANT else 1 - options.alpha for name in classes]
    return torch.tensor(weights, dtype=torch.float32, device=device)
