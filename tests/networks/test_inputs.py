"""Inputs of a network: golden numbers, refusals, and agreement with torchvision's own normalisation."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis.extra.numpy import arrays
from torchvision.models import ResNet18_Weights

from thyrosight.errors import NetworkError
from thyrosight.networks import ModelSpec, to_input
from thyrosight.networks.inputs import planes

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def _spec(size: int) -> ModelSpec:
    return ModelSpec(architecture="resnet18", input_size=size, mean=MEAN, std=STD)


def test_known_grey_values() -> None:
    pixels = np.full((1, 1, 1), 51, dtype=np.uint8)  # 51 / 255 = 0.2
    expected = [(0.2 - mean) / std for mean, std in zip(MEAN, STD, strict=True)]
    assert to_input(pixels, _spec(1)).flatten().tolist() == pytest.approx(expected, abs=1e-6)


@given(arrays(np.uint8, (2, 3, 3, 3)))
def test_colour_agrees_with_torchvision(pixels: np.ndarray) -> None:
    transform = ResNet18_Weights.IMAGENET1K_V1.transforms(resize_size=3, crop_size=3)
    theirs = torch.stack([transform(torch.from_numpy(image).permute(2, 0, 1)) for image in pixels])
    assert torch.allclose(to_input(pixels, _spec(3)), theirs, atol=1e-5)


@given(arrays(np.uint8, (2, 4, 4)))
def test_grey_is_the_same_as_three_equal_channels(pixels: np.ndarray) -> None:
    assert torch.equal(to_input(pixels, _spec(4)), to_input(np.stack([pixels] * 3, axis=-1), _spec(4)))


@pytest.mark.parametrize("channels", [(), (3,)])
@pytest.mark.parametrize("mean", [MEAN, (0.5, 0.5, 0.5)])
def test_exported_networks_get_the_same_numbers(mean: tuple[float, float, float], channels: tuple[int, ...]) -> None:
    """Also where one mean and one deviation serve all channels and grey is scaled once."""
    spec = ModelSpec(architecture="resnet18", input_size=5, mean=mean, std=STD if mean == MEAN else mean)
    pixels = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (2, 5, 5, *channels), dtype=np.uint8))
    assert torch.equal(planes(pixels, spec), to_input(pixels, spec))


def test_rows_stay_rows() -> None:
    pixels = np.zeros((1, 2, 2), dtype=np.uint8)
    pixels[0, 1, 0] = 255
    channel = to_input(pixels, _spec(2))[0, 0]
    assert channel[1, 0] > channel[0, 1] == channel[0, 0]


def test_pixels_that_may_not_be_written_are_taken_and_left_alone(recwarn: pytest.WarningsRecorder) -> None:
    pixels = np.arange(16, dtype=np.uint8).reshape(1, 4, 4)[:, ::-1]
    pixels.flags.writeable = False
    before = pixels.copy()
    assert torch.equal(to_input(pixels, _spec(4)), to_input(before, _spec(4)))
    assert (pixels == before).all()
    assert not recwarn.list


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((1, 4, 4), dtype=np.float32),
        np.zeros((1, 4, 5), dtype=np.uint8),
        np.zeros((4, 4), dtype=np.uint8),
        np.zeros((1, 4, 4, 4), dtype=np.uint8),
        np.zeros((1, 3, 4, 4), dtype=np.uint8),
    ],
)
def test_other_pixels_are_refused(pixels: np.ndarray) -> None:
    with pytest.raises(NetworkError, match=r"takes uint8 pixels of shape \(n, 4, 4\).*prepare the images at size 4"):
        to_input(pixels, _spec(4))
