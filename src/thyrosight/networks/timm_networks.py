"""Networks of timm: classifiers, their bodies, and U-Nets on their encoders."""

import copy
from types import MethodType
from typing import Any

import torch
from torch import nn

from thyrosight.errors import NetworkError
from thyrosight.networks.backbones import Builder, as_module
from thyrosight.networks.branches import TwoBranches, two_branches
from thyrosight.networks.spec import Task
from thyrosight.networks.timm_entries import channels_last, heads_of
from thyrosight.networks.unet import UNetDecoder

_NARROWEST, _WIDEST = 16, 256
"""Channels of a decoder's maps: as many as the encoder's map beside them has, within these limits."""


def timm_classifier(name: str) -> Builder:
    """Builder of a network of timm; `dropout` acts where the network has its own."""

    def build(classes: int, dropout: float | None) -> nn.Module:
        import timm

        options: dict[str, Any] = {} if dropout is None else {"drop_rate": dropout}
        network = as_module(timm.create_model(name, pretrained=False, num_classes=classes, **options))
        # timm draws the last layer for a thousand classes: with two, its logits would start at +-20 and training would
        # spend its first epochs undoing that. PyTorch's own rule scales with the number of features.
        for path in heads_of(name):
            head = network.get_submodule(path)
            if isinstance(head, nn.Linear | nn.Conv2d):
                head.reset_parameters()
        return network

    return build


def timm_body(network: nn.Module, heads: tuple[str, ...], *, size: int) -> nn.Module:
    """Layers of a network of timm before its pooling, shared with it under the same names.

    Raises:
        NetworkError: it gives no map of rows and columns.
    """
    body = copy.copy(network)
    left_out = {head.partition(".")[0] for head in heads}
    vars(body)["_modules"] = {name: part for name, part in network._modules.items() if name not in left_out}
    vars(body)["forward"] = MethodType(type(network).forward_features, body)  # type: ignore[attr-defined]
    with torch.no_grad():
        training, maps = body.training, body.eval()(torch.zeros(1, 3, size, size))
        body.train(training)
    if not isinstance(maps, torch.Tensor) or maps.ndim != 4 or channels_last(network):
        raise NetworkError(
            f"{type(network).__name__} of timm gives no map of rows and columns, which the heads spp and gap read; use "
            "its own head or another network."
        )
    return body


class TimmEncoder(nn.Module):
    """Images to the maps of a network of timm (`features_only`), from the finest to the deepest.

    Raises:
        NetworkError: timm gives no maps of this network.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        import timm

        try:
            body: Any = timm.create_model(name, pretrained=False, features_only=True)
            self.channels: tuple[int, ...] = tuple(body.feature_info.channels())
            self.stride = int(max(body.feature_info.reduction()))
        except (RuntimeError, AttributeError, AssertionError, TypeError) as error:
            raise NetworkError(f"timm gives no maps of {name} for a U-Net ({error}); choose another.") from error
        self.body = as_module(body)
        self.deepest = nn.Identity()  # a name for the last map, which Grad-CAM reads

    def forward(self, images: torch.Tensor) -> list[torch.Tensor]:
        maps: list[torch.Tensor] = self.body(images)
        if channels_last(self.body):
            maps = [one.permute(0, 3, 1, 2) for one in maps]
        return [*maps[:-1], self.deepest(maps[-1])]


def unet_on_timm(name: str, classes: int, dropout: float | None, task: Task) -> TwoBranches:
    """A U-Net whose encoder is a network of timm."""
    encoder = TimmEncoder(name)
    widths = [min(max(channels, _NARROWEST), _WIDEST) for channels in reversed(encoder.channels[:-1])]
    return two_branches(
        encoder,
        UNetDecoder(encoder.channels, widths),
        deepest=encoder.channels[-1],
        stride=encoder.stride,
        classes=classes,
        dropout=dropout,
        task=task,
    )
