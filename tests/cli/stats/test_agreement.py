"""`thyrosight stats agreement`: wide and long tables give the functions' own numbers, and mistakes have a sentence."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from thyrosight.cli.stats import app
from thyrosight.errors import ThyroSightError
from thyrosight.statistics import cohen_kappa, fleiss_kappa, gwet_coefficient, krippendorff_alpha


def _run(*words: object) -> str:
    result = CliRunner().invoke(app, ["agreement", *(str(word) for word in words)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def _refusal(*words: object) -> str:
    with pytest.raises(ThyroSightError) as caught:
        CliRunner().invoke(app, ["agreement", *(str(word) for word in words)], catch_exceptions=False)
    return str(caught.value)


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    rng = np.random.default_rng(1)
    latent = rng.normal(size=(40, 1)) + 0.6 * rng.normal(size=(40, 3))
    table = pd.DataFrame(np.digitize(latent, [-1, 0, 1]) + 2, columns=["a", "b", "c"]).astype(object)
    table.loc[4, "c"] = ""
    table.insert(0, "patient_id", [f"P{i // 2}" for i in range(40)])
    table.to_csv(tmp_path / "wide.csv", index=False)
    return tmp_path / "wide.csv"


def test_two_raters_of_a_wide_table(wide: Path, tmp_path: Path) -> None:
    words = (wide, "--column", "a", "--column", "b", "--weights", "quadratic")
    answer = json.loads(_run(*words, "--format", "json"))
    table = pd.read_csv(wide)
    patients = table["patient_id"].tolist()
    pairs = table[["a", "b"]].to_numpy()
    expected = cohen_kappa(pairs[:, 0], pairs[:, 1], weights="quadratic", cluster=patients)
    overall = answer["result"]["overall"]
    assert overall["Cohen's kappa, quadratic weights"] == expected.to_dict()
    assert overall["Gwet's AC2"] == gwet_coefficient(pairs, weights="quadratic", cluster=patients).to_dict()
    alpha = krippendorff_alpha(pairs, level="ordinal", cluster=patients)
    assert overall["Krippendorff's alpha"] == alpha.to_dict()
    assert "Fleiss' kappa" not in overall
    assert answer["result"]["prevalence_and_bias"] is None
    text = _run(*words, "--figure", tmp_path / "f.png")
    assert "40 cases of 20 patients" in text
    assert "Yang Z, Zhou M." in text and "quadratic weights [" in " ".join(text.split())
    assert (tmp_path / "f.png").read_bytes().startswith(b"\x89PNG")


def test_several_raters_with_a_missing_rating(wide: Path) -> None:
    words = (wide, "--column", "a", "--column", "b", "--column", "c", "--cluster", "none")
    answer = json.loads(_run(*words, "--format", "json"))
    table = pd.read_csv(wide)[["a", "b", "c"]].astype(object)
    rows = table.where(table.notna(), None).to_numpy()
    assert answer["result"]["overall"]["Fleiss' kappa"] == fleiss_kappa(rows).to_dict()
    assert list(answer["result"]["pairs"]) == ["a, b", "a, c", "b, c"]
    assert answer["result"]["pairs"]["b, c"]["n"] == 39
    assert any("1 of 120 ratings are missing" in note for note in answer["notes"])
    dropped = json.loads(_run(*words, "--drop-missing", "--format", "json"))
    assert dropped["excluded_rows"] == 1


def test_a_long_table_is_the_wide_one(wide: Path, tmp_path: Path) -> None:
    table = pd.read_csv(wide, dtype=str, keep_default_na=False)
    table["case"] = range(40)
    long = table.melt(id_vars=["patient_id", "case"], var_name="reader", value_name="category")
    long.sample(frac=1, random_state=1).to_csv(tmp_path / "long.csv", index=False)
    one = json.loads(_run(tmp_path / "long.csv", "--reader", "reader", "--format", "json"))["result"]
    other = _run(wide, "--column", "a", "--column", "b", "--column", "c", "--format", "json")
    assert one["overall"] == json.loads(other)["result"]["overall"]


def test_two_categories_have_their_indices(tmp_path: Path) -> None:
    rows = ["a,b", *["yes,yes"] * 18, "yes,no", "no,yes"]
    (tmp_path / "calls.csv").write_text("\n".join(rows), encoding="utf-8")
    text = " ".join(_run(tmp_path / "calls.csv", "--column", "a", "--column", "b").split())
    assert "prevalence index 0.900" in text and "PABAK" in text
    assert "Agreement is high and kappa is low" in text


def test_ratings_of_real_readers(real_data: Path) -> None:
    table = real_data / "readers" / "thyroid_readers.csv"
    words = (table, "--reader", "reader", "--category", "tirads_grade", "--weights", "linear")
    answer = json.loads(_run(*words, "--format", "json"))["result"]
    readings = pd.read_csv(table).pivot_table(index="case", columns="reader", values="tirads_grade").to_numpy()
    assert answer["overall"]["Gwet's AC2"] == gwet_coefficient(readings.astype(int), weights="linear").to_dict()
    assert len(answer["pairs"]) == 28


def test_each_mistake_has_a_sentence(wide: Path, tmp_path: Path) -> None:
    assert "--column for each" in _refusal(wide)
    assert "--column for each" in _refusal(wide, "--column", "a", "--reader", "b", "--category", "c")
    assert "there is only 'a'" in _refusal(wide, "--column", "a")
    assert "no column 'z' (--column)" in _refusal(wide, "--column", "a", "--column", "z")
    twice = tmp_path / "twice.csv"
    twice.write_text("case,reader,category\n1,A,x\n1,A,y\n1,B,x\n2,A,x\n2,B,x\n", encoding="utf-8")
    assert "more than one category" in _refusal(twice, "--reader", "reader")
    assert "Expected only the categories" in _refusal(wide, "--column", "a", "--column", "b", "--order", "2,3")
