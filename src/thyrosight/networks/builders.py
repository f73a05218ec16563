"""The builders of the networks in the registry."""

from collections.abc import Callable

from torch import nn

from thyrosight.networks.architecture import Architecture
from thyrosight.networks.backbones import Builder, googlenet, inception_v3, plain, resnet
from thyrosight.networks.branches import TwoBranches
from thyrosight.networks.small_vgg import quarter_vgg
from thyrosight.networks.spec import Task
from thyrosight.networks.timm_names import is_of_timm, timm_name
from thyrosight.networks.timm_networks import timm_classifier, unet_on_timm
from thyrosight.networks.tiny import tiny_network
from thyrosight.networks.unet import unet, unet_efficientnet_lite0
from thyrosight.networks.ynet import ynet, ynet_residual

MaskBuilder = Callable[[int, float | None, Task], TwoBranches]
"""(number of classes, dropout or None, task) -> network."""
CLASSIFIERS: dict[str, Builder] = {
    "resnet18": resnet("resnet18"),
    "resnet101": resnet("resnet101"),
    "alexnet": plain("alexnet"),
    "vgg16": plain("vgg16"),
    "inception_v3": inception_v3,
    "googlenet": googlenet,
    "efficientnet_lite0": timm_classifier("tf_efficientnet_lite0"),
    "vgg16_quarter": quarter_vgg,
    "tiny": tiny_network,
}
WITH_MASKS: dict[str, MaskBuilder] = {
    "ynet": ynet,
    "ynet_residual": ynet_residual,
    "unet": unet,
    "unet_efficientnet_lite0": unet_efficientnet_lite0,
}


def classifier(entry: Architecture, classes: int, dropout: float | None) -> nn.Module:
    """A network for one image with its own head; `dropout` None keeps the architecture's own."""
    if entry.draws_masks:
        return with_masks(entry, classes, dropout, "classification")
    build = timm_classifier(timm_name(entry.name)) if is_of_timm(entry.name) else CLASSIFIERS[entry.name]
    return build(classes, dropout)


def with_masks(entry: Architecture, classes: int, dropout: float | None, task: Task) -> TwoBranches:
    """A network that can draw masks, with the branches that a task needs."""
    if is_of_timm(entry.name):
        return unet_on_timm(timm_name(entry.name), classes, dropout, task)
    return WITH_MASKS[entry.name](classes, dropout, task)
