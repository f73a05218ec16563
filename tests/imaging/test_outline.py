"""Slanted sides from lit pixels alone."""

import numpy as np
import pytest

from thyrosight.imaging import Box
from thyrosight.imaging.outline import slanted_side


def trapezoid(lean: float, rows: int = 300, columns: int = 400) -> np.ndarray:
    y, x = np.mgrid[:rows, :columns] + 0.5
    return np.abs(x - columns / 2) <= 60 + lean * y


@pytest.mark.parametrize("lean", [0.1, 0.2, 0.4])
def test_sides_are_found_to_a_pixel(lean: float) -> None:
    lit = trapezoid(lean)
    box = Box.from_mask(lit)
    for left, sign in ((True, -1), (False, 1)):
        side = slanted_side(lit, box, left=left)
        assert side is not None
        for row in (20, 150, 280):
            assert side.start + side.lean * row == pytest.approx(200 + sign * (60 + lean * row), abs=1.0)


def test_shadows_and_marks_at_the_edge_do_not_move_a_side() -> None:
    lit = trapezoid(0.3)
    lit[100:150, :200] = False  # a shadow
    lit[5:15, 5:40] = True  # a mark in the black corner
    side = slanted_side(lit, Box(0, 0, 400, 300), left=True)
    assert side is not None
    assert side.start + side.lean * 200 == pytest.approx(200 - 120, abs=1.0)


def test_a_filled_corner_has_no_side() -> None:
    lit = np.ones((200, 300), dtype=bool)
    assert slanted_side(lit, Box(0, 0, 300, 200), left=True) is None


def test_a_ragged_dark_corner_is_no_side() -> None:
    # Poor contact: the dark corner's border wanders, so no straight line has support.
    generator = np.random.default_rng(3)
    depth = np.clip(100 - np.arange(200), 0, None) + generator.integers(-25, 25, 200)
    lit = np.arange(300)[None, :] >= depth[:, None]
    assert slanted_side(lit, Box(0, 0, 300, 200), left=True) is None
