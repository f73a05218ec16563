"""From masks to outlines: areas and axes by hand, polygons that give the mask back, specks and several lesions."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage
from skimage.draw import polygon2mask

from thyrosight.imaging import Box, Frame
from thyrosight.inference import Outline, outline_lesions
from thyrosight.inference.outlines import clean_mask, sure_lesions

SHAPE = (120, 160)


def frame(spacing: tuple[float, float] | None = None) -> Frame:
    return Frame(np.zeros(SHAPE, dtype=np.uint8), "a.png", spacing, "the user gave it" if spacing else "none is known")


def ellipse(centre: tuple[float, float], half: tuple[float, float], degrees: float = 0) -> np.ndarray:
    """`half` axes (along, across); the first is turned counter-clockwise from the horizontal."""
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]] + 0.5
    angle = math.radians(degrees)
    right, up = columns - centre[1], -(rows - centre[0])
    along, across = right * math.cos(angle) + up * math.sin(angle), up * math.cos(angle) - right * math.sin(angle)
    return (along / half[0]) ** 2 + (across / half[1]) ** 2 <= 1


def only(mask: np.ndarray, spacing: tuple[float, float] | None = None) -> Outline:
    (found,) = outline_lesions(mask, frame(spacing))
    return found


@pytest.mark.parametrize("degrees", [0, 30, 90, 135, 179])
def test_an_ellipse_has_its_axes_area_and_angle(degrees: float) -> None:
    found = only(ellipse((60, 80), (40, 20), degrees))
    assert found.long_axis == pytest.approx(80, abs=1.5)
    assert found.short_axis == pytest.approx(40, abs=1.5)
    assert found.area == pytest.approx(math.pi * 40 * 20, rel=0.01)
    assert abs((found.orientation_degrees - degrees + 90) % 180 - 90) < 5
    assert found.taller_than_wide == (60 < degrees < 120)
    assert found.unit == "pixels" and found.size_reason == "in pixels, taken as square: none is known"


def test_unequal_spacing_turns_what_is_wide_in_pixels_into_what_is_tall() -> None:
    """40 x 20 pixels of 0.2 mm (down) x 0.05 mm (across): 4 mm tall and 2 mm wide."""
    mask = np.zeros(SHAPE, dtype=bool)
    mask[30:50, 10:50] = True
    plain, found = only(mask), only(mask, (0.2, 0.05))
    assert not plain.taller_than_wide
    assert found.taller_than_wide and found.unit == "mm" and found.size_reason == "the user gave it"
    assert (found.height, found.width, found.area) == pytest.approx((4.0, 2.0, 8.0))
    # The corners of a polygon between pixels are cut by half a pixel.
    assert found.long_axis == pytest.approx(math.hypot(4, 2), abs=0.2)
    assert found.box == Box(10, 30, 50, 50)


def test_a_circle_in_millimetres_is_one_whatever_the_pixels() -> None:
    mask = ellipse((60, 80), (60, 30))  # 6 mm across and 6 mm down
    found = only(mask, (0.1, 0.05))
    assert found.long_axis == pytest.approx(6, rel=0.02)
    assert found.short_axis == pytest.approx(6, rel=0.03)
    assert found.area == pytest.approx(math.pi * 9, rel=0.01)


def test_none_gives_none_and_several_give_several_largest_first() -> None:
    assert outline_lesions(np.zeros(SHAPE, dtype=bool), frame()) == ()
    mask = np.zeros(SHAPE, dtype=bool)
    mask[10:20, 10:20], mask[50:90, 60:100], mask[100:110, 120:150] = True, True, True
    assert [one.area for one in outline_lesions(mask, frame())] == [1600, 300, 100]


def test_specks_are_left_out_even_where_there_is_nothing_else() -> None:
    mask = np.zeros(SHAPE, dtype=bool)
    mask[5:8, 5:10] = True  # 15 pixels
    assert outline_lesions(mask, frame()) == ()
    mask[5, 10] = True
    assert len(outline_lesions(mask, frame())) == 1
    mask[40:80, 40:80] = True  # of which 16 pixels are 1 %
    assert len(outline_lesions(mask, frame())) == 1


def test_holes_are_filled_and_the_edge_of_the_image_is_no_obstacle() -> None:
    mask = np.zeros(SHAPE, dtype=bool)
    mask[:30, :40] = True
    mask[10:20, 10:20] = False
    found = only(mask)
    assert found.area == 1200
    assert np.array(found.polygon).min() == 0
    assert np.array(found.polygon).max(axis=0).tolist() == [40, 30]


@given(arrays(bool, (14, 17), elements=st.booleans()))
def test_a_polygon_holds_exactly_the_pixels_of_its_lesion(noise: np.ndarray) -> None:
    """Also where pixels touch at corners only."""
    mask = np.kron(noise, np.ones((4, 4), dtype=bool))
    labels, _ = ndimage.label(mask, structure=np.ones((3, 3)))
    for found in outline_lesions(mask, Frame(np.zeros(mask.shape, dtype=np.uint8), "a.png")):
        inside = polygon2mask(mask.shape, np.array(found.polygon)[:, ::-1] - 0.5)
        box = found.box
        part = labels[box.top : box.bottom, box.left : box.right]
        (number,) = [
            index + 1
            for index, where in enumerate(ndimage.find_objects(labels))
            if (where[1].start, where[0].start, where[1].stop, where[0].stop)
            == (box.left, box.top, box.right, box.bottom)
            and (labels[where] == index + 1).sum() > 0
        ][:1]
        filled = ndimage.binary_fill_holes(part == number)
        assert (inside[box.top : box.bottom, box.left : box.right] == filled).all()
        assert inside.sum() == filled.sum() == found.area


@given(st.integers(0, 100), st.integers(0, 130))
def test_moving_a_lesion_moves_its_polygon_and_nothing_else(row: int, column: int) -> None:
    mask = np.zeros(SHAPE, dtype=bool)
    mask[:12, :20] = ellipse((60, 80), (10, 6))[54:66, 70:90]
    here, there = only(mask), only(np.roll(mask, (row, column), axis=(0, 1)))
    assert there.model_copy(update={"polygon": here.polygon, "box": here.box}) == here
    np.testing.assert_allclose(np.array(there.polygon) - (column, row), here.polygon)


@given(arrays(bool, (9, 11), elements=st.booleans()))
def test_no_point_of_a_polygon_lies_on_the_line_between_its_neighbours(noise: np.ndarray) -> None:
    mask = np.kron(noise, np.ones((4, 4), dtype=bool))
    for found in outline_lesions(mask, Frame(np.zeros(mask.shape, dtype=np.uint8), "a.png")):
        points = np.array(found.polygon)[1:]  # the first is where the outline was begun
        before, after = np.diff(points, axis=0)[:-1], np.diff(points, axis=0)[1:]
        assert (before[:, 0] * after[:, 1] != before[:, 1] * after[:, 0]).all()


@given(arrays(np.float32, (12, 15), elements=st.sampled_from([0.0, 0.3, 0.6, 0.9])), st.sampled_from([0, 3, 9]))
def test_sure_lesions_are_those_that_are_large_and_likely_enough(probability: np.ndarray, least: int) -> None:
    labels, count = ndimage.label(probability >= 0.5, structure=np.ones((3, 3)))
    kept = [
        number
        for number in range(1, count + 1)
        if (labels == number).sum() >= least and probability[labels == number].mean(dtype=np.float64) >= 0.7
    ]
    found = sure_lesions(probability, threshold=0.5, least_pixels=least, least_probability=0.7)
    assert (found == np.isin(labels, kept)).all()


def test_a_cleaned_mask_is_what_is_outlined() -> None:
    mask = np.zeros(SHAPE, dtype=bool)
    mask[10:50, 10:50] = True
    mask[20:30, 20:30] = False
    mask[100, 100:105] = True
    cleaned = clean_mask(mask)
    assert cleaned.sum() == 1600 == only(mask).area
    assert not clean_mask(np.zeros(SHAPE, dtype=bool)).any()
