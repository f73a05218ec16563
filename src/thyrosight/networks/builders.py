"""The builders of the networks in the registry."""

from collections.abc import Callable

from torch import nn

from thyrosight.networks.backbones import Builder, googlenet, inception_v3, plain, resnet, timm_network
from thyrosight.networks.branches import TwoBranches
from thyrosight.networks.small_vgg import quarter_vgg
from thyrosight.networks.spec import Task
from thyrosight.networks.tiny import tiny_network
from thyrosight.networks.unet import unet, unet_efficientnet_lite0
from thyrosight.networks.ynet import ynet

MaskBuilder = Callable[[int, float | None, Task], TwoBranches]
"""(number of classes, dropout or None, task) -> network."""
CLASSIFIERS: dict[str, Builder] = {
    "resnet18": resnet("resnet18"),
    "resnet101": resnet("resnet101"),
    "alexnet": plain("alexnet"),
    "vgg16": plain("vgg16"),
    "inception_v3": inception_v3,
    "googlenet": googlenet,
    "efficientnet_lite0": timm_network("tf_efficientnet_lite0"),
    "vgg16_quarter": quarter_vgg,
    "tiny": tiny_network,
}
WITH_MASKS: dict[str, MaskBuilder] = {"ynet": ynet, "unet": unet, "unet_efficientnet_lite0": unet_efficientnet_lite0}


def classifier(architecture: str, classes: int, dropout: float | None) -> nn.Module:
    """A network for one image with its own head; `dropout` None keeps the architecture's own."""
    if architecture in WITH_MASKS:
        return WITH_MASKS[architecture](classes, dropout, "classification")
    return CLASSIFIERS[architecture](classes, dropout)
