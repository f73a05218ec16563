"""Climbing where the top is known, and where there is none."""

import numpy as np
import pytest

from thyrosight.statistics.regression.climbing import climb, standardised


def _dome(place: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Height 1 at (3, -1), falling by the square of the distance."""
    away = place - np.array([3.0, -1.0])
    return 1 - float(away @ away) / 2, -away, np.eye(2)


def _hillside(place: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Rises for ever and ever more slowly, like the likelihood of separated data."""
    left = np.exp(-place)
    return -float(left.sum()), left, np.diag(left)


def test_a_dome_is_climbed_to_its_top() -> None:
    peak = climb(_dome, np.eye(2), np.zeros(2))
    assert peak is not None and peak.place.tolist() == [3, -1] and peak.height == 1


def test_a_held_coefficient_stays() -> None:
    peak = climb(_dome, np.eye(2), np.array([0.0, 7.0]), held=1)
    assert peak is not None and peak.place.tolist() == [3, 7] and peak.height == 1 - 8**2 / 2
    alone = climb(lambda place: (5.0, place, np.eye(1)), np.ones((4, 1)), np.array([2.0]), held=0)
    assert alone is not None and alone.place.tolist() == [2] and alone.height == 5


def test_a_hillside_without_top_is_given_up() -> None:
    assert climb(_hillside, np.eye(1), np.zeros(1), attempts=25) is None
    assert climb(_hillside, np.eye(1), np.zeros(1), attempts=2000) is None


def test_coefficients_of_a_standardised_design_are_turned_back() -> None:
    rng = np.random.default_rng(0)
    design = np.column_stack([np.ones(30), 1e6 + 1e3 * rng.normal(size=30), 1e-4 * rng.normal(size=30)])
    scaled, back = standardised(design)
    assert np.abs(scaled).max(axis=0) == pytest.approx([1, 1, 1]) and scaled.mean(axis=0)[1:] == pytest.approx([0, 0])
    gamma = np.array([0.5, -2.0, 3.0])
    assert design @ (back @ gamma) == pytest.approx(scaled @ gamma, abs=1e-9)


def test_without_an_intercept_nothing_is_centred() -> None:
    scaled, back = standardised(np.array([[2.0, 0], [0, 4], [1, 4]]))
    assert scaled.tolist() == [[1, 0], [0, 1], [0.5, 1]] and back.tolist() == [[0.5, 0], [0, 0.25]]
