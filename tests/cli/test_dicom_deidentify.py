"""The commands `dicom deidentify` and `cohort from-dicom`, as a user types them."""

from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

from thyrosight.cli.main import main


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stopped:
        main([str(word) for word in words])
    said = capsys.readouterr()
    return int(stopped.value.code or 0), said.out, said.err


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = get_testdata_file("examples_palette.dcm")
    assert found is not None
    target = tmp_path / "in"
    target.mkdir()
    (target / "a.dcm").write_bytes(Path(found).read_bytes())
    (target / "letter.txt").write_text("Dear Dr")
    return target


def test_deidentify_says_what_was_written_and_what_not(folder: Path, tmp_path: Path, capsys) -> None:
    words = ("dicom", "deidentify", folder, "--out", tmp_path / "out", "--key", tmp_path / "key.json")
    code, out, said = run(capsys, *words, "--keep-dates", "shifted", "--contact-sheet", tmp_path / "sheet.png")
    assert code == 2  # the letter is left out
    assert "1 files written" in out and "letter.txt" in said and "sheet.png" in out
    assert " % of the picture is black; " in out and " of what stayed" in out
    assert (tmp_path / "sheet.png").is_file() and (tmp_path / "key.links.jsonl").is_file()
    assert run(capsys, *words, "--keep-dates", "shifted")[1].startswith("0 files written")
    (folder / "letter.txt").unlink()
    assert run(capsys, *words, "--keep-dates", "shifted")[0] == 0


@pytest.mark.parametrize(("option", "value"), [("--keep-dates", "maybe"), ("--blank", "all")])
def test_a_wrong_choice_is_one_sentence(folder: Path, tmp_path: Path, capsys, option: str, value: str) -> None:
    code, _, said = run(
        capsys, "dicom", "deidentify", folder, "--out", tmp_path / "out", "--key", tmp_path / "k", option, value
    )
    assert code == 2 and said.count("\n") == 1 and "choose" in said
    assert not (tmp_path / "out").exists() and not (tmp_path / "k").exists()


def test_from_dicom_writes_a_cohort_that_check_reads(folder: Path, tmp_path: Path, capsys) -> None:
    (tmp_path / "labels.csv").write_text("patient_id,label,label_source\n11-05-25-142825,benign,pathology\n")
    code, out, _ = run(
        capsys,
        "cohort",
        "from-dicom",
        folder,
        "--out",
        tmp_path / "co",
        "--labels",
        tmp_path / "labels.csv",
        "--no-split-panels",
    )
    assert code == 0, out
    assert "2 files read" in out and "not a readable DICOM file" in out
    assert (tmp_path / "co" / "cohort.csv").is_file() and (tmp_path / "co.key.json").is_file()
    if "0 of them labelled" not in out:
        assert run(capsys, "cohort", "describe", tmp_path / "co")[0] == 0


def test_an_archive_needs_something_to_match(tmp_path: Path, capsys) -> None:
    code, _, said = run(capsys, "cohort", "from-dicom", "http://127.0.0.1:1/dicom-web", "--out", tmp_path / "co")
    assert code == 2 and "--match" in said
