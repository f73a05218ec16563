"""Partial verification as a user describes it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from thyrosight.cli.stats import app
from thyrosight.errors import ThyroSightError
from thyrosight.statistics import correct_verification

HEPATIC = {("1", "1", "1"): 231, ("0", "1", "1"): 32, ("", "0", "1"): 166, ("1", "1", "0"): 27, ("0", "1", "0"): 54,
           ("", "0", "0"): 140}  # fmt: skip


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "scans.csv"
    rows = [",".join(cells) for cells, count in HEPATIC.items() for _ in range(count)]
    path.write_text("\n".join(["truth,biopsied,call", *rows]), encoding="utf-8")
    return path


def _run(*words: object) -> str:
    result = CliRunner().invoke(app, ["diagnose", *map(str, words)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def _refusal(*words: object) -> str:
    result = CliRunner().invoke(app, ["diagnose", *map(str, words)])
    assert isinstance(result.exception, ThyroSightError), result.output
    return str(result.exception)


def test_the_published_study_is_corrected(table: Path) -> None:
    found = json.loads(_run(table, "--verified", "biopsied", "--format", "json"))["result"]
    assert (round(found["sensitivity"]["value"], 2), round(found["specificity"]["value"], 2)) == (0.84, 0.74)
    assert found["positive_calls"] == [231, 32, 166] and found["negative_calls"] == [27, 54, 140]
    truth = [float(t or "nan") for (t, _, _), n in HEPATIC.items() for _ in range(n)]
    call = [int(c) for (_, _, c), n in HEPATIC.items() for _ in range(n)]
    assert found["sensitivity"]["low"] == correct_verification(truth, call).sensitivity.low


def test_the_assumption_and_its_source_are_printed(table: Path) -> None:
    text = _run(table, "--verified", "biopsied", "--interval", "bootstrap")
    assert "verification depends on the call" in text and "Begg CB, Greenes RA" in text
    assert "344 of 650 nodules were verified" in text


def test_a_truth_of_nodules_that_were_not_verified_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "truth,verified,call\nmalignant,yes,1\nbenign,yes,1\nbenign,yes,0\nmalignant,yes,0\nmalignant,no,0\n", "utf-8"
    )
    found = json.loads(_run(path, "--verified", "verified", "--format", "json"))["result"]
    assert found["negative_calls"] == [1, 1, 1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--verified", "nowhere"), "no column 'nowhere' (--verified)"),
        (("--verified", "biopsied", "--prevalence", "0.1"), "no --prevalence"),
        (("--verified", "biopsied", "--score", "call"), "with a score and its --threshold"),
        (("--verified", "biopsied", "--interval", "wilson"), "`interval` to be one of 'logit', 'bootstrap'"),
    ],
)
def test_mistakes_get_one_sentence(table: Path, options: tuple[str, ...], message: str) -> None:
    assert message in _refusal(table, *options)


def test_verified_rows_need_a_truth(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("truth,verified,call\n1,1,1\n,1,0\n", "utf-8")
    assert "row 3: 'truth' is empty though 'verified' says that it was verified" in _refusal(
        path, "--verified", "verified"
    )
    path.write_text("truth,verified,call\n1,0,1\n0,0,0\n", "utf-8")
    assert "no row is verified" in _refusal(path, "--verified", "verified")
