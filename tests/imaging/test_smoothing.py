"""Smoothing: what scipy gives."""

import numpy as np
import pytest
from scipy import ndimage

from thyrosight.imaging.smoothing import local_mean, smoothed


@pytest.mark.parametrize("shape", [(2, 224), (224, 3), (24, 24), (97, 224), (224, 224)])
def test_gaussian_and_mean(shape: tuple[int, int]) -> None:
    grey = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    values = grey.astype(np.float32)
    np.testing.assert_allclose(smoothed(values), ndimage.gaussian_filter(values, 2), rtol=2e-6)
    np.testing.assert_allclose(local_mean(grey, 9), ndimage.uniform_filter(values, 9), rtol=1e-6)
    np.testing.assert_allclose(local_mean(values**2, 9), ndimage.uniform_filter(values**2, 9), rtol=1e-5)
    assert local_mean(grey, 5).dtype == np.float32
