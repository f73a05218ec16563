"""Patients of a source: names of nobody are unknown, names that differ only in form are one or stay apart."""

from pathlib import Path

import pytest

from thyrosight.cohort import open_cohort
from thyrosight.errors import CohortError


@pytest.fixture
def manifest(picture, tmp_path: Path):
    """Writes a manifest of pictures with these patients (and nodules) and gives its path."""

    def write(patients: list[str], nodules: list[str] | None = None, *, suffix: str = ".csv") -> Path:
        rows = [["image", "patient_id", "label", "nodule_id", "exclude"]]
        for place, patient in enumerate(patients):
            picture(f"{place}.png", value=place)
            label = "malignant" if place % 2 else "benign"
            rows.append(
                [f"{place}.png", patient, label, nodules[place] if nodules else "", "late" if place == 0 else ""]
            )
        path = tmp_path / f"list{suffix}"
        if suffix == ".csv":
            path.write_text("\n".join(",".join(row) for row in rows), encoding="utf-8")
        else:
            from openpyxl import Workbook

            book = Workbook()
            for row in rows:
                book.active.append(row)
            book.save(path)
        return path

    return write


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_nobody_is_no_patient(manifest, suffix: str):
    cohort = open_cohort(manifest(["-", "NA", "None", "-", "7", "unknown"], suffix=suffix))
    assert cohort.table["patient_id"].tolist() == ["unknown", "unknown", "unknown", "7", "unknown"]
    assert cohort.split_kind == "image-level" and cohort.describe().patients == 1
    assert any("-, None name no patient" in note for note in cohort.notes)
    assert cohort.left_out["patient_id"].tolist() == ["unknown"]


def test_one_patient_in_several_forms(manifest):
    path = manifest(["001", "1", "01", "1", "pt-a", "PT_A"])
    cohort = open_cohort(path)
    assert cohort.table["patient_id"].tolist() == ["1", "1", "1", "PT_A", "PT_A"]
    assert cohort.left_out["patient_id"].tolist() == ["1"] and cohort.describe().patients == 2
    assert any("5 names of patients differ only in how they are written and were taken as 2" in n for n in cohort.notes)
    kept = open_cohort(path, patients="keep")
    assert kept.describe().patients == 4 and any("patients: keep" in note for note in kept.notes)
    with pytest.raises(CohortError, match="Option patients=guess: choose merge or keep"):
        open_cohort(path, patients="guess")


def test_nodules_are_those_of_their_patient(manifest):
    cohort = open_cohort(manifest(["9", "1", "1", "1", "2", "2"], ["", "1", "01", "-", "01", "N/A"]))
    assert cohort.table["nodule_id"].tolist() == ["1", "1", "unknown", "01", "unknown"]
    assert any("nodule_id: - names no nodule" in note for note in cohort.notes)


def test_a_table_of_another_shape_is_told_about_mapping(tmp_path: Path):
    path = tmp_path / "Befunde.csv"
    path.write_text("Pat.-Nr.,Bild\n1,a.png\n", encoding="utf-8")
    with pytest.raises(CohortError, match=r"no column image .*thyrosight cohort map .*Befunde.csv --images FOLDER"):
        open_cohort(path)


def test_groups_of_nobody_tie_nothing_together_and_no_is_no_reason(picture, tmp_path: Path):
    for place in range(4):
        picture(f"{place}.png", value=place)
    rows = [
        "image,label,group,exclude",
        "0.png,benign,-,no",
        "1.png,malignant,None,0",
        "2.png,benign,A,-",
        "3.png,benign,A,late",
    ]
    (tmp_path / "list.csv").write_text("\n".join(rows), encoding="utf-8")
    cohort = open_cohort(tmp_path / "list.csv")
    assert cohort.table["group_as_given"].notna().tolist() == [False, False, True]
    assert [exclusion.reason for exclusion in cohort.exclusions] == ["late"]
