"""`thyrosight stats calibration`: the numbers of rms for a simulated study, patients, the figure and mistakes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from thyrosight.cli.stats import app
from thyrosight.errors import ThyroSightError

REFERENCE = Path(__file__).parents[2] / "statistics" / "reference"


@pytest.fixture
def golden(reference: Callable[[str], Any]) -> dict[str, Any]:
    found: dict[str, Any] = reference("calibration")
    return found


@pytest.fixture
def table(tmp_path: Path, golden: dict[str, Any]) -> Path:
    frame = pd.read_csv(REFERENCE / "simulated.csv").assign(risk=golden["risk"], other=golden["other"])
    frame.to_csv(tmp_path / "risks.csv", index=False)
    return tmp_path / "risks.csv"


def _run(*words: object) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_numbers_are_those_of_rms(table: Path, golden: dict[str, Any]) -> None:
    # rms 6.5.0, val.prob(risk, truth), and the formula of Hosmer and Lemeshow with cut() at deciles.
    words = ("calibration", table, "--score", "risk", "--cluster", "none", "--format", "json")
    found, val = json.loads(_run(*words))["result"], golden["val_prob"]
    assert found["slope"]["value"] == pytest.approx(val["Slope"], abs=1e-6)
    assert found["intercept"]["value"] == pytest.approx(val["Intercept"], abs=1e-6)
    assert found["brier"]["score"]["value"] == pytest.approx(val["Brier"])
    assert found["spiegelhalter"]["z"] == pytest.approx(val["S:z"])
    assert found["hosmer_lemeshow"]["p"] == pytest.approx(golden["hosmer_lemeshow"]["ten"]["p_new_cases"])
    assert found["observed_expected"]["value"] == pytest.approx(golden["observed_expected"]["cases"]["ratio"])
    assert found["smooth"]["ici"]["value"] == pytest.approx(golden["spline"]["four"]["indices"]["ici"], abs=1e-7)


def test_patients_are_kept_together_and_loess_is_offered(table: Path, golden: dict[str, Any]) -> None:
    answer = json.loads(_run("calibration", table, "--score", "risk", "--smoother", "loess", "--format", "json"))
    assert answer["result"]["observed_expected"]["clusters"] == golden["observed_expected"]["patients"]["clusters"]
    assert answer["result"]["smooth"]["ici"]["value"] == pytest.approx(golden["loess_direct"]["degree_2"]["ici"])
    assert "loess" in answer["methods"] and "spline" not in answer["methods"]


def test_fitted_models_cost_two_degrees_of_freedom(table: Path) -> None:
    text = _run("calibration", table, "--score", "risk", "--groups", "6", "--fitted", "--bins", "5")
    line = next(line for line in text.splitlines() if line.startswith("Hosmer-Lemeshow, 6 groups"))
    assert float(line.split()[4]) == 4 and "5 bins, about as many cases in each" in text
    assert "takes rows as independent" in " ".join(text.split())


def test_figure_and_page(table: Path, tmp_path: Path) -> None:
    out, figure = tmp_path / "a.html", tmp_path / "f.svg"
    _run("calibration", table, "--score", "risk", "--out", out, "--figure", figure)
    assert "Predicted risk (risk)" in figure.read_text(encoding="utf-8")
    assert "Austin PC" in out.read_text(encoding="utf-8")


def test_mistakes_get_one_sentence(table: Path) -> None:
    for more, said in (
        (["--score", "score_a"], "to lie from 0 to 1"),
        (["--score", "risk", "--smoother", "cubic"], "'spline', 'loess'"),
        (["--score", "risk", "--groups", "2"], "at least 3 `groups`"),
    ):
        result = CliRunner().invoke(app, ["calibration", str(table), *more])
        assert isinstance(result.exception, ThyroSightError) and said in str(result.exception)


def test_separated_classes_are_said_to_be_so(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    rows = [f"{int(place > 9)},{(place + 0.5) / 20}" for place in range(20)]
    path.write_text("truth,risk\n" + "\n".join(rows), encoding="utf-8")
    text = " ".join(_run("calibration", path, "--score", "risk", "--figure", tmp_path / "f.png").split())
    assert "slope undefined" in text and "separates the classes perfectly" in text
