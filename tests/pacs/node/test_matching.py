"""The matching of query keys, rule by rule of PS3.4, C.2.2.2."""

import pytest

from thyrosight.pacs.node.matching import match_all, matches


@pytest.mark.parametrize(
    ("keyword", "wanted", "value", "expected"),
    [
        ("PatientID", "P-1", "P-1", True),  # single value, with case
        ("AccessionNumber", "A[1]", "A[1]", True),  # brackets mean themselves
        ("AccessionNumber", "A[1]", "A1", False),
        ("PatientID", "P-?", "P-1", True),
        ("PatientID", "P-?", "P-12", False),
        ("PatientID", "*", "", True),
        ("PatientID", "P-1", "", False),
        ("PatientName", "MUSTER^ANNA", "Muster^Anna", True),  # names without case
        ("PatientName", "Muster^Anna^^", "Muster^Anna", True),
        ("PatientName", "山田*", "Yamada^Tarou=山田^太郎", True),  # any component group
        ("PatientName", "Must", "Muster^Anna", False),
        ("Modality", "us", "US", False),
        ("StudyDate", "20260102", "20260102", True),
        ("StudyDate", "20260101-20260103", "20260102", True),
        ("StudyDate", "20260103-", "20260102", False),
        ("StudyDate", "-20260102", "20260102", True),
        ("StudyDate", "-20260102", "", False),
        ("StudyTime", "10-11", "101500.5", True),
        ("StudyTime", "1016-1100", "101500", False),
        ("SeriesInstanceUID", "1.2\\1.3", "1.3", True),  # a list of identifiers
        ("SeriesInstanceUID", "1.*", "1.3", False),  # no wild cards in identifiers
        ("Rows", "96", "96", True),
    ],
)
def test_one_key(keyword: str, wanted: str, value: str, expected: bool) -> None:
    assert matches(keyword, wanted, (value,) if value else ()) is expected


def test_several_values_and_unknown_keys() -> None:
    header = {"ModalitiesInStudy": ("SR", "US"), "PatientID": ("P-1",)}
    assert match_all({"ModalitiesInStudy": "US", "PatientID": "P-1", "OtherPatientIDs": "x"}, header)
    assert not match_all({"ModalitiesInStudy": "CT"}, header)
