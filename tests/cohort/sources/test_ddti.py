"""DDTI with mask pictures and labels.csv: the real files, and the visible label policy."""

import pytest

from thyrosight.cohort import nodule_box, open_cohort
from thyrosight.errors import CohortError
from thyrosight.imaging import read_mask


@pytest.fixture(scope="module")
def ddti(real_data):
    return real_data / "ddti"


def test_the_real_archive_is_read_with_the_default_policy(ddti):
    cohort = open_cohort(ddti)
    said = cohort.describe()
    # labels.csv: TI-RADS 2 (67) and 3 (35); 4a, 4b, 4c, 5 (117 + 92 + 93 + 66); 125 empty; 595 rows.
    assert said.by_label == {"benign": 102, "malignant": 368}
    assert [(e.reason, e.count) for e in said.exclusions] == [("TI-RADS unknown", 125)]
    assert said.images + 125 == 595
    assert said.label_policy == "TI-RADS 2 and 3 benign, 4a and above malignant"
    assert cohort.label_sources == ("TI-RADS",)
    assert cohort.split_kind == "patient-level"
    assert said.patients == 389
    assert "TI-RADS as read by radiologists, not pathology" in said.notes[0]


def test_descriptors_stand_in_standard_columns_and_site_folder_is_kept_but_not_used(ddti):
    table = open_cohort(ddti).table.set_index("key")
    row = table.loc["560_1"]  # first line of labels.csv
    assert (row["composition"], row["echogenicity"], row["margin"], row["calcification"]) == (
        "solid", "hypoechoic", "well defined", "microcalcification",
    )  # fmt: skip
    assert (row["tirads"], row["sex"], row["age"], row["patient_id"]) == ("4c", "F", 58.0, "560")
    assert (row["site_folder"], row["label"]) == ("bening", "malignant")  # the column contradicts TI-RADS
    assert "site" not in table


def test_the_cut_can_be_moved_and_categories_left_out(ddti):
    moved = open_cohort(ddti, tirads_malignant_from="4b")
    assert moved.describe().by_label == {"benign": 102 + 117, "malignant": 368 - 117}
    assert moved.label_policy == "TI-RADS 2, 3 and 4a benign, 4b and above malignant"
    without = open_cohort(ddti, tirads_exclude="4a")
    assert without.describe().by_label == {"benign": 102, "malignant": 368 - 117}
    assert ("TI-RADS 4a left out by option", 117) in [(e.reason, e.count) for e in without.exclusions]


def test_the_nodule_box_holds_the_mask(ddti):
    row = open_cohort(ddti).table.set_index("key", drop=False).loc["560_1"]
    box, marked = nodule_box(row), read_mask(row["mask"])
    assert box is not None
    inside = marked[box.top : box.bottom, box.left : box.right].sum()
    assert inside / marked.sum() > 0.98  # specks of JPEG compression lie outside


def test_a_category_outside_the_scale_names_the_row(tmp_path, picture):
    picture("1_1.a.jpg")
    (tmp_path / "labels.csv").write_text("image,tirads\n1_1,4x\n", encoding="utf-8")
    with pytest.raises(CohortError, match=r"row 2, column label: 'TI-RADS 4x' is not 'benign' or 'malignant'"):
        open_cohort(tmp_path)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"tirads_malignant_from": "2"}, "Option tirads-malignant-from=2: choose 3, 4a, 4b, 4c or 5"),
        ({"tirads_exclude": "4d"}, "'4d' is not one of 2, 3, 4a, 4b, 4c or 5"),
        ({"cut": "4a"}, "has no option cut; its options: tirads-malignant-from, tirads-exclude or patients"),
    ],
)
def test_a_wrong_option_names_the_allowed_ones(tmp_path, picture, options, said):
    picture("1_1.a.jpg")
    (tmp_path / "labels.csv").write_text("image,tirads\n1_1,2\n", encoding="utf-8")
    with pytest.raises(CohortError, match=said):
        open_cohort(tmp_path, **options)
