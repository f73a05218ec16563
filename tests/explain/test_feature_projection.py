"""Projections of units against networks whose answer is known, and against captum's own deconvolution."""

import warnings

import numpy as np
import pytest
import torch
from captum.attr import NeuronDeconvolution
from torch import nn

from thyrosight.errors import NetworkError
from thyrosight.explain import (
    Unit,
    find_layer,
    layers_of,
    network_of_image,
    project_units,
    receptive_fields,
    strongest_units,
)
from thyrosight.explain.faithfulness import blurred
from thyrosight.explain.unit_activations import read_activation
from thyrosight.networks import ModelSpec, create, to_input

SIZE = 24
SPEC = ModelSpec(architecture="tiny", input_size=SIZE, mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))
EDGE = np.array([[-1.0, 0.0, 1.0]] * 3)


def filters(*kernels: np.ndarray) -> nn.Conv2d:
    """A layer of the given filters of grey images: each of the three equal channels has a third."""
    layer = nn.Conv2d(3, len(kernels), kernels[0].shape[0], bias=False)
    stacked = torch.tensor(np.stack(kernels), dtype=torch.float32)
    layer.weight.data = stacked[:, None].repeat(1, 3, 1, 1) / 3
    return layer


def edge_network() -> nn.Sequential:
    """Layer 1 finds edges from dark to bright, to the right and downwards."""
    return nn.Sequential(filters(EDGE, EDGE.T), nn.ReLU(inplace=True), nn.Conv2d(2, 2, 3)).eval()


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (3, SIZE, SIZE), dtype=np.uint8)


def one_edge() -> np.ndarray:
    """Three images: none, a vertical edge from column 12 on, a fainter horizontal one from row 6 on."""
    images = np.full((3, SIZE, SIZE), 40, np.uint8)
    images[1, :, 12:] = 240
    images[2, 6:] = 140
    return images


def test_an_edge_detector_projects_to_its_own_filter() -> None:
    images, network = one_edge(), edge_network()
    units = strongest_units(network, SPEC, images, layer=find_layer(network, 1))
    first, second = units
    assert (first.map, first.image, second.map, second.image) == (0, 1, 1, 2)
    assert first.column in (10, 11) and second.row in (4, 5)
    # Three rows of (240 - 40) / 255, and of (140 - 40) / 255.
    assert first.activation == pytest.approx(600 / 255, abs=1e-5) and second.activation == pytest.approx(300 / 255)
    for found, kernel in zip(project_units(network, SPEC, images, units), (EDGE, EDGE.T), strict=True):
        left, top, right, bottom = found.window
        assert (right - left, bottom - top) == (3, 3)
        np.testing.assert_allclose(
            found.deconvolution[top:bottom, left:right], kernel * found.unit.activation, atol=1e-6
        )
        assert np.abs(found.deconvolution).sum() == pytest.approx(6 * found.unit.activation, rel=1e-5)  # nothing beside


def test_deconvolution_of_a_linear_network_is_its_gradient_times_the_activation(pixels: np.ndarray) -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Conv2d(4, 5, 3, stride=2)).eval()
    (unit,) = strongest_units(network, SPEC, pixels, layer=find_layer(network, 2), count=1)
    (found,) = project_units(network, SPEC, pixels, [unit])
    images = to_input(pixels[unit.image : unit.image + 1], SPEC).requires_grad_()
    network(images)[0, unit.map, unit.row, unit.column].backward()
    assert images.grad is not None
    np.testing.assert_allclose(
        found.deconvolution, unit.activation * images.grad[0].sum(dim=0).numpy(), rtol=1e-4, atol=1e-6
    )


@pytest.fixture(scope="module")
def alexnet() -> tuple[nn.Module, ModelSpec]:
    """Captum's hooks on modules cannot be used with rectifications in place."""
    network, spec = create("alexnet", input_size=64, seed=3)
    for module in network.eval().modules():
        if isinstance(module, nn.ReLU):
            module.inplace = False
    return network, spec


@pytest.mark.parametrize("number", [1, 2, 4, 5])
def test_it_is_the_deconvolution_of_captum_where_rectifications_are_modules(
    alexnet: tuple[nn.Module, ModelSpec], number: int
) -> None:
    network, spec = alexnet
    images = np.random.default_rng(2).integers(0, 256, (2, 64, 64), dtype=np.uint8)
    layer = find_layer(network, number)
    unit = strongest_units(network, spec, images, layer=layer)[1]
    (found,) = project_units(network, spec, images, [unit])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reference = NeuronDeconvolution(network, network.get_submodule(layer.name)).attribute(
            to_input(images[unit.image : unit.image + 1], spec), (unit.map, unit.row, unit.column)
        )
    expected = unit.activation * (reference[0] / torch.tensor(spec.std)[:, None, None]).sum(dim=0).numpy()
    np.testing.assert_allclose(found.deconvolution, expected, rtol=1e-3, atol=1e-5 * np.abs(expected).max())


def test_rectifications_that_a_network_calls_as_functions_count_too(pixels: np.ndarray) -> None:
    class AsFunctions(nn.Module):
        def __init__(self, body: nn.Sequential) -> None:
            super().__init__()
            self.body = body

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return self.body[2](nn.functional.relu(self.body[0](images), inplace=True).relu_())

    torch.manual_seed(4)
    modules = nn.Sequential(nn.Conv2d(3, 6, 5), nn.ReLU(), nn.Conv2d(6, 3, 5)).eval()
    functions = AsFunctions(modules).eval()
    (unit,) = strongest_units(modules, SPEC, pixels, layer=find_layer(modules, 2), count=1)
    (same,) = strongest_units(functions, SPEC, pixels, layer=find_layer(functions, 2), count=1)
    assert (same.map, same.image, same.row, same.column) == (unit.map, unit.image, unit.row, unit.column)
    (first,), (second,) = project_units(modules, SPEC, pixels, [unit]), project_units(functions, SPEC, pixels, [same])
    np.testing.assert_array_equal(first.deconvolution, second.deconvolution)
    np.testing.assert_allclose(first.attribution, second.attribution, atol=1e-6)


def test_a_unit_that_does_not_answer_projects_to_nothing() -> None:
    images, network = one_edge(), edge_network()
    layer = find_layer(network, 1)
    assert strongest_units(network, SPEC, 0 * images, layer=layer) == ()
    against = Unit(layer, map=1, image=1, row=10, column=5, activation=0.0)  # a flat place
    (found,) = project_units(network, SPEC, images, [against])
    assert np.abs(found.deconvolution).max() == 0


def test_attribution_adds_up_to_the_difference_of_the_activations(pixels: np.ndarray) -> None:
    network, spec = create("tiny", input_size=32, seed=5)
    images = np.random.default_rng(2).integers(0, 256, (4, 32, 32), dtype=np.uint8)
    layer = find_layer(network, 3)
    units = strongest_units(network, spec, images, layer=layer, count=3)
    network.eval()
    for found in project_units(network, spec, images, units):
        unit = found.unit
        blur = to_input(blurred(images[unit.image])[None], spec)
        answer = read_activation(network, network.get_submodule(layer.name), blur)
        assert found.blurred_activation == pytest.approx(answer[0, unit.map, unit.row, unit.column].item(), abs=1e-5)
        assert found.attribution.sum() == pytest.approx(
            unit.activation - found.blurred_activation, abs=0.02 * abs(unit.activation)
        )
        left, top, right, bottom = found.window
        outside = np.ones((32, 32), bool)
        outside[top:bottom, left:right] = False
        assert not found.attribution[outside].any() and not found.deconvolution[outside].any()


def test_the_strongest_unit_is_found_in_whatever_batch_it_lies(pixels: np.ndarray) -> None:
    network, spec = create("tiny", input_size=32, seed=6)
    images = np.random.default_rng(8).integers(0, 256, (7, 32, 32), dtype=np.uint8)
    layer = find_layer(network, 2)
    network.eval()
    answers = read_activation(network, network.get_submodule(layer.name), to_input(images, spec))
    network.train()
    found = strongest_units(network, spec, images, layer=layer, count=5, batch_size=3)
    assert network.training
    assert [unit.activation for unit in found] == pytest.approx(
        sorted(answers.amax(dim=(0, 2, 3)).tolist(), reverse=True)[:5], rel=1e-5
    )
    for unit in found:
        assert answers[unit.image, unit.map, unit.row, unit.column].item() == pytest.approx(unit.activation, rel=1e-5)


def test_same_network_and_images_give_the_same_bytes() -> None:
    network, spec = create("tiny", input_size=32, seed=6)
    images = np.random.default_rng(8).integers(0, 256, (4, 32, 32, 3), dtype=np.uint8)
    layer = find_layer(network, 4)
    runs = []
    for _ in range(2):
        units = strongest_units(network, spec, images, layer=layer, count=2)
        runs.append((units, project_units(network, spec, images, units)))
    assert runs[0][0] == runs[1][0]
    for first, second in zip(runs[0][1], runs[1][1], strict=True):
        assert first.deconvolution.tobytes() == second.deconvolution.tobytes()
        assert first.attribution.tobytes() == second.attribution.tobytes()


def test_receptive_fields_of_vgg16_are_the_published_ones() -> None:
    network, _ = create("vgg16", input_size=64)
    published = {1: 3, 2: 5, 3: 10, 4: 14, 5: 24, 6: 32, 7: 40}
    for number, side in published.items():
        layer = network.get_submodule(find_layer(network, number).name)
        scale = {1: 1, 2: 1, 3: 2, 4: 2}.get(number, 4)
        ((left, top, right, bottom),) = receptive_fields(network, layer, [(32 // scale, 32 // scale)], shape=(64, 64))
        assert (right - left, bottom - top) == (side, side)


@pytest.mark.parametrize("name", ["vgg16_quarter", "resnet18", "efficientnet_lite0", "googlenet", "ynet"])
def test_every_kind_of_network_is_projected_within_the_receptive_field(name: str) -> None:
    size = 32
    network, spec = create(name, input_size=size)
    network.requires_grad_(False)
    images = np.random.default_rng(0).integers(0, 256, (2, size, size), dtype=np.uint8)
    layer = find_layer(network, min(6, len(layers_of(network))))
    units = strongest_units(network, spec, images, layer=layer, count=1)
    (found,) = project_units(network, spec, images, units)
    left, top, right, bottom = found.window
    inside = np.abs(found.deconvolution[top:bottom, left:right]).sum()
    assert inside > 0
    if name != "ynet":  # its attention blocks see the whole image
        assert np.abs(found.deconvolution).sum() == pytest.approx(inside)
    assert network.training


def test_without_max_pooling_the_pattern_of_a_deconvolution_does_not_depend_on_the_image() -> None:
    patterns = {}
    for name in ("efficientnet_lite0", "resnet18"):
        network, spec = create(name, input_size=32, seed=2)
        images = np.random.default_rng(4).integers(0, 256, (2, 32, 32), dtype=np.uint8)
        layer = find_layer(network, 5)
        network.eval()
        answers = read_activation(network, network.get_submodule(layer.name), to_input(images, spec))
        row, column = answers.shape[2] // 2, answers.shape[3] // 2
        both = answers[:, :, row, column].amin(dim=0)
        number = int(both.argmax())
        assert both[number] > 0
        found = project_units(
            network,
            spec,
            images,
            [Unit(layer, number, image, row, column, answers[image, number, row, column].item()) for image in (0, 1)],
        )
        patterns[name] = [one.deconvolution / one.unit.activation for one in found]
    scale = np.abs(patterns["efficientnet_lite0"][0]).max()
    np.testing.assert_allclose(*patterns["efficientnet_lite0"], atol=1e-4 * scale)
    assert not np.allclose(*patterns["resnet18"], rtol=0.1)


def test_what_cannot_be_is_refused(pixels: np.ndarray) -> None:
    network = edge_network()
    with pytest.raises(NetworkError, match="convolution layers 1 to 2, none with number 3"):
        find_layer(network, 3)
    with pytest.raises(NetworkError, match="at least one image"):
        strongest_units(network, SPEC, pixels[:0], layer=find_layer(network, 1))
    network[2].weight.data[:] = float("nan")
    unit = Unit(find_layer(network, 2), 0, 0, 3, 3, 1.0)
    with pytest.raises(NetworkError, match="not finite"):
        project_units(network, SPEC, pixels, [unit])


def test_of_late_fusion_one_extractor_is_projected() -> None:
    network, spec = create("tiny", input_size=64, fusion="late", head="spp", seed=1)
    images = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), dtype=np.uint8)
    answers = {}
    for image in ("first", "second"):
        part, own = network_of_image(network, spec, image)
        assert [layer.number for layer in layers_of(part)] == [1, 2, 3, 4]
        (unit,) = strongest_units(part, own, images, layer=layers_of(part)[1], count=1)
        assert part.get_submodule(unit.layer.name) is network.get_submodule(f"{image}.body.features.1.0")
        answers[image] = unit.activation
    assert answers["first"] != answers["second"]
    with pytest.raises(NetworkError, match="name one with image='first'"):
        network_of_image(network, spec)
    with pytest.raises(NetworkError, match="network_of_image"):
        strongest_units(network, spec, images, layer=layers_of(part)[0])
    early, spec = create("tiny", input_size=32, fusion="early")
    with pytest.raises(NetworkError, match="joins both images before its first layer"):
        network_of_image(early, spec)
    mixed, spec = create("tiny", input_size=32, fusion="mixed")
    assert network_of_image(mixed, spec)[0] is mixed.backbone
