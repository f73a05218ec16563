"""Tissue of a frame: what is known to show thyroid, what something else, and what both teach."""

import math

import numpy as np
import torch

from thyrosight.default_models.tissue import tissue_loss, tissue_of

EXTENT = np.array([200, 240])


def nodule() -> "np.ndarray[tuple[int, int], np.dtype[np.bool_]]":
    """A nodule in the middle of a scan area of 200 x 240 pixels."""
    mask = np.zeros((256, 256), dtype=bool)
    mask[80:120, 100:152] = True
    return mask


def test_thyroid_surrounds_a_nodule_and_other_things_lie_above_and_below() -> None:
    mask = nodule()
    thyroid, other = tissue_of(mask, EXTENT)
    assert not (thyroid & mask).any() and not (thyroid & other).any()
    for row, column in ((76, 120), (124, 120), (100, 90), (100, 160)):
        assert thyroid[row, column] and not other[row, column]
    for row, column in ((4, 120), (10, 4), (190, 200)):
        assert other[row, column] and not thyroid[row, column]
    assert not thyroid[100, 10] and not other[100, 10]  # as deep as the nodule, but far away: unknown
    assert not (thyroid | other)[200:].any() and not (thyroid | other)[:, 240:].any()


def test_the_layers_hold_no_ring_of_a_nodule_that_reaches_into_them() -> None:
    mask = np.zeros((256, 256), dtype=bool)
    mask[12:60, 100:152] = True
    thyroid, other = tissue_of(mask, EXTENT)
    assert np.flatnonzero(thyroid.any(axis=1)).min() >= 0.2 * 200 - 4
    assert not other[:28, 100:152].any() and other[4, 20]


def test_nothing_in_a_breast_is_thyroid_and_nothing_is_known_without_an_outline() -> None:
    thyroid, other = tissue_of(nodule(), EXTENT, thyroid=False)
    assert not thyroid.any() and other[:200, :240].all() and not other[200:].any()
    thyroid, other = tissue_of(np.zeros((256, 256), dtype=bool), EXTENT)
    assert not thyroid.any() and not other.any()


def test_both_sides_count_half_and_the_unknown_nothing() -> None:
    thyroid, other = torch.zeros(1, 1, 2, 4), torch.zeros(1, 1, 2, 4)
    thyroid[..., 0, 0], other[..., 1, :3] = 0.9, 0.8
    logits = torch.zeros(1, 1, 2, 4, requires_grad=True)
    loss = tissue_loss(logits, thyroid, other)
    assert math.isclose(float(loss.detach()), math.log(2), rel_tol=1e-6)
    loss.backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    found = logits.grad[0, 0]
    assert torch.allclose(found[0], torch.tensor([-0.25, 0, 0, 0])) and torch.allclose(
        found[1, :3], torch.tensor(1 / 12)
    )
    assert found[1, 3] == 0
