"""Heads for variable-size input: spatial pyramid pooling, or a global average, of the last convolution map.

Sources: He et al., "Spatial pyramid pooling in deep convolutional networks for visual recognition", TPAMI 2015; Lin et
al., "Network in network", 2013; both as Qin et al. put them on VGG16 (IEEE Access 2020, section II.C).
"""

import torch
from torch import nn
from torch.nn import functional

from thyrosight.errors import NetworkError
from thyrosight.networks.spec import Head

PYRAMID = (4, 2, 1)
"""Sides of the grids whose cells are pooled."""
_MOST_UNITS, _MOST_WEIGHTS = 4096, 4096 * 512


class SpatialPyramid(nn.Module):
    """The maximum of each channel in the cells of three grids, 4 x 4, 2 x 2 and 1 x 1: 21 numbers per channel."""

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        # ONNX has no adaptive pooling of maps of any size.
        pool = _largest_in_cells if torch.compiler.is_exporting() else functional.adaptive_max_pool2d
        return torch.cat([pool(maps, side).flatten(1) for side in PYRAMID], dim=1)


def _largest_in_cells(maps: torch.Tensor, side: int) -> torch.Tensor:
    """The same as `adaptive_max_pool2d`, by comparisons alone."""
    rows, columns = (_cells(length, side) for length in maps.shape[-2:])
    across = torch.stack([torch.where(cell, maps, -torch.inf).amax(dim=-1) for cell in columns], dim=-1)
    return torch.stack([torch.where(cell[:, None], across, -torch.inf).amax(dim=-2) for cell in rows], dim=-2)


def _cells(length: int, side: int) -> torch.Tensor:
    """Which places along one axis belong to which cell, bool `(side, length)`; neighbouring cells may share one."""
    places, cells = torch.arange(length), torch.arange(side)[:, None]
    return (places >= cells * length // side) & (places * side < (cells + 1) * length)


class Headed(nn.Module):
    """A body and the head that reads its last map.

    Args:
        body: `(n, 3, rows, columns)` to a map.
        head: the map to logits, or to features.
        smallest: the shortest side of an image that the body can take.
    """

    def __init__(self, body: nn.Module, head: nn.Module, *, smallest: int) -> None:
        super().__init__()
        self.body, self.head, self.smallest = body, head, smallest

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        # Where frozen layers are left out, it is their output that comes in; it has more channels than an image.
        if images.shape[1] == 3 and min(images.shape[-2:]) < self.smallest:
            raise NetworkError(
                f"This network needs images of at least {self.smallest} x {self.smallest} pixels, got "
                f"{images.shape[-2]} x {images.shape[-1]}; prepare larger images or choose another network."
            )
        logits: torch.Tensor = self.head(self.body(images))
        return logits


def make_head(head: Head, channels: int, classes: int, *, dropout: float | None) -> nn.Module:
    """From a map of `channels` channels to logits.

    `gap` convolves 1 x 1 to the classes and averages, which equals averaging first and a linear layer after.
    """
    if head == "spp":
        cells = sum(side**2 for side in PYRAMID)
        return nn.Sequential(SpatialPyramid(), hidden_layers(cells * channels, channels, classes, dropout=dropout))
    return nn.Sequential(
        nn.Dropout(dropout or 0.0), nn.Conv2d(channels, classes, kernel_size=1), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    )


def make_pool(head: Head) -> nn.Module:
    """From a map to one vector per image, for heads that are joined later."""
    return SpatialPyramid() if head == "spp" else nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())


def make_classifier(head: Head, features: int, channels: int, classes: int, *, dropout: float | None) -> nn.Module:
    """From the vectors of `make_pool`, side by side, to logits."""
    if head == "spp":
        return hidden_layers(features, channels, classes, dropout=dropout)
    return nn.Sequential(nn.Dropout(dropout or 0.0), nn.Linear(features, classes))


def hidden_layers(features: int, channels: int, classes: int, *, dropout: float | None) -> nn.Sequential:
    """Two hidden fully connected layers and the last one, as in VGG16; there the hidden ones have 4096 units.

    Other bodies get 8 units per channel, but no first layer with more weights per cell of the pyramid than VGG16's.
    """
    units = min(_MOST_UNITS, 8 * channels, _MOST_WEIGHTS // channels)
    share = 0.5 if dropout is None else dropout
    return nn.Sequential(
        nn.Linear(features, units),
        nn.ReLU(),
        nn.Dropout(share),
        nn.Linear(units, units),
        nn.ReLU(),
        nn.Dropout(share),
        nn.Linear(units, classes),
    )
