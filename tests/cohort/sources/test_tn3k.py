"""TN3K, on a small archive made in its layout (label files without header)."""

import pytest

from thyrosight.cohort import nodule_box, open_cohort
from thyrosight.errors import CohortError


@pytest.fixture
def archive(tmp_path, picture, mask):
    for part, count in (("trainval", 3), ("test", 2)):
        for number in range(count):
            picture(f"{part}-image/{number:04d}.jpg")
            mask(f"{part}-mask/{number:04d}.jpg", (10, 8, 30, 28))
    (tmp_path / "label4trainval.csv").write_text("0001.jpg,1\n0000.jpg,0\n", encoding="utf-8")
    (tmp_path / "label4test.csv").write_text("0000.jpg,1\n0001.jpg,0\n", encoding="utf-8")
    return tmp_path


def test_labels_masks_and_published_parts_are_read(archive):
    cohort = open_cohort(archive)
    assert cohort.kind == "tn3k"
    table = cohort.table.set_index("key", drop=False)
    assert table["label"].to_dict() == {
        "test/0000": "malignant", "test/0001": "benign", "trainval/0000": "benign", "trainval/0001": "malignant",
    }  # fmt: skip
    assert table.loc["test/0000", "published_part"] == "test"
    assert nodule_box(table.loc["trainval/0001"]).contains(nodule_box(table.loc["test/0000"]))
    assert cohort.label_sources == ("cytology",)
    assert [(e.reason, e.images) for e in cohort.exclusions] == [("no label in label4*.csv", ("trainval/0002",))]


def test_a_header_row_is_passed_over(archive):
    (archive / "label4test.csv").write_text("image,label\n0000.jpg,1\n", encoding="utf-8")
    assert "test/0000" in set(open_cohort(archive).table["key"])


def test_a_listed_image_that_is_missing_names_file_and_row(archive):
    (archive / "label4test.csv").write_text("0000.jpg,1\n0777.jpg,0\n", encoding="utf-8")
    with pytest.raises(CohortError, match=r"label4test\.csv row 2, column image: .*0777\.jpg: no such file"):
        open_cohort(archive)
