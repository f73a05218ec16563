"""Several classes as a user types them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from thyrosight.cli.stats import app
from thyrosight.errors import ThyroSightError
from thyrosight.files import csv_text
from thyrosight.statistics import multiclass_auc, multiclass_table
from thyrosight.statistics.examples import example_tables

ROWS = example_tables()["nodules"]
CLASSES = ("benign", "follicular", "papillary")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "nodules.csv"
    path.write_text(csv_text(ROWS), encoding="utf-8")
    return path


def _json(*words: object) -> dict:
    result = CliRunner().invoke(app, ["multiclass", *map(str, words), "--format", "json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def _refusal(*words: object) -> str:
    result = CliRunner().invoke(app, ["multiclass", *map(str, words)])
    assert isinstance(result.exception, ThyroSightError), result.output
    return str(result.exception)


def test_scores_of_the_classes_are_found_and_the_highest_is_the_call(table: Path) -> None:
    answer = _json(table)
    truth, patient = [row["histology"] for row in ROWS], [row["patient_id"] for row in ROWS]
    scores = [[row[f"p_{name}"] for name in CLASSES] for row in ROWS]
    areas = multiclass_auc(truth, scores, cluster=patient)
    assert answer["result"]["areas"] == json.loads(json.dumps(areas.to_dict()))
    calls = [max(CLASSES, key=lambda name: row[f"p_{name}"]) for row in ROWS]
    assert (
        answer["result"]["calls"]["confusion"] == multiclass_table(truth, calls, cluster=patient).to_dict()["confusion"]
    )
    assert "The call of a nodule is the class of its highest score." in answer["notes"]


def test_named_scores_and_order_are_taken(table: Path) -> None:
    order = ("papillary", "follicular", "benign")
    named = [word for name in CLASSES for word in ("--score", f"{name}=p_{name}")]
    found = _json(table, "--truth", "histology", "--order", ",".join(order), *named)["result"]
    assert found["areas"]["classes"] == list(order)
    assert found["areas"]["hand_till"]["value"] == _json(table)["result"]["areas"]["hand_till"]["value"]


def test_calls_alone_have_a_matrix_and_no_area(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text("class,predicted\na,a\nb,c\nc,c\nc,b\n", encoding="utf-8")
    found = _json(path)["result"]
    assert found["areas"] is None and found["calls"]["confusion"] == [[1, 0, 0], [0, 0, 1], [0, 1, 1]]


def test_mistakes_get_one_sentence(table: Path, tmp_path: Path) -> None:
    assert "Write each score as CLASS=COLUMN" in _refusal(table, "--score", "p_benign")
    assert "'follicular' has no score" in _refusal(table, "--score", "benign=p_benign")
    assert "'x' has one, but is no class" in _refusal(table, "--score", "x=p_benign")
    path = tmp_path / "bare.csv"
    path.write_text("class,other\na,1\nb,2\n", encoding="utf-8")
    assert "neither a column of calls (--predicted) nor scores of all classes" in _refusal(path)
