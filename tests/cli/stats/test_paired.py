"""`thyrosight stats paired`: a published example, real readers, and one clear sentence for each mistake."""

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from thyrosight.cli.stats import app
from thyrosight.errors import ThyroSightError
from thyrosight.statistics import compare_calls

# The example `Paired1` of the R package DTComPair, as its README prints it: truth, first call, second call, nodules.
PAIRED1 = [
    ("yes", "pos", "pos", 319), ("yes", "neg", "pos", 22), ("yes", "pos", "neg", 78), ("yes", "neg", "neg", 32),
    ("no", "pos", "pos", 31), ("no", "neg", "pos", 22), ("no", "pos", "neg", 53), ("no", "neg", "neg", 155),
]  # fmt: skip


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "calls.csv"
    rows = [f"{truth},{a},{b}" for truth, a, b, n in PAIRED1 for _ in range(n)]
    path.write_text("cancer,y1,y2\n" + "\n".join(rows), encoding="utf-8")
    return path


def _run(*words: object) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_example_of_dtcompair(table: Path, tmp_path: Path) -> None:
    words = ("paired", table, "--a", "y1", "--b", "y2")
    found = json.loads(_run(*words, "--format", "json"))["result"]
    # pv.wgs of DTComPair; 22 of 100 discordant pairs: 2 (C(100, 0) + ... + C(100, 22)) / 2^100, in whole numbers.
    assert [found[name]["p"] for name in ("ppv", "npv")] == pytest.approx([0.01939120, 4.775012e-05], rel=1e-6)
    assert found["sensitivity"]["p"] == pytest.approx(1.590532847378614e-08, rel=1e-9)
    assert (found["malignant"], found["benign"]) == ([319, 78, 22, 32], [155, 22, 53, 31])
    text = " ".join(_run(*words, "--figure", tmp_path / "f.png").split())
    assert "PPV, a - b" in text and "score interval (Tango)" in text and "with disease: only a right 78" in text
    assert "a is y1, b is y2." in text and "not corrected for each other" in text
    assert (tmp_path / "f.png").read_bytes().startswith(b"\x89PNG")


def test_real_readers_at_a_threshold(real_data: Path, tmp_path: Path) -> None:
    readings = pd.read_csv(real_data / "readers" / "thyroid_readers.csv")
    wide = readings.pivot_table(index=["case", "cancer"], columns="reader", values="tirads_points").reset_index()
    wide.columns = [str(name) for name in wide.columns]
    wide.to_csv(tmp_path / "wide.csv", index=False)
    words = ("paired", tmp_path / "wide.csv", "--a", "1", "--b", "2", "--threshold-a", "4", "--threshold-b", "4")
    answer = json.loads(_run(*words, "--format", "json"))
    expected = compare_calls(wide["cancer"], (wide["1"] >= 4).astype(int), (wide["2"] >= 4).astype(int))
    assert answer["result"] == expected.to_dict()
    assert "Positive from 1 = 4 on." in answer["notes"]
    assert "logistic GEE" in _run(*words, "--cluster", "case")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--a", "y1", "--b", "y3"), "no column 'y3' (--b)"),
        (("--a", "y1", "--b", "y2", "--method", "wald"), "Expected `method` to be one of"),
        (("--a", "y1", "--b", "y2", "--threshold-a", "1"), "'y1' should be a number, got 'pos'"),
    ],
)
def test_mistakes_get_one_sentence(table: Path, more: tuple[str, ...], said: str) -> None:
    result = CliRunner().invoke(app, ["paired", str(table), *more])
    assert isinstance(result.exception, ThyroSightError) and said in str(result.exception)
