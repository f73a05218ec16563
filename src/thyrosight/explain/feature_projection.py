"""Patterns that activate the units of a convolution layer, projected down to pixels.

Qin et al. (combined conventional and elasticity imaging, Figure 3) show the strongest activation of two layers of a
VGG16 through the deconvnet of Zeiler and Fergus (ECCV 2014, section 2). Beside it stands integrated gradients, an
attribution whose sum is the change of activation that it explains.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from captum.attr import IntegratedGradients
from numpy.typing import NDArray
from torch import nn

from thyrosight.errors import NetworkError
from thyrosight.explain.faithfulness import blurred
from thyrosight.explain.gradcam import place_network
from thyrosight.explain.receptive_field import Window, receptive_fields
from thyrosight.explain.unit_activations import read_activation
from thyrosight.imaging.pairs import Kind
from thyrosight.networks import ModelSpec, convolution_names, to_input
from thyrosight.networks.assembly import extractors
from thyrosight.networks.heads import Headed
from thyrosight.progress import Progress

STEPS = 64
"""Points on the way from the blurred image to the image (Gauss-Legendre)."""
DECONVOLUTION = (
    "deconvnet of Zeiler and Fergus (2014): the unit's activation, sent back through the transposed filters; pooling "
    "by its switches; every rectification passes what is positive"
)
ATTRIBUTION = (
    f"integrated gradients of the unit's activation (Sundararajan et al. 2017), {STEPS} steps from a blurred copy of "
    "the image"
)


@dataclass(frozen=True)
class ConvolutionLayer:
    """A convolution layer of a network: its number from 1 in forward order, and its dotted name."""

    number: int
    name: str


@dataclass(frozen=True)
class Unit:
    """One unit of a layer, in the image in which its map is strongest.

    Attributes:
        layer: whose map it belongs to.
        map: index of the map (filter), from 0.
        image: index of the image.
        row, column: in the map.
        activation: behind the batch norm, where one follows the layer directly, and before the rectification.
    """

    layer: ConvolutionLayer
    map: int
    image: int
    row: int
    column: int
    activation: float


@dataclass(frozen=True, eq=False)
class UnitProjection:
    """A unit projected down to the pixels of its image.

    Attributes:
        unit: what is projected.
        pixels: uint8 `(rows, columns[, 3])`, the image as the network was given it.
        window: the unit's receptive field in it, (left, top, right, bottom), cut at the image's edge.
        deconvolution: float32 `(rows, columns)`, signed, summed over the colour channels; its pattern has a
            meaning, its unit has none.
        attribution: float32 `(rows, columns)`, signed, in units of the activation: it adds up to the unit's activation
            for the image less that for the blurred image.
        blurred_activation: the activation for the blurred image.
        gap: that difference minus the sum of `attribution`; more steps make it smaller.
    """

    unit: Unit
    pixels: NDArray[np.uint8]
    window: Window
    deconvolution: NDArray[np.float32]
    attribution: NDArray[np.float32]
    blurred_activation: float
    gap: float


def network_of_image(network: nn.Module, spec: ModelSpec, image: Kind | None = None) -> tuple[nn.Module, ModelSpec]:
    """The part of a network that sees one image alone, with its spec: of late fusion the extractor of that image.

    A network for one image is its own, and one of mixed fusion is the same for both images.

    Raises:
        NetworkError: late fusion without `image`, or early fusion, whose layers see both images at once.
    """
    if spec.fusion == "early":
        raise NetworkError(
            "Early fusion joins both images before its first layer, so that its units answer to neither alone; choose "
            "a network of late or mixed fusion."
        )
    parts = extractors(network)
    if spec.fusion == "late" and image is None:
        raise NetworkError(
            "A network of late fusion has two extractors; name one with image='first' or image='second'."
        )
    part = parts[image] if spec.fusion == "late" and image is not None else next(iter(parts.values()))
    return part, spec.model_copy(update={"fusion": "none"})


def layers_of(network: nn.Module) -> tuple[ConvolutionLayer, ...]:
    """The convolution layers of a network for one image, counted from 1 in the order in which freezing counts them.

    >>> from thyrosight.networks import create
    >>> [layer.number for layer in layers_of(create("tiny")[0])]
    [1, 2, 3, 4]
    """
    before = "body." if isinstance(network, Headed) else ""
    return tuple(
        ConvolutionLayer(number, before + name) for number, name in enumerate(convolution_names(network), start=1)
    )


def find_layer(network: nn.Module, number: int) -> ConvolutionLayer:
    """The convolution layer with this number.

    Raises:
        NetworkError: there is none.
    """
    layers = layers_of(network)
    if not 1 <= number <= len(layers):
        raise NetworkError(
            f"The network has convolution layers 1 to {len(layers)}, none with number {number}; choose one of them."
        )
    return layers[number - 1]


def strongest_units(
    network: nn.Module,
    spec: ModelSpec,
    pixels: NDArray[np.uint8],
    *,
    layer: ConvolutionLayer,
    count: int = 9,
    batch_size: int = 16,
    device: str | torch.device | None = None,
    progress: Progress | None = None,
) -> tuple[Unit, ...]:
    """The maps of a layer with the strongest activations, each with the image and place where it is strongest.

    Args:
        network: for one image (else `network_of_image`); its training mode is put back after.
        spec: its description.
        pixels: uint8 `(n, rows, columns)` grey or `(n, rows, columns, 3)`, as the network takes them.
        layer: from `layers_of` or `find_layer`.
        count: maps at most, the strongest first; a map that no image activates is left out.
        batch_size: images at a time.
        device: where to compute, and where the network stays; where it lies already if None.
        progress: called after each batch.

    Raises:
        NetworkError: unfit pixels, no image, or a layer that the network does not use.
    """
    _require_one_image(spec)
    if len(pixels) == 0 or count < 1:
        raise NetworkError("Expected at least one image and a count of at least one map.")
    best: dict[int, Unit] = {}
    place = place_network(network, device)
    with _evaluated(network), torch.no_grad():
        for start in range(0, len(pixels), batch_size):
            part = to_input(np.asarray(pixels[start : start + batch_size]), spec).to(place)
            for unit in _peaks(read_activation(network, network.get_submodule(layer.name), part), layer, start):
                if unit.map not in best or unit.activation > best[unit.map].activation:
                    best[unit.map] = unit
            if progress is not None:
                progress(f"Reading layer {layer.number}", start + len(part), len(pixels))
    active = [unit for unit in best.values() if unit.activation > 0]
    return tuple(sorted(active, key=lambda unit: (-unit.activation, unit.map))[:count])


def project_units(
    network: nn.Module,
    spec: ModelSpec,
    pixels: NDArray[np.uint8],
    units: Sequence[Unit],
    *,
    device: str | torch.device | None = None,
    progress: Progress | None = None,
) -> list[UnitProjection]:
    """Project units down to pixel space by deconvolution and by integrated gradients.

    Deconvolution follows Zeiler and Fergus: a unit's activation, all others set to 0, goes back through the transposed
    filters; batch norms in evaluation mode are part of the filters, and an average pooling spreads what it is given
    evenly. ReLU6 and other smooth forms of ReLU are treated as a ReLU. A unit without activation projects to 0.

    Integrated gradients start from a blurred copy of the image, not from black: black is a finding in ultrasound (a
    cyst), which could then never count as evidence.

    Args:
        network: for one image; its training mode is put back after.
        spec: its description.
        pixels: the images that the units' numbers refer to.
        units: from `strongest_units`.
        device: where to compute, and where the network stays; where it lies already if None.
        progress: called after each unit.

    Raises:
        NetworkError: unfit pixels, or projections that are not finite.
    """
    _require_one_image(spec)
    place = place_network(network, device)
    found = []
    with _evaluated(network):
        for number, unit in enumerate(units, start=1):
            found.append(_project(network, spec, np.asarray(pixels[unit.image]), unit, place))
            if progress is not None:
                progress("Projecting", number, len(units))
    return found


def _require_one_image(spec: ModelSpec) -> None:
    if spec.fusion != "none":
        raise NetworkError("Units are projected into one image; take that image's part with `network_of_image` first.")


@contextmanager
def _evaluated(network: nn.Module) -> Iterator[None]:
    """Keeps a network in evaluation mode."""
    training = network.training
    network.eval()
    try:
        yield
    finally:
        network.train(training)


def _peaks(activation: torch.Tensor, layer: ConvolutionLayer, start: int) -> list[Unit]:
    """The strongest unit of each map over the images of a batch, whose first has number `start`."""
    _, maps, rows, columns = activation.shape
    values, places = activation.transpose(0, 1).reshape(maps, -1).max(dim=1)
    units = []
    for number, (value, place) in enumerate(zip(values.tolist(), places.tolist(), strict=True)):
        image, rest = divmod(place, rows * columns)
        row, column = divmod(rest, columns)
        units.append(Unit(layer, number, start + image, row, column, value))
    return units


def _project(
    network: nn.Module, spec: ModelSpec, image: NDArray[np.uint8], unit: Unit, place: torch.device
) -> UnitProjection:
    layer = network.get_submodule(unit.layer.name)
    both = to_input(np.stack([image, blurred(image)]), spec).to(place)
    shown, blur = both[:1], both[1:]

    def activation(images: torch.Tensor) -> torch.Tensor:
        return read_activation(network, layer, images)[:, unit.map, unit.row, unit.column]

    with torch.no_grad():
        at_blur = float(activation(blur))
    attribution = IntegratedGradients(activation).attribute(shown, blur, n_steps=STEPS, internal_batch_size=8)
    signed = attribution.sum(dim=1)[0].float().cpu().numpy()
    deconvolution = _deconvolved(network, layer, shown, unit, spec)
    if not (np.isfinite(signed).all() and np.isfinite(deconvolution).all()):
        raise NetworkError(
            "The projections are not finite; the network's weights are damaged or its training diverged."
        )
    (window,) = receptive_fields(network, layer, [(unit.row, unit.column)], shape=(image.shape[0], image.shape[1]))
    return UnitProjection(
        unit=unit,
        pixels=image,
        window=window,
        deconvolution=deconvolution,
        attribution=signed,
        blurred_activation=at_blur,
        gap=unit.activation - at_blur - float(signed.sum()),
    )


def _deconvolved(
    network: nn.Module, layer: nn.Module, shown: torch.Tensor, unit: Unit, spec: ModelSpec
) -> NDArray[np.float32]:
    images = shown.clone().requires_grad_()
    value = read_activation(network, layer, images, deconvolution=True)[0, unit.map, unit.row, unit.column]
    (gradient,) = torch.autograd.grad(value, images, grad_outputs=value.detach().clamp(min=0))
    # From the network's input to pixels scaled to 0..1: each channel was divided by its standard deviation.
    by_pixel = gradient[0] / torch.tensor(spec.std, device=gradient.device)[:, None, None]
    return np.asarray(by_pixel.sum(dim=0).float().cpu().numpy(), dtype=np.float32)
