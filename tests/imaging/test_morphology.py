"""Closing, opening, filling and parts of masks: the same as scipy's general functions give."""

import numpy as np
import pytest
from scipy import ndimage

from thyrosight.imaging.morphology import closed, large_parts, opened, without_holes


def masks() -> list[np.ndarray]:
    """Noise of every density, blobs, and masks that are empty, full or one line."""
    random = np.random.default_rng(0)
    shapes = [(1, 1), (1, 9), (9, 1), (3, 3), (17, 30), (40, 23)]
    noise = [random.random(shape) < share for shape in shapes for share in (0, 0.05, 0.5, 0.9, 1)]
    blobs = [ndimage.gaussian_filter(random.normal(size=(60, 80)), size) > 0 for size in (1, 2, 4)]
    ring = np.hypot(*np.mgrid[-20:21, -20:21])
    return [*noise, *blobs, (ring > 8) & (ring < 15)]


def by_scipy(mask: np.ndarray, side: int, first: str, second: str, beyond: tuple[int, int]) -> np.ndarray:
    filters = {"max": ndimage.maximum_filter, "min": ndimage.minimum_filter}
    once = filters[first](mask.view(np.uint8), size=side, mode="constant", cval=beyond[0])
    origin = 0 if side % 2 else -1
    return filters[second](once, size=side, mode="constant", cval=beyond[1], origin=origin) > 0


@pytest.mark.parametrize("side", [1, 2, 3, 4, 5, 8, 9])
def test_closing_and_opening(side: int) -> None:
    for mask in masks():
        assert (closed(mask, side) == by_scipy(mask, side, "max", "min", (0, 1))).all()
        assert (opened(mask, side) == by_scipy(mask, side, "min", "max", (1, 0))).all()


def test_filling() -> None:
    filled = [without_holes(mask) for mask in masks()]
    assert all((one == ndimage.binary_fill_holes(mask)).all() for one, mask in zip(filled, masks(), strict=True))
    assert any((one != mask).any() for one, mask in zip(filled, masks(), strict=True))


def test_large_parts() -> None:
    for mask in masks():
        labels, count = ndimage.label(mask)
        areas = ndimage.sum_labels(mask, labels, range(1, count + 1))
        kept = [number for number, area in enumerate(areas, start=1) if area >= 0.2 * areas.max()]
        assert (large_parts(mask, share=0.2) == np.isin(labels, kept)).all()


def test_two_touching_runs_in_a_row_are_two_parts() -> None:
    mask = np.zeros((6, 9), dtype=bool)
    mask[:, :4] = mask[:1, 6:] = True
    assert (large_parts(mask, share=0.2) == (mask & (np.arange(9) < 4))).all()
