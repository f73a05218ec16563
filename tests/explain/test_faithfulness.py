"""The deletion test: a map that is right beats random orders, a wrong one does not."""

import numpy as np
import pytest
import torch
from torch import nn

from thyrosight.errors import NetworkError
from thyrosight.explain import deletion_scores
from thyrosight.explain.faithfulness import blurred
from thyrosight.networks import ModelSpec

SIZE = 32
SPEC = ModelSpec(architecture="tiny", input_size=SIZE, mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))


class TextureUpperLeft(nn.Module):
    """Malignant for texture (differences of neighbours) in the upper left quadrant; the rest means nothing to it."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        corner = images[:, 0, : SIZE // 2, : SIZE // 2]
        texture = (corner[:, 1:] - corner[:, :-1]).abs().mean(dim=(1, 2))
        return torch.stack([torch.zeros_like(texture), 40 * (texture - 0.15)], dim=1)


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (4, SIZE, SIZE), dtype=np.uint8)


def quadrant(row: int, column: int) -> np.ndarray:
    heat = np.zeros((4, SIZE, SIZE), dtype=np.float32)
    half = SIZE // 2
    heat[:, row * half : (row + 1) * half, column * half : (column + 1) * half] = 1
    return heat


def test_a_right_map_beats_random_and_a_wrong_one_loses(pixels: np.ndarray) -> None:
    right = deletion_scores(TextureUpperLeft(), SPEC, pixels, quadrant(0, 0))
    wrong = deletion_scores(TextureUpperLeft(), SPEC, pixels, quadrant(1, 1))
    assert (right.difference < -0.1).all()
    assert (wrong.difference > 0.1).all()
    np.testing.assert_allclose(right.random, wrong.random)
    assert (right.random_spread > 0).all()


def test_the_class_that_is_followed_is_found_by_its_name(pixels: np.ndarray) -> None:
    turned = SPEC.model_copy(update={"classes": ("malignant", "benign")})
    malignant = deletion_scores(TextureUpperLeft(), SPEC, pixels, quadrant(0, 0), seeds=[1])
    other = deletion_scores(TextureUpperLeft(), turned, pixels, quadrant(0, 0), seeds=[1])
    np.testing.assert_allclose(malignant.curves, 1 - other.curves, atol=1e-6)  # its logit now is that of benign
    named = deletion_scores(TextureUpperLeft(), turned, pixels, quadrant(0, 0), seeds=[1], target="benign")
    np.testing.assert_array_equal(malignant.curves, named.curves)
    with pytest.raises(NetworkError, match="tells apart benign, malignant; none of them is cyst"):
        deletion_scores(TextureUpperLeft(), SPEC, pixels, quadrant(0, 0), target="cyst")


def test_curves_begin_with_the_image_and_end_with_its_blur(pixels: np.ndarray) -> None:
    network = TextureUpperLeft()
    scores = deletion_scores(network, SPEC, pixels, quadrant(0, 0), steps=5, seeds=[1])
    ends = []
    for images in (pixels, np.stack([blurred(image) for image in pixels])):
        inputs = torch.from_numpy(images / 255).float()[:, None].repeat(1, 3, 1, 1)
        ends.append(network(inputs).softmax(dim=1)[:, 1].numpy())
    for curves in (scores.curves, scores.random_curves):
        np.testing.assert_allclose(curves[:, [0, -1]], np.stack(ends, axis=1), atol=1e-6)
    assert scores.fractions.tolist() == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1.0])


def test_area_of_a_network_that_ignores_the_image_is_its_constant_probability(pixels: np.ndarray) -> None:
    class Constant(nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return torch.tensor([[0.0, 1.0]]).repeat(len(images), 1)

    scores = deletion_scores(Constant(), SPEC, pixels, quadrant(0, 1))
    np.testing.assert_allclose(scores.heat, 1 / (1 + np.exp(-1)), atol=1e-6)
    np.testing.assert_allclose(scores.difference, 0, atol=1e-12)


def test_batches_and_repetition_change_nothing(pixels: np.ndarray) -> None:
    maps = np.random.default_rng(1).random((4, SIZE, SIZE))
    one = deletion_scores(TextureUpperLeft(), SPEC, pixels, maps, batch_size=1)
    many = deletion_scores(TextureUpperLeft(), SPEC, pixels, maps, batch_size=64)
    np.testing.assert_allclose(one.heat, many.heat, atol=1e-6)


def test_an_empty_map_is_deleted_in_random_order_not_from_the_top(pixels: np.ndarray) -> None:
    scores = deletion_scores(TextureUpperLeft(), SPEC, pixels, np.zeros((4, SIZE, SIZE)), steps=4)
    # Row by row, half of the image would hold the whole quadrant and the curve would already be at its end.
    assert (scores.curves[:, 2] > scores.curves[:, -1] + 0.05).all()


def test_blur_keeps_the_mean_and_removes_texture(pixels: np.ndarray) -> None:
    for image in (pixels[0], np.repeat(pixels[0][:, :, None], 3, axis=2)):
        soft = blurred(image).astype(float)
        assert soft.mean() == pytest.approx(image.mean(), abs=1.5)
        assert np.abs(np.diff(soft, axis=0)).mean() < 0.15 * np.abs(np.diff(image.astype(float), axis=0)).mean()


def test_maps_of_other_images_are_refused(pixels: np.ndarray) -> None:
    with pytest.raises(NetworkError, match="one map per image"):
        deletion_scores(TextureUpperLeft(), SPEC, pixels, np.zeros((3, SIZE, SIZE)))
    with pytest.raises(NetworkError, match="at least one step and one seed"):
        deletion_scores(TextureUpperLeft(), SPEC, pixels, quadrant(0, 0), seeds=[])
