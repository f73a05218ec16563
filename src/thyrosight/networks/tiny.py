"""A small network for tests and for a demonstration that must finish in minutes on two cores."""

from itertools import pairwise

import torch
from torch import nn


class TinyNetwork(nn.Module):
    """Four convolutions of stride 2 with batch normalisation, global average pooling, one linear head.

    Takes `(n, 3, size, size)` and gives logits `(n, classes)`. About 60,000 parameters.
    """

    def __init__(self, classes: int, *, dropout: float | None = None) -> None:
        super().__init__()
        widths = (3, 16, 32, 64, 64)
        self.features = nn.Sequential(*(_stage(before, after) for before, after in pairwise(widths)))
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(dropout or 0.0)
        self.head = nn.Linear(widths[-1], classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        features = self.pool(self.features(images)).flatten(1)
        logits: torch.Tensor = self.head(self.dropout(features))
        return logits


def tiny_network(classes: int, dropout: float | None) -> nn.Module:
    """Builder of the registry."""
    return TinyNetwork(classes, dropout=dropout)


def _stage(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, kernel_size=3, stride=2, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU()
    )
