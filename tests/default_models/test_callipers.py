"""Callipers: found where they stand, an ellipse between them, a picture without them."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.default_models.simulated import SHAPE, ellipse, frame, with_crosses
from thyrosight.default_models.callipers import erase_callipers, find_callipers, nodule_between

ENDS = [(50, 60), (110, 60), (80, 40), (80, 80)]


def _alike(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> bool:
    """Equal but for the ends of the diameters, which lie on the outline itself and may be rounded either way."""
    return int((one ^ other).sum()) <= 4


def test_crosses_are_found_where_they_stand_and_only_there() -> None:
    plain = frame(1)
    assert len(find_callipers(plain)) == 0
    found = find_callipers(with_crosses(plain, ENDS))
    assert sorted(map(tuple, found.tolist())) == sorted(ENDS)


def test_faint_crosses_count_only_beside_two_clear_ones() -> None:
    dark = np.full(SHAPE, 20, dtype=np.uint8)
    assert len(find_callipers(with_crosses(dark, ENDS[2:], ink=90))) == 0
    both = with_crosses(with_crosses(dark, ENDS[:2]), ENDS[2:], ink=90)
    assert len(find_callipers(both)) == 4


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (2, 0, 3, 1), (3, 2, 1, 0)])
def test_four_crosses_enclose_the_ellipse_of_their_diameters_in_any_order(order: tuple[int, ...]) -> None:
    places = np.array([ENDS[place] for place in order])
    nodule = nodule_between(places, SHAPE)
    assert nodule is not None
    assert _alike(nodule, ellipse((60, 80), (20, 30)))


def test_two_crosses_are_the_longer_diameter_and_three_tell_both() -> None:
    two, three = (nodule_between(np.array(ENDS[:count]), SHAPE) for count in (2, 3))
    assert two is not None and three is not None
    assert _alike(two, ellipse((60, 80), (21, 30)))
    assert _alike(three, ellipse((60, 80), (20, 30)))


@pytest.mark.parametrize("places", [[], [(50, 60)], [(10, 10), (50, 10), (30, 10)], [(10, 10)] * 2, [*ENDS, (5, 5)]])
def test_places_that_tell_no_single_nodule_give_none(places: list[tuple[int, int]]) -> None:
    assert nodule_between(np.array(places).reshape(-1, 2), SHAPE) is None


def test_erasing_leaves_no_ink_and_touches_nothing_far_away() -> None:
    plain = frame(2)
    marked = with_crosses(plain, ENDS[:2])
    places = find_callipers(marked)
    erased = erase_callipers(marked, places)
    assert len(find_callipers(erased)) == 0
    assert np.abs(erased.astype(int) - plain.astype(int))[60, 45:56].max() < 100
    far = np.ones(SHAPE, dtype=bool)
    for column, row in places:
        far[row - 20 : row + 21, column - 20 : column + 21] = False
    assert np.array_equal(erased[far], marked[far])
    assert erase_callipers(plain, find_callipers(plain)) is plain
