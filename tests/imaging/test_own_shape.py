"""Windows of a shape of their own: whole steps, the same centre, nothing enlarged, nothing distorted."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from thyrosight.errors import ImageError
from thyrosight.imaging import Box, Frame, Margin, Preparation, mask_in_window, prepare_wide
from thyrosight.imaging.own_shape import window_in_steps, window_of_shape

PICTURE = np.random.default_rng(0).integers(40, 200, (300, 400), dtype=np.uint8)
FRAME = Frame(PICTURE, "7.png")
boxes = st.builds(
    lambda left, top, width, height: Box(left, top, left + width, top + height),
    st.integers(-500, 500),
    st.integers(-500, 500),
    st.integers(1, 3000),
    st.integers(1, 3000),
)
inside = st.builds(
    lambda left, top, width, height: Box(left, top, min(left + width, 400), min(top + height, 300)),
    st.integers(0, 380),
    st.integers(0, 280),
    st.integers(4, 400),
    st.integers(4, 300),
)
LARGEST = st.sampled_from([64, 96, 224, 512])


@given(boxes, LARGEST)
def test_results_are_whole_steps_and_windows_hold_what_must_be_shown(box: Box, largest: int) -> None:
    window, (rows, columns) = window_in_steps(box, largest)
    assert window.contains(box)
    assert rows % 32 == columns % 32 == 0
    assert min(rows, columns) >= 64
    assert max(rows, columns) <= largest
    # Around the same centre, to a pixel.
    assert abs((window.left + window.right) - (box.left + box.right)) <= 1
    assert abs((window.top + window.bottom) - (box.top + box.bottom)) <= 1
    if max(box.width, box.height) <= largest:  # its own resolution
        assert (window.height, window.width) == (rows, columns)
    else:  # shrunk alike in both directions, but for the rounding of the window to whole pixels
        assert max(rows, columns) == largest
        assert window.width / columns == pytest.approx(window.height / rows, abs=1 / min(rows, columns))


@given(boxes, LARGEST)
def test_the_least_is_shown_beyond_what_must_be(box: Box, largest: int) -> None:
    window, (rows, columns) = window_in_steps(box, largest)
    scale = max(1.0, max(box.width, box.height) / largest)
    for side, needed, result in ((window.height, box.height, rows), (window.width, box.width, columns)):
        assert result in (64, largest) or side - needed < 32 * scale + 1


@given(boxes, st.integers(2, 7), st.integers(2, 7))
def test_a_window_for_another_images_shape_has_its_aspect_ratio(box: Box, down: int, across: int) -> None:
    shape = (32 * down, 32 * across)
    window = window_of_shape(box, shape)
    assert window.contains(box)
    assert window.width >= shape[1]
    assert window.height >= shape[0]
    assert abs(window.width * shape[0] - window.height * shape[1]) <= max(shape)


@given(boxes, LARGEST)
def test_the_second_image_of_a_pair_is_shown_in_the_window_of_the_first(box: Box, largest: int) -> None:
    window, shape = window_in_steps(box, largest)
    other = window_of_shape(box, shape)
    assert abs(other.width - window.width) <= 1 + max(window.width, window.height) // largest
    assert abs(other.height - window.height) <= 1 + max(window.width, window.height) // largest


@settings(max_examples=25)
@given(
    inside,
    st.sampled_from(["nodule", "scan area", "whole frame"]),
    st.sampled_from(["grey", "rgb"]),
)
def test_preparation_cuts_and_shows_what_the_window_says(box: Box, crop: str, colour: str) -> None:
    preparation = Preparation.model_validate({"shape": "own", "size": 224, "crop": crop, "colour": colour})
    prepared = preparation.prepare(FRAME, box=box)
    rows, columns = prepared.pixels.shape[:2]
    assert (rows % 32, columns % 32) == (0, 0)
    assert prepared.nodule is not None
    left, top, right, bottom = prepared.nodule
    # The nodule's box keeps its shape: a circle stays a circle.
    assert (right - left) / (bottom - top) == pytest.approx(box.width / box.height, rel=0.02)
    assert -1e-6 <= left < right <= columns + 1e-6
    assert -1e-6 <= top < bottom <= rows + 1e-6


def test_a_small_nodule_is_shown_pixel_by_pixel() -> None:
    preparation = Preparation(shape="own", scan_area=False, margin=Margin(value=10))
    prepared = preparation.prepare(FRAME, box=Box(100, 100, 170, 130))
    assert prepared.pixels.shape == (64, 96)
    assert np.array_equal(prepared.pixels, PICTURE[83:147, 87:183])
    assert prepared.nodule == (13, 17, 83, 47)
    assert prepared.steps[-1]["size"] == [64, 96]


def test_masks_and_heat_maps_follow_a_window_that_is_not_square() -> None:
    preparation = Preparation(shape="own", scan_area=False)
    prepared = preparation.prepare(FRAME, box=Box(100, 100, 220, 140))
    mask = np.zeros((300, 400), dtype=np.bool_)
    mask[100:140, 100:220] = True
    shown = mask_in_window(mask, prepared)
    assert shown.shape == prepared.pixels.shape == (64, 128)
    assert shown.sum() == mask.sum()
    back = prepared.to_frame(shown.astype(np.float32), (300, 400))
    assert np.array_equal(back > 0.5, mask)


def test_sizes_that_are_no_whole_steps_are_refused() -> None:
    for size in (100, 32):
        with pytest.raises(ValidationError, match="needs a size that is a multiple of 32, at least 64"):
            Preparation(shape="own", size=size)
    assert Preparation(shape="square", size=100).size == 100


def test_a_range_of_margins_needs_images_of_one_size() -> None:
    with pytest.raises(ImageError, match="choose another shape than own"):
        prepare_wide(Preparation(shape="own"), FRAME, box=Box(10, 10, 90, 90), margins=(0, 10))


def test_digests_of_older_preparations_are_what_they_were() -> None:
    assert Preparation().digest() == "f85e16b0e74617f2384c57a46f8bc5bc166db175e2cc44a0e8105b48dcac5e46"
