"""Simulated scanners: pictures stay pictures, black stays black where it must, and a style leaves the anatomy."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.default_models.simulated import ellipse, frame
from thyrosight.default_models.scanners import (
    CHANGES,
    PAINTS,
    Change,
    borders,
    gain_curve,
    other_scanner,
    speckle,
    with_style_of,
)

PICTURE = frame(3, nodule=ellipse((60, 80), (20, 30))).astype(np.float32)


@pytest.mark.parametrize("change", [change for change, _ in CHANGES], ids=lambda change: str(change.__name__))
@pytest.mark.parametrize("seed", range(5))
def test_every_change_gives_a_picture_of_the_same_shape_and_range(change: Change, seed: int) -> None:
    before = PICTURE.copy()
    changed = change(PICTURE, np.random.default_rng(seed))
    assert changed.shape == PICTURE.shape and changed.dtype == np.float32
    assert changed.min() >= 0 and changed.max() <= 255
    assert np.array_equal(PICTURE, before)
    assert np.array_equal(change(PICTURE, np.random.default_rng(seed)), changed)


@pytest.mark.parametrize("change", [gain_curve, speckle])
def test_black_outside_the_scan_stays_black(change: Change) -> None:
    picture = PICTURE.copy()
    picture[:30] = 0
    for seed in range(5):
        assert not change(picture, np.random.default_rng(seed))[:30].any()


def test_borders_black_only_the_outer_tenth() -> None:
    for seed in range(10):
        changed = borders(PICTURE, np.random.default_rng(seed))
        assert np.array_equal(changed[12:-12, 16:-16], PICTURE[12:-12, 16:-16])


def test_no_strength_changes_nothing() -> None:
    assert np.array_equal(other_scanner(PICTURE, np.random.default_rng(0), strength=0.0), PICTURE)


@pytest.mark.parametrize("paint", PAINTS, ids=lambda paint: str(paint.__name__))
def test_every_mark_leaves_ink_somewhere(paint: object) -> None:
    assert callable(paint)
    inked = 0
    for seed in range(5):
        image = Image.new("L", (160, 120))
        paint(ImageDraw.Draw(image), image.size, np.random.default_rng(seed))
        inked += bool(np.asarray(image).any())
    assert inked >= 4


def test_a_style_keeps_the_phase_and_takes_the_other_amplitude() -> None:
    other = frame(9).astype(np.float32) * 0.5
    same = with_style_of(PICTURE, PICTURE, np.random.default_rng(0))
    assert np.abs(same - PICTURE).max() < 0.01
    styled = with_style_of(PICTURE, other, np.random.default_rng(1))
    low, high = sorted((float(PICTURE.mean()), float(other.mean())))
    assert low - 1 < styled.mean() < high + 1
    nodule = ellipse((60, 80), (18, 28))
    assert styled[nodule].mean() < styled[~nodule].mean() - 10
