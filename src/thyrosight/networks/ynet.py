"""Y-Net as Zhao et al. 2023 built it for cervical lymph nodes: outline and class from one encoder.

Sources: Zhao et al., "Deep learning-assisted ultrasonic diagnosis of cervical lymph node metastasis of thyroid cancer",
Front Oncol 2023, section 2.5; the encoder's pyramid after Zhang et al., "EPSANet", ACCV 2022; the first Y-Net: Mehta et
al., MICCAI 2018; pyramid pooling: Zhao et al., "Pyramid scene parsing network", CVPR 2017. The paper on lymph nodes
states no widths and depths; those here are ours. It says that residual convolutional blocks and efficient spatial
pyramid blocks encode and decode, with pyramid pooling in decoding: `YNetDecoder` has the pooling alone, and
`YNetResidualDecoder` all three, one block of each kind at each resolution, as their number and order are not stated.
"""

import math
from itertools import pairwise

import torch
from torch import nn

from thyrosight.networks.branches import TwoBranches, convolution, enlarge, two_branches
from thyrosight.networks.spec import Task

WIDTHS = (32, 64, 128, 256)
"""Channels of the encoder's resolutions, at strides 2, 4, 8 and 16."""
KERNELS = (3, 5, 7, 9)
POOLED = (3, 5, 7, 9)
"""Sides of the maps that pyramid pooling makes."""
_GROUPS = (1, 4, 8, 16)  # larger kernels see fewer channels each, which keeps them cheap


class PyramidConvolution(nn.Module):
    """Four convolutions side by side, 3 x 3 to 9 x 9, weighed against each other channel by channel.

    The weights come from the average of each branch over the image, and add up to 1 over the four scales.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        part = channels // len(KERNELS)
        self.scales = nn.ModuleList(
            nn.Conv2d(channels, part, kernel, padding=kernel // 2, groups=math.gcd(groups, part), bias=False)
            for kernel, groups in zip(KERNELS, _GROUPS, strict=True)
        )
        hidden = max(part // 4, 4)
        self.attention = nn.Sequential(nn.Linear(part, hidden), nn.ReLU(), nn.Linear(hidden, part))

    def weights(self, maps: torch.Tensor) -> torch.Tensor:
        """From maps `(n, 4, part, rows, columns)` to their weights `(n, 4, part)`."""
        scores: torch.Tensor = self.attention(maps.mean(dim=(3, 4)))
        return scores.softmax(dim=1)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        maps = torch.stack([scale(features) for scale in self.scales], dim=1)
        return (maps * self.weights(maps)[..., None, None]).flatten(1, 2)


class PyramidBlock(nn.Module):
    """A residual block whose middle convolution is a `PyramidConvolution`."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.path = nn.Sequential(
            convolution(before, after, 1),
            PyramidConvolution(after),
            nn.BatchNorm2d(after),
            nn.ReLU(),
            nn.Conv2d(after, after, 1, bias=False),
            nn.BatchNorm2d(after),
        )
        self.shortcut = nn.Identity() if before == after else nn.Conv2d(before, after, 1, bias=False)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.path(features) + self.shortcut(features))


class ResidualBlock(nn.Module):
    """Two 3 x 3 convolutions, and a way past them."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.path = nn.Sequential(
            convolution(before, after), nn.Conv2d(after, after, 3, padding=1, bias=False), nn.BatchNorm2d(after)
        )
        self.shortcut = nn.Identity() if before == after else nn.Conv2d(before, after, 1, bias=False)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.path(features) + self.shortcut(features))


class Resolution(nn.Module):
    """The blocks of one resolution; a connection leads from the first block past the others to the end."""

    def __init__(self, before: int, after: int, *, stride: int, blocks: int = 2) -> None:
        super().__init__()
        self.reduce = nn.Identity() if stride == 1 else convolution(before, before, stride=stride)
        self.first = PyramidBlock(before, after)
        self.rest = nn.Sequential(*(PyramidBlock(after, after) for _ in range(blocks - 1)))
        self.join = convolution(2 * after, after, 1)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        first = self.first(self.reduce(features))
        joined: torch.Tensor = self.join(torch.cat([first, self.rest(first)], dim=1))
        return joined


class YNetEncoder(nn.Module):
    """Images to maps at strides 2, 4, 8 and 16."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = convolution(3, WIDTHS[0], stride=2)
        pairs = pairwise((WIDTHS[0], *WIDTHS))
        self.stages = nn.ModuleList(
            Resolution(before, after, stride=1 if level == 0 else 2) for level, (before, after) in enumerate(pairs)
        )

    def forward(self, images: torch.Tensor) -> list[torch.Tensor]:
        maps = [self.stem(images)]
        for stage in self.stages:
            maps.append(stage(maps[-1]))
        return maps[1:]


class MeansOfCells(nn.AdaptiveAvgPool2d):
    """Adaptive average pooling to a square, which ONNX does not have: it is exported as two products of matrices."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        if not torch.compiler.is_exporting():
            return super().forward(input)
        rows, columns = (self._weights(length) for length in input.shape[-2:])
        return rows @ input @ columns.transpose(0, 1)

    def _weights(self, length: int) -> torch.Tensor:
        """The share of each place along one axis in each cell `(side, length)`; neighbouring cells may share one."""
        side = int(self.output_size)  # type: ignore[arg-type]
        places, cells = torch.arange(length), torch.arange(side)[:, None]
        inside = torch.logical_and(places >= cells * length // side, places * side < (cells + 1) * length).float()
        return inside / inside.sum(dim=1, keepdim=True)


class PyramidPooling(nn.Module):
    """The surroundings of each pixel at four scales: averages over 3 x 3 to 9 x 9 fields of the image."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        part = channels // len(POOLED)
        self.levels = nn.ModuleList(
            nn.Sequential(MeansOfCells(side), convolution(channels, part, 1)) for side in POOLED
        )
        self.join = convolution(channels + part * len(POOLED), channels)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        around = [enlarge(level(features), features) for level in self.levels]
        joined: torch.Tensor = self.join(torch.cat([features, *around], dim=1))
        return joined


class YNetDecoder(nn.Module):
    """From the deepest map upwards: enlarge, set the encoder's map beside it, pool its surroundings; mask logits."""

    def __init__(self) -> None:
        super().__init__()
        steps = list(pairwise(reversed(WIDTHS)))
        self.joins = nn.ModuleList(self.join(deep + fine, fine) for deep, fine in steps)
        self.pools = nn.ModuleList(PyramidPooling(fine) for _, fine in steps)
        self.mask = nn.Conv2d(WIDTHS[0], 1, 1)

    def forward(self, maps: list[torch.Tensor]) -> torch.Tensor:
        features = maps[-1]
        for fine, join, pool in zip(reversed(maps[:-1]), self.joins, self.pools, strict=True):
            features = pool(join(torch.cat([enlarge(features, fine), fine], dim=1)))
        logits: torch.Tensor = self.mask(features)
        return logits

    def join(self, before: int, after: int) -> nn.Module:
        """From both maps side by side to one."""
        return convolution(before, after, 1)


class YNetResidualDecoder(YNetDecoder):
    """The same with a residual block and a residual block with a pyramid where maps join."""

    def join(self, before: int, after: int) -> nn.Module:
        return nn.Sequential(ResidualBlock(before, after), PyramidBlock(after, after))


def ynet(classes: int, dropout: float | None, task: Task) -> TwoBranches:
    """Builder of the registry."""
    return _ynet(YNetDecoder, classes, dropout, task)


def ynet_residual(classes: int, dropout: float | None, task: Task) -> TwoBranches:
    """Builder of the registry: Y-Net with the decoder that the paper describes."""
    return _ynet(YNetResidualDecoder, classes, dropout, task)


def _ynet(decoder: type[YNetDecoder], classes: int, dropout: float | None, task: Task) -> TwoBranches:
    return two_branches(
        YNetEncoder(), decoder(), deepest=WIDTHS[-1], stride=16, classes=classes, dropout=dropout, task=task
    )
