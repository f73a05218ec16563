"""Hiding one image of a pair at random: how often, which, and apart from every other draw."""

import numpy as np
import pytest

from thyrosight.training import Augmentation, FitOptions, PairedSet
from thyrosight.training.modality import draw_hidden, seen


def test_each_image_is_hidden_in_half_of_the_draws_and_never_both() -> None:
    hidden = draw_hidden(0.4, seed=1, epoch=2, indices=range(4000))
    assert not hidden.all(axis=1).any()
    assert hidden.any(axis=1).mean() == pytest.approx(0.4, abs=0.03)  # 3.9 standard errors
    assert hidden.mean(axis=0).tolist() == pytest.approx([0.2, 0.2], abs=0.025)


def test_a_draw_depends_on_seed_epoch_and_index_alone() -> None:
    together = draw_hidden(0.5, seed=3, epoch=1, indices=[4, 9, 7])
    assert np.array_equal(together[1], draw_hidden(0.5, seed=3, epoch=1, indices=[9])[0])
    many = range(200)
    first = draw_hidden(0.5, seed=3, epoch=1, indices=many)
    for seed, epoch in ((4, 1), (3, 2)):
        assert not np.array_equal(first, draw_hidden(0.5, seed=seed, epoch=epoch, indices=many))


def test_it_tells_nothing_of_the_flips() -> None:
    hidden = draw_hidden(0.5, seed=0, epoch=0, indices=range(2000)).any(axis=1)
    flips = [Augmentation().draw(0, 0, index)["horizontal_flip"] for index in range(2000)]
    assert abs(np.corrcoef(hidden, flips)[0, 1]) < 0.08  # 3.6 standard errors


def test_the_only_image_of_a_pair_is_never_hidden() -> None:
    pixels = np.full((300, 8, 8, 4), 9, dtype=np.uint8)
    pixels[:100, ..., 0] = 0
    pixels[100:200, ..., 1:] = 0
    pairs = PairedSet.of(pixels, [0] * 300)
    options = FitOptions(modality_dropout=1.0)
    shown = seen(pairs, np.arange(300), options, epoch=0)
    assert np.array_equal(shown[:200], pixels[:200])
    there = np.stack([shown[200:, ..., 0].any(axis=(1, 2)), shown[200:, ..., 1:].any(axis=(1, 2, 3))])
    assert (there.sum(axis=0) == 1).all()
    assert 0.3 < there[0].mean() < 0.7
    assert np.array_equal(seen(pairs, np.arange(300), FitOptions(), epoch=0), pixels)
