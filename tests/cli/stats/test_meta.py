"""Sites as a user types them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from thyrosight.cli.stats import app
from thyrosight.errors import ThyroSightError
from thyrosight.files import csv_text
from thyrosight.statistics import SiteCounts, count_sites, summarise_sites
from thyrosight.statistics.examples import example_tables

TABLES = example_tables()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("sites", "nodules"):
        (tmp_path / f"{name}.csv").write_text(csv_text(TABLES[name]), encoding="utf-8")
    return tmp_path


def _json(*words: object) -> dict:
    result = CliRunner().invoke(app, ["meta", *map(str, words), "--format", "json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)["result"]


def _refusal(*words: object) -> str:
    result = CliRunner().invoke(app, ["meta", *map(str, words)])
    assert isinstance(result.exception, ThyroSightError), result.output
    return str(result.exception)


@pytest.mark.parametrize("likelihood", ["binomial", "normal"])
def test_a_row_per_site_is_summarised(folder: Path, likelihood: str) -> None:
    rows = TABLES["sites"]
    counts = SiteCounts(
        tuple(row["site"] for row in rows), *(tuple(row[name] for row in rows) for name in ("tp", "fn", "fp", "tn"))
    )
    found = _json(folder / "sites.csv", "--likelihood", likelihood)
    expected = summarise_sites(counts, likelihood=likelihood)
    assert found["sensitivity"]["value"] == expected.sensitivity.value
    assert found["specificity"]["low"] == expected.specificity.low
    assert found["model"] == "bivariate" and len(found["site_sensitivity"]) == 12


def test_a_row_per_nodule_is_counted_first(folder: Path) -> None:
    rows = TABLES["nodules"]
    found = _json(folder / "nodules.csv", "--predicted", "network_call")
    counts = count_sites(
        [row["site"] for row in rows],
        [int(row["truth"] == "malignant") for row in rows],
        [row["network_call"] for row in rows],
    )
    assert found["sensitivity"] == summarise_sites(counts).sensitivity.to_dict()
    by_score = _json(folder / "nodules.csv", "--score", "network", "--threshold", 0.3)
    assert by_score["specificity"] == found["specificity"]


def test_figures_of_sites_and_plane_are_drawn(folder: Path) -> None:
    result = CliRunner().invoke(app, ["meta", str(folder / "sites.csv"), "--figure", str(folder / "f.svg")])
    assert result.exit_code == 0 and (folder / "f.svg").is_file() and (folder / "f-plane.svg").is_file()


def test_mistakes_get_one_sentence(folder: Path) -> None:
    nodules = folder / "nodules.csv"
    assert "Give --score and --threshold together." in _refusal(nodules, "--score", "network")
    assert "leave --cluster out" in _refusal(nodules, "--predicted", "network_call", "--cluster", "patient_id")
    assert "no column 'town' (--site)" in _refusal(nodules, "--site", "town")
    assert "`model` to be one of" in _refusal(folder / "sites.csv", "--model", "best")
    (folder / "bad.csv").write_text("site,tp,fn,fp,tn\nA,1.5,2,3,4\n", encoding="utf-8")
    assert "`true_positive` to be a whole number" in _refusal(folder / "bad.csv")
