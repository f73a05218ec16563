"""Views: what a window shows, and what chance may do to it."""

import numpy as np
import pytest

from thyrosight.default_models.views import View, around, jittered, whole


def test_the_whole_scan_area_is_a_square_around_it_with_black_beside_it() -> None:
    view = whole(np.array([60, 100]))
    assert (view.left, view.top, view.width, view.height) == (0, -20, 100, 100)
    shown = view.of(np.full((60, 100), 200, dtype=np.uint8), 50)
    assert shown.shape == (50, 50)
    assert not shown[:9].any() and not shown[41:].any() and (shown[12:38] == 200).all()


def test_a_mirrored_view_is_the_mirror_image() -> None:
    picture = np.random.default_rng(0).integers(0, 255, (40, 40), dtype=np.uint8)
    plain, mirrored = View(0, 0, 40, 40), View(0, 0, 40, 40, mirrored=True)
    assert np.array_equal(plain.of(picture, 20), mirrored.of(picture, 20)[:, ::-1])


@pytest.mark.parametrize("seed", range(20))
def test_chance_stays_within_its_limits(seed: int) -> None:
    start = around(50, 50, 40)
    view = jittered(start, np.random.default_rng(seed), zoom=(0.5, 2.0), shift=0.1, stretch=1.2)
    side = (view.width * view.height) ** 0.5
    assert 19.9 < side < 80.1
    assert 1 / 1.21 < view.width / view.height < 1.21
    assert abs((view.left + view.right) / 2 - 50) <= 4 and abs((view.top + view.bottom) / 2 - 50) <= 4


def test_the_same_draw_gives_the_same_view() -> None:
    one, other = (jittered(around(5, 5, 4), np.random.default_rng(7), zoom=(0.5, 1.0)) for _ in range(2))
    assert one == other
