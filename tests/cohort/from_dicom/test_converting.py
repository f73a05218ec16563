"""DICOM files become a cohort: nothing lost, nobody named, labels joined, loops and panels handled."""

import csv
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cohort.from_dicom.conftest import region, tissue
from thyrosight.cohort import FromDicomOptions, cohort_from_dicom, find_duplicates, open_cohort
from thyrosight.errors import CohortError
from thyrosight.imaging.deidentify import open_key


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def labels(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "labels.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_files_become_a_labelled_cohort_that_names_nobody(write, tmp_path: Path) -> None:
    write("a.dcm", tissue(seed=1), patient="P1", regions=[region(0, 0, 160, 120, 0.02)])
    write("b.dcm", tissue(seed=2), patient="P2")
    table = labels(
        tmp_path, "patient_id,label,label_source,nodule_id\nP1,malignant,pathology,n1\nP2,Benign,cytology,n2\n"
    )
    result = cohort_from_dicom(tmp_path / "in", tmp_path / "out", labels=table)
    assert (result.files, result.images, result.labelled, result.excluded) == (2, 2, 2, {})
    cohort = open_cohort(tmp_path / "out")
    assert sorted(cohort.table["label"]) == ["benign", "malignant"]
    assert cohort.split_kind == "patient-level" and set(cohort.label_sources) == {"pathology", "cytology"}
    first = cohort.table[cohort.table["label"] == "malignant"].iloc[0]
    assert (first["age"], first["sex"], first["laterality"], first["device"]) == (52, "F", "L", "Works E9")
    assert (float(first["spacing_row_mm"]), float(first["spacing_column_mm"])) == (0.2, 0.2)
    key = open_key(result.key_file)
    assert first["patient_id"] == key.pseudonym("patient", "P1")
    assert first["study_instance_uid"].startswith("2.25.")
    for path in (tmp_path / "out").rglob("*"):
        assert path.is_dir() or not any(word in path.read_bytes() for word in (b"Name^P1", b"Barnabas", b"1.2.9."))
    assert {row["original_patient_id"] for row in rows_of(result.links)} == {"P1", "P2"}
    assert tmp_path / "out" not in result.links.parents


def test_every_file_that_gives_no_image_is_named_with_a_sentence(write, tmp_path: Path) -> None:
    write("a.dcm", tissue(seed=1))
    damaged = write("b.dcm", tissue(seed=2))
    damaged.write_bytes(damaged.read_bytes()[:-5000])
    write("c.dcm", tissue(seed=3), Modality="MR", SOPClassUID="1.2.840.10008.5.1.4.1.1.4")
    (tmp_path / "in" / "notes.txt").write_text("hello")
    shutil.copy(tmp_path / "in" / "a.dcm", tmp_path / "in" / "z-copy.dcm")
    result = cohort_from_dicom(tmp_path / "in", tmp_path / "out")
    assert result.images == 1 and result.files == 5
    assert result.excluded == {
        "pixels that cannot be read": 1,
        "not an ultrasound picture": 1,
        "not a readable DICOM file": 1,
        "copy of another file": 1,
    }
    reasons = {row["file"]: row["reason"] for row in rows_of(result.links)}
    assert set(reasons) == {"a.dcm", "b.dcm", "c.dcm", "notes.txt", "z-copy.dcm"}
    assert all(len(reasons[name]) > 15 for name in reasons if name != "a.dcm")
    assert len(rows_of(result.manifest)) == 5


def test_images_without_a_label_wait_for_one(write, tmp_path: Path) -> None:
    for number in range(3):
        write(f"{number}.dcm", tissue(seed=number), patient=f"P{number}")
    table = labels(tmp_path, "patient_id,label\nP0,benign\nP1,malignant\nP9,benign\n")
    result = cohort_from_dicom(tmp_path / "in", tmp_path / "out", labels=table)
    assert (result.images, result.labelled, result.unused_labels) == (3, 2, (4,))
    cohort = open_cohort(tmp_path / "out")
    assert [(one.reason, one.count) for one in cohort.exclusions] == [("no label", 1)]
    assert len(cohort.left_out) == 1


def test_a_loop_gives_a_few_frames_that_differ(write, tmp_path: Path) -> None:
    write("loop.dcm", np.stack([tissue(seed=number) for number in range(9)]))
    result = cohort_from_dicom(tmp_path / "in", tmp_path / "out", options=FromDicomOptions(frames_per_loop=3))
    rows = rows_of(result.manifest)
    assert len(rows) == 3 and len({row["frame"] for row in rows}) == 3
    assert {row["frames_in_file"] for row in rows} == {"9"}
    for row in rows:
        shown = np.asarray(Image.open(tmp_path / "out" / row["image"]))
        assert np.array_equal(shown[20:100, 20:140], tissue(seed=int(row["frame"]))[20:100, 20:140])


def test_two_calibrated_regions_become_two_images_with_their_own_spacing(write, tmp_path: Path) -> None:
    both = np.hstack([tissue(seed=1), tissue(seed=2)])
    write("dual.dcm", both, regions=[region(0, 0, 160, 120, 0.01), region(160, 0, 320, 120, 0.03)])
    rows = rows_of(cohort_from_dicom(tmp_path / "in", tmp_path / "out").manifest)
    assert [row["key"].rsplit("-", 1)[1] for row in rows] == ["left", "right"]
    assert [row["spacing_row_mm"] for row in rows] == ["0.1", "0.3"]
    assert [Image.open(tmp_path / "out" / row["image"]).size for row in rows] == [(160, 120)] * 2
    whole = cohort_from_dicom(tmp_path / "in", tmp_path / "one", options=FromDicomOptions(split_panels=False))
    assert whole.images == 1


def test_an_elastogram_beside_b_mode_goes_with_it(write, tmp_path: Path) -> None:
    grey = np.repeat(tissue(seed=1)[:, :, None], 3, axis=2)
    colours = grey.copy()
    _, columns = np.mgrid[0:80, 0:100]
    map_ = np.stack([columns * 2.5, 255 - abs(columns - 50) * 5, 255 - columns * 2.5], axis=2)
    colours[20:100, 30:130] = (0.4 * colours[20:100, 30:130] + 0.6 * map_.clip(0, 255)).astype(np.uint8)
    write("swe.dcm", np.hstack([grey, colours]), regions=[region(0, 0, 160, 120, 0.01), region(160, 0, 320, 120, 0.01)])
    (row,) = rows_of(cohort_from_dicom(tmp_path / "in", tmp_path / "out").manifest)
    assert row["view"] == "B-mode" and row["exclude"] == ""
    elastogram = np.asarray(Image.open(tmp_path / "out" / row["elastogram"]))
    assert elastogram.shape == (120, 160, 3) and np.ptp(elastogram[60, 60].astype(int)) > 40


def test_a_name_in_the_pixels_does_not_reach_the_image(write, tmp_path: Path) -> None:
    from PIL import ImageDraw, ImageFont

    picture = Image.fromarray(tissue(200, 300, seed=4))
    ImageDraw.Draw(picture).text((60, 90), "FEATHERSTONE", fill=255, font=ImageFont.load_default(size=18))
    write("a.dcm", np.asarray(picture))
    (row,) = rows_of(cohort_from_dicom(tmp_path / "in", tmp_path / "out").manifest)
    assert np.asarray(Image.open(tmp_path / "out" / row["image"]))[96:104, 70:170].max() == 0


def test_copies_under_other_identifiers_are_found_as_in_any_cohort(write, tmp_path: Path) -> None:
    write("a.dcm", tissue(240, 320, seed=1), patient="P1", uid="1.2.9.1")
    write("b.dcm", tissue(240, 320, seed=1), patient="P2", uid="1.2.9.2")
    write("c.dcm", tissue(240, 320, seed=5), patient="P3", uid="1.2.9.3")
    table = labels(tmp_path, "patient_id,label\nP1,benign\nP2,benign\nP3,malignant\n")
    cohort_from_dicom(tmp_path / "in", tmp_path / "out", labels=table)
    assert len(find_duplicates(open_cohort(tmp_path / "out")).pairs) == 1


def test_a_zip_is_read_and_a_path_trick_or_bomb_in_it_refused(write, tmp_path: Path) -> None:
    path = write("a.dcm", tissue(seed=1))
    good, trick, bomb = (tmp_path / f"{name}.zip" for name in ("good", "trick", "bomb"))
    with zipfile.ZipFile(good, "w") as archive:
        archive.write(path, "x/a.dcm")
    with zipfile.ZipFile(trick, "w") as archive:
        archive.write(path, "../escape.dcm")
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("zeros.dcm", "w") as member:
        for _ in range(180):
            member.write(bytes(2**20))
    assert cohort_from_dicom(good, tmp_path / "out").images == 1
    for bad, said in ((trick, "leads outside"), (bomb, "decompression bomb")):
        with pytest.raises(CohortError, match=said):
            cohort_from_dicom(bad, tmp_path / "none")
    assert not (tmp_path / "escape.dcm").exists() and not (tmp_path.parent / "escape.dcm").exists()


def test_a_source_without_any_image_says_why(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(CohortError, match="no file"):
        cohort_from_dicom(tmp_path / "in", tmp_path / "out")
    (tmp_path / "in" / "a.txt").write_text("x")
    with pytest.raises(CohortError, match="1 x not a readable DICOM file"):
        cohort_from_dicom(tmp_path / "in", tmp_path / "out2")
    assert not (tmp_path / "out2" / "cohort.csv").exists()


def test_an_output_in_use_inside_the_source_or_around_the_key_is_refused(write, tmp_path: Path) -> None:
    write("a.dcm", tissue(seed=1))
    cohort_from_dicom(tmp_path / "in", tmp_path / "out")
    with pytest.raises(CohortError, match="already"):
        cohort_from_dicom(tmp_path / "in", tmp_path / "out")
    with pytest.raises(CohortError, match="apart"):
        cohort_from_dicom(tmp_path / "in", tmp_path / "in" / "out")
    with pytest.raises(CohortError, match="key"):
        cohort_from_dicom(tmp_path / "in", tmp_path / "new", key_file=tmp_path / "new" / "key.json")
