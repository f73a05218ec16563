"""The steps of a network in their order, what each makes of an image, and which leads to which: found by running it.

Nothing is computed: network and image are shapes alone (the device meta), so that a large network costs milliseconds.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from thyrosight.networks.branches import TwoBranches
from thyrosight.networks.factory import build
from thyrosight.networks.freezing import convolution_names, freeze_convolutions
from thyrosight.networks.spec import ModelSpec

INPUT, SUM, CONCATENATION, PRODUCT, ENLARGED = "input", "sum", "concatenation", "product", "enlarged"
"""Kinds of steps that are no module, besides the functions of torch that pool."""
MAXIMA, AVERAGES, CELL_MAXIMA, CELL_AVERAGES = "max_pool2d", "avg_pool2d", "adaptive_max_pool2d", "adaptive_avg_pool2d"
BRANCHES = (
    "YNetEncoder",
    "YNetDecoder",
    "YNetResidualDecoder",
    "UNetEncoder",
    "UNetDecoder",
    "Lite0Encoder",
    "FeatureListNet",
    "Headed",
)
"""Classes that hold whole networks or branches."""
SPATIAL_PYRAMID = "SpatialPyramid"
BLOCKS = {
    "BasicBlock": "residual block",
    "Bottleneck": "residual block with a bottleneck",
    "Inception": "Inception module",
    "InceptionA": "Inception module A",
    "InceptionC": "Inception module B",
    "InceptionE": "Inception module C",
    "InvertedResidual": "inverted residual block",
    "DepthwiseSeparableConv": "depthwise separable convolution",
    "Resolution": "blocks of one resolution",
    "ResidualBlock": "residual block",
    "PyramidBlock": "residual block with pyramid",
    "PyramidConvolution": "pyramid convolution",
    "PyramidPooling": "pyramid pooling",
    SPATIAL_PYRAMID: "spatial pyramid pooling",
}
"""Classes of blocks in words; modules A, B and C of Inception-v3 are those of its paper."""
REDUCTIONS = ("InceptionB", "InceptionD")
"""Reductions of Inception-v3, which torchvision counts as modules too."""
_JOINS = {"add": SUM, "iadd": SUM, "cat": CONCATENATION, "stack": CONCATENATION, "mul": PRODUCT, "imul": PRODUCT}
_SIZED = {"interpolate": ENLARGED} | {name: name for name in (MAXIMA, AVERAGES, CELL_MAXIMA, CELL_AVERAGES)}
_ABSORBED = (
    nn.BatchNorm2d, nn.LayerNorm, nn.ReLU, nn.ReLU6, nn.SiLU, nn.GELU, nn.Hardswish,
    nn.Dropout, nn.Identity, nn.Flatten,
)  # fmt: skip
"""Modules that belong to the step before them."""


@dataclass(frozen=True, eq=False)
class Step:
    """One step of a network.

    Attributes:
        kind: the name of the module's class; without a module `input`, how several steps join (`sum`, `concatenation`,
            `product`), `enlarged`, or torch's name of a pooling.
        name: dotted, of the module; empty without one.
        module: None without one.
        shape: channels, rows and columns of what it gives, or its length.
        parameters: with those of normalisation behind it.
        side: of the fields of a pooling that is no module.
        after: places of the steps that it reads.
    """

    kind: str
    name: str = ""
    module: nn.Module | None = None
    shape: tuple[int, ...] = ()
    parameters: int = 0
    side: int = 0
    after: tuple[int, ...] = ()


@lru_cache(maxsize=32)
def structure_of(spec: ModelSpec, *, opened: tuple[str, ...] = ()) -> tuple[Step, ...]:
    """The steps of the network that `spec` describes, both branches of one that has two; kept for the next figure.

    Args:
        opened: classes of modules whose own steps are told, besides chains of modules.

    >>> mean = (0.5, 0.5, 0.5)
    >>> for step in structure_of(ModelSpec(architecture="resnet18", mean=mean, std=mean))[:4]:
    ...     print(step.kind, step.name, step.shape, step.parameters)
    input  (3, 224, 224) 0
    Conv2d conv1 (64, 112, 112) 9536
    MaxPool2d maxpool (64, 56, 56) 0
    BasicBlock layer1.0 (64, 56, 56) 73984
    """
    side, channels = spec.input_size, 3 if spec.fusion == "none" else 6
    with torch.device("meta"):
        network = build(spec).eval()
        run = network.branches if isinstance(network, TwoBranches) else network
        return tuple(_followed(network, run, torch.empty(1, channels, side, side), opened=opened))


def frozen_share(spec: ModelSpec, frozen: int) -> tuple[int, int, int]:
    """Counts of a network whose first `frozen` convolutions keep their weights: convolutions of its body (of one
    extractor where there are two), parameters that stay, and parameters that learn.

    Raises:
        NetworkError: more layers are to be frozen than there are.

    >>> mean = (0.5, 0.5, 0.5)
    >>> frozen_share(ModelSpec(architecture="vgg16", mean=mean, std=mean), 2)
    (13, 38720, 134230018)
    """
    with torch.device("meta"):
        network = build(spec)
    freeze_convolutions(network, frozen)
    sizes = [(one.numel(), one.requires_grad) for one in network.parameters()]
    kept, trained = (sum(size for size, learns in sizes if learns == wanted) for wanted in (False, True))
    return len(convolution_names(network)), kept, trained


def branch_sizes(spec: ModelSpec) -> dict[str, int]:
    """Parameters of each branch of a network that draws masks, by its name: encoder, decoder, classifier.

    >>> mean = (0.25, 0.25, 0.25)
    >>> branch_sizes(ModelSpec(architecture="ynet", task="segmentation", mean=mean, std=mean))["decoder"]
    474465
    """
    with torch.device("meta"):
        network = build(spec)
    return {name: sum(one.numel() for one in branch.parameters()) for name, branch in network.named_children()}


def structure_inside(module: nn.Module, shape: tuple[int, ...]) -> list[Step]:
    """The steps within one module, for an input of that shape (channels, rows, columns)."""
    with torch.device("meta"):
        return _followed(module, module, torch.empty(1, *shape), opened=())


def _followed(network: nn.Module, run: Any, images: torch.Tensor, *, opened: Sequence[str]) -> list[Step]:
    recorder = _Recorder(images)
    hooks = [hook for name, module in _blocks(network, opened) for hook in recorder.hooks(name, module)]
    try:
        with torch.no_grad(), recorder:
            run(images)
    finally:
        for hook in hooks:
            hook.remove()
    return recorder.steps


def _blocks(module: nn.Module, opened: Sequence[str], before: str = "") -> Iterator[tuple[str, nn.Module]]:
    """Modules that are one step each, with their dotted names."""
    for name, child in module.named_children():
        whole = f"{before}{name}"
        chain = isinstance(child, nn.Sequential | nn.ModuleList) or type(child).__name__ in opened
        if chain and any(True for _ in child.children()):
            yield from _blocks(child, opened, f"{whole}.")
        else:
            yield whole, child


@dataclass(eq=False)
class _Trail:
    """Which step gave each tensor; tensors are kept, so that none takes the place of another in memory."""

    sources: dict[int, int] = field(default_factory=dict)
    kept: list[Any] = field(default_factory=list)

    def of(self, values: Any) -> tuple[int, ...]:
        """The steps that gave these tensors, each once."""
        known = (self.sources.get(id(tensor)) for tensor in _tensors(values))
        return tuple(dict.fromkeys(place for place in known if place is not None))

    def mark(self, values: Any, place: int) -> None:
        """Note that a step gave these tensors."""
        for tensor in _tensors(values):
            self.kept.append(tensor)
            self.sources[id(tensor)] = place


class _Recorder(TorchFunctionMode):
    """Follows tensors through modules, and through functions outside of them."""

    def __init__(self, images: torch.Tensor) -> None:
        super().__init__()
        self.steps = [Step(INPUT, shape=tuple(images.shape[1:]))]
        self.trail = _Trail()
        self.trail.mark(images, 0)
        self.within: list[tuple[int, ...]] = []
        """For each module that is running, the steps that it read; functions inside a module add no step."""

    def hooks(self, name: str, module: nn.Module) -> Iterable[Any]:
        """Have a module's call noted as a step."""
        yield module.register_forward_pre_hook(lambda _, given: self.within.append(self.trail.of(given)))
        yield module.register_forward_hook(lambda _, __, given: self._note(name, module, given))

    def _note(self, name: str, module: nn.Module, given: Any) -> None:
        after = self.within.pop()
        if self.within:
            return
        parameters = sum(one.numel() for one in module.parameters())
        if (
            isinstance(module, _ABSORBED)
            and len(after) == 1
            and not (parameters and self.steps[after[0]].kind == INPUT)
        ):
            place = after[0]
            self.steps[place] = replace(self.steps[place], parameters=self.steps[place].parameters + parameters)
            self.trail.mark(given, place)
        else:
            self._add(Step(type(module).__name__, name, module, _shape(given), parameters, after=after), given)

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        options = kwargs or {}
        given = func(*args, **options)
        if not self.within and (after := self.trail.of((args, options))):
            called = getattr(func, "__name__", "").strip("_").removesuffix("_with_indices")
            if len(after) > 1:
                self._add(Step(_JOINS.get(called, called), shape=_shape(given), after=after), given)
            elif called in _SIZED:
                side = 0 if called == "interpolate" else _first_number((*args[1:], *options.values()))
                self._add(Step(_SIZED[called], shape=_shape(given), side=side, after=after), given)
            else:
                self.trail.mark(given, after[0])
        return given

    def _add(self, step: Step, given: Any) -> None:
        self.steps.append(step)
        self.trail.mark(given, len(self.steps) - 1)


def _tensors(values: Any) -> Iterator[torch.Tensor]:
    if isinstance(values, torch.Tensor):
        yield values
    elif isinstance(values, dict):
        yield from _tensors(tuple(values.values()))
    elif isinstance(values, list | tuple):
        for value in values:
            yield from _tensors(value)


def _shape(given: Any) -> tuple[int, ...]:
    """The shape of the last of the tensors, without that of the batch; maps of one pixel are vectors."""
    *_, last = _tensors(given)
    shape = tuple(last.shape[1:])
    return shape[:1] if shape[1:] == (1, 1) else shape


def _first_number(values: Iterable[Any]) -> int:
    for value in values:
        number = value[0] if isinstance(value, list | tuple) and value else value
        if isinstance(number, int):
            return number
    return 0
