"""Tables as people have them, through the statistics commands: encodings, words, names, missing readings."""

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from thyrosight.cli.stats import app
from thyrosight.errors import ThyroSightError
from thyrosight.statistics import auc

TRUTH = [0, 0, 1, 0, 1, 1, 0, 1]
SCORE = [0.1, 0.2, 0.3, 0.6, 0.7, 0.9, 0.25, 0.8]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "scores.csv"
    lines = [f"{'malignant' if t else 'benign'},{s}" for t, s in zip(TRUTH, SCORE, strict=True)]
    path.write_text("label,score\n" + "\n".join(lines), encoding="utf-8")
    return path


def _run(*words: object) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def _refusal(*words: object) -> str:
    """The sentence of the error that the command ends with."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert isinstance(result.exception, ThyroSightError), result.output
    return str(result.exception)


def test_a_chinese_spreadsheet_and_its_words(tmp_path: Path) -> None:
    path = tmp_path / "表.csv"
    rows = [f"{'恶性' if t else '良性'},{s}" for t, s in zip(TRUTH, SCORE, strict=True)]
    path.write_bytes(("诊断,评分\n" + "\n".join(rows)).encode("gb18030"))
    words = ("roc", path, "--truth", "诊断", "--score", "评分", "--format", "json")
    answer = json.loads(_run(*words))
    assert answer["result"]["评分"]["value"] == auc(TRUTH, SCORE).value
    assert any("GB18030 (Chinese)" in note for note in answer["notes"])
    assert any("恶性 was taken as positive" in note for note in answer["notes"])
    assert not any("GB18030" in note for note in json.loads(_run(*words, "--encoding", "gb18030"))["notes"])
    assert "is not text in utf-8" in _refusal(*words, "--encoding", "utf-8")


def test_percentages_decimal_commas_in_quotes_and_a_line_that_names_the_separator(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    expected = auc(TRUTH, SCORE).value
    for head, cell in (
        ("truth,score\n", lambda s: f"{100 * s:.1f}%"),
        ("truth,score\n", lambda s: f'"{str(s).replace(".", ",")}"'),
        ("sep=;\ntruth;score\n", lambda s: str(s).replace(".", ",")),
    ):
        separator = ";" if head.startswith("sep") else ","
        rows = [f"{t}{separator}{cell(s)}" for t, s in zip(TRUTH, SCORE, strict=True)]
        path.write_text(head + "\n".join(rows), encoding="utf-8")
        assert json.loads(_run("roc", path, "--format", "json"))["result"]["score"]["value"] == expected
    path.write_text("truth,score\n" + "\n".join(f"{t},{100 * s:.1f}%" for t, s in zip(TRUTH, SCORE, strict=True)))
    by_share = json.loads(_run("diagnose", path, "--threshold", "0.5", "--format", "json"))
    assert by_share["result"]["table"]["true_positive"] == 3
    assert "score: percentages were taken as shares of 1 (10.0% as 0.1)." in by_share["notes"]


@pytest.mark.parametrize("word", ["#N/A", "#DIV/0!", "NULL", "n/a", "NaN", "."])
def test_words_for_what_is_missing(table: Path, word: str) -> None:
    text = table.read_text(encoding="utf-8").replace("malignant,0.9", f"malignant,{word}")
    table.write_text(text, encoding="utf-8")
    assert "row 7: 'score' is empty (in 1 rows)" in _refusal("roc", table)
    assert json.loads(_run("roc", table, "--drop-missing", "--format", "json"))["excluded_rows"] == 1


def test_truth_and_calls_in_words_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    rows = [("positive", "pos"), ("positive", "neg"), ("negative", "neg"), ("negative", "neg"), ("negative", "pos")]
    path.write_text("truth,call\n" + "\n".join(",".join(row) for row in rows), encoding="utf-8")
    for more in ((), ("--positive", "positive")):
        found = json.loads(_run("diagnose", path, "--format", "json", *more))["result"]["table"]
        assert [found[f"{a}_{b}"] for a in ("true", "false") for b in ("positive", "negative")] == [1, 2, 1, 1]
    text = path.read_text(encoding="utf-8").replace("pos\n", "biopsy\n").replace(",neg", ",follow-up")
    path.write_text(text.replace("negative,pos", "negative,biopsy"), encoding="utf-8")
    assert "'call' should be 0 and 1, but it is 'biopsy', 'follow-up'" in _refusal("diagnose", path)
    found = json.loads(_run("diagnose", path, "--positive-call", "biopsy", "--format", "json"))["result"]["table"]
    assert (found["true_positive"], found["false_positive"]) == (1, 1)


@pytest.mark.parametrize(
    ("labels", "shown"), [(("pos", "positive"), "'pos', 'positive'"), (("yes", "benign"), "'benign', 'yes'")]
)
def test_words_that_may_mean_two_things_are_refused(tmp_path: Path, labels: tuple[str, str], shown: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text("truth,score\n" + "\n".join(f"{label},0.5" for label in labels), encoding="utf-8")
    assert f"'truth' should be 0 and 1, but it is {shown}; say which" in _refusal("roc", path)


def test_names_are_not_numbers(tmp_path: Path) -> None:
    path = tmp_path / "readings.csv"
    names = ["1.1", "1.10", "01", "1", "1e0", "2"]
    rows = [f"{r},{name},{i % 2},{i + r}" for r in (1, 2) for i, name in enumerate(names)]
    path.write_text("reader,case,truth,rating\n" + "\n".join(rows), encoding="utf-8")
    assert json.loads(_run("readers", path, "--format", "json"))["result"]["cases"] == 6
    twice = path.read_text(encoding="utf-8") + "\n1,1.10,1,9"
    path.write_text(twice, encoding="utf-8")
    said = _refusal("readers", path)
    assert "case 1.10 by reader 1" in said and "give the cases different names" in said


def test_numbered_readers_stay_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "readings.csv"
    rows = [f"{r},c{c},{c % 2},{c + r % 3}" for r in (10, 2, 1) for c in range(6)]
    path.write_text("reader,case,truth,rating\n" + "\n".join(rows), encoding="utf-8")
    assert json.loads(_run("readers", path, "--format", "json"))["result"]["readers"] == [1, 2, 10]


def test_a_missing_reading_is_named_or_its_case_left_out(real_data: Path, tmp_path: Path) -> None:
    lines = (real_data / "readers" / "thyroid_readers.csv").read_text(encoding="utf-8").splitlines()
    place = next(i for i, line in enumerate(lines) if line.startswith("1,1,3,"))  # case 1, a cancer, by reader 3
    gap = ",".join([*lines[place].split(",")[:-2], "#N/A", "5"])
    whole = [line for line in lines if not line.startswith("1,")]
    path, options = tmp_path / "readings.csv", ("--rating", "tirads_points", "--format", "json")
    path.write_text("\n".join(whole), encoding="utf-8")
    expected = json.loads(_run("readers", path, *options))["result"]
    for incomplete in ([*lines[:place], gap, *lines[place + 1 :]], [*lines[:place], *lines[place + 1 :]]):
        path.write_text("\n".join(incomplete), encoding="utf-8")
        assert "--missing drop-case" in _refusal("readers", path, *options)
        assert "--missing drop-case" in _refusal("readers", path, "--drop-missing", *options)
        found = json.loads(_run("readers", path, "--missing", "drop-case", *options))["result"]
        assert expected.get("notes", []) == []
        (note,) = found.pop("notes")
        assert note == (
            "1 of 99 cases, 1 of them positive, were left out for all readers because a reading of them is missing."
        )
        assert found == {key: value for key, value in expected.items() if key != "notes"}
    assert "1 of 99 cases" in " ".join(_run("readers", path, "--missing", "drop-case", *options[:2]).split())
    said = _refusal("readers", path, "--missing", "drop-case", "--drop-missing", *options)
    assert "not both" in said


def test_a_case_that_the_network_did_not_score_can_be_left_out(real_data: Path, tmp_path: Path) -> None:
    readers, model = (real_data / "readers" / name for name in ("thyroid_readers.csv", "thyroid_model.csv"))
    lines = model.read_text(encoding="utf-8").splitlines()
    words = ("--rating", "tirads_points", "--system", "prediction", "--format", "json")
    without = tmp_path / "model.csv"
    without.write_text("\n".join(line for line in lines if not line.startswith("2,")), encoding="utf-8")
    kept = [line for line in readers.read_text(encoding="utf-8").splitlines() if not line.startswith("2,")]
    fewer = tmp_path / "readings.csv"
    fewer.write_text("\n".join(kept), encoding="utf-8")
    expected = json.loads(_run("readers-against-system", fewer, "--system-file", model, *words))["result"]
    dropped = ("readers-against-system", readers, "--system-file", without, "--missing", "drop-case", *words)
    found = json.loads(_run(*dropped))["result"]
    assert found["notes"][0].startswith("1 of 99 cases, 0 of them positive")
    assert found["difference"] == expected["difference"] and found["p"] == expected["p"]


def test_readings_of_a_part_of_the_cases_and_of_blocks(real_data: Path, tmp_path: Path) -> None:
    readings = pd.read_csv(real_data / "readers" / "vandyke.csv").rename(columns={"treatment": "test"})
    readings.iloc[5:].to_csv(tmp_path / "part.csv", index=False)
    found = json.loads(_run("readers", tmp_path / "part.csv", "--missing", "analyse", "--format", "json"))["result"]
    assert found["design"].startswith("unbalanced")
    assert "5 of 1140 readings are missing" in found["notes"][0]
    text = " ".join(_run("readers", tmp_path / "part.csv", "--missing", "analyse").split())
    assert "on the cases that this reader had read" in text
    kept = readings[(readings["reader"] <= 2) == (readings["case"] % 2 == 0)]
    kept.assign(site=kept["case"] % 2).to_csv(tmp_path / "blocks.csv", index=False)
    found = json.loads(_run("readers", tmp_path / "blocks.csv", "--block", "site", "--format", "json"))["result"]
    assert found["design"].startswith("split-plot")
    assert "2 blocks of 2 to 3 readers" in found["notes"][0]
    assert "split-plot design" in _run("readers", tmp_path / "blocks.csv")


def _patients(tmp_path: Path, patients: list[str], name: str = "patient_id") -> Path:
    path = tmp_path / "patients.csv"
    lines = [f"{patient},{t},{s}" for patient, t, s in zip(patients, TRUTH, SCORE, strict=True)]
    path.write_text(f"{name},truth,score\n" + "\n".join(lines), encoding="utf-8")
    return path


def test_patients_in_several_forms_are_one_or_stay_apart(tmp_path: Path) -> None:
    path = _patients(tmp_path, ["1", "01", "1.0", "2", "02", "3", "4", "5"])
    found = json.loads(_run("roc", path, "--format", "json"))
    assert found["result"]["score"]["clusters"] == 5
    assert any("5 names of patients differ only in how they are written" in note for note in found["notes"])
    kept = json.loads(_run("roc", path, "--patients", "keep", "--cluster", "patient_id", "--format", "json"))
    assert kept["result"]["score"]["clusters"] == 8


def test_unknown_patients_are_no_patient(tmp_path: Path) -> None:
    path = _patients(tmp_path, ["1", "1", "NA", "-", "-", "unknown", "2", "2"])
    found = json.loads(_run("roc", path, "--format", "json"))
    assert found["result"]["score"]["clusters"] == 6
    assert any("unknown patients were taken as different ones" in note for note in found["notes"])
    assert "'patient_id' is empty (in 4 rows)" in _refusal("roc", path, "--cluster", "patient_id")


def test_a_column_id_names_patients_where_its_values_repeat(tmp_path: Path) -> None:
    repeated = _patients(tmp_path, ["1", "1", "2", "2", "3", "3", "4", "4"], name="ID")
    assert json.loads(_run("roc", repeated, "--format", "json"))["result"]["score"]["clusters"] == 4
    single = _patients(tmp_path, list("12345678"), name="id")
    assert json.loads(_run("roc", single, "--format", "json"))["result"]["score"]["clusters"] is None


def test_an_error_on_a_value_names_file_row_and_column(tmp_path: Path) -> None:
    path = tmp_path / "risks.csv"
    rows = [f"{t},0.5,{1.2 if place == 5 else s}" for place, (t, s) in enumerate(zip(TRUTH, SCORE, strict=True))]
    path.write_text("truth,other,risk\n" + "\n".join(rows), encoding="utf-8")
    said = _refusal("calibration", path, "--score", "risk")
    assert said.startswith(f"{path}, row 7, column 'risk': Expected") and said.endswith("got 1.2.")


def test_workbooks_are_tables_too(tmp_path: Path, table: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    for line in table.read_text(encoding="utf-8").splitlines():
        book.active.append([float(cell) if "." in cell else cell for cell in line.split(",")])
    book.active["B5"] = "0,6"  # a number stored as text, with a decimal comma
    book.create_sheet("Legend").append(["a", "b"])
    book.save(tmp_path / "scores.xlsx")
    found = json.loads(_run("roc", tmp_path / "scores.xlsx", "--format", "json"))
    assert found["result"] == json.loads(_run("roc", table, "--format", "json"))["result"]
