"""Outlines measured in the frame: what counts is what a user gets, at the frame's own size."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from thyrosight.errors import CohortError
from thyrosight.imaging import Preparation
from thyrosight.progress import silent
from thyrosight.studies.outlined import OUTLINE_COLUMNS, load_found, measure_outlines, write_found
from thyrosight.studies.stored import read_table


def _rows(folder: Path, masks: list[np.ndarray]) -> pd.DataFrame:
    rows = []
    for number, mask in enumerate(masks):
        noise = np.random.default_rng(number).integers(40, 200, mask.shape).astype(np.uint8)
        Image.fromarray(noise).save(folder / f"{number}.png")
        Image.fromarray(np.where(mask, 255, 0).astype(np.uint8)).save(folder / f"{number}m.png")
        rows.append(
            {"key": f"k{number}", "image": str(folder / f"{number}.png"), "mask": str(folder / f"{number}m.png"),
             "group": f"g{number}", "label": "benign"}
        )  # fmt: skip
    return pd.DataFrame(rows)


def test_a_map_that_is_right_at_the_small_size_is_right_in_the_frame(tmp_path: Path) -> None:
    mask = np.zeros((64, 128), bool)
    mask[16:48, 32:96] = True
    preparation = Preparation(size=64, crop="whole frame", scan_area=False)
    right = np.zeros((64, 64), np.float32)  # the frame fills the middle half of the square
    right[24:40, 16:48] = 1
    left_half = right * (np.arange(64) < 32)
    rows = _rows(tmp_path, [mask, mask, mask, np.zeros_like(mask), np.zeros_like(mask)])
    maps = np.stack([right, left_half, 0 * right, 0 * right, right])
    found = measure_outlines("test", rows, maps, preparation, progress=silent)
    assert tuple(found.columns) == OUTLINE_COLUMNS
    assert found["dice"].tolist() == pytest.approx([1, 2 / 3, 0, 1, 0], abs=0.03)
    assert found["iou"].tolist() == pytest.approx([1, 0.5, 0, 1, 0], abs=0.03)
    assert found["hd95_pixels"].tolist()[:2] == pytest.approx([0, 32], abs=1.5)
    assert np.isnan(found["hd95_pixels"][2]) and np.isnan(found["hd95_pixels"][4])
    assert found["hd95_mm"].isna().all()  # a PNG states no spacing
    assert found["true_pixels"].tolist() == [2048, 2048, 2048, 0, 0]
    assert (found["found_pixels"] == 0).tolist() == [False, False, True, True, False]
    assert set(found["frame"]) == {"128 x 64"}


def test_specks_and_holes_do_not_count_as_segment_frees_masks_from_them(tmp_path: Path) -> None:
    mask = np.zeros((64, 64), bool)
    mask[16:48, 16:48] = True
    drawn = mask.astype(np.float32)
    drawn[30:33, 30:33] = 0
    drawn[2:4, 2:4] = 1
    preparation = Preparation(size=64, crop="whole frame", scan_area=False)
    found = measure_outlines("test", _rows(tmp_path, [mask]), drawn[None], preparation, progress=silent)
    assert found["dice"][0] == 1


def test_masks_are_kept_in_bits_and_come_back(tmp_path: Path) -> None:
    maps = np.random.default_rng(0).random((9, 33, 33)).astype(np.float32)
    write_found([f"k{number}" for number in range(9)], maps, tmp_path / "found.npz")
    back = load_found(tmp_path / "found.npz")
    assert list(back) == [f"k{number}" for number in range(9)]
    np.testing.assert_array_equal(np.stack(list(back.values())), maps >= 0.5)
    assert (tmp_path / "found.npz").stat().st_size < 9 * 33 * 33 / 8 + 1200


def test_damaged_tables_are_named(tmp_path: Path) -> None:
    with pytest.raises(CohortError, match="cannot be read"):
        read_table(tmp_path / "none.csv", OUTLINE_COLUMNS)
    (tmp_path / "short.csv").write_text("part,key\ntest,a\n")
    with pytest.raises(CohortError, match="lacks the column group"):
        read_table(tmp_path / "short.csv", OUTLINE_COLUMNS)
