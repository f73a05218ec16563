"""Rules that all commands of statistics share: subgroups, several outputs, and refusals before anything is computed."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from thyrosight.cli.stats import app
from thyrosight.errors import ThyroSightError
from thyrosight.files import csv_text
from thyrosight.statistics import auc
from thyrosight.statistics.examples import example_tables

ROWS = example_tables()["nodules"]


@pytest.fixture
def nodules(tmp_path: Path) -> Path:
    path = tmp_path / "nodules.csv"
    path.write_text(csv_text(ROWS), encoding="utf-8")
    return path


def _refusal(*words: object) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert isinstance(result.exception, ThyroSightError), result.output
    return str(result.exception)


def test_a_subgroup_is_analysed_alone_and_said(nodules: Path) -> None:
    words = ["roc", str(nodules), "--score", "network", "--where", "site=north", "--where", "sex=f", "--format", "json"]
    answer = json.loads(CliRunner().invoke(app, words, catch_exceptions=False).stdout)
    kept = [row for row in ROWS if row["site"] == "north" and row["sex"] == "f"]
    expected = auc(
        [row["truth"] == "malignant" for row in kept],
        [row["network"] for row in kept],
        cluster=[row["patient_id"] for row in kept],
    )
    assert answer["rows"] == len(kept)
    assert answer["result"]["network"]["low"] == expected.low
    assert f"Only rows with site = north: {sum(row['site'] == 'north' for row in ROWS)} of 240." in answer["notes"]


def test_a_subgroup_that_is_not_there(nodules: Path) -> None:
    assert "'site' never is 'North' (--where); it is 'north'" in _refusal("roc", nodules, "--where", "site=North")
    assert "--where should be COLUMN=VALUE, got 'north'" in _refusal("roc", nodules, "--where", "north")


def test_several_files_at_once(nodules: Path, tmp_path: Path) -> None:
    out = [tmp_path / f"answer{suffix}" for suffix in (".txt", ".csv", ".json", ".tex", ".html")]
    words = ["diagnose", nodules, "--predicted", "network_call", *(word for file in out for word in ("--out", file))]
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.stdout == ""
    assert all("0.88" in file.read_text(encoding="utf-8") for file in out)


def test_what_cannot_be_written_is_refused_first(nodules: Path, tmp_path: Path) -> None:
    said = _refusal("roc", nodules, "--out", tmp_path / "a.docx")
    assert "not as 'a.docx'; say which with --format" in said
    said = _refusal("roc", nodules, "--format", "csv", "--out", tmp_path / "a.csv", "--out", tmp_path / "b.csv")
    assert "--format goes with one --out" in said
    assert [path.name for path in tmp_path.iterdir()] == ["nodules.csv"]


def test_old_names_of_commands_still_work(nodules: Path) -> None:
    for old, new in (("auc", "roc"), ("compare-auc", "compare")):
        words = [str(nodules), "--score", "network", "--score", "radiologist"]
        results = [CliRunner().invoke(app, [name, *words], catch_exceptions=False) for name in (old, new)]
        assert results[0].stdout == results[1].stdout


def test_example_tables_are_the_same_everywhere(tmp_path: Path) -> None:
    CliRunner().invoke(app, ["examples", str(tmp_path)], catch_exceptions=False)
    assert sorted(path.stem for path in tmp_path.iterdir()) == sorted(example_tables())
    lines = (tmp_path / "nodules.csv").read_text(encoding="utf-8").splitlines()
    assert lines[1].startswith("P001,N001,north,benign,benign,0.18,0.213,2,3,TR3")
    assert len(lines) == 241
