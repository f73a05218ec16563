"""Draws: reproducible from three numbers, inside their ranges, independent of one another, plain enough for JSON."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thyrosight.training import Augmentation

ALL = Augmentation(vertical_flip=0.5)


@given(st.integers(0, 2**40), st.integers(0, 1000), st.integers(0, 10**6))
def test_a_draw_depends_on_its_three_numbers_alone(seed: int, epoch: int, index: int) -> None:
    one = ALL.draw(seed, epoch, index)
    assert ALL.draw(seed, epoch, index) == one
    assert json.loads(json.dumps(one)) == one
    assert ALL.draw(seed, epoch + 1, index) != one
    assert ALL.draw(seed, epoch, index + 1) != one


def test_draws_fill_their_ranges_evenly() -> None:
    """4000 uniform draws: the mean is within 5 standard errors of 0, the extremes near the ends."""
    draws = [ALL.draw(0, 0, index) for index in range(4000)]
    for name, centre, half in [
        ("rotation_degrees", 0, 15),
        ("scale", 1, 0.1),
        ("shift_right", 0, 0.05),
        ("shift_down", 0, 0.05),
        ("brightness", 1, 0.1),
        ("contrast", 1, 0.1),
    ]:
        values = (np.array([draw[name] for draw in draws]) - centre) / half  # type: ignore[literal-required]
        assert abs(values).max() <= 1
        assert values.max() > 0.99 > -0.99 > values.min()
        assert abs(values.mean()) < 5 * (1 / 3) ** 0.5 / 4000**0.5
    for name in ("horizontal_flip", "vertical_flip"):
        assert sum(draw[name] for draw in draws) == pytest.approx(2000, abs=5 * 1000**0.5)  # type: ignore[literal-required]


def test_changes_of_one_image_are_uncorrelated() -> None:
    draws = [ALL.draw(0, 0, index) for index in range(4000)]
    table = np.corrcoef(np.array([[float(value) for value in draw.values()] for draw in draws]).T)
    assert abs(table - np.eye(8)).max() < 5 / 4000**0.5


def test_switching_one_change_off_leaves_the_others() -> None:
    still = ALL.model_copy(update={"rotation_degrees": 0.0, "horizontal_flip": 0.0})
    for index in range(20):
        draw = ALL.draw(1, 2, index)
        assert still.draw(1, 2, index) == {**draw, "rotation_degrees": 0.0, "horizontal_flip": False}
