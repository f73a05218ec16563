"""`thyrosight stats measurements`: the functions' own numbers from wide and long tables, with a figure."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from thyrosight.cli.stats import app
from thyrosight.errors import ThyroSightError
from thyrosight.statistics import (
    bland_altman,
    bland_altman_repeated,
    concordance_correlation,
    intraclass_correlation,
    intraclass_correlation_mixed,
    repeatability,
)


def _run(*words: object) -> str:
    result = CliRunner().invoke(app, ["measurements", *(str(word) for word in words)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def table(tmp_path: Path) -> Path:
    rng = np.random.default_rng(2)
    size = rng.uniform(5, 40, size=(30, 1))
    found = pd.DataFrame(np.round(size + np.array([0, 0.5, 1]) + rng.normal(size=(30, 3)), 1), columns=["a", "b", "c"])
    found.insert(0, "patient", [f"P{i // 2}" for i in range(30)])
    found.to_csv(tmp_path / "sizes.csv", index=False)
    return tmp_path / "sizes.csv"


def test_two_independent_columns(table: Path, tmp_path: Path) -> None:
    words = (table, "--column", "a", "--column", "b", "--cluster", "none", "--unit", "mm")
    result = json.loads(_run(*words, "--format", "json"))["result"]
    data = pd.read_csv(table)
    pair = result["pairs"]["a - b"]
    assert pair["bland_altman"] == bland_altman(data["a"], data["b"]).to_dict()
    assert pair["concordance"] == concordance_correlation(data["a"], data["b"]).to_dict()
    assert result["intraclass_correlation"] == intraclass_correlation(data[["a", "b"]].to_numpy()).to_dict()
    expected = repeatability(data[["a", "b"]].to_numpy().ravel(), np.repeat(range(30), 2))
    assert result["repeatability"] == expected.to_dict()
    text = " ".join(_run(*words, "--figure", tmp_path / "f.svg").split())
    assert text.startswith("a minus b, 30 measurements: mean difference")
    assert "analysis of variance" in text and "exact intervals" in text
    assert "Mean of both (mm)" in (tmp_path / "f.svg").read_text(encoding="utf-8")


def test_nodules_of_one_patient_are_kept_together(table: Path) -> None:
    result = json.loads(_run(table, "--column", "a", "--column", "b", "--format", "json"))["result"]
    data = pd.read_csv(table)
    expected = bland_altman_repeated(data["a"], data["b"], data["patient"])
    assert result["pairs"]["a - b"]["bland_altman"] == expected.to_dict()
    assert result["intraclass_correlation"]["clusters"] == 15
    assert result["repeatability"]["within_sd"]["clusters"] == 15


def test_missing_cells_take_the_mixed_model_and_each_pair_its_own_cases(table: Path, tmp_path: Path) -> None:
    data = pd.read_csv(table)
    data.loc[3, "c"] = np.nan
    data.to_csv(tmp_path / "gaps.csv", index=False)
    options = ["--column", "a", "--column", "b", "--column", "c", "--cluster", "none", "--form", "3,1"]
    words = (tmp_path / "gaps.csv", *options)
    answer = json.loads(_run(*words, "--format", "json"))
    rows = data[["a", "b", "c"]].to_numpy()
    expected = intraclass_correlation_mixed(rows, form="3,1").coefficient
    assert answer["result"]["intraclass_correlation"] == expected.to_dict()
    assert [pair["bland_altman"]["bias"]["n"] for pair in answer["result"]["pairs"].values()] == [30, 29, 29]
    assert any("1 of 90 measurements are missing" in note for note in answer["notes"])
    _run(*words, "--figure", tmp_path / "f.png")
    assert {file.name for file in tmp_path.glob("f*.png")} == {"f.png", "f-a---c.png", "f-b---c.png"}


def test_repeats_in_a_long_table(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    rows = [
        {"case": case, "reader": reader, "value": round(size + bias + rng.normal(), 2)}
        for case, size in enumerate(rng.uniform(5, 40, size=12))
        for reader, bias in (("A", 0.0), ("B", 1.0))
        for _ in range(3 if case else 2)
    ]
    data = pd.DataFrame(rows)
    data.to_csv(tmp_path / "long.csv", index=False)
    answer = json.loads(_run(tmp_path / "long.csv", "--reader", "reader", "--format", "json"))
    a, b = (data[data["reader"] == reader] for reader in "AB")
    expected = bland_altman_repeated(a["value"], b["value"], a["case"], true_value="constant")
    assert answer["result"]["pairs"]["A - B"]["bland_altman"] == expected.to_dict()
    subject = data["case"].astype(str) + data["reader"]
    within = repeatability(data["value"], subject, cluster=data["case"]).within_sd
    assert answer["result"]["repeatability"]["within_sd"]["value"] == pytest.approx(within.value)
    means = data.groupby(["case", "reader"])["value"].mean().unstack()
    assert answer["result"]["intraclass_correlation"]["value"] == pytest.approx(
        intraclass_correlation(means.to_numpy()).value
    )
    assert any("more than once" in note for note in answer["notes"])


def test_mistakes_have_a_sentence(table: Path) -> None:
    def refusal(*words: object) -> str:
        with pytest.raises(ThyroSightError) as caught:
            _run(table, *words)
        return str(caught.value)

    assert "should be a number" in refusal("--column", "patient", "--column", "a")
    assert "form" in refusal("--column", "a", "--column", "b", "--form", "4,1")
    assert "has no column 'value'" in refusal("--reader", "patient")
