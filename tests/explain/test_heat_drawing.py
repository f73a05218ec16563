"""Overlays: strength is drawn on a shared scale, and nothing is drawn where there is nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thyrosight.errors import ImageError
from thyrosight.explain import colour_bar, overlay, strength

GREY = np.tile(np.linspace(0, 255, 40).astype(np.uint8), (30, 1))


def test_without_heat_the_image_is_untouched() -> None:
    drawn = overlay(GREY, np.zeros(GREY.shape), scale=1.0)
    np.testing.assert_array_equal(drawn, np.repeat(GREY[:, :, None], 3, axis=2))


def change(heat: float, scale: float) -> float:
    grey = np.full((4, 4), 60, dtype=np.uint8)
    return float(np.abs(overlay(grey, np.full((4, 4), heat), scale=scale).astype(float) - 60).sum())


@given(st.floats(0, 0.9), st.floats(0.05, 1))
def test_weaker_heat_is_drawn_weaker_and_only_its_share_of_the_scale_counts(weak: float, more: float) -> None:
    strong = min(weak + more, 1.0)
    assert change(weak, 1.0) < change(strong, 1.0)
    assert change(weak * 7, 7.0) == pytest.approx(change(weak, 1.0), abs=3 * 16)


def test_heat_beyond_the_scale_is_cut() -> None:
    assert change(5.0, 1.0) == change(1.0, 1.0)
    assert strength(np.array([0.5, 2.0, 4.0]), scale=2.0).tolist() == [0.25, 1.0, 1.0]


def test_anatomy_shows_through_full_heat() -> None:
    drawn = overlay(GREY, np.ones(GREY.shape), scale=1.0).astype(int)
    assert (drawn[:, -1] - drawn[:, 0] >= 95).all()  # 40 % of the original 255


def test_colours_rise_in_lightness_so_that_they_read_without_hue() -> None:
    bar = colour_bar(50, 3).astype(float)
    assert bar.shape == (50, 3, 3)
    luma = bar[:, 0] @ [0.299, 0.587, 0.114]
    assert luma[0] == luma.max() and luma[0] - luma[-1] > 50


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan"), float("inf")])
def test_an_impossible_scale_is_refused(scale: float) -> None:
    with pytest.raises(ImageError, match="positive number"):
        overlay(GREY, np.zeros(GREY.shape), scale=scale)


def test_a_map_of_another_size_or_with_holes_is_refused() -> None:
    with pytest.raises(ImageError, match="differ in size"):
        overlay(GREY, np.zeros((3, 3)), scale=1.0)
    with pytest.raises(ImageError, match="not finite"):
        overlay(GREY, np.full(GREY.shape, np.nan), scale=1.0)
