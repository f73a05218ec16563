"""A search in a real archive becomes a cohort; run again, nothing is fetched twice."""

import csv
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file

from tests.pacs.conftest import Archive
from thyrosight.cli.main import main
from thyrosight.pacs import DicomWeb


def test_what_a_search_finds_becomes_a_cohort(
    archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = []
    for number, name in enumerate(("examples_rgb_color.dcm", "examples_ybr_color.dcm")):
        found = get_testdata_file(name)
        assert found is not None
        data = dcmread(found)
        data.PatientID, data.StudyDate = f"COHORT-{number}", "20260711"
        data.StudyInstanceUID, data.SOPInstanceUID = f"1.2.77.{number}", f"1.2.78.{number}"
        data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
        files.append(tmp_path / f"{number}.dcm")
        data.save_as(files[-1])
    assert len(DicomWeb(archive.dicomweb).store(files).accepted) == 2
    words = ["cohort", "from-dicom", archive.dicomweb, "--match", "StudyDate=20260711", "--blank", "nothing"]
    for out in ("one", "two"):
        with pytest.raises(SystemExit) as stopped:
            main([*words, "--out", str(tmp_path / out), "--key", str(tmp_path / "key.json")])
        assert not stopped.value.code, capsys.readouterr().err
    tables = []
    for out in ("one", "two"):
        with (tmp_path / out / "cohort.csv").open(encoding="utf-8", newline="") as stream:
            tables.append([(row["key"], row["patient_id"], row["frame"]) for row in csv.DictReader(stream)])
    assert tables[0] == tables[1] and len({patient for _, patient, _ in tables[0]}) == 2
    assert "COHORT-0" not in (tmp_path / "one" / "cohort.csv").read_text(encoding="utf-8")
    assert len(list((tmp_path / "one.fetched").rglob("*.dcm"))) == 2


def test_a_search_without_a_result_says_so(
    archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["cohort", "from-dicom", archive.dicomweb, "--match", "PatientID=NOBODY", "--out", str(tmp_path / "co")]
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 2 and "no study matches" in capsys.readouterr().err
