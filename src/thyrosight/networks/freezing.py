"""Freezing the first convolutions of a network: they keep their weights while the layers after them learn.

Source: Qin et al., "Diagnosis of benign and malignant thyroid nodules using combined conventional ultrasound and
ultrasound elasticity imaging", section II.A and table III: the first n of VGG16's 13 convolutions, weights and biases.
"""

from functools import partial

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from thyrosight.errors import NetworkError
from thyrosight.networks.assembly import extractors
from thyrosight.networks.bodies import AUXILIARY
from thyrosight.networks.heads import Headed


def convolution_names(network: nn.Module) -> tuple[str, ...]:
    """Names of the convolutions of a network's body in the order in which an image passes them.

    They are those of the plain network, whatever the head and the fusion: of two extractors, each has these. New
    convolutions (that of early fusion, that of the head `gap`), auxiliary heads and decoders are not among them.

    >>> from thyrosight.networks import create
    >>> convolution_names(create("tiny", fusion="late", head="gap")[0])
    ('features.0.0', 'features.1.0', 'features.2.0', 'features.3.0')
    """
    first = next(iter(extractors(network).values()))
    return tuple(name for name, module in _layers(first) if isinstance(module, nn.Conv2d))


def freeze_convolutions(network: nn.Module, count: int) -> None:
    """Freeze the first `count` convolutions of every extractor, and let all after them learn.

    A convolution is frozen with its bias and with the batch normalisation that follows it, which then also keeps its
    statistics: it stays in evaluation mode, whatever mode the network is put in. Layers of other kinds in between
    (the weights of attention in Y-Net) go on learning.

    Args:
        network: from `create`, changed in place.
        count: 0 freezes nothing, and unfreezes all layers.

    Raises:
        NetworkError: a count below 0, or above the number of convolutions.
    """
    number = len(convolution_names(network))
    if not 0 <= count <= number:
        raise NetworkError(
            f"This network has {number} convolution layers, so that 0 to {number} can be frozen, not {count}."
        )
    for extractor in extractors(network).values():
        seen = 0
        for _, module in _layers(extractor):
            seen += isinstance(module, nn.Conv2d)
            _set_frozen(module, 0 < seen <= count)


def _layers(extractor: nn.Module) -> list[tuple[str, nn.Module]]:
    """Convolutions and batch normalisations of a body by name; every network registers them in their order."""
    body = extractor.body if isinstance(extractor, Headed) else extractor
    assert isinstance(body, nn.Module)
    return [
        (name, module)
        for name, module in body.named_modules()
        if isinstance(module, nn.Conv2d | _BatchNorm) and name.partition(".")[0] not in AUXILIARY
    ]


def _set_frozen(module: nn.Module, frozen: bool) -> None:
    module.requires_grad_(not frozen)
    if not isinstance(module, _BatchNorm):
        return
    # `train` of the instance hides that of its class: a network that is put into training mode leaves it alone.
    vars(module).pop("train", None)
    if frozen:
        module.eval()
        vars(module)["train"] = partial(_stay, module)


def _stay(module: nn.Module, mode: bool = True) -> nn.Module:
    return module


def is_frozen(module: nn.Module) -> bool:
    """Whether training changes nothing in a module: no parameter, and no statistics of a batch normalisation."""
    still = all("train" in vars(part) for part in module.modules() if isinstance(part, _BatchNorm))
    return still and not any(parameter.requires_grad for parameter in module.parameters())
