"""Answers in Spanish and Chinese: every command, with no English left and the numbers of the English answer."""

import json
import re
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.cli.stats.asking import asked_of
from tests.languages.reading import english_left_in_answer, numbers
from thyrosight.cli.stats import app
from thyrosight.files import csv_text
from thyrosight.reports import answers
from thyrosight.statistics import smooth_calibration
from thyrosight.statistics.examples import example_tables

PAGES = Path(__file__).parents[3] / "docs" / "how-to" / "statistics"
FURTHER = (
    "agreement ratings.csv --column reader_1 --column reader_2 --weights quadratic --cluster none",
    "calibration nodules.csv --score network --smoother loess --bins 5 --groups 6 --cluster none",
    "compare nodules.csv --score network --score radiologist --cluster none --margin 0.1 --equivalence",
    "compare nodules.csv --score network --score second_network --score radiologist",
    "decision nodules.csv --score network",
    "diagnose nodules.csv --score network --threshold 0.3 --prevalence 0.1 --cluster none --interval jeffreys",
    "froc marks.csv --lesions lesions.csv --cluster none --where reader=R1",
    "froc marks_in_parts.csv --lesions lesions.csv --searched marks_in_parts.csv --where modality=B-mode",
    "measurements measurements.csv --column reader_1a --column reader_1b --column reader_2a --cluster none",
    "meta sites.csv --model common",
    "meta sites.csv --model univariate --likelihood normal",
    "multiclass nodules.csv --truth histology --cluster none",
    "paired nodules.csv --a network_call --b radiologist_call --cluster none --margin 0.1",
    "power auc --auc 0.8 --prevalence 0.3",
    "power auc --auc 0.75 --prevalence 0.5 --patients 60",
    "power compare --auc 0.85 --auc-b 0.85 --margin 0.05 --correlation 0.5 --prevalence 0.3",
    "power kappa --kappa 0.7 --width 0.2 --prevalence 0.4",
    "power paired --sensitivity 0.9 --sensitivity-b 0.8 --correlation 0.3 --prevalence 0.5",
    "power paired --sensitivity 0.9 --sensitivity-b 0.9 --margin 0.1 --correlation 0.3 --prevalence 0.5",
    "power sensitivity --sensitivity 0.9 --specificity 0.8 --width 0.1 --prevalence 0.3",
    "power validation --prevalence 0.018 --c-statistic 0.8",
    "readers readings.csv --readers fixed --metric sensitivity --threshold 50",
    "regression nodules.csv --predictor sex --predictor size_mm --cluster none",
    "roc nodules.csv --score network --score radiologist --cluster none",
)
"""Besides the examples of the pages: what these print where something else is chosen."""


def _commands() -> list[str]:
    found = []
    for page in sorted(PAGES.glob("*.md")):
        found += re.findall(r"^\$ thyrosight stats (.*)", page.read_text(encoding="utf-8"), re.MULTILINE)
    return [*found, *FURTHER]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("examples")
    for name, rows in example_tables().items():
        (folder / f"{name}.csv").write_text(csv_text(rows), encoding="utf-8")
    return folder


@pytest.mark.parametrize("words", _commands())
def test_an_answer_has_no_english_and_the_numbers_of_the_english_one(
    tables: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    monkeypatch.chdir(tables)
    # The words are the same for fewer samples; tests/cli/stats/test_pages.py has what the command computes.
    monkeypatch.setattr("thyrosight.statistics.smooth_calibration", partial(smooth_calibration, replicates=60))
    answer, asked = asked_of(words, monkeypatch)
    english = answers.written(answer, asked, "text")
    for language in ("es", "zh"):
        assert english_left_in_answer(answer, language, own=asked.own) == []
        said = answers.written(answer, asked, "text", language=language)
        assert numbers(said) == numbers(english)


def test_every_command_is_asked_in_every_language() -> None:
    asked = {words.split()[0] for words in _commands()}
    assert {command.name for command in app.registered_commands if not command.hidden} - {"examples"} == asked


def test_words_of_a_table_stay_and_programs_read_the_same(tables: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tables)
    words = ["roc", "nodules.csv", "--score", "network", "--score", "radiologist", "--language"]
    spanish = CliRunner().invoke(app, [*words, "es"], catch_exceptions=False).stdout
    assert "Área bajo la curva ROC" in spanish and "truth: malignant se tomó como positivo." in spanish
    assert "\nnetwork " in spanish and "\nradiologist " in spanish
    csv, result = {}, {}
    for language in ("en", "es", "zh"):
        run = [CliRunner().invoke(app, [*words, language, "--format", form]).stdout for form in ("csv", "json")]
        csv[language], result[language] = run[0], json.loads(run[1])["result"]
    assert csv["en"] == csv["es"] == csv["zh"]
    assert result["en"] == result["es"] == result["zh"]
