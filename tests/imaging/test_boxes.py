"""Boxes, their text, and one box per lesion of a mask."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from thyrosight.errors import ImageError
from thyrosight.imaging import Box, nodule_boxes

edges = st.integers(-500, 500)
boxes = st.builds(
    lambda left, top, width, height: Box(left, top, left + width, top + height),
    edges, edges, st.integers(1, 300), st.integers(1, 300),
)  # fmt: skip


@given(boxes)
def test_text_round_trip(box: Box) -> None:
    assert Box.from_text(box.to_text()) == box


@given(boxes, boxes)
def test_intersection_and_union_agree_with_pixels(one: Box, other: Box) -> None:
    def pixels(box: Box) -> set[tuple[int, int]]:
        step = 7  # every seventh pixel is enough to tell boxes apart, and quick
        return {
            (row, column)
            for row in range(-500, 800, step)
            for column in range(-500, 800, step)
            if box.left <= column < box.right and box.top <= row < box.bottom
        }

    shared = one.intersect(other)
    assert (pixels(one) & pixels(other)) == (pixels(shared) if shared else set())
    assert one.union(other).contains(one)
    assert one.union(other).contains(other)
    assert one.contains(other) == (shared == other)


def test_numbers_from_numpy_become_plain_so_that_they_can_be_written_as_json() -> None:
    class Holder(BaseModel):
        box: Box

    box = Box(*np.array([1, 2, 3, 4]))
    assert type(box.left) is int
    assert Holder.model_validate_json(Holder(box=box).model_dump_json()).box == box


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1,2,3", "four whole numbers"),
        ("", "four whole numbers"),
        ("a,b,c,d", "four whole numbers"),
        ("1.5,2,3,4", "four whole numbers"),
        ("10,20,5,40", "left must be less than right"),
        ("10,20,30,20", "top less than bottom"),
    ],
)
def test_wrong_text_is_named_with_its_place(text: str, says: str) -> None:
    with pytest.raises(ImageError, match=says) as caught:
        Box.from_text(text, where="cohort.csv, row 7, column box")
    assert str(caught.value).startswith("cohort.csv, row 7, column box")


def test_fractions_of_pixels_are_refused() -> None:
    with pytest.raises(ImageError, match="whole numbers"):
        Box(0, 0, 10.5, 10)  # type: ignore[arg-type]


def test_a_box_outside_the_image_names_both() -> None:
    Box(0, 0, 30, 20).require_inside((20, 30), "a.png")
    for box in (Box(-1, 0, 5, 5), Box(0, 0, 31, 20), Box(0, 0, 30, 21)):
        with pytest.raises(ImageError, match=r"a\.png.*30 x 20"):
            box.require_inside((20, 30), "a.png")


def test_box_of_a_mask_is_half_open_and_tight() -> None:
    mask = np.zeros((50, 80), dtype=bool)
    mask[10:20, 30:33] = True
    assert Box.from_mask(mask) == Box(30, 10, 33, 20)
    with pytest.raises(ImageError, match=r"7_1\.b\.jpg is empty"):
        Box.from_mask(np.zeros((5, 5)), where="7_1.b.jpg")


def test_two_lesions_are_two_boxes_and_specks_are_none() -> None:
    mask = np.zeros((200, 200), dtype=bool)
    mask[20:80, 120:180] = True
    mask[100:150, 10:60] = True
    mask[5, 5] = True  # 1 pixel
    mask[190:194, 100:104] = True  # 16 pixels, but less than 2 % of 3600
    assert nodule_boxes(mask) == [Box(10, 100, 60, 150), Box(120, 20, 180, 80)]
    assert nodule_boxes(np.zeros((9, 9))) == []
    tiny = np.zeros((9, 9), dtype=bool)
    tiny[4, 4] = True  # the largest part is kept however small
    assert nodule_boxes(tiny) == [Box(4, 4, 5, 5)]


def test_parts_that_touch_at_a_corner_are_one_lesion() -> None:
    mask = np.zeros((60, 60), dtype=bool)
    mask[10:20, 10:20] = mask[20:30, 20:30] = True
    assert nodule_boxes(mask) == [Box(10, 10, 30, 30)]
