"""`thyrosight stats decision` and `reclassification`: what the functions find, in words and figures."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from thyrosight.cli.stats import app
from thyrosight.errors import ThyroSightError
from thyrosight.files import csv_text
from thyrosight.statistics import compare_net_benefit, compare_risks, decision_curve
from thyrosight.statistics.examples import example_tables

ROWS = example_tables()["nodules"]
TRUTH = [int(row["truth"] == "malignant") for row in ROWS]
NETWORK, SECOND = ([row[name] for row in ROWS] for name in ("network", "second_network"))
PATIENT = [row["patient_id"] for row in ROWS]


@pytest.fixture
def nodules(tmp_path: Path) -> Path:
    path = tmp_path / "nodules.csv"
    path.write_text(csv_text(ROWS), encoding="utf-8")
    return path


def _run(*words: object) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_decision_is_that_of_the_functions(nodules: Path) -> None:
    words = ("decision", nodules, "--score", "network", "--score", "second_network")
    found = json.loads(_run(*words, "--threshold", "0.4", "--threshold", "0.1", "--format", "json"))["result"]
    expected = decision_curve(TRUTH, NETWORK, [0.1, 0.4], cluster=PATIENT)
    assert found["curves"]["network"] == expected.to_dict()
    pair = compare_net_benefit(TRUTH, NETWORK, SECOND, [0.1, 0.4], cluster=PATIENT)
    assert found["differences"] == [item.to_dict() for item in pair]


def test_one_score_has_no_difference_and_three_have_none(nodules: Path, tmp_path: Path) -> None:
    one = _run("decision", nodules, "--score", "network", "--figure", tmp_path / "f.svg")
    assert "Difference" not in one and "act on all" in (tmp_path / "f.svg").read_text(encoding="utf-8")
    three = _run("decision", nodules, *(w for n in ("network", "second_network", "p_benign") for w in ("--score", n)))
    assert "Difference in net benefit" not in three and "0.5, p_benign" in three


def test_reclassification_is_that_of_the_function(nodules: Path, tmp_path: Path) -> None:
    words = ("reclassification", nodules, "--new", "network", "--old", "second_network")
    found = json.loads(_run(*words, "--threshold", "0.3", "--threshold", "0.1", "--format", "json"))["result"]
    assert found == compare_risks(TRUTH, NETWORK, SECOND, thresholds=[0.1, 0.3], cluster=PATIENT).to_dict()
    text = " ".join(_run(*words, "--figure", tmp_path / "f.png").split())
    assert "No --threshold was given" in text and "continuous NRI" in text and "categorical NRI" not in text
    assert "new is network, old is second_network." in text and "no information" in text


def test_mistakes_get_one_sentence(nodules: Path) -> None:
    for words, said in (
        (["decision", "--score", "age"], "to lie from 0 to 1"),
        (["decision", "--score", "network", "--threshold", "1"], "strictly between 0 and 1"),
        (["reclassification", "--new", "network", "--old", "none"], "no column 'none' (--old)"),
    ):
        result = CliRunner().invoke(app, [words[0], str(nodules), *words[1:]])
        assert isinstance(result.exception, ThyroSightError) and said in str(result.exception)
