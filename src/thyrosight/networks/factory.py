"""Making networks: new ones from a seed or from pretrained weights, and saved ones from their spec."""

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Literal

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from thyrosight.errors import NetworkError
from thyrosight.files import sha256_of_file
from thyrosight.networks.architecture import Architecture
from thyrosight.networks.assembly import assemble, head_names, stage_of, take_over
from thyrosight.networks.builders import classifier, with_masks
from thyrosight.networks.pretrained import WeightsFile, imagenet, imagenet_if_present
from thyrosight.networks.registry import architectures, find_architecture
from thyrosight.networks.spec import Fusion, Head, ModelSpec, Task, WeightsOrigin
from thyrosight.networks.weights import load_pretrained, load_weights, read_state

NO_WEIGHTS, IMAGENET, IMAGENET_IF_PRESENT = "none", "imagenet", "imagenet-if-present"


def create(
    architecture: str,
    *,
    weights: str | Path = NO_WEIGHTS,
    input_size: int | None = None,
    classes: Sequence[str] = ("benign", "malignant"),
    dropout: float | None = None,
    task: Task = "classification",
    fusion: Fusion = "none",
    head: Head = "own",
    seed: int = 0,
) -> tuple[nn.Module, ModelSpec]:
    """Make a network to train: the same arguments give the same bytes.

    Args:
        architecture: a name of `architectures()`, `timm:NAME` or `unet_timm:NAME`.
        weights: `none` (random, from the seed), `imagenet` (downloaded if missing), `imagenet-if-present` (never
            downloads; random where they are missing), or a file (safetensors, or a state dictionary saved by torch).
            Weights of the plain network fit it with any fusion and head: both extractors of `late` begin with them, and
            the heads `spp` and `gap` take over the convolutional body alone.
        input_size: side of the square input in pixels; the architecture's own if None.
        classes: their names in the order of the logits.
        dropout: probability before the last layer; None keeps the architecture's own.
        task: `segmentation` and `joint` need a network that draws masks: `ynet`, `ynet_residual`, `unet`,
            `unet_efficientnet_lite0`, `unet_timm:NAME`.
        fusion: how two images of one place are joined: `mixed`, `early` or `late`; `none` takes one image.
        head: the architecture's `own` for one input size, or `spp` or `gap` for variable-size input.
        seed: of the random weights: of all layers with `none`, else of the new last layer.

    Returns:
        The network in training mode, which maps `(n, 3, size, size)` to logits `(n, classes)`, and its spec. One that
        draws masks returns `Branches` in training; see `TwoBranches`. With a fusion it takes `(n, 6, size, size)`.

    Raises:
        NetworkError: unknown network, one that draws no masks where they are wanted, too small an input, or weights
            that are missing, damaged or hold code.

    >>> network, spec = create("tiny", input_size=32)
    >>> network.eval()(torch.zeros(1, 3, 32, 32)).shape, spec.weights.kind
    (torch.Size([1, 2]), 'none')
    """
    entry = find_architecture(architecture)
    source = _find_weights(entry, weights)
    spec = ModelSpec(
        architecture=architecture,
        task=task,
        fusion=fusion,
        head=head,
        classes=tuple(classes),
        input_size=entry.default_size if input_size is None else input_size,
        mean=entry.mean,
        std=entry.std,
        dropout=dropout,
        weights=source.origin if source else WeightsOrigin(),
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = build(spec)
    if source is None:
        return network, spec
    if (fusion, head) == ("none", "own"):
        _load(network, entry, source)
    elif read_state(source.path).keys() == network.state_dict().keys():
        load_pretrained(network, source.path, heads=head_names(entry, spec))
    else:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            plain = classifier(entry, len(spec.classes), dropout)
        _load(plain, entry, source)
        take_over(network, plain)
    return network, spec


def create_empty(architecture: str, *, weights: str | Path = NO_WEIGHTS, **options: Any) -> tuple[nn.Module, ModelSpec]:
    """Try the arguments of `create` at no cost: random weights take no memory, and no time to draw.

    Raises:
        NetworkError: as `create`.

    >>> network, _ = create_empty("vgg16")
    >>> next(network.parameters()).device
    device(type='meta')
    """
    with torch.device("meta") if weights == NO_WEIGHTS else nullcontext():
        return create(architecture, weights=weights, **options)


def build(spec: ModelSpec) -> nn.Module:
    """Build the structure that `spec` describes, with random weights.

    Raises:
        NetworkError: unknown network, or an input smaller than it can take.
    """
    entry = find_architecture(spec.architecture)
    if spec.input_size < entry.smallest_size:
        raise NetworkError(
            f"{entry.title} needs images of at least {entry.smallest_size} x {entry.smallest_size} pixels, got "
            f"{spec.input_size}; prepare larger images or choose another network."
        )
    if entry.fixed_size and (spec.input_size != entry.default_size or spec.head != "own"):
        raise NetworkError(
            f"{entry.title} takes images of {entry.default_size} x {entry.default_size} pixels and has its own head; "
            "prepare them so or choose another network."
        )
    if spec.task == "classification":
        return assemble(entry, spec)
    if (spec.fusion, spec.head) != ("none", "own"):
        raise NetworkError(
            f"A network for {spec.task} draws masks of one image with its own head; fusion and the heads spp and gap "
            "are for classification."
        )
    if not entry.draws_masks:
        able = ", ".join(name for name, other in architectures().items() if other.draws_masks) + ", unet_timm:NAME"
        raise NetworkError(f"{entry.title} tells classes apart and draws no masks; choose one of {able}.")
    return with_masks(entry, len(spec.classes), spec.dropout, spec.task)


def load_network(spec: ModelSpec, weights: Path | str) -> nn.Module:
    """Build the network that `spec` describes with the weights of a file of `save_weights`.

    Random weights are left out, which take longer to draw than a file to load; torch's generator stays where it was.

    Raises:
        NetworkError: as `build` and `load_weights`.
    """
    with torch.random.fork_rng(devices=[]), _Undrawn():
        network = build(spec)
    load_weights(network, weights)
    return network


class _Undrawn(TorchFunctionMode):
    """Leaves tensors as they are where torch would begin a layer, and gives zeros in place of random numbers."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if getattr(func, "__module__", "") == nn.init.__name__:
            return args[0] if args else kwargs["tensor"]
        if func in (torch.Tensor.uniform_, torch.Tensor.normal_):  # a truncated draw asks until it is within its ends
            return args[0].zero_()
        return func(*args, **kwargs)


def heat_map_layer(
    network: nn.Module, architecture: str, *, image: Literal["first", "second"] | None = None
) -> nn.Module:
    """The module whose output Grad-CAM reads: the network's last convolutional stage, `(n, channels, rows, columns)`.

    A network of late fusion has one for each `image`. A network of mixed fusion runs its stage over all first images
    that are present, then over all second ones.

    Raises:
        NetworkError: unknown network; late fusion without `image`; or an `image` where there is one stage for both.
    """
    return stage_of(network, find_architecture(architecture).heat_map_layer, image)


def new_layers(spec: ModelSpec) -> tuple[str, ...]:
    """Dotted names of the layers and parameters that are new for a task, which may have a larger learning rate.

    Raises:
        NetworkError: unknown network.
    """
    return head_names(find_architecture(spec.architecture), spec)


def _load(plain: nn.Module, entry: Architecture, source: WeightsFile) -> None:
    """Load a network for one image from weights of its architecture, or its encoder from those it has."""
    if entry.encoder is not None and source.origin.kind != "file":
        _load_encoder(plain.get_submodule(entry.encoder.path), entry.encoder.architecture, source.path)
    else:
        load_pretrained(plain, source.path, heads=entry.heads)


def _load_encoder(body: nn.Module, architecture: str, path: Path) -> None:
    """Load a classifier's weights as its own, then take over its body, whose tensors have the same names here."""
    entry = find_architecture(architecture)
    whole = classifier(entry, 2, None)
    load_pretrained(whole, path, heads=entry.heads)
    given = {_plainly(name): tensor for name, tensor in whole.state_dict().items()}
    body.load_state_dict({name: given[_plainly(name)] for name in body.state_dict()})


def _plainly(name: str) -> str:
    """The name of a tensor, alike in a network of timm and in its encoder, which may join names by underscores."""
    return name.removeprefix("model.").removeprefix("body.").replace("_", ".")


def _find_weights(entry: Architecture, weights: str | Path) -> WeightsFile | None:
    if weights == NO_WEIGHTS:
        return None
    if weights == IMAGENET:
        return imagenet(entry)
    if weights == IMAGENET_IF_PRESENT:
        return imagenet_if_present(entry)
    path = Path(weights)
    if not path.is_file():
        raise NetworkError(
            f"The weights {weights} are neither a file nor one of {NO_WEIGHTS}, {IMAGENET}, {IMAGENET_IF_PRESENT}; "
            "check the path."
        )
    return WeightsFile(path, WeightsOrigin(kind="file", name=path.name, sha256=sha256_of_file(path)))
