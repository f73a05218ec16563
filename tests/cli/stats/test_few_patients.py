"""Too few patients of a class: every command says so, and gives neither a P value nor an interval of a bootstrap."""

import json
import math
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.cli.stats.asking import asked_of
from tests.languages.reading import english_left_in_answer
from thyrosight.cli.stats import app
from thyrosight.files import csv_text
from thyrosight.statistics import Estimate, MarginTest, without_tests
from thyrosight.statistics.examples import example_tables

COMMANDS = (
    "agreement ratings.csv --column reader_1 --column reader_2",
    "calibration nodules.csv --score network",
    "categorise nodules.csv --category tirads",
    "compare nodules.csv --score network --score radiologist --score second_network",
    "compare nodules.csv --score network --score radiologist --partial specificity=0.5-1 --margin 0.1",
    "decision nodules.csv --score network --score second_network",
    "diagnose nodules.csv --score network --rule youden",
    "diagnose nodules.csv --predicted network_call --interval bootstrap",
    "diagnose nodules.csv --predicted network_call --verified verified --interval bootstrap",
    "froc marks.csv --lesions lesions.csv",
    "froc marks_in_parts.csv --lesions lesions.csv --test modality",
    "measurements measurements.csv --column reader_1a --column reader_2a",
    "multiclass nodules.csv --truth histology",
    "paired nodules.csv --a network_call --b radiologist_call --margin 0.1",
    "readers readings.csv --margin 0.1 --reference unaided",
    "readers-against-system readings.csv --system network --where test=unaided --margin 0.1",
    "reclassification nodules.csv --old second_network --new network --threshold 0.3",
    "regression nodules.csv --predictor size_mm --predictor age",
    "roc nodules.csv --score radiologist --method bootstrap --at-specificity 0.8",
)
WITHOUT_PATIENTS = {"examples", "power", "meta"}
"""They take no patients; `meta` asks for sites, of which it says what few of them bear."""


def _first(rows: list[dict[str, Any]], name: str, of: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of the first four values of a column in rows that hold each of the values `of` another."""
    key, values = next(iter(of.items()))
    kept = {
        one
        for value in values
        for one in list(dict.fromkeys(row[name] for row in rows if (row.get(key) or "") in value))[:4]
    }
    return [row for row in rows if row[name] in kept]


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example tables, of four patients or cases of each class."""
    folder, tables = tmp_path_factory.mktemp("few"), example_tables()
    single = list({row["patient_id"]: row for row in tables["nodules"]}.values())
    lesions = _first(tables["lesions"], "case", {"lesion": ([1, 2], [""])})
    cases = {row["case"] for row in lesions}
    chosen = {
        "nodules": _first(single, "nodule_id", {"truth": (["malignant"], ["benign"])}),
        "readings": _first(tables["readings"], "case", {"truth": ([1], ["", 0])}),
        "ratings": tables["ratings"][:4],
        "measurements": tables["measurements"][:4],
        "lesions": lesions,
        "marks": [row for row in tables["marks"] if row["case"] in cases],
        "marks_in_parts": [row for row in tables["marks_in_parts"] if row["case"] in cases],
    }
    for name, rows in chosen.items():
        (folder / f"{name}.csv").write_text(csv_text(rows), encoding="utf-8")
    return folder


def _found(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _found(one)


@pytest.mark.parametrize("words", COMMANDS)
def test_no_command_tests_four_patients(few: Path, monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    monkeypatch.chdir(few)
    run = CliRunner().invoke(app, [*shlex.split(words), "--format", "json"], catch_exceptions=False)
    assert run.exit_code == 0, run.output
    answer = json.loads(run.stdout)
    for one in _found(answer["result"]):
        assert one.get("p") is None and not one.get("shown")
        if "bootstrap" in (one.get("method") or "") and "exact" not in one["method"]:
            assert one.get("low") is None and one.get("high") is None
    text = CliRunner().invoke(app, shlex.split(words), catch_exceptions=False).stdout
    assert "P = " not in text and "P < " not in text and "nan " not in text
    assert "too few (below 10) for a bootstrap or a P value" in " ".join(text.split())


@pytest.mark.parametrize("words", COMMANDS)
def test_the_reason_stands_in_every_language(few: Path, monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    monkeypatch.chdir(few)
    answer, asked = asked_of(words, monkeypatch)
    assert {language: english_left_in_answer(answer, language, own=asked.own) for language in ("es", "zh")} == {
        "es": [],
        "zh": [],
    }


def test_every_command_is_tried() -> None:
    tried = {words.split()[0] for words in COMMANDS}
    commands = {str(command.name) for command in app.registered_commands if not command.hidden}
    assert commands - WITHOUT_PATIENTS == tried


def test_ten_patients_of_each_class_are_tested(tmp_path: Path) -> None:
    rows = [
        {"patient_id": place, "truth": place % 2, "a": (place * 7) % 11, "b": (place * 5) % 13} for place in range(20)
    ]
    for kept, tested in ((rows, True), (rows[:-1], False)):
        (tmp_path / "t.csv").write_text(csv_text(kept), encoding="utf-8")
        words = ["compare", str(tmp_path / "t.csv"), "--score", "a", "--score", "b", "--format", "json"]
        answer = json.loads(CliRunner().invoke(app, words, catch_exceptions=False).stdout)
        assert (answer["result"]["differences"][0]["p"] is not None) is tested


def test_what_is_left_of_results() -> None:
    exact = Estimate(1.0, 0.7, 1.0, math.nan, "percentile bootstrap, 9 replicates; exact interval of 9 pairs", 9)
    wilson = Estimate(0.8, 0.5, 0.9, 0.1, "Wilson", 9)
    margin = MarginTest("non-inferiority", 0.1, 0.02, -0.05, 0.09, 2.0, 0.02, True, "Wald")
    drawn = Estimate(0.8, 0.7, 0.9, 0.05, "continuous NRI, percentile bootstrap, 9 replicates", 9)
    found = without_tests({"a": [exact, wilson], "b": (margin, drawn, "P")})
    assert found["a"] == [exact, wilson] and found["b"][2] == "P"
    assert math.isnan(found["b"][0].p) and not found["b"][0].shown and found["b"][0].low == -0.05
    assert math.isnan(found["b"][1].low) and math.isnan(found["b"][1].se) and found["b"][1].value == 0.8
    assert found["b"][1].method == "continuous NRI, no interval: too few groups for a bootstrap"
