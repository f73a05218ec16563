"""`thyrosight stats regression`: the odds ratios of geepack, separation, and one sentence for each mistake."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from thyrosight.cli.stats import app
from thyrosight.errors import ThyroSightError

SIMULATED = Path(__file__).parents[2] / "statistics" / "reference" / "simulated.csv"
NAMES = ("sex", "age", "score_a")


def _run(*words: object) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("correlation", ["independence", "exchangeable"])
def test_odds_ratios_are_those_of_geepack(reference: Callable[[str], Any], correlation: str) -> None:
    # geepack 1.3.9: geeglm(truth ~ sex + age + score_a, id = patient, family = binomial).
    golden = reference("simulated")["model"][correlation]
    options = [word for name in NAMES for word in ("--predictor", name)]
    words = ("regression", SIMULATED, *options, "--correlation", correlation, "--format", "json")
    found = json.loads(_run(*words))["result"]["together"]
    for ratio, term in zip(found["odds_ratios"], ("sexM", "age", "score_a"), strict=True):
        assert ratio["estimate"]["value"] == pytest.approx(math.exp(golden["coefficient"][term]), rel=1e-5)
        assert ratio["coefficient_se"] == pytest.approx(golden["robust_se"][term], rel=1e-4)
        assert ratio["p"] == pytest.approx(golden["p"][term], rel=1e-3)
    assert found["clusters"] == 60


def test_each_alone_and_together_with_a_figure(tmp_path: Path) -> None:
    options = ("--predictor", "sex", "--reference", "sex=M", "--predictor", "score_b", "--categorical", "score_b")
    text = _run("regression", SIMULATED, *options, "--figure", tmp_path / "f.svg")
    assert "each predictor alone" in text and "all predictors together" in text
    assert "sex: F against M" in text and "score_b: 2 against 1" in text
    assert "Odds ratio" in (tmp_path / "f.svg").read_text(encoding="utf-8")
    one = _run("regression", SIMULATED, "--predictor", "age", "--cluster", "none")
    assert "together" not in one and "maximum likelihood" in one


def test_separation_takes_firth_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    rows = [f"{int(g == 'b' or i % 3 == 0)},{g},P{i // 2}" for g in "ab" for i in range(12)]
    path.write_text("truth,shape,patient_id\n" + "\n".join(rows), encoding="utf-8")
    text = " ".join(_run("regression", path, "--predictor", "shape").split())
    assert "perfectly separated by shape: b against a: Firth's penalty was used there." in text
    assert "patients were not kept together there" in text and "[heinze2002]" not in text
    forced = json.loads(
        _run("regression", SIMULATED, "--predictor", "age", "--firth", "--cluster", "none", "--format", "json")
    )
    assert "Firth" in forced["result"]["alone"]["age"]["method"]


def test_mistakes_get_one_sentence() -> None:
    for words, said in (
        (["--predictor", "weight"], "no column 'weight' (--predictor)"),
        (["--predictor", "sex", "--reference", "sex"], "--reference should be COLUMN=LEVEL"),
        (["--predictor", "sex", "--reference", "sex=X"], "has no level 'X'"),
        (["--predictor", "sex", "--correlation", "ar1"], "`correlation`"),
    ):
        result = CliRunner().invoke(app, ["regression", str(SIMULATED), *words])
        assert isinstance(result.exception, ThyroSightError) and said in str(result.exception), result.exception
