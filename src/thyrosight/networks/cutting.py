"""Cutting a network behind its frozen layers, so that their activations can be computed once and kept."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass

from torch import nn
from torch.nn.modules.dropout import _DropoutNd

from thyrosight.networks.assembly import extractors
from thyrosight.networks.bodies import body_of
from thyrosight.networks.branches import TwoBranches
from thyrosight.networks.freezing import is_frozen
from thyrosight.networks.fusion import EarlyFusion
from thyrosight.networks.heads import Headed
from thyrosight.networks.registry import find_architecture
from thyrosight.networks.spec import ModelSpec
from thyrosight.networks.timm_names import is_of_timm

Chain = list[tuple[str, nn.Module]]


@dataclass(frozen=True, eq=False)
class Cut:
    """A network in two parts that share its layers.

    Attributes:
        starts: of each extractor the frozen layers at its start, from images `(n, 3, ...)` to activations.
        rest: the network without them; it takes activations in place of images, those of pairs half and half.
    """

    starts: tuple[nn.Module, ...]
    rest: nn.Module


def cut_frozen(network: nn.Module, spec: ModelSpec) -> Cut | str:
    """Cut a network after its last frozen layer, or give the reason why it cannot be cut, as a clause.

    The body must be a chain of layers or blocks, without connections around them. That is so for
    VGG, AlexNet, the tiny network, ResNet and EfficientNet (whose blocks are kept whole), and for Inception-v3 and
    GoogLeNet with the heads `spp` and `gap`. It is not for Y-Net and the U-Nets.
    """
    if isinstance(network, EarlyFusion):
        return "early fusion learns the layer before them"
    starts: list[nn.Module] = []
    left_out: set[str] = set()
    for name, extractor in extractors(network).items():
        chain = _chain(extractor, spec)
        if isinstance(chain, str):
            return chain
        frozen = _frozen_start(chain)
        if not frozen:
            return "no layer at the start of the network is frozen"
        starts.append(nn.Sequential(*(step for _, step in frozen)))
        left_out |= {f"{name}.{path}" if name else path for path, _ in frozen}
    return Cut(tuple(starts), _without(network, left_out))


def _chain(extractor: nn.Module, spec: ModelSpec) -> Chain | str:
    """The steps of an extractor's body with their dotted names in it."""
    entry = find_architecture(spec.architecture)
    if isinstance(extractor, Headed):
        body, path = extractor.body, "body"
    elif isinstance(extractor, TwoBranches):
        body, path = extractor.encoder, ""
    elif getattr(extractor, "transform_input", False):
        return (
            f"with its own head, {entry.title} changes its input and reads its maps outside of the chain of its layers"
        )
    elif is_of_timm(entry.name):
        return f"the body of {entry.title} is no chain of layers"
    else:
        body, path = body_of(extractor, entry.heat_map_layer), ""
    if type(body) is not nn.Sequential:
        return f"the body of {entry.title} is no chain of layers"
    return list(_steps(body, path))


def _steps(module: nn.Module, path: str) -> Iterator[tuple[str, nn.Module]]:
    if type(module) is nn.Sequential:
        for name, child in module.named_children():
            yield from _steps(child, f"{path}.{name}" if path else name)
    else:
        yield path, module


def _frozen_start(chain: Chain) -> Chain:
    """The steps before the first one that learns or is random; none if no convolution is among them."""
    count = next((place for place, (_, step) in enumerate(chain) if not _is_fixed(step)), len(chain))
    start = chain[:count]
    convolves = any(isinstance(module, nn.Conv2d) for _, step in start for module in step.modules())
    return start if convolves else []


def _is_fixed(step: nn.Module) -> bool:
    draws = any(isinstance(module, _DropoutNd) and module.p > 0 for module in step.modules())
    return is_frozen(step) and not draws


def _without(module: nn.Module, paths: set[str]) -> nn.Module:
    """A copy of a network that leaves some layers out and shares all others."""
    twin = copy.copy(module)
    vars(twin)["_modules"] = {
        name: nn.Identity() if name in paths else _without(child, inner) if child is not None and inner else child
        for name, child in module._modules.items()
        for inner in [{path.removeprefix(f"{name}.") for path in paths if path.startswith(f"{name}.")}]
    }
    return twin
