"""`thyrosight study`: from images to a report, and the sentences for what cannot be run."""

import json
import re
from pathlib import Path

import pytest

from thyrosight.cli.main import main
from thyrosight.phantoms import make_phantom_cohort

SMALL = (
    "split.repeats=1",
    "preparation.size=32",
    "training.epochs=1",
    "evaluation.bootstrap=200",
    "networks=[tiny]",
    "explain.images=4",
)


def run(*words: str) -> int:
    try:
        code = main(list(words))
    except SystemExit as stop:
        return int(stop.code or 0)
    return int(code or 0)


@pytest.fixture(scope="module")
def phantoms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_phantom_cohort(tmp_path_factory.mktemp("phantoms"), n=40, seed=3)


def test_a_study_leaves_a_report_and_a_card_of_its_model(
    phantoms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    settings = [word for setting in SMALL for word in ("--set", setting)]
    assert run("study", "run", "resnet18-focal", "--cohort", str(phantoms), "--out", str(out), *settings) == 0
    printed = capsys.readouterr().out
    assert "Research use only" in printed
    result = json.loads((out / "results.json").read_text(encoding="utf-8"))
    page = (out / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=.?https?:", page), "the page needs no internet"
    card = (out / "model-card.md").read_text(encoding="utf-8")
    assert result["model"]["hash"] in card
    assert "simulated" in card
    assert "patient-level" in card


def test_an_unknown_setting_names_the_nearest_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("study", "show", "demo", "--set", "training.epoch=3") == 2
    assert "did you mean training.epochs?" in capsys.readouterr().err


def test_a_recipe_shown_is_a_recipe_that_can_be_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("study", "show", "demo") == 0
    mine = tmp_path / "mine.yaml"
    mine.write_text(capsys.readouterr().out, encoding="utf-8")
    assert run("study", "show", str(mine)) == 0
    assert capsys.readouterr().out == mine.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--engine", "spark"), "--engine: expected local, processes or ray, got 'spark'"),
        (("--workers", "3"), "add --engine processes"),
        (("--address", "auto"), "add --engine ray"),
    ],
)
def test_an_engine_that_cannot_be_is_refused(
    words: tuple[str, ...], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert run("study", "run", "demo", "--cohort", str(tmp_path), "--out", str(out), *words) == 2
    assert sentence in capsys.readouterr().err
    assert not out.exists()
