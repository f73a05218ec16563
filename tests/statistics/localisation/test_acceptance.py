"""Acceptance rules against boxes whose places can be read off."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thyrosight.errors import StatisticsError
from thyrosight.statistics import accepted_lesions

BOXES = [[10, 10, 30, 20], [40, 10, 60, 30]]


def _of(place: list[float], **options: Any) -> int:
    return int(accepted_lesions(["a"], [place], ["a", "a"], BOXES, **options)[0])


@pytest.mark.parametrize(
    ("place", "lesion"),
    [
        ([25, 15], 0),
        ([15, 25], -1),  # columns and rows are not the same
        ([30, 20], 0),  # on the corner
        ([30.01, 20], -1),
        ([50, 28], 1),
        ([20, 5, 40, 25], 0),  # a box counts by its centre, (30, 15)
    ],
)
def test_centre_in_the_box(place: list[float], lesion: int) -> None:
    assert _of(place) == lesion


def test_overlap_is_intersection_over_union() -> None:
    # Shifted by 5 of 20 columns: 15 of 25 columns are common.
    assert _of([15, 10, 35, 20], rule="overlap", least_overlap=0.6) == 0
    assert _of([15, 10, 35, 20], rule="overlap", least_overlap=0.601) == -1
    assert _of([40, 10, 60, 30], rule="overlap", least_overlap=1) == 1


def test_distance_is_in_millimetres() -> None:
    # From (24, 18) to the centre (20, 15): 5 pixels.
    assert _of([24, 18], rule="distance", within_mm=0.5, mm_per_pixel=0.1) == 0
    assert _of([24, 18], rule="distance", within_mm=0.49, mm_per_pixel=0.1) == -1
    assert _of([24, 18], rule="distance", within_mm=5) == 0
    options: dict[str, Any] = {"rule": "distance", "within_mm": 0.5, "mm_per_pixel": [0.2, 0.1]}
    found = accepted_lesions(["a", "b"], [[24, 18]] * 2, ["a", "b"], [BOXES[0]] * 2, **options)
    assert found.tolist() == [-1, 1]


def test_of_several_lesions_the_nearest_or_most_alike_is_meant() -> None:
    nested = [[0, 0, 100, 100], [40, 40, 70, 70]]
    assert accepted_lesions(["a"], [[54, 54]], ["a", "a"], nested).tolist() == [1]
    assert accepted_lesions(["a"], [[50, 50]], ["a", "a"], nested).tolist() == [0]
    whole = accepted_lesions(["a"], [[0, 0, 90, 90]], ["a", "a"], nested, rule="overlap", least_overlap=0.1)
    assert whole.tolist() == [0]
    assert accepted_lesions(["a"], [[5, 5]], ["a", "a"], [[0, 0, 10, 10]] * 2).tolist() == [0]


def test_a_mark_means_no_lesion_of_another_case() -> None:
    assert accepted_lesions(["b", 3], [[25, 15], [25, 15]], ["a", 3], [BOXES[0]] * 2).tolist() == [-1, 1]


def test_no_marks_and_no_lesions_are_allowed() -> None:
    assert accepted_lesions([], [], ["a"], BOXES[:1]).size == 0
    assert accepted_lesions(["a"], [[1, 1]], [], []).tolist() == [-1]


@given(st.integers(0, 1000), st.floats(0.05, 20))
def test_the_unit_of_coordinates_changes_nothing(seed: int, factor: float) -> None:
    rng = np.random.default_rng(seed)
    corners = rng.uniform(0, 50, size=(8, 2))
    boxes = np.hstack([corners, corners + rng.uniform(1, 30, size=(8, 2))])
    case = rng.integers(0, 2, size=8)
    for rule in ("centre", "overlap"):
        one, other = (
            accepted_lesions(case[:4], scale * boxes[:4], case[4:], scale * boxes[4:], rule=rule, least_overlap=0.2)
            for scale in (1.0, factor)
        )
        assert one.tolist() == other.tolist()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rule": "touch"}, "Expected `rule` to be one of 'centre'"),
        ({"least_overlap": 0}, "Expected `least_overlap` above 0"),
        ({"rule": "overlap"}, "Expected `mark_place` to hold boxes for the rule 'overlap', got points"),
        ({"rule": "distance"}, "Expected `within_mm` for the rule 'distance'"),
        ({"within_mm": 3}, "for the rule 'distance' and for no other"),
        ({"rule": "distance", "within_mm": 0}, "Expected `within_mm` above 0"),
        ({"mm_per_pixel": 0.1}, "for the rule 'distance' alone"),
        ({"rule": "distance", "within_mm": 1, "mm_per_pixel": [0.1, 0.1]}, "one number or one per mark"),
    ],
)
def test_unfit_options_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(StatisticsError, match=message):
        _of([25, 15], **options)


@pytest.mark.parametrize(
    ("place", "box", "message"),
    [
        ([[1, 2, 3]], [BOXES[0]], "Expected `mark_place` to have 2 or 4 columns"),
        ([[1, 2]], [[30, 10, 10, 20]], "right beyond left and bottom beyond top"),
        ([[1, np.nan]], [BOXES[0]], "Expected `mark_place` to hold finite points"),
        ([["x", 2]], [BOXES[0]], "Expected `mark_place` to hold numbers"),
        ([[1, 2], [3, 4]], [BOXES[0]], "one case and one place per mark, got 1 and 2"),
    ],
)
def test_bad_places_are_refused(place: Any, box: Any, message: str) -> None:
    with pytest.raises(StatisticsError, match=message):
        accepted_lesions(["a"], place, ["a"], box)
