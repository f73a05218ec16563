"""TN5000, on a small archive made in its layout."""

import pytest

from thyrosight.cohort import nodule_box, open_cohort
from thyrosight.errors import CohortError


def annotation(*nodules):
    objects = "".join(
        f"<object><name>{name}</name><bndbox><xmin>{left}</xmin><ymin>{top}</ymin><xmax>{right}</xmax>"
        f"<ymax>{bottom}</ymax></bndbox></object>"
        for name, left, top, right, bottom in nodules
    )
    return f"<annotation><size><width>60</width><height>40</height></size>{objects}</annotation>"


@pytest.fixture
def archive(tmp_path, picture):
    top = tmp_path / "TN5000_forReview"
    nodules = {
        "000001": [("0", 1, 1, 10, 12)],
        "000002": [("1", 5, 6, 20, 30), ("1", 30, 6, 60, 40)],
        "000003": [("0", 5, 6, 20, 30), ("1", 30, 6, 60, 40)],
        "000004": [],
    }
    for name, found in nodules.items():
        picture(f"TN5000_forReview/JPEGImages/{name}.jpg")
        (top / "Annotations").mkdir(exist_ok=True)
        (top / "Annotations" / f"{name}.xml").write_text(annotation(*found), encoding="utf-8")
    (top / "ImageSets" / "Main").mkdir(parents=True)
    (top / "ImageSets" / "Main" / "train.txt").write_text("000001\n", encoding="utf-8")
    (top / "ImageSets" / "Main" / "test.txt").write_text("000002\n000003\n", encoding="utf-8")
    return tmp_path


def test_boxes_labels_and_published_parts_are_read(archive):
    cohort = open_cohort(archive)
    assert cohort.kind == "tn5000"
    table = cohort.table.set_index("key", drop=False)
    assert table["label"].to_dict() == {"000001": "benign", "000002": "malignant"}
    assert table["published_part"].to_dict() == {"000001": "train", "000002": "test"}
    assert nodule_box(table.loc["000001"]).to_text() == "0,0,10,12"  # VOC counts from 1 and includes the last pixel
    assert nodule_box(table.loc["000002"]).to_text() == "4,5,60,40"
    assert sorted((e.reason, e.images) for e in cohort.exclusions) == [
        ("benign and malignant nodules in one image", ("000003",)),
        ("no annotation", ("000004",)),
    ]


def test_an_unknown_class_names_the_image(archive):
    file = archive / "TN5000_forReview" / "Annotations" / "000001.xml"
    file.write_text(annotation(("2", 1, 1, 5, 5)), encoding="utf-8")
    with pytest.raises(CohortError, match="000001, column label: '2' is not 'benign' or 'malignant'"):
        open_cohort(archive)
