"""Projections are drawn on one scale for each layer, with their sign, in the receptive field alone."""

import numpy as np
from matplotlib.figure import Figure

from thyrosight.documents import FeatureProjection
from thyrosight.reports.figures import figure_feature_projections

WINDOW = (4, 6, 14, 12)


Unit = tuple[int, float]
"""The layer of a unit, and how strong its projections are."""


def figure_of(*units: Unit) -> Figure:
    """Units whose projections go from -strength to strength within the window."""
    left, top, right, bottom = WINDOW
    found, pictures = [], {}
    for place, (layer, strength) in enumerate(units):
        values = np.zeros((32, 32), np.float32)
        values[top:bottom, left:right] = np.linspace(-strength, strength, right - left)
        found.append(FeatureProjection(key=str(place), layer=layer, map=12, activation=strength, window=WINDOW))
        pictures |= {f"{place}/pixels": np.full((32, 32), 90, np.uint8)}
        pictures |= {f"{place}/deconvolution": values, f"{place}/attribution": values / 10}
    return figure_feature_projections(found, pictures)


def drawn(figure: Figure, row: int, column: int) -> np.ndarray:
    """What stands in a panel, from 0 to 1 on its colour scale: 0.5 is zero."""
    (picture,) = figure.axes[4 * row + column].images
    return np.asarray(picture.norm(picture.get_array()))


def test_a_weak_unit_looks_weak_beside_a_strong_one_of_its_layer_and_zero_is_the_same_in_all() -> None:
    figure = figure_of((2, 10.0), (2, 0.1), (7, 0.1))
    for column in (2, 3):
        strong, weak, other_layer = (drawn(figure, row, column) for row in range(3))
        assert strong.shape == (6, 10)  # the receptive field alone
        assert np.abs(weak - 0.5).max() < 0.02 and np.abs(strong - 0.5).max() >= 0.49
        assert np.abs(other_layer - 0.5).max() >= 0.49  # another layer has a scale of its own
        assert strong[0, 0] < 0.1 and strong[0, -1] > 0.9  # the sign is kept


def test_the_scale_is_named_under_each_projection() -> None:
    figure = figure_of((2, 10.0))
    labels = [axes.get_xlabel() for axes in figure.axes]
    assert [label.splitlines()[0] for label in labels] == ["layer 2, map 12"] * 4
    assert [label.splitlines()[1] for label in labels] == [
        "activation 10",
        "6 x 10 pixels",
        "black to white: ±10",
        "blue to orange: ±1",
    ]


def test_a_layer_without_any_answer_is_drawn_empty() -> None:
    figure = figure_of((1, 0.0))
    assert np.all(drawn(figure, 0, 2) == 0.5) and np.all(drawn(figure, 0, 3) == 0.5)
