"""The goal of a training: input, targets, loss, and the measures on validation images."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from thyrosight.inference import predict_logits
from thyrosight.networks import ModelSpec, to_input
from thyrosight.training.activations import Activations
from thyrosight.training.balance import BalancedSet
from thyrosight.training.draws import Draw
from thyrosight.training.history import Measures, validation_auc
from thyrosight.training.losses import class_weights, training_loss
from thyrosight.training.options import FitOptions
from thyrosight.training.prepared import PreparedSet
from thyrosight.training.segmentation_goal import segmentation_goal


class Goal(Protocol):
    """The functions of a task that the training loop calls."""

    def shown(self, stored: torch.Tensor, draws: Sequence[Draw]) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Augmented images as input of the network, and their masks `(n, size, size)` if they have any."""

    def losses(self, output: Any, labels: torch.Tensor, masks: torch.Tensor | None) -> torch.Tensor:
        """Loss of each image, `(n,)`, from the network's output in training."""

    def judge(self, network: nn.Module, stored: NDArray[np.uint8]) -> torch.Tensor:
        """A row of numbers for each validation image, `(n, any)`, on the CPU."""

    def measure(self, judged: torch.Tensor, labels: NDArray[np.int64]) -> Measures:
        """Loss and quality from these rows."""


def goal_of(
    spec: ModelSpec,
    options: FitOptions,
    train: PreparedSet | BalancedSet,
    *,
    device: torch.device,
    activations: Activations | None = None,
) -> Goal:
    """The goal of a network's task, with class weights from the training images.

    With `activations` the images of a batch are replaced by the output of the frozen layers.

    Raises:
        NetworkError: the weights of the classes are not defined for these images.
    """
    if spec.task != "classification":
        return segmentation_goal(spec, options, train, device=device)
    weights = class_weights(options.loss, train.labels, classes=spec.classes, device=device)
    if activations is not None:
        return OnActivations(spec, options, device, weights, activations)
    return Classification(spec, options, device, weights)


@dataclass(frozen=True, eq=False)
class Classification:
    """Learn the class of each image; a validation image's row holds its logits."""

    spec: ModelSpec
    options: FitOptions
    device: torch.device
    weights: torch.Tensor | None

    def shown(self, stored: torch.Tensor, draws: Sequence[Draw]) -> tuple[torch.Tensor, None]:
        return to_input(self.options.augmentation.apply(stored, draws), self.spec), None

    def losses(self, output: Any, labels: torch.Tensor, masks: torch.Tensor | None) -> torch.Tensor:
        return training_loss(output, labels, self.options.loss, weights=self.weights)

    def judge(self, network: nn.Module, stored: NDArray[np.uint8]) -> torch.Tensor:
        logits = predict_logits(
            network,
            self.spec,
            stored,
            batch_size=self.options.batch_size,
            device=self.device,
            precision=self.options.precision,
        )
        return torch.from_numpy(logits)

    def measure(self, judged: torch.Tensor, labels: NDArray[np.int64]) -> Measures:
        losses = self.losses(judged, torch.from_numpy(labels).to(judged.device), None)
        auc = validation_auc(judged.cpu().numpy(), labels)
        return Measures(validation_loss=float(losses.mean()), validation_auc=auc)


@dataclass(frozen=True, eq=False)
class OnActivations(Classification):
    """Classification by the layers after the frozen ones, whose output is read from a cache."""

    activations: Activations

    def shown(self, stored: torch.Tensor, draws: Sequence[Draw]) -> tuple[torch.Tensor, None]:
        return self.activations.of(self.options.augmentation.apply(stored, draws)), None

    def judge(self, network: nn.Module, stored: NDArray[np.uint8]) -> torch.Tensor:
        return self.activations.logits(stored, batch_size=self.options.batch_size)
