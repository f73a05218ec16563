"""Which packed frames familiarity may be judged on: those that no training saw."""

from pathlib import Path

import numpy as np
import pytest

from thyrosight.default_models import familiar_images
from thyrosight.default_models.familiar_images import images_left_out
from thyrosight.default_models.pack import SIDE, load


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two collections of ten frames, each a group of its own; every second is outlined, the last of part valid."""
    folder, count = tmp_path_factory.mktemp("packs"), 10
    masks = np.zeros((count, SIDE, SIDE), dtype=bool)
    masks[::2, 100:150, 100:150] = True
    columns = {
        "images": np.full((count, SIDE, SIDE), 90, np.uint8),
        "erased": np.full((count, SIDE, SIDE), 90, np.uint8),
        "masks": masks,
        "extent": np.full((count, 2), SIDE),
        "window": np.zeros((count, 4), np.int64),
        "label": np.zeros(count, np.int64),
        "outlined": masks.any(axis=(1, 2)),
        "key": np.array([f"k{number}" for number in range(count)]),
        "group": np.array([f"g{number}" for number in range(count)]),
        "note": np.array(["part=train"] * (count - 1) + ["part=valid"]),
    }
    for name in ("ddti", "tn5000", "busi"):
        np.savez(folder / f"{name}.npz", **columns)
    return folder


@pytest.fixture(autouse=True)
def two_phantoms(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each kind; sixty take seconds to draw."""
    monkeypatch.setattr(familiar_images, "_PHANTOMS", 2)


def left_out(packs: Path, keys: dict[str, list[str]] | None) -> set[str]:
    shown = images_left_out(packs, fold=0, size=32, keys=keys)
    drawn = [one.group.split()[0] for one in shown if one.collection == "phantoms"]
    assert drawn == ["thyroids"] * 2 + ["nodes"] * 2 + ["elastograms"] * 2
    return {one.group for one in shown if one.collection == "tn5000"}


def test_the_fold_is_left_out_but_for_part_valid(packs: Path) -> None:
    pack = load(packs / "tn5000.npz")
    fold = {str(group) for group, number in zip(pack.group, pack.fold, strict=True) if number == 0}
    assert fold
    assert left_out(packs, None) == fold - {"g9"}


def test_named_frames_replace_the_outlined_ones_of_the_fold(packs: Path) -> None:
    pack = load(packs / "tn5000.npz")
    plain = {str(pack.group[row]) for row in range(9) if pack.fold[row] == 0 and not pack.outlined[row]}
    assert left_out(packs, {"tn5000": ["k2"]}) == plain | {"g2"}
