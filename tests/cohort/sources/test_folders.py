"""One folder per class."""

import pytest

from thyrosight.cohort import open_cohort
from thyrosight.errors import CohortError


def test_the_real_teaching_files_open(real_data):
    said = open_cohort(real_data / "thyroid_web").describe()
    assert said.by_label == {"benign": 132, "malignant": 170}
    assert said.split_kind == "image-level"
    assert said.by_label_source == {"unstated": {"benign": 132, "malignant": 170}}


def test_masks_beside_images_are_not_images(tmp_path, picture, mask):
    picture("Benign/10.png")
    picture("Benign/9.png")
    mask("Benign/9_mask.png")
    picture("Malignant/1.jpg")
    table = open_cohort(tmp_path, label_source="pathology").table
    assert table["key"].tolist() == ["benign/9", "benign/10", "malignant/1"]
    assert table["mask"].notna().tolist() == [True, False, False]
    assert set(table["label_source"]) == {"pathology"}


def test_an_empty_class_is_named(tmp_path, picture):
    picture("benign/1.png")
    (tmp_path / "malignant").mkdir()
    with pytest.raises(CohortError, match="malignant holds no image"):
        open_cohort(tmp_path)
