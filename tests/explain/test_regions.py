"""Shapes of highlighted regions against drawn ellipses and boxes with known measures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thyrosight.explain import region_shape, region_shapes

SIZE = 128


def ellipse(centre: tuple[float, float], long: float, short: float, degrees: float) -> np.ndarray:
    """1 inside an ellipse whose long axis rises by `degrees` from the horizontal, as seen on a screen."""
    rows, columns = np.mgrid[:SIZE, :SIZE] + 0.5
    right, up = columns - centre[1], centre[0] - rows
    angle = np.radians(degrees)
    along, across = right * np.cos(angle) + up * np.sin(angle), up * np.cos(angle) - right * np.sin(angle)
    return ((along / long) ** 2 + (across / short) ** 2 <= 1).astype(np.float32)


@pytest.mark.parametrize("degrees", [0, 30, 60, 90, 135, 170])
def test_an_ellipse_is_described_as_it_was_drawn(degrees: float) -> None:
    shape = region_shape(ellipse((64, 64), 40, 15, degrees))
    assert shape.area_fraction == pytest.approx(np.pi * 40 * 15 / SIZE**2, rel=0.02)
    assert shape.eccentricity == pytest.approx(np.sqrt(1 - (15 / 40) ** 2), abs=0.01)
    assert shape.orientation == pytest.approx(degrees, abs=1)
    assert shape.solidity == pytest.approx(1, abs=0.05)
    assert shape.regions == 1


@given(st.floats(0.01, 1e6))
def test_shape_does_not_depend_on_the_strength_of_the_heat(factor: float) -> None:
    heat = ellipse((50, 70), 30, 12, 40) + 0.6 * ellipse((100, 30), 10, 10, 0)
    assert region_shape(heat * factor, nodule=(0, 0, 64, 64)).area_fraction == region_shape(heat).area_fraction


def test_a_circle_has_no_orientation() -> None:
    shape = region_shape(ellipse((64, 64), 20, 20, 0))
    assert shape.orientation is None and shape.eccentricity < 0.1


def test_a_crescent_is_less_solid() -> None:
    moon = np.clip(ellipse((64, 64), 40, 40, 0) - ellipse((64, 84), 40, 40, 0), 0, 1)
    assert region_shape(moon).solidity < 0.8


def test_the_region_with_the_most_heat_is_described() -> None:
    large, small = ellipse((40, 40), 20, 20, 0), ellipse((100, 100), 8, 8, 0)
    shape = region_shape(0.6 * large + small, nodule=(92, 92, 108, 108))
    assert shape.regions == 2
    assert shape.distance_to_centre == pytest.approx(np.hypot(60, 60) / SIZE, abs=0.01)  # 0.6 x 1256 beats 1 x 201
    assert region_shape(0.1 * large + small, nodule=(92, 92, 108, 108)).distance_to_centre == pytest.approx(0, abs=0.01)


def test_distances_and_heat_inside_the_nodule() -> None:
    heat = np.zeros((SIZE, SIZE))
    heat[10:20, 30:40] = 1  # centre (15, 35)
    shape = region_shape(heat, nodule=(35, 0, 67, 32))  # centre (16, 51); half of the heat inside
    assert shape.heat_inside == pytest.approx(0.5)
    assert shape.distance_to_nodule == 0
    assert shape.distance_to_centre == pytest.approx(np.hypot(1, 16) / SIZE)
    away = region_shape(heat, nodule=(38, 19, 67, 50))
    assert away.distance_to_nodule == pytest.approx(np.hypot(3, 4) / SIZE)
    without = region_shape(heat)
    assert without.heat_inside is None and without.distance_to_centre is None and without.area_fraction is not None


def test_no_region_without_heat_with_too_little_or_in_specks() -> None:
    heat = ellipse((64, 64), 20, 10, 0)
    speck = np.zeros((SIZE, SIZE))
    speck[5:7, 5:9] = 1  # 8 pixels
    for found in (region_shape(0 * heat), region_shape(heat, least_heat=1.0), region_shape(speck)):
        assert not found.found and found.area_fraction is None and found.orientation is None
    assert region_shape(heat, least_heat=0.99).found


def test_many_maps_at_once() -> None:
    maps = np.stack([ellipse((64, 64), 20, 10, 0), np.zeros((SIZE, SIZE))])
    first, second = region_shapes(maps, [(0, 0, 10, 10), None], threshold=0.4)
    assert first.found and not second.found
    with pytest.raises(ValueError, match="shorter"):
        region_shapes(maps, [None])
