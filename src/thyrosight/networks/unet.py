"""U-Nets to compare Y-Net with: the plain one, and one whose encoder may start from ImageNet weights.

Sources: Ronneberger et al., "U-Net", MICCAI 2015 (here with padding, batch normalisation and half the channels); the
encoder of the second: Tan and Le, EfficientNet, in its Lite variant.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import nn

from thyrosight.networks.branches import TwoBranches, convolution, enlarge, two_branches
from thyrosight.networks.spec import Task

_PLAIN = (32, 64, 128, 256, 512)
_LITE0 = (16, 24, 40, 112, 320)
_LITE0_DECODER = (112, 64, 40, 24)


class UNetEncoder(nn.Module):
    """Images to maps at strides 1, 2, 4, 8 and 16: two convolutions each, then the largest of 2 x 2 pixels."""

    def __init__(self, widths: Sequence[int]) -> None:
        super().__init__()
        self.stages = nn.ModuleList(_two_convolutions(before, after) for before, after in pairwise((3, *widths)))

    def forward(self, images: torch.Tensor) -> list[torch.Tensor]:
        maps: list[torch.Tensor] = []
        for stage in self.stages:
            maps.append(stage(nn.functional.max_pool2d(maps[-1], 2) if maps else images))
        return maps


class Lite0Encoder(nn.Module):
    """Images to maps at strides 2, 4, 8, 16 and 32: the body of EfficientNet-Lite0, its tensors named as there."""

    def __init__(self) -> None:
        super().__init__()
        import timm

        self.body = timm.create_model("tf_efficientnet_lite0", pretrained=False, features_only=True)
        self.channels = _LITE0

    def forward(self, images: torch.Tensor) -> list[torch.Tensor]:
        maps: list[torch.Tensor] = self.body(images)
        return maps


class UNetDecoder(nn.Module):
    """From the deepest map upwards: enlarge, set the encoder's map beside it, two convolutions; mask logits.

    Args:
        channels: of the encoder's maps, from the finest to the deepest.
        widths: of the decoder's maps, from the deepest but one to the finest.
    """

    def __init__(self, channels: Sequence[int], widths: Sequence[int]) -> None:
        super().__init__()
        beside = reversed(channels[:-1])
        self.stages = nn.ModuleList(
            _two_convolutions(deep + fine, after)
            for (deep, after), fine in zip(pairwise((channels[-1], *widths)), beside, strict=True)
        )
        self.mask = nn.Conv2d(widths[-1], 1, 1)

    def forward(self, maps: list[torch.Tensor]) -> torch.Tensor:
        features = maps[-1]
        for fine, stage in zip(reversed(maps[:-1]), self.stages, strict=True):
            features = stage(torch.cat([enlarge(features, fine), fine], dim=1))
        logits: torch.Tensor = self.mask(features)
        return logits


def unet(classes: int, dropout: float | None, task: Task) -> TwoBranches:
    """Builder of the registry: the plain U-Net."""
    decoder = UNetDecoder(_PLAIN, _PLAIN[-2::-1])
    return two_branches(
        UNetEncoder(_PLAIN), decoder, deepest=_PLAIN[-1], stride=16, classes=classes, dropout=dropout, task=task
    )


def unet_efficientnet_lite0(classes: int, dropout: float | None, task: Task) -> TwoBranches:
    """Builder of the registry: a U-Net whose encoder is the body of EfficientNet-Lite0."""
    decoder = UNetDecoder(_LITE0, _LITE0_DECODER)
    return two_branches(
        Lite0Encoder(), decoder, deepest=_LITE0[-1], stride=32, classes=classes, dropout=dropout, task=task
    )


def _two_convolutions(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(convolution(before, after), convolution(after, after))
