"""`thyrosight cohort map`: questions, files, options and refusals."""

import json
from pathlib import Path

import pytest
from openpyxl import Workbook
from PIL import Image
from typer.testing import CliRunner

from thyrosight.cli.cohort import app
from thyrosight.cohort import open_cohort
from thyrosight.errors import ThyroSightError

HEAD = ["Pat.-Nr.", "Name", "Datum", "Bild", "Größe (cm)", "Histo", "Ergebnis"]
ROWS = [["007", "Meier, Eva", "4.3.2021", "a.png", "1,2", "Papilläres Karzinom", ""],
        ["7", "Meier, Eva", "4.4.2021", "b.png", "0,8", "", "Knoten XY"],
        ["8", "Kunz, Ute", "5.3.2021", "fehlt.png", "0,9", "Struma", ""]]  # fmt: skip


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table with three rows beside two pictures and one that no row names."""
    book = Workbook()
    for row in [HEAD, *ROWS]:
        book.active.append(row)
    book.save(tmp_path / "Befunde.xlsx")
    for name in ("a.png", "b.png", "rest.png"):
        Image.new("L", (8, 8)).save(tmp_path / name)
    return tmp_path / "Befunde.xlsx"


def _map(*words: object, answers: str = "") -> tuple[int, str]:
    result = CliRunner().invoke(app, ["map", *map(str, words)], input=answers)
    if isinstance(result.exception, ThyroSightError):
        return 2, str(result.exception)
    assert result.exit_code == 0, result.output
    return 0, result.output


def test_the_proposal_is_shown_and_its_open_values_are_asked_for(table: Path, tmp_path: Path):
    code, said = _map(table, answers="\nmalignant\n")
    assert code == 0
    for words in (
        "histology", "private: not written", "in cm", "'Ergebnis' = 'Knoten XY' (1 row)", "Rows without an image: 1",
        "there is no file fehlt.png", "rest.png: no row names it", "007 = 7",
    ):  # fmt: skip
        assert words in said
    cohort = open_cohort(tmp_path / "Befunde-cohort")
    assert cohort.table["size_mm"].tolist() == [12, 8] and set(cohort.table["label"]) == {"malignant"}
    assert cohort.table["label_source"].tolist() == ["pathology", "unstated"] and cohort.describe().patients == 1
    assert "Meier" not in (tmp_path / "Befunde-cohort" / "cohort.csv").read_text(encoding="utf-8")
    unmatched = (tmp_path / "Befunde-cohort" / "unmatched.csv").read_text(encoding="utf-8")
    assert "fehlt.png" in unmatched and "rest.png" in unmatched


def test_without_an_answer_the_proposal_is_kept_to_be_corrected(table: Path, tmp_path: Path):
    code, said = _map(table)
    mapping = tmp_path / "Befunde-cohort" / "mapping.yaml"
    assert code == 2 and f"the proposal is in {mapping}" in said and "--yes" in said and mapping.exists()
    assert not (tmp_path / "Befunde-cohort" / "cohort.csv").exists()


def test_a_mapping_is_used_again_and_an_earlier_one_is_not_lost(table: Path, tmp_path: Path):
    assert _map(table, "--yes", "--out", tmp_path / "one")[0] == 0
    mapping = tmp_path / "one" / "mapping.yaml"
    corrected = mapping.read_text(encoding="utf-8").replace("Knoten XY: '?'", "Knoten XY: benign")
    mapping.write_text(corrected, encoding="utf-8")
    assert _map(table, "--mapping", mapping, "--out", tmp_path / "two", "--label-source", "cytology")[0] == 0
    assert open_cohort(tmp_path / "two").table["label"].tolist() == ["malignant", "benign"]
    assert open_cohort(tmp_path / "two").label_sources == ("cytology", "pathology")
    assert _map(table, "--yes", "--out", tmp_path / "one")[0] == 0
    assert (tmp_path / "one" / "mapping-before-1.yaml").read_text(encoding="utf-8") == corrected


def test_private_fields_are_kept_on_request_alone(table: Path, tmp_path: Path):
    assert _map(table, "--yes", "--keep", "patient_name", "--keep", "exam_date", "--patients", "keep")[0] == 0
    kept = open_cohort(tmp_path / "Befunde-cohort", patients="keep", labels="").table
    assert kept["patient_name"].tolist() == ["Meier, Eva"] and kept["exam_date"].tolist() == ["2021-03-04"]
    assert kept["patient_id"].tolist() == ["007"]


def test_json_holds_everything(table: Path):
    result = CliRunner().invoke(app, ["map", str(table), "--yes", "--json"])
    found = json.loads(result.stdout)
    assert (found["rows"], found["images_used"], found["images"]) == (3, 2, 3)
    assert found["mapping"]["columns"]["Histo"]["to"] == "histology"
    assert found["rows_without_image"] == [{"row": "row 4", "patient_id": "8", "why": "there is no file fehlt.png"}]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--keep", "names"), "--keep names: choose"),
        (("--patients", "guess"), "--patients guess: choose merge or keep"),
        (("--hidden", "no"), "--hidden no: choose use or leave-out"),
        (("--label-source", "me"), "--label-source me: choose pathology"),
        (("--sheet", "2020"), "has no sheet '2020'; it has 'Sheet'"),
        (("--images", "gone"), "There is no folder gone"),
        (("--mapping", "gone.yaml"), "There is no mapping gone.yaml"),
    ],
)
def test_wrong_options_get_one_sentence(table: Path, words: tuple[str, ...], said: str):
    code, answer = _map(table, "--yes", *words)
    assert code == 2 and said in answer


def test_questions_and_answers_are_spanish_where_that_is_spoken(table: Path, tmp_path: Path):
    code, said = _map(table, "--language", "es", answers="\nmaligno\n")
    assert code == 0
    for words in (
        "columna", "privada: no se escribe", "'Ergebnis' = 'Knoten XY' (1 fila)", "o Intro si ninguno",
        "3 filas, 2 pacientes conocidos", "Filas sin imagen: 1 (todas en unmatched.csv)",
        "no hay ningún archivo fehlt.png", "se tomaron como 1 (--patients: merge",
    ):  # fmt: skip
        assert words in said
    assert open_cohort(tmp_path / "Befunde-cohort").table["label"].tolist() == ["malignant", "malignant"]
    for words in ("rows", "patient ", "such as", "left out"):
        assert f" {words}" not in said.replace("--patients", "").replace("patient_id", "")


def test_a_language_that_nobody_speaks_is_named(table: Path):
    code, said = _map(table, "--yes", "--language", "fr")
    assert code == 2 and "'fr'" in said and "es (español)" in said
