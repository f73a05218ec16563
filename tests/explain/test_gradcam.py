"""Grad-CAM against its definition."""

import numpy as np
import pytest
import torch
from torch import nn

from thyrosight.errors import NetworkError
from thyrosight.explain import heat_maps
from thyrosight.networks import ModelSpec, architectures, create

SIZE = 6
SPEC = ModelSpec(architecture="tiny", input_size=SIZE, mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))


class Pooled(nn.Module):
    """A stage, the mean over all pixels, and a linear head: every gradient can be written down."""

    def __init__(self, stage: nn.Module, head: list[list[float]]) -> None:
        super().__init__()
        self.stage = stage
        self.head = nn.Linear(len(head[0]), 2, bias=False)
        self.head.weight.data = torch.tensor(head)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.head(self.stage(images).mean(dim=(2, 3)))


class OneQuadrant(nn.Module):
    """Blind outside the upper left quadrant."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        seen = torch.zeros_like(images)
        seen[..., : SIZE // 2, : SIZE // 2] = images[..., : SIZE // 2, : SIZE // 2]
        return seen


def two_channels() -> nn.Conv2d:
    """Channel 0: red + green. Channel 1: -blue."""
    stage = nn.Conv2d(3, 2, 1, bias=False)
    stage.weight.data = torch.tensor([[1.0, 1.0, 0.0], [0.0, 0.0, -1.0]])[:, :, None, None]
    return stage


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (5, SIZE, SIZE, 3), dtype=np.uint8)


def test_maps_equal_the_definition(pixels: np.ndarray) -> None:
    network = Pooled(two_channels(), [[1.0, 0.0], [3.0, 2.0]])
    maps = heat_maps(network, SPEC, pixels, layer=network.stage, batch_size=2)
    # The gradient of logit 1 at every pixel of channel k is its head weight / 36; the map is sum over k of that mean
    # gradient times the activation, rectified (Selvaraju et al. 2017, equations 1 and 2).
    red, green, blue = np.moveaxis(pixels / 255, -1, 0)
    expected = np.maximum(3 / 36 * (red + green) + 2 / 36 * -blue, 0)
    np.testing.assert_allclose(maps, expected, atol=1e-6)
    assert (expected == 0).any()  # the rectification is tested too


def test_the_other_class_is_explained_by_its_own_logit(pixels: np.ndarray) -> None:
    network = Pooled(two_channels(), [[1.0, 0.0], [3.0, 2.0]])
    maps = heat_maps(network, SPEC, pixels, layer=network.stage, target="benign")
    np.testing.assert_allclose(maps, (pixels[..., 0] / 255 + pixels[..., 1] / 255) / 36, atol=1e-6)


def test_a_class_is_found_by_its_name_wherever_its_logit_stands(pixels: np.ndarray) -> None:
    first, last = (Pooled(two_channels(), head) for head in ([[3.0, 2.0], [1.0, 0.0]], [[1.0, 0.0], [3.0, 2.0]]))
    turned = SPEC.model_copy(update={"classes": ("malignant", "benign")})
    maps = heat_maps(first, turned, pixels, layer=first.stage)
    np.testing.assert_array_equal(maps, heat_maps(last, SPEC, pixels, layer=last.stage))
    assert maps.max() > 0


def test_heat_lies_only_where_the_network_looks(pixels: np.ndarray) -> None:
    network = Pooled(
        nn.Sequential(nn.Conv2d(3, 3, 3, padding=1, bias=False), nn.ReLU(), OneQuadrant()), [[0.0] * 3, [1.0] * 3]
    )
    maps = heat_maps(network, SPEC, pixels, layer=network.stage)
    inside = maps[:, : SIZE // 2, : SIZE // 2]
    assert inside.max() > 0
    assert maps.sum() == pytest.approx(inside.sum())


def test_evidence_against_gives_an_empty_map(pixels: np.ndarray) -> None:
    network = Pooled(two_channels(), [[0.0, 0.0], [-1.0, 0.0]])
    assert heat_maps(network, SPEC, pixels, layer=network.stage).max() == 0


@pytest.mark.parametrize("name", ["tiny", "resnet18", "alexnet", "efficientnet_lite0", "inception_v3", "ynet"])
def test_every_kind_of_network_is_explained_frozen_and_in_any_mode(name: str) -> None:
    size = max(64, architectures()[name].smallest_size)
    network, spec = create(name, input_size=size)
    network.train().requires_grad_(False)
    images = np.random.default_rng(0).integers(0, 256, (3, size, size), dtype=np.uint8)
    maps = heat_maps(network, spec, images, batch_size=3)
    assert maps.shape == (3, size, size) and maps.dtype == np.float32
    assert maps.min() >= 0
    assert network.training
    np.testing.assert_allclose(heat_maps(network, spec, images, batch_size=1), maps, rtol=1e-3, atol=1e-5 * maps.max())


def test_a_class_that_does_not_exist_is_refused(pixels: np.ndarray) -> None:
    network = Pooled(two_channels(), [[1.0, 0.0], [3.0, 2.0]])
    with pytest.raises(NetworkError, match="tells apart benign, malignant; none of them is cyst"):
        heat_maps(network, SPEC, pixels, layer=network.stage, target="cyst")


def test_damaged_weights_never_give_a_map(pixels: np.ndarray) -> None:
    network = Pooled(two_channels(), [[1.0, 0.0], [float("nan"), 2.0]])
    with pytest.raises(NetworkError, match="not finite"):
        heat_maps(network, SPEC, pixels, layer=network.stage)
