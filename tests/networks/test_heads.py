"""Heads for images of any size."""

import pytest
import torch
from torch import nn

from thyrosight.errors import NetworkError
from thyrosight.networks import create
from thyrosight.networks.heads import SpatialPyramid, hidden_layers, make_head


def test_the_pyramid_pools_sixteen_four_and_one_cells() -> None:
    grid = torch.arange(64.0).view(1, 1, 8, 8)
    found = SpatialPyramid()(grid)
    assert found.shape == (1, 21)
    assert found[0, :16].tolist() == [row * 16 + 9 + 2 * column for row in range(4) for column in range(4)]
    assert found[0, 16:].tolist() == [27, 31, 59, 63, 63]


@pytest.mark.parametrize("shape", [(1, 1), (3, 7), (14, 9)])
def test_the_pyramid_gives_as_many_numbers_for_any_map(shape: tuple[int, int]) -> None:
    assert SpatialPyramid()(torch.randn(2, 5, *shape)).shape == (2, 105)


def test_convolving_to_the_classes_and_averaging_equals_averaging_and_a_linear_layer() -> None:
    torch.manual_seed(0)
    head = make_head("gap", 6, 2, dropout=None).eval()
    convolution = head[1]
    assert isinstance(convolution, nn.Conv2d)
    maps = torch.randn(3, 6, 4, 5)
    linear = nn.functional.linear(maps.mean(dim=(2, 3)), convolution.weight.flatten(1), convolution.bias)
    assert torch.allclose(head(maps), linear, atol=1e-6)


def test_hidden_layers_after_vgg16s_body_are_those_of_vgg16() -> None:
    with torch.device("meta"):
        layers = hidden_layers(21 * 512, 512, 2, dropout=None)
    linear = [(layer.in_features, layer.out_features) for layer in layers if isinstance(layer, nn.Linear)]
    assert linear == [(10752, 4096), (4096, 4096), (4096, 2)]
    assert [layer.p for layer in layers if isinstance(layer, nn.Dropout)] == [0.5, 0.5]


def test_an_image_below_the_smallest_size_is_refused_by_both_sides() -> None:
    network, _ = create("vgg16_quarter", input_size=64, head="gap")
    with pytest.raises(NetworkError, match="at least 32 x 32 pixels, got 64 x 24"):
        network(torch.zeros(1, 3, 64, 24))


def test_the_shape_of_an_object_survives_where_the_fixed_head_would_stretch_it() -> None:
    """A wide and a square view of one picture give different logits with any head for any size: it sees the shape."""
    network, _ = create("tiny", input_size=64, head="spp", seed=1)
    picture = torch.randn(1, 3, 64, 128, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        wide, square = network.eval()(picture), network(nn.functional.interpolate(picture, size=(64, 64)))
    assert not torch.allclose(wide, square, atol=1e-3)
