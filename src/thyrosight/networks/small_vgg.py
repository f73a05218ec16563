"""VGG16 at a quarter of its width, for machines without a GPU."""

import torch
from torch import nn

WIDTHS = ((16, 16), (32, 32), (64, 64, 64), (128, 128, 128), (128, 128, 128))
"""Channels of the convolutions between the five poolings: those of VGG16 divided by 4."""
_POOLED, _HIDDEN = 7, 256


class QuarterVgg(nn.Module):
    """The 13 convolutions of VGG16 (Simonyan and Zisserman 2015, configuration D) with a quarter of the channels.

    As there, the last map is pooled to 7 x 7 and read by three fully connected layers; the hidden two have 256 units
    instead of 4096. The first weights are drawn as torchvision draws VGG16's.
    """

    def __init__(self, classes: int, *, dropout: float = 0.5) -> None:
        super().__init__()
        self.features = nn.Sequential(*_convolutions())
        self.avgpool = nn.AdaptiveAvgPool2d(_POOLED)
        self.classifier = nn.Sequential(
            nn.Linear(WIDTHS[-1][-1] * _POOLED**2, _HIDDEN),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(_HIDDEN, _HIDDEN),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(_HIDDEN, classes),
        )
        for module in self.features:
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
                assert module.bias is not None
                nn.init.zeros_(module.bias)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.classifier(self.avgpool(self.features(images)).flatten(1))
        return logits


def quarter_vgg(classes: int, dropout: float | None) -> nn.Module:
    """Builder of the registry."""
    return QuarterVgg(classes) if dropout is None else QuarterVgg(classes, dropout=dropout)


def _convolutions() -> list[nn.Module]:
    layers: list[nn.Module] = []
    before = 3
    for stage in WIDTHS:
        for after in stage:
            layers += [nn.Conv2d(before, after, kernel_size=3, padding=1), nn.ReLU()]
            before = after
        layers.append(nn.MaxPool2d(2))
    return layers
