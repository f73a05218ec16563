"""The cohort: digest, exclusions, description, nodule box."""

import pandas as pd
import pytest

from thyrosight.cohort import Exclusion, nodule_box
from thyrosight.errors import ImageError


def test_the_digest_follows_keys_labels_and_patients_and_nothing_else(make_cohort):
    cohort = make_cohort(["1", "2"], ["benign", "malignant"])
    table = cohort.table
    moved = make_cohort(["1", "2"], ["benign", "malignant"], site=["A", "B"])
    moved.table["image"] = ["/elsewhere/1.png", "/elsewhere/2.png"]
    turned = type(cohort)(table=table.iloc[::-1].reset_index(drop=True), name="x", source="y")
    assert moved.digest() == turned.digest() == cohort.digest()
    assert make_cohort(["1", "2"], ["benign", "benign"]).digest() != cohort.digest()
    assert make_cohort(["1", "3"], ["benign", "malignant"]).digest() != cohort.digest()


def test_an_exclusion_takes_images_out_and_remembers_them(make_cohort):
    cohort = make_cohort(["1", "2", "2"], ["benign", "malignant", "benign"])
    smaller = cohort.without(Exclusion.of("poor contact", ["image-0001"]))
    assert smaller.table["key"].tolist() == ["image-0000", "image-0002"]
    assert list(smaller.table.index) == [0, 1]
    assert smaller.left_out["key"].tolist() == ["image-0001"]
    assert smaller.exclusions[-1].count == 1


def test_sizes_and_sites_are_counted_per_label(make_cohort):
    cohort = make_cohort(
        ["1", "2", "3", "unknown"],
        ["benign", "malignant", "malignant", "benign"],
        size_mm=[5.0, 5.1, 41.0, None],
        site=["A", "A", "B", None],
    )
    said = cohort.describe()
    assert said.by_size == {
        "up to 5 mm": {"benign": 1, "malignant": 0},
        "over 5 to 10 mm": {"benign": 0, "malignant": 1},
        "over 40 mm": {"benign": 0, "malignant": 1},
        "unknown": {"benign": 1, "malignant": 0},
    }
    assert said.by_site["A"] == {"benign": 1, "malignant": 1}
    assert (said.patients, said.unknown_patients, said.split_kind) == (3, 1, "image-level")


def test_the_nodule_box_comes_from_the_cell_then_from_all_masks(mask):
    first, second = mask("1.png", (4, 4, 20, 20)), mask("2.png", (40, 10, 58, 30))
    masks = f"{first}|{second}"
    assert nodule_box(pd.Series({"key": "a", "box": "1,2,3,4", "mask": masks})).to_text() == "1,2,3,4"
    assert nodule_box(pd.Series({"key": "a", "box": None, "mask": masks})).to_text() == "4,4,58,30"
    assert nodule_box(pd.Series({"key": "a"})) is None


def test_an_empty_mask_is_an_error_that_names_it(mask):
    with pytest.raises(ImageError, match=r"none\.png is empty"):
        nodule_box(pd.Series({"key": "a", "mask": str(mask("none.png", None))}))
