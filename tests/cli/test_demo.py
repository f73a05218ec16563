"""The demonstration as `make demo` starts it, with a few phantoms and a tiny network."""

import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from thyrosight.cli import demo as module
from thyrosight.cli.demo import demo
from thyrosight.studies import load_recipe, load_result

app = typer.Typer()
app.command()(demo)
SETTINGS = (
    "networks=[{architecture: tiny, weights: none}]",
    "preparation.size=32",
    "training.epochs=1",
    "split.repeats=1",
    "split.test=0.5",
    "explain.images=4",
    "evaluation.bootstrap=200",
)


def test_it_goes_from_phantoms_to_an_assessment_and_says_what_is_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PHANTOMS", 32)
    recipe = tmp_path / "small.yaml"
    recipe.write_text(load_recipe("demo", settings=SETTINGS).to_yaml(), encoding="utf-8")
    out = tmp_path / "out"
    result = CliRunner().invoke(app, ["--out", str(out), "--recipe", str(recipe)], catch_exceptions=False)
    assert result.exit_code == 0
    study = load_result(out / "phantoms")
    assert study.facts.label_sources == ("simulated",) and (out / "phantoms" / "report.html").exists()
    assert "a new phantom, labelled" in result.output and "calibrated risk" in result.output
    assert re.search(r"Took \d+ s: simulated images \d+ s, study \d+ s, report \d+ s, new image \d+ s\.", result.output)
    assert "thyrosight study run resnet18-focal --cohort FOLDER --out runs/mine" in result.output


def test_its_recipe_shows_a_pretrained_network_beside_a_small_one() -> None:
    recipe = load_recipe("demo")
    assert recipe.training.precision == "auto"  # type: ignore[attr-defined]
    main, small = recipe.networks  # type: ignore[attr-defined]
    assert (main.architecture, main.role) == ("efficientnet_lite0", "main")
    assert small.weights == "none", "a network without ImageNet weights would be reported as one that lacks them"
