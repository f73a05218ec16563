"""From tables to cohorts: labels with their source, patients, nodules, images; and what has no partner."""

from pathlib import Path

import pytest

from thyrosight.cohort import open_cohort
from thyrosight.cohort.mapping import MappingPlan, proposal, read_source, run_plan
from thyrosight.errors import CohortError

HEAD = ["Pat.-Nr.", "Name", "Geb.-Dat.", "Datum", "Bild", "Bethesda", "Histologie"]


def _row(patient, image, *, bethesda="", histology="", born="4.3.1960", day="5.6.2020"):
    return [patient, "Meier, Eva", born, day, image, bethesda, histology]


def test_labels_with_their_source_and_reasons_without_one(map_rows, tmp_path: Path):
    rows = [
        _row("1", "a.png", bethesda="VI", histology="Papilläres Karzinom"),
        _row("2", "b.png", bethesda="II"),
        _row("3", "c.png", bethesda="IV"),
        _row("4", "d.png", bethesda="VI", histology="Struma nodosa"),
        _row("5", "e.png"),
        _row("6", "f.png", bethesda="II", histology="V. a. Karzinom"),
    ]
    found, report = map_rows([HEAD, *rows], images=[f"{letter}.png" for letter in "abcdef"])
    assert [(row["label"], row["label_source"]) for row in found[:4]] == [
        ("malignant", "pathology"), ("benign", "cytology"), ("", "unstated"), ("benign", "pathology"),
    ]  # fmt: skip
    assert [row["exclude"] for row in found] == [
        "", "", "indeterminate cytology (Bethesda IV), and no histology", "",
        "neither histology nor cytology",
        "histology not decisive",
    ]  # fmt: skip
    assert any("Histology contradicts cytology in 1 row" in note for note in report.notes)
    assert [row["age"] for row in found] == ["60"] * 6 and "Meier" not in (tmp_path / "out" / "cohort.csv").read_text()
    cohort = open_cohort(tmp_path / "out")
    assert len(cohort) == 3 and cohort.label_sources == ("cytology", "pathology")
    assert cohort.label_policy == (
        "histology decides; without it cytology counts where it is benign (Bethesda II) or malignant (Bethesda VI);"
        " words that leave it open, and contradictions, give no label"
    )


def test_patients_of_nobody_and_in_several_forms(map_rows):
    rows = [
        _row(patient, f"{place}.png", histology="Struma")
        for place, patient in enumerate(["007", "7", "NA", "k. A.", 8])
    ]
    for row in rows[2:4]:
        row[1] = ""
    found, report = map_rows([HEAD, *rows], images=[f"{place}.png" for place in range(5)])
    assert [row["patient_id"] for row in found] == ["007", "007", "unknown", "unknown", "8"]
    assert report.patients == 2 and any("007 = 7" in note for note in report.notes)
    kept, _ = map_rows([HEAD, *rows], images=[], settings={"patients": "keep"})
    assert [row["patient_id"] for row in kept] == ["007", "7", "unknown", "unknown", "8"]


def test_a_name_and_birth_date_keep_a_patient_together_without_being_written(map_rows):
    found, _ = map_rows(
        [HEAD[1:], *(_row("", f"{place}.png", histology="Struma")[1:] for place in range(2))], images=["0.png", "1.png"]
    )
    assert [row["patient_id"] for row in found] == ["person 1", "person 1"]


def test_blocks_of_patients_whose_number_stands_in_the_first_row(map_rows):
    head = ["Patient", "Sex", "Image", "Label"]
    rows = [["P1", "w", "a.png", "benign"], ["", "", "b.png", "malignant"], ["P2", "m", "c.png", "benign"],
            ["", "w", "d.png", "benign"]]  # fmt: skip
    found, report = map_rows([head, *rows], images=["a.png", "b.png", "c.png", "d.png"])
    # The last row has a sex of its own: it is another patient, whose number is missing.
    assert [row["patient_id"] for row in found] == ["P1", "P1", "P2", "unknown"]
    assert [row["sex"] for row in found] == ["F", "F", "M", "F"]
    assert any("patient_blocks" in note for note in report.notes)


def test_several_nodules_in_one_row(map_rows):
    head = ["Patient", "Image", "Size 1 (mm)", "Label 1", "Size 2 (mm)", "Label 2"]
    found, report = map_rows(
        [head, ["P1", "a.png; b.png", 7, "benign", 9, "malignant"], ["P2", "c.png", 5, "benign", None, None]],
        images=["a.png", "b.png", "c.png"],
    )
    assert [(row["image"][-5:], row["nodule_id"], row["size_mm"], row["label"]) for row in found] == [
        ("a.png", "1", "7", "benign"), ("b.png", "2", "9", "malignant"), ("c.png", "unknown", "5", "benign"),
    ]  # fmt: skip
    assert (report.rows, report.nodules) == (2, 3)
    parted, _ = map_rows(
        [["Patient", "Image", "Size (mm)", "Label"], ["P1", "a.png\nb.png", "7; 9", "benign; malignant"]],
        images=["a.png", "b.png"],
    )
    assert [(row["nodule_id"], row["size_mm"], row["label"]) for row in parted] == [
        ("1", "7", "benign"),
        ("2", "9", "malignant"),
    ]


def test_one_image_of_two_nodules_with_different_labels_is_left_out(map_rows):
    head = ["Patient", "Nodule", "Image", "Label"]
    found, report = map_rows(
        [head, ["P1", 1, "a.png", "benign"], ["P1", 2, "a.png", "malignant"], ["P2", 1, "b.png", "benign"]],
        images=["a.png", "b.png"],
    )
    assert report.excluded == {"image of nodules with different labels": 2} and report.labels == {
        ("benign", "unstated"): 1
    }
    assert len(found) == 3


def test_a_sheet_per_year_and_a_sheet_of_patients(map_rows):
    head = ["Pat.-Nr.", "Bild", "Histologie"]
    found, report = map_rows(
        images=["2020/img1.png", "2021/img1.png", "2021/img2.png"],
        **{
            "2020": [head, ["P1", "img1.png", "Struma"]],
            "2021": [["Bild", "Histologie", "Pat.-Nr."], ["img1", "Karzinom", "P1"], ["img2", "Struma", "P2"]],
            "Patienten": [["Pat.-Nr.", "Geschlecht", "Alter"], ["P1", "w", 54], ["P2", "m", 61]],
        },
    )  # fmt: skip
    assert [(row["image"][-13:], row["patient_id"], row["sex"], row["age"]) for row in found] == [
        ("2020/img1.png", "P1", "F", "54"), ("2021/img1.png", "P1", "F", "54"), ("2021/img2.png", "P2", "M", "61"),
    ]  # fmt: skip
    assert any("Patients on several sheets: 1" in note for note in report.notes)
    assert any("was joined by the patient" in note for note in report.notes)


@pytest.mark.parametrize(
    ("cell", "image"),
    [("A.PNG", "a.png"), ("a", "a.png"), ("old\\a.png", "new/a.png"), ("x/y/a.png", "y/a.png"), ("IMG_01", "img-1.png"),
     ("C:\\pictures\\2021\\a.jpg", "2021/a.png")],
)  # fmt: skip
def test_names_of_images_in_any_form(map_rows, cell: str, image: str):
    found, _ = map_rows([["Patient", "Image", "Label"], ["1", cell, "benign"]], images=[image, "other.png"])
    assert len(found) == 1 and found[0]["image"].endswith(image)


def test_images_by_accession_number_patient_and_date(map_rows):
    head = ["Patient ID", "Exam date", "Accession", "Nodule", "Label"]
    images = [
        "ACC-77/x.png",
        "P-004_20210304_1.png",
        "P-004_20210501_1.png",
        "5/a.png",
        "P-006/n1.png",
        "P-006/n2.png",
        "15.png",
    ]
    rows = [["P-003", "1.1.2021", "ACC-77", "", "benign"], ["P-4", "4.3.2021", "", "", "benign"],
            ["P-4", "1.5.2021", "", "", "malignant"], ["5", "1.1.2021", "", "", "benign"],
            ["P-006", "1.1.2021", "", "1", "benign"], ["P-006", "1.1.2021", "", "2", "malignant"],
            ["P-009", "1.1.2021", "", "", "benign"]]  # fmt: skip
    found, report = map_rows([head, *rows], images=images)
    assert [row["image"].partition("img/")[2] for row in found] == images[:-1]
    assert report.how == {"by accession number": 1, "by patient and date": 2, "by patient": 3}
    assert report.rows_without == [("row 8", "P-009", "no image has its patient or examination")]
    assert report.images_without == [("15.png", "no row names it, its patient or its examination")]


def test_images_that_several_nodules_fit_belong_to_none(map_rows):
    rows = [["Patient", "Size (mm)", "Label"], ["P-01", 7, "benign"], ["P-01", 9, "malignant"], ["P-02", 5, "benign"]]
    found, report = map_rows(rows, images=["P-01/a.png", "P-02/a.png"])
    assert [row["patient_id"] for row in found] == ["P-02"]
    assert "2 nodules fit it (row 2, row 3)" in report.images_without[0][1] and len(report.rows_without) == 2


def test_a_mapping_survives_its_file_and_corrections(map_rows, tmp_path: Path):
    map_rows([["Patient", "Bild", "Ergebnis"], ["1", "a.png", "0"], ["2", "b.png", "1"], ["3", "c.png", "no"]],
             images=["a.png", "b.png", "c.png"])  # fmt: skip
    source = read_source(tmp_path / "table.xlsx", tmp_path / "img")
    _, plan = proposal(source)
    path = tmp_path / "mapping.yaml"
    plan.save(path)
    assert MappingPlan.load(path) == plan
    text = path.read_text(encoding="utf-8").replace("'0': '?'", "0: benign").replace("'1': '?'", "1: malignant")
    path.write_text(text, encoding="utf-8")
    report = run_plan(source, MappingPlan.load(path), tmp_path / "again")
    assert report.labels == {("benign", "unstated"): 1, ("malignant", "unstated"): 1}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("columns: {Patient: {to: patientid}}", "there is no field 'patientid'; did you mean patient_id"),
        ("columns: {Patient: patient_id, Bild: patient_id}", "both become patient_id"),
        (
            "columns: {Patient: patient_id, Bild: image, Ergebnis: {to: label, values: {x: maligne}}}",
            "makes 'maligne' of",
        ),
        ("columns: {Other: image}", "none of the columns that the mapping names"),
        ("columns: [", "cannot be read as YAML"),
        ("other: 1", "columns"),
    ],
)
def test_mappings_that_cannot_be_used(map_rows, tmp_path: Path, text: str, said: str):
    map_rows([["Patient", "Bild", "Ergebnis"], ["1", "a.png", "benigne"]], images=["a.png"])
    path = tmp_path / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CohortError, match=said):
        run_plan(read_source(tmp_path / "table.xlsx", tmp_path / "img"), MappingPlan.load(path), tmp_path / "out")


def test_no_image_at_all_is_said_with_the_reason(map_rows):
    with pytest.raises(
        CohortError, match=r"No row of .* has an image among the 1 found \(row 2: there is no file b.png\)"
    ):
        map_rows([["Patient", "Bild", "Ergebnis"], ["1", "b.png", "benigne"]], images=["a.png"])


def test_masks_and_elastograms_are_found_like_images(map_rows, tmp_path: Path):
    head = ["Patient", "Image", "Mask", "Label", "Exclude"]
    rows = [["1", "a.png", "a_mask.png", "benign", "no"], ["2", "b.png", "gone.png", "malignant", "-"],
            ["3", "c.png", "", "benign", "yes"]]  # fmt: skip
    found, report = map_rows([head, *rows], images=["a.png", "b.png", "c.png", "masks/a_mask.png"])
    assert [row["mask"][-16:] for row in found] == ["masks/a_mask.png", "", ""] and not report.images_without
    assert [row["exclude"] for row in found] == ["", "", "left out in the table"]
    assert any("column mask that were not found: 1" in note for note in report.notes)
    assert open_cohort(tmp_path / "out").table["mask"].notna().tolist() == [True, False]


def test_small_sizes_of_mixed_units_are_empty_and_an_image_of_two_patients_is_left_out(map_rows):
    head = ["Patient", "Image", "Size", "Label"]
    found, report = map_rows(
        [head, ["1", "a.png", "1.2", "benign"], ["2", "b.png", "12", "benign"], ["3", "b.png", "2.5 cm", "benign"]],
        images=["a.png", "b.png"],
    )
    assert [row.get("size_mm", "") for row in found] == ["", "12", "25"]
    assert report.excluded == {"image named for two patients": 2}


def test_placeholders_are_nobody_and_are_named(map_rows):
    names = ["NA", "N/A", "nan", "None", "-", "7", ""]
    rows = [["Patient", "Bild", "Histologie"]]
    rows += [[name, f"{place}.png", "Struma"] for place, name in enumerate(names)]
    found, report = map_rows(rows, images=[f"{place}.png" for place in range(len(names))])
    assert [row["patient_id"] for row in found] == [*["unknown"] * 5, "7", "unknown"]
    note = "patient_id: 'NA', 'N/A', 'nan', 'None', '-' name no patient; taken as unknown, in 5 rows."
    assert note in report.notes and report.patients == 1
