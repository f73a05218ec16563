"""Builders of architectures, each with a head for a given number of classes."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn import functional

Builder = Callable[[int, float | None], nn.Module]
"""(number of classes, dropout or None for the architecture's own) -> network."""

AUXILIARY_SIZE = 17
"""Side of the map that Inception's auxiliary classifier reads when the input is 299 x 299."""


def get_model(name: str, **options: Any) -> Any:
    """A network by its torchvision name.

    Torchvision is imported here: it brings the compiler of PyTorch, which takes seconds, and other networks do without.
    """
    with torch.device("cpu"):  # not that of a network without values, around which this may be called
        from torchvision import models

    return models.get_model(name, **options)


class LinearWithDropout(nn.Linear):
    """A linear layer with dropout before it. Its parameters have the names of a plain linear layer."""

    def __init__(self, features: int, classes: int, *, dropout: float) -> None:
        super().__init__(features, classes)
        self.dropout = dropout

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        return super().forward(functional.dropout(input, self.dropout, self.training))


def resnet(name: str) -> Builder:
    """Residual network of He et al. 2016 by its torchvision name; it has no dropout of its own."""

    def build(classes: int, dropout: float | None) -> nn.Module:
        network = get_model(name, weights=None, num_classes=classes)
        if dropout is not None:
            network.fc = LinearWithDropout(network.fc.in_features, classes, dropout=dropout)
        return as_module(network)

    return build


def plain(name: str) -> Builder:
    """AlexNet or a VGG network by its torchvision name."""

    def build(classes: int, dropout: float | None) -> nn.Module:
        options: dict[str, Any] = {} if dropout is None else {"dropout": dropout}
        return as_module(get_model(name, weights=None, num_classes=classes, **options))

    return build


def inception_v3(classes: int, dropout: float | None) -> nn.Module:
    """Inception-v3 of Szegedy et al. 2016 with an auxiliary head that trains at any size from 75 pixels.

    `transform_input` maps inputs normalised like the other networks' to the -1..1 its ImageNet weights were trained on.
    """
    options: dict[str, Any] = {} if dropout is None else {"dropout": dropout}
    network = get_model(
        "inception_v3", weights=None, num_classes=classes, init_weights=True, transform_input=True, **options
    )
    network.AuxLogits.register_forward_pre_hook(_widen)
    return as_module(network)


def _widen(_: nn.Module, inputs: tuple[torch.Tensor]) -> tuple[torch.Tensor]:
    """Enlarge the map that the auxiliary head reads to its designed size; at 299 pixels nothing changes."""
    (features,) = inputs
    if min(features.shape[-2:]) >= AUXILIARY_SIZE:
        return inputs
    return (functional.interpolate(features, size=AUXILIARY_SIZE, mode="nearest"),)


def googlenet(classes: int, dropout: float | None) -> nn.Module:
    """GoogLeNet of Szegedy et al. 2015 with its two auxiliary heads in training; torchvision's has batch norms.

    `transform_input` is set for the same reason as in Inception-v3.
    """
    options: dict[str, Any] = {} if dropout is None else {"dropout": dropout}
    network = get_model(
        "googlenet",
        weights=None,
        num_classes=classes,
        aux_logits=True,
        init_weights=True,
        transform_input=True,
        **options,
    )
    return as_module(network)


def as_module(network: object) -> nn.Module:
    """The network that a library built, for type checkers."""
    if not isinstance(network, nn.Module):
        raise TypeError(f"expected a torch module, got {type(network).__name__}")
    return network
