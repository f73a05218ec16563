"""Applying draws: exact where exactness is possible, the right way round, black outside, the same in any batch."""

import numpy as np
import pytest
import skimage.data
import skimage.transform
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from thyrosight.training import Augmentation, Draw
from thyrosight.training.draws import IDENTITY
from thyrosight.training.warp import warp

IMAGES = arrays(np.uint8, st.sampled_from([8, 9, 31]).map(lambda side: (1, side, side)))


def _changed(**changes: float) -> Draw:
    return {**IDENTITY, **changes}  # type: ignore[typeddict-item]


def _warp(image: np.ndarray, **changes: float) -> np.ndarray:
    return np.asarray(warp(torch.from_numpy(image[None]), [_changed(**changes)])[0])


@given(arrays(np.uint8, (3, 9, 9)), arrays(np.uint8, (2, 8, 8, 3)))
def test_the_identity_gives_the_same_bytes(grey: np.ndarray, colour: np.ndarray) -> None:
    for batch in (grey, colour):
        assert np.array_equal(warp(torch.from_numpy(batch), [IDENTITY] * len(batch)), batch)


@settings(deadline=None)
@given(IMAGES)
def test_resampling_by_exact_steps_gives_the_same_bytes(images: np.ndarray) -> None:
    image = images[0]
    assert np.array_equal(_warp(image, horizontal_flip=True), image[:, ::-1])
    assert np.array_equal(_warp(image, vertical_flip=True), image[::-1])
    assert np.array_equal(_warp(image, rotation_degrees=90.0), np.rot90(image))  # numpy turns counter-clockwise too
    assert np.array_equal(_warp(image, rotation_degrees=360.0), image)
    side = len(image)
    moved = _warp(image, shift_right=2 / side, shift_down=-1 / side)
    assert np.array_equal(moved[:-1, 2:], image[1:, :-2])
    assert not moved[:, :2].any()
    assert not moved[-1].any()


def test_an_identity_beside_a_change_is_still_exact() -> None:
    batch = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (2, 224, 224), dtype=np.uint8))
    changed = warp(batch, [IDENTITY, _changed(rotation_degrees=10.0)])
    assert torch.equal(changed[0], batch[0])
    assert not torch.equal(changed[1], batch[1])


def test_an_image_is_changed_alike_alone_and_in_a_batch() -> None:
    batch = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (5, 33, 33), dtype=np.uint8))
    draws = [Augmentation().draw(0, 0, index) for index in range(5)]
    together = warp(batch, draws)
    for index in range(5):
        assert torch.equal(warp(batch[index : index + 1], draws[index : index + 1])[0], together[index])


def test_a_real_picture_agrees_with_scikit_image() -> None:
    """Turned by 12 degrees, enlarged by 1.1, moved: within two grey values of another library almost everywhere."""
    picture = np.ascontiguousarray(skimage.data.camera()[::2, ::2])
    side = len(picture)
    ours = _warp(picture, rotation_degrees=12.0, scale=1.1, shift_right=0.04, shift_down=-0.03)
    centre = (side - 1) / 2
    steps = (
        skimage.transform.AffineTransform(translation=(-centre, -centre))
        + skimage.transform.AffineTransform(rotation=-np.deg2rad(12), scale=1.1)  # y points down: minus is as seen
        + skimage.transform.AffineTransform(translation=(centre + 0.04 * side, centre - 0.03 * side))
    )
    theirs = skimage.transform.warp(picture, steps.inverse, order=1, preserve_range=True)
    assert (abs(ours - theirs) < 2).mean() > 0.99


def test_order_is_flip_then_turn() -> None:
    image = np.random.default_rng(1).integers(0, 256, (9, 9), dtype=np.uint8)
    both = _warp(image, horizontal_flip=True, rotation_degrees=90.0)
    assert np.array_equal(both, np.rot90(image[:, ::-1]))


def test_grey_values_follow_the_stated_curve() -> None:
    image = np.arange(256, dtype=np.uint8).reshape(16, 16)
    grey = image / 255
    expected = np.clip(255 * grey**1.2 * 0.8, 0, 255)
    assert abs(_warp(image, contrast=1.2, brightness=0.8) - expected).max() <= 0.5 + 1e-3
    assert _warp(image, brightness=1.3).max() == 255


@settings(deadline=None)
@given(st.integers(0, 10**6))
def test_black_stays_black_whatever_is_drawn(index: int) -> None:
    """A border, or the outside of a sector, carries no trace of what was drawn."""
    black = torch.zeros(1, 12, 12, dtype=torch.uint8)
    wild = Augmentation(rotation_degrees=180, scale=0.5, shift=0.5, brightness=0.9, contrast=0.9)
    assert not warp(black, [wild.draw(0, 0, index)]).any()


def test_a_turned_white_square_has_black_corners() -> None:
    turned = _warp(np.full((21, 21), 255, dtype=np.uint8), rotation_degrees=45.0)
    assert turned[0, 0] == turned[0, -1] == turned[-1, 0] == turned[-1, -1] == 0
    assert turned[10, 10] == 255


def test_colour_channels_move_together() -> None:
    grey = np.random.default_rng(0).integers(0, 256, (1, 17, 17), dtype=np.uint8)
    draws = [Augmentation().draw(0, 0, 3)]
    colour = warp(torch.from_numpy(np.stack([grey] * 3, axis=-1)), draws)
    assert torch.equal(colour[..., 1], warp(torch.from_numpy(grey), draws))


def test_an_empty_batch_and_a_missing_draw() -> None:
    assert warp(torch.zeros(0, 4, 4, dtype=torch.uint8), []).shape == (0, 4, 4)
    with pytest.raises(ValueError, match="one draw per image, got 1 for 2"):
        warp(torch.zeros(2, 4, 4, dtype=torch.uint8), [IDENTITY])
