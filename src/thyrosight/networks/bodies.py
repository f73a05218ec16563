"""The convolutional body of a network: everything up to its last convolution map, under the network's own names."""

from collections import OrderedDict

import torch
from torch import nn

from thyrosight.networks.branches import TwoBranches, filled_to_stride

AUXILIARY = ("AuxLogits", "aux1", "aux2", "decoder")
"""Parts beside the body, by their names in the networks that have them."""
_IMAGENET_MEAN, _IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class TransformInput(nn.Module):
    """From inputs normalised by the mean and deviation of ImageNet to the -1..1 that the Inception networks take."""

    factor: torch.Tensor
    offset: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        factor = torch.tensor(_IMAGENET_STD) / 0.5
        offset = (torch.tensor(_IMAGENET_MEAN) - 0.5) / 0.5
        self.register_buffer("factor", factor.view(3, 1, 1), persistent=False)
        self.register_buffer("offset", offset.view(3, 1, 1), persistent=False)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images * self.factor + self.offset


class EncoderBody(nn.Module):
    """The encoder of a network of two branches; gives its deepest map."""

    def __init__(self, encoder: nn.Module, *, stride: int) -> None:
        super().__init__()
        self.encoder, self.stride = encoder, stride

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        deepest: torch.Tensor = self.encoder(filled_to_stride(images, self.stride))[-1]
        return deepest


def body_of(network: nn.Module, layer: str) -> nn.Module:
    """Take the body out of a network for one image.

    Args:
        network: as a builder of the registry makes it.
        layer: dotted name of its last convolutional stage (`Architecture.heat_map_layer`).

    Returns:
        A module that shares the network's layers and gives the output of `layer`. Its tensors have the names they have
        in the network. It is a chain, an `nn.Sequential`, except for encoders of two branches.
    """
    if isinstance(network, TwoBranches):
        return EncoderBody(network.encoder, stride=network.stride)
    last, _, inner = layer.partition(".")
    chain: OrderedDict[str, nn.Module] = OrderedDict()
    if getattr(network, "transform_input", False):
        chain["transform"] = TransformInput()
    for name, child in network.named_children():
        if name in AUXILIARY:
            continue
        if name == last and inner:
            assert isinstance(child, nn.Sequential)
            chain[name] = child[: int(inner) + 1]
        else:
            chain[name] = child
        if name == last:
            break
    return nn.Sequential(chain)


def channels_of(body: nn.Module, size: int) -> int:
    """Channels of the map that a body gives, found by running it on an image of zeros."""
    training = body.training
    with torch.no_grad():
        channels = body.eval()(torch.zeros(1, 3, size, size)).shape[1]
    body.train(training)
    return int(channels)
