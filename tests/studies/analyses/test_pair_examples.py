"""Projections of units are shown on one scale for each layer, with their sign, in the receptive field alone."""

import numpy as np
import pytest

from thyrosight.explain import UnitProjection
from thyrosight.explain.feature_projection import ConvolutionLayer, Unit
from thyrosight.studies.analyses.pair_examples import projection_pictures

WINDOW = (4, 6, 14, 12)


def projection(layer: int, strength: float) -> UnitProjection:
    """A unit whose projections go from -strength to strength within its window and are far stronger outside it."""
    left, top, right, bottom = WINDOW
    values = np.full((32, 32), 1e6, np.float32)
    values[top:bottom, left:right] = np.linspace(-strength, strength, right - left)
    unit = Unit(layer=ConvolutionLayer(layer, "conv"), map=12, image=0, row=0, column=0, activation=strength)
    pixels = np.full((32, 32), 90, np.uint8)
    return UnitProjection(unit, pixels, WINDOW, values, values / 10, blurred_activation=0.0, gap=0.0)


def test_units_of_a_layer_share_their_scales() -> None:
    shown, pictures = projection_pictures([projection(2, 10.0), projection(2, 0.1), projection(7, 0.1)])
    scales = [(one.scale, two.scale) for one, two in zip(shown[2::4], shown[3::4], strict=True)]
    assert scales[0] == scales[1] == pytest.approx((10, 1))
    assert scales[2] == pytest.approx((0.1, 0.01))
    assert [picture.part for picture in shown[:4]] == [None, WINDOW, WINDOW, WINDOW]
    assert shown[0].marks[0].box == WINDOW
    assert {picture.picture for picture in shown} <= set(pictures)


def test_the_scale_is_named_under_each_projection() -> None:
    shown, _ = projection_pictures([projection(2, 10.0)])
    words = ["activation 10", "6 x 10 pixels", "black to white: ±10", "blue to orange: ±1"]
    assert [picture.lines for picture in shown] == [("layer 2, map 12", word) for word in words]


def test_a_layer_without_any_answer_has_a_scale_all_the_same() -> None:
    assert [picture.scale for picture in projection_pictures([projection(1, 0.0)])[0][2:]] == [1, 1]
