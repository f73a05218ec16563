"""Margins, windows, padding and resizing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pydantic import ValidationError

from thyrosight.errors import ImageError
from thyrosight.imaging import Box, Margin
from thyrosight.imaging.crops import Shape, crop, crop_window, cut, resize, resize_map, square_around, with_margin

boxes = st.builds(
    lambda left, top, width, height: Box(left, top, left + width, top + height),
    st.integers(-50, 300), st.integers(-50, 300), st.integers(1, 300), st.integers(1, 300),
)  # fmt: skip


@given(boxes, st.floats(0, 100), st.floats(0, 100))
def test_a_window_is_square_and_holds_the_box_and_its_margin(box: Box, rows: float, columns: float) -> None:
    grown = with_margin(box, (rows, columns))
    assert grown.left <= box.left - columns
    assert grown.top <= box.top - rows
    assert grown.right >= box.right + columns
    assert grown.bottom >= box.bottom + rows
    window = square_around(grown)
    assert window.contains(grown)
    assert window.width == window.height == max(grown.width, grown.height)
    # The box stands in the middle, to half a pixel.
    assert abs((window.left + window.right) - (grown.left + grown.right)) <= 1
    assert abs((window.top + window.bottom) - (grown.top + grown.bottom)) <= 1


@pytest.mark.parametrize(
    ("box", "margin", "window"),
    [
        (Box(0, 0, 40, 20), 5, Box(-5, -15, 45, 35)),  # a wide nodule in the upper left corner: as the square around it
        (Box(0, 0, 20, 40), 5, Box(-5, 5, 25, 35)),  # a tall one there: cut by 5 rows above and below
        (Box(0, 0, 20, 40), 10, Box(-10, 0, 30, 40)),  # with a margin of 10 its height just fits
        (Box(180, 60, 200, 101), 0, Box(180, 70, 200, 90)),  # at the right border; the odd row is left below
        (Box(100, 10, 121, 31), 7.5, Box(92, 2, 129, 39)),  # half a pixel of margin goes outwards
    ],
)
def test_a_square_of_the_width_at_the_borders_of_an_image(box: Box, margin: float, window: Box) -> None:
    assert crop_window(box, (margin, margin), "width square") == window


@given(boxes, st.floats(0, 100), st.floats(0, 100), st.sampled_from(["square", "width square", "rectangle"]))
def test_the_window_of_a_smaller_margin_lies_in_that_of_a_larger_one(
    box: Box, one: float, other: float, shape: Shape
) -> None:
    small, large = sorted((one, other))
    assert crop_window(box, (large, large), shape).contains(crop_window(box, (small, small), shape))
    of_the_box = [(share * box.height, share * box.width) for share in (small / 100, large / 100)]
    assert crop_window(box, of_the_box[1], shape).contains(crop_window(box, of_the_box[0], shape))


def test_margins_in_each_unit() -> None:
    box = Box(10, 10, 110, 60)
    assert Margin(value=7).in_pixels(box, None) == (7, 7)
    assert Margin(value=0.1, unit="fraction").in_pixels(box, None) == (5, 10)
    # 2 mm at 0.05 mm per row and 0.1 mm per column
    assert Margin(value=2, unit="millimetres").in_pixels(box, (0.05, 0.1)) == pytest.approx((40, 20))


def test_millimetres_without_spacing_are_refused_by_name() -> None:
    with pytest.raises(ImageError, match=r"7\.png: a margin of 2 mm needs the pixel spacing.*fraction"):
        Margin(value=2, unit="millimetres").in_pixels(Box(0, 0, 9, 9), None, where="7.png")


@pytest.mark.parametrize("wrong", [{"value": -1}, {"value": float("nan")}, {"unit": "mm"}, {"size": 3}])
def test_wrong_margins_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Margin.model_validate(wrong)


def test_padding_rules() -> None:
    row = np.array([[9, 9, 1, 2, 3, 9]], dtype=np.uint8)  # the scan area is 1 2 3
    inside, window = Box(2, 0, 5, 1), Box(0, 0, 9, 1)
    assert cut(row, window, inside=inside, padding="black").tolist() == [[0, 0, 1, 2, 3, 0, 0, 0, 0]]
    assert cut(row, window, inside=inside, padding="edge").tolist() == [[1, 1, 1, 2, 3, 3, 3, 3, 3]]
    assert cut(row, window, inside=inside, padding="reflect").tolist() == [[2, 1, 1, 2, 3, 3, 2, 1, 1]]
    assert cut(row, Box(3, 0, 5, 1), inside=inside, padding="black").tolist() == [[2, 3]]
    assert cut(row, Box(7, 0, 9, 1), inside=inside, padding="edge").tolist() == [[0, 0]]


@given(boxes, st.sampled_from(["black", "edge", "reflect"]), st.booleans())
def test_any_window_has_its_size_and_the_frame_where_they_meet(window: Box, padding: str, colour: bool) -> None:
    frame = np.random.default_rng(0).integers(1, 255, (120, 90, 3) if colour else (120, 90), dtype=np.uint8)
    inside = Box(5, 7, 80, 111)
    part = cut(frame, window, inside=inside, padding=padding)  # type: ignore[arg-type]
    assert part.shape == (window.height, window.width, *frame.shape[2:])
    shown = window.intersect(inside)
    if shown is not None:
        own = shown.moved(columns=-window.left, rows=-window.top)
        assert np.array_equal(
            part[own.top : own.bottom, own.left : own.right],
            frame[shown.top : shown.bottom, shown.left : shown.right],
        )


def test_resize_averages_when_it_reduces() -> None:
    # Fine stripes must become their mean (antialias), not one of the stripes (a plain bilinear filter's answer).
    stripes = np.tile(np.array([0, 200], dtype=np.uint8), (256, 128))
    small = resize(stripes, 32)
    assert np.abs(small[2:-2, 2:-2].astype(int) - 100).max() <= 3


def test_resize_takes_columns_first_whatever_pillow_does() -> None:
    # Pillow 13 takes rows first for this shape, earlier versions columns; grey values then differ by one.
    picture = np.random.default_rng(0).integers(0, 256, (74, 50), dtype=np.uint8)
    narrowed = Image.fromarray(picture).resize((33, 74), Image.Resampling.BILINEAR)
    expected = np.asarray(narrowed.resize((33, 19), Image.Resampling.BILINEAR))
    assert np.array_equal(resize(picture, (19, 33)), expected)
    inner = resize(picture, (9, 16), part=(10, 20, 42.5, 64))
    across = Image.fromarray(picture).resize((16, 74), Image.Resampling.BILINEAR, box=(10, 0, 42.5, 74))
    assert np.array_equal(inner, across.resize((16, 9), Image.Resampling.BILINEAR, box=(0, 20, 16, 64)))


def test_resize_is_linear_when_it_enlarges() -> None:
    ramp = np.tile(np.arange(0, 250, 10, dtype=np.uint8), (25, 1))
    large = resize(ramp, 100).astype(int)
    inner = large[:, 8:-8]
    assert np.abs(np.diff(inner, axis=1) - 2.5).max() <= 0.5


def test_one_pixel_and_unchanged_size() -> None:
    assert (resize(np.full((1, 1), 7, dtype=np.uint8), 16) == 7).all()
    picture = np.random.default_rng(0).integers(0, 255, (64, 64), dtype=np.uint8)
    assert np.array_equal(resize(picture, 64), picture)


def test_maps_are_resized_like_pictures() -> None:
    heat = np.random.default_rng(0).random((7, 7))
    assert np.allclose(
        resize_map(heat, rows=50, columns=30),
        np.asarray(Image.fromarray(heat.astype(np.float32)).resize((30, 50), Image.Resampling.BILINEAR)),
    )


@pytest.mark.parametrize("window", [Box(0, -7, 60, 53), Box(0, 3, 60, 63), Box(-4, 0, 60, 64)])
def test_a_crop_is_what_was_cut_and_resized(window: Box) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 60), dtype=np.uint8)
    expected = resize(cut(pixels, window, inside=Box(0, 0, 60, 40), padding="black"), 32)
    assert (crop(pixels, window, padding="black", shape=(32, 32)) == expected).all()
    if window.width == 60:
        narrowed = resize(pixels, (40, 32))
        assert (crop(pixels, window, padding="black", shape=(32, 32), narrowed=narrowed) == expected).all()
