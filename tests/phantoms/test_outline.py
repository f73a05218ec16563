"""Outlines have the size, shape and margin that were asked for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.measure import label, regionprops

from thyrosight.phantoms.features import MARGIN
from thyrosight.phantoms.outline import Outline, draw_outline


def outline(seed: int, *, margin: str = "smooth", ratio: float = 0.7, size: float = 20.0) -> Outline:
    return draw_outline(
        np.random.default_rng(seed), size_mm=size, height_to_width=ratio, margin=margin, x_mm=3.0, z_mm=25.0
    )


def raster(curve: Outline, pixel_mm: float = 0.1) -> np.ndarray:
    x, z = np.meshgrid(np.arange(-20, 26, pixel_mm), np.arange(5, 45, pixel_mm))
    return curve.relative_radius(x, z) < 1


@settings(deadline=None, max_examples=30)
@given(
    seed=st.integers(0, 10_000), margin=st.sampled_from(MARGIN), ratio=st.floats(0.5, 1.6), size=st.floats(5.0, 30.0)
)
def test_box_has_the_wanted_sides_and_centre(seed: int, margin: str, ratio: float, size: float) -> None:
    points = outline(seed, margin=margin, ratio=ratio, size=size).points()
    sides = np.ptp(points, axis=0)
    assert max(sides) == pytest.approx(size, rel=0.02)
    assert sides[1] / sides[0] == pytest.approx(ratio, rel=0.03)
    assert (points.min(axis=0) + points.max(axis=0)) / 2 == pytest.approx([3.0, 25.0], abs=0.02 * size)


@pytest.mark.parametrize("margin", MARGIN)
def test_raster_and_polygon_have_one_area(margin: str) -> None:
    curve = outline(5, margin=margin)
    x, z = curve.points().T
    polygon = 0.5 * abs(np.sum(x * np.roll(z, -1) - z * np.roll(x, -1)))  # shoelace formula
    assert raster(curve).sum() * 0.1**2 == pytest.approx(polygon, rel=0.01)


def test_mask_is_one_piece() -> None:
    assert all(label(raster(outline(seed, margin="irregular"))).max() == 1 for seed in range(10))


def test_margins_differ_in_solidity() -> None:
    def solidity(margin: str) -> float:
        found = [regionprops(raster(outline(seed, margin=margin)).astype(int))[0].solidity for seed in range(12)]
        return float(np.mean(found))

    assert solidity("smooth") > 0.97
    assert solidity("smooth") > solidity("lobulated") > solidity("irregular")


def test_longest_diameter_of_a_circle() -> None:
    circle = Outline(0.0, 0.0, 5.0, 5.0, np.ones(720))
    assert circle.longest_diameter_mm() == pytest.approx(10.0)
    assert circle.distance_mm(np.array([0.0, 5.0, 7.0]), np.zeros(3)) == pytest.approx([-5.0, 0.0, 2.0])


@pytest.mark.parametrize("margin", MARGIN)
def test_mask_and_reach_hold_all_points(margin: str) -> None:
    curve = outline(5, margin=margin)
    x, z = np.meshgrid(np.arange(-20, 26, 0.1), np.arange(5, 45, 0.1))
    assert (curve.mask(x, z) == raster(curve)).all()
    (left, right), (top, bottom) = curve.reach(2.0)
    near = curve.distance_mm(x, z) < 2.0
    assert near.any() and not near[(x < left) | (x > right) | (z < top) | (z > bottom)].any()
