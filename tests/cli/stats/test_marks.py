"""Tables of marks and lesions, read as people save them."""

from pathlib import Path

import pytest

from thyrosight.cli.stats.hits import Rule
from thyrosight.cli.stats.marks import read_marks
from thyrosight.cli.stats.question import Question
from thyrosight.cli.stats.table import StatsTable
from thyrosight.errors import StatisticsError

OPTIONS = dict.fromkeys(("reader", "test", "case", "rating", "weight"))


def _question(tmp_path: Path, text: str) -> Question:
    (tmp_path / "marks.csv").write_text(text, encoding="utf-8")
    return Question(table=StatsTable.read(tmp_path / "marks.csv"))


def _lesions(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "lesions.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_semicolons_decimal_commas_and_numbered_cases(tmp_path: Path) -> None:
    question = _question(tmp_path, "case;lesion;rating;reader\n2;1;0,75;x\n10;NA;0,5;x\n")
    lesions = _lesions(tmp_path, "case;lesion;patient_id\n2;1;7\n10;;7\n")
    found = read_marks(question, lesions, rule=Rule(), **OPTIONS)
    assert (found.marks["case"], found.marks["lesion"]) == (["2", "10"], ["1", ""])
    assert (found.marks["confidence"], found.marks["reader"]) == ([0.75, 0.5], ["x", "x"])
    assert found.lesions == {"case": ["2", "10"], "lesion": ["1", ""], "patient": [7, 7]}
    assert (found.weight, found.patient) == (None, "patient")
    assert (
        str(found.of_reader("x")) == "2 cases of 1 patients, 1 without a lesion; 1 of 1 lesions marked; 1 false marks"
    )


def test_weights_and_a_box_in_one_cell(tmp_path: Path) -> None:
    question = _question(tmp_path, 'image,box,confidence\na.png,"2,2,8,8",1\n')
    lesions = _lesions(tmp_path, 'image,lesion,box,mm\na.png,L,"0,0,9,9",12\na.png,R,"20,0,29,9",4\nb.png,,,\n')
    found = read_marks(question, lesions, rule=Rule(), **(OPTIONS | {"weight": "mm"}))
    assert found.marks["lesion"] == ["L"]
    assert found.lesions["weight"][:2] == [12, 4] and found.weight == "weight"


def test_files_of_one_name_in_two_folders_are_not_guessed(tmp_path: Path) -> None:
    question = _question(tmp_path, "case,lesion,confidence\nscan.png,1,0.5\n")
    lesions = _lesions(tmp_path, "case,lesion\nold/scan.png,1\nnew/scan.png,\n")
    found = read_marks(question, lesions, rule=Rule(), **OPTIONS)
    assert found.marks["case"] == ["scan.png"]  # which the analysis then refuses by name


def test_a_lesion_table_without_lesions_is_named(tmp_path: Path) -> None:
    question = _question(tmp_path, "case,lesion,confidence\na,1,0.5\n")
    with pytest.raises(StatisticsError, match="has no column 'lesion' or 'lesion_id'"):
        read_marks(question, _lesions(tmp_path, "case,box\na,1\n"), rule=Rule(), **OPTIONS)
