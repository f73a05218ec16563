"""The maps inside a network while it runs, and the features that its encoder has of an image."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from thyrosight.errors import NetworkError
from thyrosight.networks.branches import TwoBranches, enlarge


@contextmanager
def captured(module: nn.Module | None) -> Iterator[list[Any]]:
    """The outputs of a module while the block runs; nothing of None."""
    outputs: list[Any] = []
    if module is None:
        yield outputs
        return
    handle = module.register_forward_hook(lambda _, __, output: outputs.append(output))
    try:
        yield outputs
    finally:
        handle.remove()


def encoder_of(network: nn.Module) -> nn.Module:
    """The encoder of a network of two branches.

    Raises:
        NetworkError: the network has none.
    """
    if not isinstance(network, TwoBranches):
        raise NetworkError("Features of an image need a network with an encoder, such as a U-Net or Y-Net.")
    return network.encoder


def joined_features(maps: Sequence[torch.Tensor]) -> torch.Tensor:
    """The features `(n, channels, rows, columns)`: the encoder's last but one map, the last one enlarged beside it."""
    return torch.cat([maps[-2], enlarge(maps[-1], maps[-2])], dim=1)
