"""`thyrosight models` with its commands on trained models, as a user runs them."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.inference.conftest import save
from tests.test_recalibrating import cases
from thyrosight.cli.models import app
from thyrosight.errors import CohortError
from thyrosight.inference import load_bundle


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("bundle") / "model")


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "120", "TERM": "dumb"})


def test_a_card_is_printed_or_written(model: Path, tmp_path: Path) -> None:
    printed = run("card", model)
    assert printed.exit_code == 0
    assert load_bundle(model).hash in printed.output
    assert "**For research use only." in printed.output
    assert run("card", model, "--out", tmp_path / "card.md").output == f"Wrote {tmp_path / 'card.md'}\n"
    assert (tmp_path / "card.md").read_text(encoding="utf-8") == printed.output


def test_recalibration_says_what_it_repaired_and_where_the_new_model_is(model: Path, tmp_path: Path) -> None:
    done = run("recalibrate", model, cases(tmp_path / "ours", 50), "--out", tmp_path / "new", "--rule", "youden")
    assert done.exit_code == 0, done.output
    new = load_bundle(tmp_path / "new")
    assert "100 images, 50 malignant, 50 groups of ours" in done.output
    assert f"{new.info.recalibration['after']['ece']['value']:.3f}" in done.output
    assert f"Malignant from a risk of {new.info.operating_point.threshold:.3f} (Youden's index)" in done.output
    assert new.hash in done.output
    assert "New calibration: Platt scaling (slope " in done.output and "Platt's smoothed targets" in done.output


def test_too_few_cases_are_refused_before_the_model_answers_any(model: Path, tmp_path: Path) -> None:
    done = run("recalibrate", model, cases(tmp_path / "ours", 10), "--out", tmp_path / "new")
    assert isinstance(done.exception, CohortError)
    assert str(done.exception).startswith(
        "ours has 5 patients with benign nodules; platt calibration needs at least 20"
    )
