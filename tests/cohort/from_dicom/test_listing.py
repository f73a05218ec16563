"""Files that a DICOMDIR names are taken only from its own folder."""

from pathlib import Path

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian

from thyrosight.cohort.from_dicom.listing import listed_files
from thyrosight.errors import CohortError


def directory(folder: Path, names: list[list[str]]) -> Path:
    data = Dataset()
    data.FileSetID = "TEST"
    records = []
    for parts in names:
        record = Dataset()
        record.DirectoryRecordType, record.ReferencedFileID = "IMAGE", parts
        records.append(record)
    data.DirectoryRecordSequence = Sequence(records)
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.1.3.10"
    data.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    path = folder / "DICOMDIR"
    dcmwrite(path, data, enforce_file_format=True)
    return path


@pytest.mark.filterwarnings("ignore:Invalid value for VR:UserWarning")
def test_files_are_found_whatever_the_case_and_tricks_are_refused(tmp_path: Path) -> None:
    disc = tmp_path / "disc"
    (disc / "img").mkdir(parents=True)
    (disc / "img" / "im1").write_bytes(b"x")
    (tmp_path / "secret").write_bytes(b"x")
    names = [["IMG", "IM1"], ["..", "secret"], ["IMG", "GONE"], ["C:\\windows"], ["/etc/passwd"], ["IMG/../../secret"]]
    with listed_files(directory(disc, names)) as listed:
        assert [path.name for path in listed.files] == ["im1"]
        assert [reason for _, reason in listed.refused].count("the DICOMDIR names a file outside its folder") == 4
        assert [reason for _, reason in listed.refused].count("the DICOMDIR names a file that does not exist") == 1


@pytest.mark.filterwarnings("ignore::UserWarning:pydicom.*")  # the files are damaged on purpose
def test_a_damaged_dicomdir_says_so(tmp_path: Path) -> None:
    (tmp_path / "DICOMDIR").write_bytes(b"\0" * 128 + b"DICM" + b"\xff" * 64)
    with pytest.raises(CohortError, match="DICOMDIR"), listed_files(tmp_path / "DICOMDIR"):
        pass


def test_hidden_files_and_links_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / ".hidden").write_bytes(b"x")
    (tmp_path / "a").write_bytes(b"x")
    with listed_files(tmp_path) as listed:
        assert [path.name for path in listed.files] == ["a"]
