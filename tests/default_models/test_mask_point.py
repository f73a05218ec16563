"""The point from which on a find counts: how it is chosen from what is found on frames left out."""

from pathlib import Path

import numpy as np
import pytest

from thyrosight.default_models.left_out import Case
from thyrosight.default_models.mask_point import (
    THRESHOLDS,
    Found,
    Point,
    choose_point,
    false_finds,
    finds_at,
    mean_dice,
)
from thyrosight.default_models.pack import Item

SQUARE = np.zeros((60, 60), dtype=bool)
SQUARE[10:30, 10:30] = True


def _found(probability: np.ndarray, mask: np.ndarray, *, normal: bool = False, callipers: bool = False) -> Found:
    item = Item("1", Path("1.png"), callipers=callipers, note={"class": "normal"} if normal else {})
    maps = {one: finds_at(probability.astype(np.float32), one, mask, mask.size) for one in THRESHOLDS}
    return Found(Case("ddti", item, "1"), maps)


def test_dice_is_that_of_everything_counted_and_of_the_best_where_one_nodule_was_measured() -> None:
    probability = np.where(SQUARE, 0.9, 0.1)
    probability[40:50, 40:60] = 0.8
    point = Point(0.5, 0.0, 0.0)
    joined = _found(probability, SQUARE)
    assert joined.finds[0.5].dice(point, one_nodule=False) == pytest.approx(2 * 400 / (400 + 200 + 400))
    assert joined.finds[0.5].dice(point, one_nodule=True) == 1.0
    assert joined.finds[0.5].dice(Point(0.5, 0.1, 0.0), one_nodule=False) == 1.0
    assert joined.finds[0.5].dice(Point(0.5, 0.0, 0.95), one_nodule=False) == 0.0


def test_specks_never_count() -> None:
    probability = np.zeros((60, 60))
    probability[5:8, 5:10] = 0.99
    assert not _found(probability, SQUARE).finds[0.5].counted(Point(0.5, 0.0, 0.0)).any()


def test_the_point_gives_the_best_dice_that_normal_frames_allow() -> None:
    sure, unsure = np.where(SQUARE, 0.92, 0.05), np.where(SQUARE, 0.58, 0.05)
    shown = [_found(sure, SQUARE), _found(unsure, SQUARE)]
    normal = [_found(unsure, np.zeros_like(SQUARE), normal=True)]
    free = choose_point([*shown, *normal], most_false=1.0)
    strict = choose_point([*shown, *normal], most_false=0.0)
    assert mean_dice(shown, free) == pytest.approx(1.0) and false_finds(normal, free) == 1
    assert mean_dice(shown, strict) == pytest.approx(0.5) and false_finds(normal, strict) == 0


def test_where_no_point_meets_the_limit_one_with_the_fewest_false_finds_is_taken() -> None:
    certain = np.where(SQUARE, 0.99, 0.05)
    normal = [_found(certain, np.zeros_like(SQUARE), normal=True)]
    large = np.zeros((60, 60), dtype=bool)
    large[5:45, 5:45] = True
    point = choose_point([_found(np.where(large, 0.99, 0.05), large), *normal], most_false=0.0)
    assert false_finds(normal, point) == 1


def test_of_equal_points_the_one_with_the_highest_demands_is_taken() -> None:
    point = choose_point([_found(np.where(SQUARE, 0.99, 0.01), SQUARE)], most_false=0.0)
    assert (point.threshold, point.least_share, point.least_probability) == (0.7, 0.01, 0.9)
