"""Trapezoid scans: what is blacked is blacked in the picture and in all that is known of it."""

import numpy as np
import pytest

from thyrosight.default_models.sectors import as_sector


@pytest.mark.parametrize("seed", range(12))
def test_what_is_blacked_is_known_of_nothing(seed: int) -> None:
    full = [np.full((64, 64), 200, dtype=np.float32), *(np.ones((side, side), dtype=np.float32) for side in (64, 4))]
    picture, mask, cells = as_sector(full, np.random.default_rng(seed))
    assert ((picture > 0) == (mask > 0)).all() and mask.max() == 1
    assert np.allclose(cells, mask.reshape(4, 16, 4, 16).mean(axis=(1, 3)))
    assert picture.max() <= 200 and picture.dtype == np.float32
    brightest = picture.max(axis=1)
    assert (np.diff(brightest[brightest > 0]) <= 1e-3).all()  # deeper is never brighter


def test_half_of_the_scans_are_trapezoids_and_half_fade() -> None:
    full = [np.full((64, 64), 200, dtype=np.float32)]
    drawn = [as_sector(full, np.random.default_rng(seed))[0] for seed in range(200)]
    blacked = sum((one == 0).any() for one in drawn)
    faded = sum(((one > 0) & (one < 199)).any() for one in drawn)
    assert 100 < blacked < 180 and 100 < faded < 180
