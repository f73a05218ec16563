"""Networks of two branches: one gives the mask of a lesion, the other its class."""

from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional

from thyrosight.networks.spec import Task


class Branches(NamedTuple):
    """The output of a network of two branches in training, and of `TwoBranches.branches` at any time.

    Attributes:
        logits: `(n, classes)`, or None without a classification branch.
        mask_logits: `(n, 1, rows, columns)` of the images; above 0 means lesion. None without a decoder.
    """

    logits: torch.Tensor | None
    mask_logits: torch.Tensor | None


class TwoBranches(nn.Module):
    """An encoder, a classification branch on its deepest map, and a decoder that reads all its maps.

    The input may have any size: images are filled up to a multiple of the encoder's stride by repeating their border,
    and the mask is cut back.

    Args:
        encoder: `(n, 3, rows, columns)` to a list of maps, from the finest to the deepest.
        decoder: those maps to mask logits `(n, 1, ...)` of any resolution, or None.
        classifier: the deepest map to logits, or None.
        stride: pixels of the image per pixel of the deepest map.
    """

    def __init__(
        self, encoder: nn.Module, *, decoder: nn.Module | None, classifier: nn.Module | None, stride: int
    ) -> None:
        super().__init__()
        self.encoder, self.decoder, self.classifier, self.stride = encoder, decoder, classifier, stride

    def branches(self, images: torch.Tensor) -> Branches:
        """Both outputs, whatever mode the network is in."""
        rows, columns = images.shape[-2:]
        filled = filled_to_stride(images, self.stride)
        maps = self.encoder(filled)
        logits = None if self.classifier is None else self.classifier(maps[-1])
        if self.decoder is None:
            return Branches(logits, None)
        masks = functional.interpolate(self.decoder(maps), size=filled.shape[-2:], mode="bilinear", align_corners=False)
        return Branches(logits, masks[..., :rows, :columns])

    def forward(self, images: torch.Tensor) -> torch.Tensor | Branches:
        """In training both branches (plain logits where there is no decoder).

        In evaluation the logits of the classes, as any classifier gives them; of the mask where there are no classes.
        """
        found = self.branches(images)
        if found.mask_logits is None or (found.logits is not None and not self.training):
            assert found.logits is not None
            return found.logits
        return found if self.training else found.mask_logits


def filled_to_stride(images: torch.Tensor, stride: int) -> torch.Tensor:
    """Fill images up to a multiple of `stride` below and to the right, by repeating their border."""
    below, right = -images.shape[-2] % stride, -images.shape[-1] % stride
    if torch.compiler.is_exporting():  # ONNX decides nothing by sizes, and its division rounds towards zero
        rows, columns = (
            torch.arange((side + stride - 1) // stride * stride).clamp(max=side - 1) for side in images.shape[-2:]
        )
        return images[:, :, rows][:, :, :, columns]
    return functional.pad(images, (0, right, 0, below), mode="replicate") if below or right else images


def two_branches(
    encoder: nn.Module,
    decoder: nn.Module,
    *,
    deepest: int,
    stride: int,
    classes: int,
    dropout: float | None,
    task: Task,
) -> TwoBranches:
    """Put a network together with the branches that `task` needs and no others; `deepest`: channels of that map."""
    return TwoBranches(
        encoder,
        decoder=None if task == "classification" else decoder,
        classifier=None if task == "segmentation" else classification_branch(deepest, classes, dropout=dropout),
        stride=stride,
    )


def classification_branch(channels: int, classes: int, *, dropout: float | None) -> nn.Sequential:
    """Global average, a hidden layer with its activation, and the logits."""
    return nn.Sequential(
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(channels, channels // 2),
        nn.ReLU(),
        nn.Dropout(dropout or 0.0),
        nn.Linear(channels // 2, classes),
    )


def convolution(before: int, after: int, size: int = 3, *, stride: int = 1) -> nn.Sequential:
    """A convolution that keeps the resolution (but for its stride), batch normalisation and ReLU."""
    return nn.Sequential(
        nn.Conv2d(before, after, size, stride=stride, padding=size // 2, bias=False), nn.BatchNorm2d(after), nn.ReLU()
    )


def enlarge(deep: torch.Tensor, fine: torch.Tensor) -> torch.Tensor:
    """Resize a deep map to the resolution of a finer one."""
    return functional.interpolate(deep, size=fine.shape[-2:], mode="bilinear", align_corners=False)
