"""The most particular row counts; rows that contradict each other or hold no label are refused by number."""

from pathlib import Path

import pytest

from thyrosight.cohort.from_dicom.labelling import read_labels
from thyrosight.errors import CohortError, ThyroSightWarning

IMAGE = {
    "sop_instance_uid": ("1.1", "2.25.1"), "series_instance_uid": ("1.2", "2.25.2"),
    "study_instance_uid": ("1.3", "2.25.3"), "patient_id": ("P1", "TS-1"), "frame": ("4",), "laterality": ("L",),
}  # fmt: skip


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "labels.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_object_beats_study_beats_patient(tmp_path: Path) -> None:
    rows = "patient_id,study_instance_uid,sop_instance_uid,label\nP1,,,benign\n,1.3,,malignant\n,,1.1,benign\n"
    found = read_labels(table(tmp_path, rows))
    assert found.cells_for(IMAGE) == {"label": "benign"}
    assert found.cells_for({**IMAGE, "sop_instance_uid": ("9",)}) == {"label": "malignant"}
    other = {**IMAGE, "sop_instance_uid": ("9",), "study_instance_uid": ("9",)}
    assert found.cells_for(other) == {"label": "benign"}
    assert found.cells_for({**other, "patient_id": ("P2",)}) == {}


def test_replaced_identifiers_work_too_and_columns_are_carried_over(tmp_path: Path) -> None:
    found = read_labels(table(tmp_path, "patient_id;label;tirads;reader:A;secret\nTS-1;MALIGNANT;4a;0.7;x\n"))
    assert found.cells_for(IMAGE) == {"label": "malignant", "tirads": "4a", "reader:A": "0.7"}
    assert found.unused() == ()


def test_frame_and_side_narrow_a_row(tmp_path: Path) -> None:
    found = read_labels(
        table(tmp_path, "patient_id,laterality,frame,label\nP1,L,,benign\nP1,R,,malignant\nP1,L,7,malignant\n")
    )
    assert found.cells_for(IMAGE) == {"label": "benign"}
    assert found.cells_for({**IMAGE, "laterality": ("R",)}) == {"label": "malignant"}


def test_rows_that_contradict_each_other_are_named(tmp_path: Path) -> None:
    found = read_labels(table(tmp_path, "patient_id,label\nP1,benign\nP1,malignant\n"))
    with pytest.raises(CohortError, match="rows 2 and 3"):
        found.cells_for(IMAGE)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("patient_id,label\nP1,malignat\n", "row 2, column label.*did you mean malignant"),
        ("patient_id,label,label_source\nP1,benign,guess\n", "row 2, column label_source"),
        ("patient_id,study_instance_uid,label\n,,benign\n", "row 2: no identifier"),
        ("name,label\nP1,benign\n", "needs a column label and one of"),
        ("patient_id\nP1\n", "needs a column label"),
    ],
)
def test_tables_that_cannot_be_used_say_where(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(CohortError, match=said):
        read_labels(table(tmp_path, text))


def test_labels_from_a_chinese_spreadsheet(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_bytes("sep=;\r\npatient_id;label;size_mm;site\r\nP1;benign;7,5;盛京医院\r\n".encode("gb18030"))
    with pytest.warns(ThyroSightWarning):
        found = read_labels(path)
    assert found.cells_for(IMAGE) == {"label": "benign", "size_mm": "7.5", "site": "盛京医院"}
    refused = pytest.raises(CohortError, match="row 2: no identifier is filled in")
    with refused, pytest.warns(ThyroSightWarning, match="patient_id: #N/A was taken as empty, in 1 of 1 rows"):
        read_labels(table(tmp_path, "patient_id,label\n#N/A,benign\n"))


def test_a_spreadsheet_takes_the_zeros_from_a_patient(tmp_path: Path) -> None:
    found = read_labels(table(tmp_path, "patient_id,label\n12,benign\n7,malignant\n07,benign\n"))
    assert found.cells_for({**IMAGE, "patient_id": ("0012",)}) == {"label": "benign"}
    assert found.cells_for({**IMAGE, "patient_id": ("007",)}) == {}  # two patients of the table could be meant
    assert found.cells_for({**IMAGE, "patient_id": ("07",)}) == {"label": "benign"}


def test_nobody_is_no_patient_to_join_by(tmp_path: Path) -> None:
    with pytest.raises(CohortError, match="row 2: no identifier is filled in"):
        read_labels(table(tmp_path, "patient_id,label\n-,benign\n"))
