"""Order of images: everything once per epoch, the same for any number of processes, streams apart."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from thyrosight.training.order import batches, network_seed, share

SIZES = st.integers(2, 300)


@given(SIZES, st.integers(2, 40), st.integers(0, 2**33), st.integers(0, 50))
def test_every_image_is_seen_once_in_even_batches(images: int, size: int, seed: int, epoch: int) -> None:
    found = batches(images, size, seed=seed, epoch=epoch)
    assert sorted(np.concatenate(found)) == list(range(images))
    lengths = {len(batch) for batch in found}
    assert max(lengths) - min(lengths) <= 1
    assert min(lengths) >= 2
    # Only a single image that must not stand alone may lengthen a batch beyond what was asked for.
    assert max(lengths) <= size + (size == 2)


@given(SIZES, st.integers(1, 8))
def test_processes_share_a_batch_without_overlap(images: int, processes: int) -> None:
    (batch, *_) = batches(images, 16, seed=0, epoch=0)
    parts = [share(batch, rank=rank, processes=processes) for rank in range(processes)]
    assert np.array_equal(np.concatenate(parts), batch)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_no_process_is_left_with_one_image() -> None:
    for images in range(8, 200):
        for batch in batches(images, 8, seed=0, epoch=0, smallest=8):
            assert min(len(share(batch, rank=rank, processes=4)) for rank in range(4)) >= 2


def test_epochs_and_seeds_differ() -> None:
    orders = {tuple(np.concatenate(batches(50, 8, seed=s, epoch=e))) for s in range(5) for e in range(5)}
    seeds = {network_seed(s, e, rank=r) for s in range(5) for e in range(5) for r in range(3)}
    assert len(orders) == 25
    assert len(seeds) == 75


def test_every_order_is_as_likely_for_the_first_place() -> None:
    """1000 epochs of 10 images: each is first 100 times, within 5 standard deviations."""
    first = [batches(10, 10, seed=3, epoch=epoch)[0][0] for epoch in range(1000)]
    assert abs(np.bincount(first, minlength=10) - 100).max() < 5 * (1000 * 0.1 * 0.9) ** 0.5
