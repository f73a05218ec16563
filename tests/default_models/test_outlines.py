"""Outlines of a teacher, and frames from which the nodule is taken away."""

import numpy as np
from numpy.typing import NDArray

from tests.default_models.simulated import SHAPE, ellipse, frame
from thyrosight.default_models.outlines import as_drawn, beside, emptied, outlined_again, with_patch
from thyrosight.default_models.pack import Pack

EXTENT = np.array(SHAPE)
NODULE = ellipse((60, 60), (15, 25))


def _pack(masks: list[NDArray[np.bool_]]) -> Pack:
    count = len(masks)
    images = np.stack([frame(number) for number in range(count)])
    names = np.array([str(number) for number in range(count)])
    return Pack(
        images=images,
        erased=images.copy(),
        masks=np.stack(masks),
        extent=np.tile(EXTENT, (count, 1)),
        window=np.tile([0, 0, SHAPE[1], SHAPE[0]], (count, 1)),
        label=np.zeros(count, dtype=np.int64),
        outlined=np.array([bool(mask.any()) for mask in masks]),
        key=names,
        group=names,
        note=names,
        fold=np.arange(count),
    )


def _map(mask: NDArray[np.bool_], inside: float) -> NDArray[np.uint8]:
    return np.asarray(np.where(mask, 255 * inside, 10), dtype=np.uint8)


def test_as_drawn_nothing_is_open_to_doubt() -> None:
    assert not as_drawn(_pack([NODULE])).unknown.any()


def test_where_callipers_and_teacher_agree_only_the_difference_is_unknown() -> None:
    larger = ellipse((60, 60), (18, 28))
    drawn, found = outlined_again(_pack([NODULE]), {"0": _map(larger, 0.9)})
    assert len(found.pack) == 0
    assert np.array_equal(drawn.pack.masks[0], NODULE)
    assert np.array_equal(drawn.unknown[0], larger & ~NODULE)


def test_a_find_elsewhere_is_unknown_because_a_reader_measures_one_nodule() -> None:
    elsewhere = ellipse((60, 130), (10, 10))
    drawn, _ = outlined_again(_pack([NODULE]), {"0": _map(elsewhere, 0.9)})
    assert np.array_equal(drawn.unknown[0], elsewhere)
    assert np.array_equal(drawn.pack.masks[0], NODULE)


def test_without_callipers_only_a_sure_find_of_some_size_counts() -> None:
    nothing = np.zeros(SHAPE, dtype=bool)
    small = ellipse((60, 60), (3, 3))
    maps = {"0": _map(NODULE, 0.9), "1": _map(NODULE, 0.7), "2": _map(small, 0.95)}
    drawn, found = outlined_again(_pack([nothing] * 3), maps)
    assert len(drawn.pack) == 0
    assert found.pack.key.tolist() == ["0"]
    assert np.array_equal(found.pack.masks[0], NODULE)


def test_tissue_beside_a_nodule_holds_nothing_of_it() -> None:
    for seed in range(20):
        view = beside(NODULE, EXTENT, np.random.default_rng(seed))
        assert view is not None
        mask = view.of(NODULE.astype(np.uint8) * 255, 48)
        assert not mask.any()
        assert view.left >= -0.5 and view.right <= SHAPE[1] + 0.5 and view.top >= -0.5 and view.bottom <= SHAPE[0] + 0.5
    assert beside(ellipse((60, 80), (30, 70)), EXTENT, np.random.default_rng(0)) is None


def test_an_emptied_frame_has_lost_the_nodule_and_nothing_else() -> None:
    pixels = frame(4, nodule=NODULE)
    covered, mask = emptied(pixels, NODULE, EXTENT, np.random.default_rng(1))
    assert not mask.any()
    assert covered[NODULE].mean() > pixels[NODULE].mean() + 35
    away = ~ellipse((60, 60), (35, 45))
    assert np.array_equal(covered[away], pixels[away])


def test_a_frame_without_room_is_left_as_it_is() -> None:
    wide = ellipse((60, 80), (30, 75))
    pixels = frame(5, nodule=wide)
    same, mask = emptied(pixels, wide, EXTENT, np.random.default_rng(0))
    assert same is pixels and mask is wide


def test_a_patch_never_lies_on_a_nodule() -> None:
    pixels = frame(6, nodule=NODULE)
    changed = 0
    for seed in range(10):
        patched = with_patch(pixels, NODULE, EXTENT, np.random.default_rng(seed))
        core = ellipse((60, 60), (7, 17))
        assert np.array_equal(patched[core], pixels[core])
        changed += not np.array_equal(patched, pixels)
    assert changed >= 5
