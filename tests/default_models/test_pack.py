"""Packs: what they hold of a frame, and folds that keep groups whole."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from thyrosight.default_models import pack as module
from thyrosight.default_models.collections import frames_of, items_of, require_collections
from thyrosight.default_models.pack import digest_of, folds, load, stretched
from thyrosight.errors import CohortError


def test_a_group_lies_in_one_fold_and_the_fold_does_not_depend_on_what_is_taken(packs: Path) -> None:
    pack = load(packs / "tn5000.npz")
    for group in set(pack.group):
        assert len(set(pack.fold[pack.group == group])) == 1
    part = pack.take(pack.outlined)
    fold_of = dict(zip(pack.key, pack.fold, strict=True))
    assert [fold_of[key] for key in part.key] == part.fold.tolist()
    assert not np.array_equal(part.fold, folds(part.group)), "drawn over the part alone, folds would be others"


def test_callipers_outline_the_nodule_of_tn5000_and_are_erased(packs: Path) -> None:
    pack = load(packs / "tn5000.npz")
    assert pack.outlined.sum() == 10
    assert pack.masks[pack.outlined].any(axis=(1, 2)).all() and not pack.masks[~pack.outlined].any()
    changed = (pack.images != pack.erased).any(axis=(1, 2))
    assert np.array_equal(changed, pack.outlined)
    row = int(np.flatnonzero(pack.outlined)[0])
    inside = pack.masks[row]
    rows, columns = pack.extent[row]
    around = ~inside[:rows, :columns]
    assert pack.erased[row][inside].mean() < pack.erased[row][:rows, :columns][around].mean() - 30


def test_frames_are_cut_to_the_scan_area_and_reduced(packs: Path) -> None:
    for name in ("tn5000", "ddti", "busi"):
        pack = load(packs / f"{name}.npz")
        assert pack.images.shape == (len(pack), module.SIDE, module.SIDE)
        assert (pack.extent.max(axis=1) == module.SIDE).all()
        for picture, (rows, columns) in zip(pack.images, pack.extent, strict=True):
            assert not picture[rows:].any() and not picture[:, columns:].any()


def test_labels_are_those_of_each_source(packs: Path) -> None:
    ddti = load(packs / "ddti.npz")
    level = [str(note).removeprefix("tirads=") for note in ddti.note]
    assert [int(one in ("4b", "4c", "5")) for one in level] == ddti.label.tolist()
    busi = load(packs / "busi.npz")
    normal = busi.note == "class=normal"
    assert normal.sum() == 10 and busi.outlined.all() and not busi.masks[normal].any()
    assert (busi.label[normal] == -1).all()


def test_the_digest_covers_labels_and_files(collections: Path) -> None:
    items = items_of(collections, "ddti")
    assert digest_of(items) == digest_of(items_of(collections, "ddti"))
    assert digest_of([replace(items[0], label=1 - items[0].label), *items[1:]]) != digest_of(items)
    assert digest_of([replace(items[0], image=items[1].image), *items[1:]]) != digest_of(items)


def test_the_public_collections_are_read_as_they_lie(real_data: Path) -> None:
    for name, count in (("tn5000", 3123), ("ddti", 595), ("busi", 780)):
        items = frames_of(real_data, name)
        assert len(items) == count == len({item.key for item in items})
        assert all(item.image.is_file() and all(mask.is_file() for mask in item.masks) for item in items)
    labels = [item.label for item in frames_of(real_data, "tn5000")]
    assert sum(labels) == 2217


def test_a_missing_collection_is_named(collections: Path, tmp_path: Path) -> None:
    require_collections(collections, ["tn5000", "ddti", "busi"])
    with pytest.raises(CohortError, match=r"The collection tn5000 is missing: .*cohort.csv does not exist"):
        require_collections(tmp_path, ["tn5000", "ddti", "busi"])


def test_stretching_reaches_from_black_to_white_and_ignores_black_borders() -> None:
    picture = np.zeros((40, 40), dtype=np.uint8)
    picture[:30, :20] = np.random.default_rng(0).integers(60, 120, (30, 20))
    result = stretched(picture, np.array([40, 20]))[:30, :20]
    assert result.min() == 0 and result.max() == 255
