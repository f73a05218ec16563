"""DDTI as published, on a small archive made in its layout."""

import json
from dataclasses import replace

import numpy as np
import pytest

from thyrosight.cohort import nodule_box, open_cohort
from thyrosight.errors import CohortError
from thyrosight.imaging import Margin, Preparation, read_frame, read_mask


def case(number, *, tirads="4a", marks=(), margins="well defined smooth", sex="F"):
    drawn = ""
    for image, points in marks:
        outline = json.dumps([{"points": points, "annotation": {}, "regionType": "freehand"}])
        drawn += f"<mark><image>{image}</image><svg>{outline}</svg></mark>"
    return (
        f"<?xml version='1.0' encoding='UTF-8'?><case><number>{number}</number><age>49</age><sex>{sex}</sex>"
        f"<composition>solid</composition><echogenicity>hyperechogenicity</echogenicity><margins>{margins}</margins>"
        f"<calcifications>non</calcifications><tirads>{tirads}</tirads><reportbacaf/><reporteco/>{drawn}</case>"
    )


def corners(left, top, right, bottom):
    return [{"x": x, "y": y} for x, y in ((left, top), (right, top), (right, bottom), (left, bottom))]


@pytest.fixture
def archive(tmp_path, picture):
    for name in ("7_1.jpg", "7_2.jpg", "8_1.jpg", "9_1.jpg", "11_1.jpg"):
        picture(name)
    two = [(1, corners(5, 6, 14, 15)), (1, corners(30, 20, 44, 34)), (2, corners(50, 30, 90, 70))]
    (tmp_path / "7.xml").write_text(case(7, marks=two), encoding="utf-8")
    (tmp_path / "8.xml").write_text(case(8, tirads="2"), encoding="utf-8")
    (tmp_path / "9.xml").write_text(case(9, tirads=""), encoding="utf-8")
    return tmp_path


def test_outlines_become_boxes_and_cases_become_patients(archive):
    cohort = open_cohort(archive)
    assert cohort.kind == "ddti-published"
    table = cohort.table.set_index("key", drop=False)
    assert table["patient_id"].to_dict() == {"7_1": "7", "7_2": "7", "8_1": "8"}
    assert table["label"].to_dict() == {"7_1": "malignant", "7_2": "malignant", "8_1": "benign"}
    assert nodule_box(table.loc["7_1"]).to_text() == "5,6,45,35"  # both outlines; drawn lines belong to the nodule
    assert nodule_box(table.loc["7_2"]).to_text() == "50,30,60,40"  # cut off at the image of 60 x 40 pixels
    assert nodule_box(table.loc["8_1"]) is None
    assert (table.loc["7_1", "margin"], table.loc["7_1", "calcification"]) == ("well defined", "none")
    assert [(e.reason, e.images) for e in cohort.exclusions] == [
        ("TI-RADS unknown", ("9_1",)),
        ("no XML file of the case", ("11_1",)),
    ]


def test_masks_are_written_where_the_user_says(archive, tmp_path_factory):
    folder = tmp_path_factory.mktemp("masks")
    table = open_cohort(archive, masks=str(folder)).table.set_index("key")
    marked = read_mask(table.loc["7_1", "mask"], shape=(40, 60))
    assert marked[10, 10]
    assert marked[27, 37]
    assert not marked[2, 2]
    assert np.isclose(marked.sum(), 10 * 10 + 15 * 15)
    assert sorted(file.name for file in folder.iterdir()) == ["7_1.png", "7_2.png"]


def test_xml_that_could_fill_the_memory_is_refused(archive):
    (archive / "8.xml").write_text("<!DOCTYPE a [<!ENTITY b 'c'>]><case>&b;</case>", encoding="utf-8")
    with pytest.raises(CohortError, match="it declares a document type or entities"):
        open_cohort(archive)


def test_broken_xml_names_the_file(archive):
    (archive / "8.xml").write_text("<case><tirads>2</case>", encoding="utf-8")
    with pytest.raises(CohortError, match=r"8\.xml: not valid XML"):
        open_cohort(archive)


def test_a_sex_that_is_unknown_or_not_given_is_empty(archive):
    (archive / "7.xml").write_text(case(7, sex="u"), encoding="utf-8")
    (archive / "8.xml").write_text(case(8, sex="m"), encoding="utf-8")
    table = open_cohort(archive).table.set_index("key")
    assert table["sex"].fillna("").to_dict() == {"7_1": "", "7_2": "", "8_1": "M"}


BELOW_THE_SCAN = 313
"""Row of the real frames from which on only text and marks stand (a side, a category, a body mark)."""


def test_real_cases_are_read_whole(real_data):
    cohort = open_cohort(real_data / "ddti_published")
    assert (len(cohort.table), len(cohort.left_out)) == (65, 18)
    assert cohort.table["patient_id"].nunique() == 57
    assert cohort.table["sex"].fillna("").value_counts().to_dict() == {"F": 56, "M": 6, "": 3}
    # The published file of case 127 breaks off within an outline, after 2,500 characters: a part would be no nodule.
    assert list(cohort.table.loc[cohort.table["box"].isna(), "key"]) == ["127_1"]


def test_a_category_written_in_a_real_frame_reaches_no_network(real_data):
    """The prepared image is the same to the byte whether text stands below the scan or the frame is black there."""
    cohort = open_cohort(real_data / "ddti_published")
    near, whole = Preparation(margin=Margin(value=1, unit="fraction")), Preparation(crop="scan area")
    written = 0
    for _, row in cohort.table.iterrows():
        frame = read_frame(row["image"])
        blacked = frame.pixels.copy()
        blacked[BELOW_THE_SCAN:] = 0
        written += int((frame.pixels[BELOW_THE_SCAN:, 170:400] > 100).sum() > 200)
        for preparation in (near, whole):
            shown = preparation.prepare(frame, box=nodule_box(row))
            without = preparation.prepare(replace(frame, pixels=blacked), box=nodule_box(row))
            assert np.array_equal(shown.pixels, without.pixels), row["key"]
            area = next(step for step in shown.steps if step["step"] == "scan area")
            assert int(area["box"].split(",")[3]) <= BELOW_THE_SCAN, row["key"]
    assert written >= 15  # so many frames do show a category there
