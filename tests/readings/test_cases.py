"""Tables of cases and readers."""

from pathlib import Path

import pytest

from thyrosight.errors import ReadingsError
from thyrosight.readings import Case, Reader, read_cases, read_readers


def written(folder: Path, text: str) -> Path:
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_says_all_of_a_case(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "case;truth;patient_id;label_source;role;since;withdrawn\n"
        "a;1;P1;pathology;study;2;1\nb;benign;;;practice;;\nc;;P1;cytology;;;0\n",
    )
    assert read_cases(path) == (
        Case("a", 1, "P1", "pathology", "study", 2, True),
        Case("b", 0, "", "", "practice"),
        Case("c", None, "P1", "cytology"),
    )


def test_a_cohort_is_a_table_of_cases(tmp_path: Path) -> None:
    path = written(tmp_path, "image,label,patient_id,nodule_id\n1.png,malignant,P1,N1\n")
    assert read_cases(path) == (Case("N1", 1, "P1"),)


def test_real_cases_of_thyroid_nodules(real_data: Path) -> None:
    path = real_data / "readers" / "thyroid_model.csv"
    assert [case.key for case in read_cases(path)][:3] == ["1", "2", "3"]


def test_readers_with_groups(tmp_path: Path) -> None:
    path = written(tmp_path, "reader,group,since\nAda,senior,\nBen,junior,2\n")
    assert read_readers(path) == (Reader("Ada", "senior"), Reader("Ben", "junior", 2))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("truth\n1\n", "has no column 'case'"),
        ("case,truth\na,2\n", "row 2: 'truth' should be 0 or 1 (benign or malignant), got '2'"),
        ("case,truth\n,1\n", "row 2: the cell of 'case' is empty"),
        ("case,role\na,main\n", "row 2: 'role' should be one of study, practice, attention, got 'main'"),
        ("case,since\na,0\n", "row 2: 'since' should be a whole number from 1, got '0'"),
        ("case,withdrawn\na,maybe\n", "row 2: 'withdrawn' should be 0 or 1, got 'maybe'"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_row(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ReadingsError) as error:
        read_cases(written(tmp_path, text))
    assert said in str(error.value)


def test_readers_need_their_column(tmp_path: Path) -> None:
    with pytest.raises(ReadingsError, match="has no column 'reader'"):
        read_readers(written(tmp_path, "name\nAda\n"))
