"""Counts and quantiles: the same numbers as numpy's general functions give."""

import numpy as np
import pytest

from thyrosight.imaging.counting import marked_per_column, marked_per_row, quantile_of_histogram, quantile_of_sorted


@pytest.mark.parametrize("shape", [(1, 1), (300, 7), (7, 300), (1, 70_000)])
def test_marked_pixels_of_lines(shape: tuple[int, int]) -> None:
    mask = np.random.default_rng(0).random(shape) < 0.9
    assert (marked_per_row(mask) == mask.sum(axis=1)).all()
    assert (marked_per_column(mask[:, ::-1]) == mask[:, ::-1].sum(axis=0)).all()


def test_quantiles_to_the_last_digit() -> None:
    random = np.random.default_rng(1)
    for count in (1, 2, 3, 10, 315, 500, 20_000):
        values = random.integers(0, random.integers(1, 257), count, dtype=np.uint8)
        counts = np.bincount(values, minlength=256)
        for share in (0.0, 0.05, 0.3, 0.5, 0.95, 0.999):
            expected = float(np.quantile(values, share))
            assert quantile_of_sorted(np.sort(values), share) == expected
            assert quantile_of_histogram(counts, share) == expected
