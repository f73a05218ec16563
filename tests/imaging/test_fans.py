"""Fans from lit pixels and their sides."""

import numpy as np
import pytest

from thyrosight.imaging import Box
from thyrosight.imaging.echoes import Echoes
from thyrosight.imaging.fans import Fan, fan_between, filled
from thyrosight.imaging.outline import Side, slanted_side


def test_a_fan_gives_back_its_centre_and_arcs() -> None:
    y, x = np.mgrid[:400, :600] + 0.5
    radius, angle = np.hypot(x - 300, y + 60), np.arctan2(x - 300, y + 60)
    lit = (radius > 120) & (radius < 440) & (np.abs(angle) < np.radians(35))
    box = Box.from_mask(lit)
    left, right = slanted_side(lit, box, left=True), slanted_side(lit, box, left=False)
    assert left is not None
    assert right is not None
    speckle = (lit * (80 + x % 2)).astype(np.uint8)
    fan = fan_between(left, right, Echoes(grey=speckle, background=0, lit=lit), box)
    assert fan is not None
    assert (fan.column, fan.row) == (pytest.approx(300, abs=1), pytest.approx(-60, abs=3))
    assert (fan.inner, fan.outer) == (pytest.approx(120, abs=3), pytest.approx(440, abs=3))


@pytest.mark.parametrize("lit_share", [0.001, 0.02, 1.0])
def test_the_arcs_are_quantiles_of_the_distances_of_lit_pixels(lit_share: float) -> None:
    random = np.random.default_rng(0)
    for _ in range(20):
        box = Box(*random.integers(0, 9, 2), *random.integers(120, 300, 2))
        left, right = Side(150 - 60 * random.random(), -0.6, True), Side(160 + 60 * random.random(), 0.4, False)
        lit = random.random((box.bottom, box.right)) < lit_share
        rows, columns = np.mgrid[box.top : box.bottom, box.left : box.right] + 0.5
        between = (columns >= left.columns(rows)) & (columns <= right.columns(rows))
        fan = fan_between(left, right, Echoes(np.zeros(lit.shape, dtype=np.uint8), 0, lit), box)
        shown = between & lit[box.top : box.bottom, box.left : box.right]
        assert (fan is None) == (not shown.any())
        if fan is not None:
            distance = np.hypot(columns - fan.column, rows - fan.row)
            assert (fan.inner, fan.outer) == tuple(np.quantile(distance[shown], (0.001, 0.999)))
            inside = between & (distance >= fan.inner) & (distance <= fan.outer)
            assert (filled(box, (left, right), fan) == inside).all()


def test_pixels_on_the_arcs_are_inside() -> None:
    box = Box(0, 0, 20, 20)
    y, x = np.mgrid[:20, :20] + 0.5
    for radius in (0.0, 0.3, 0.5, 5.0, 6.5, 40.0):
        for column in (-3.5, 10.0, 10.5):
            for row in (-4.5, 0.5, 3.2):
                distance = np.hypot(x - column, y - row)
                assert (filled(box, (), Fan(column, row, 0.0, radius)) == (distance <= radius)).all()
                assert (filled(box, (), Fan(column, row, radius, 99.0)) == (distance >= radius)).all()
