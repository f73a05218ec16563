"""Parts of ROC curves as a user asks for them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from thyrosight.cli.stats import app
from thyrosight.cli.stats.curve_parts import CurveParts
from thyrosight.errors import StatisticsError, ThyroSightError
from thyrosight.files import csv_text
from thyrosight.statistics import compare_sensitivity_at_specificity, partial_auc, specificity_at_sensitivity
from thyrosight.statistics.examples import example_tables


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "nodules.csv"
    path.write_text(csv_text(example_tables()["nodules"]), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def columns() -> dict[str, list]:
    rows = example_tables()["nodules"]
    return {name: [row[name] for row in rows] for name in rows[0]} | {
        "known": [int(row["truth"] == "malignant") for row in rows]
    }


def _json(*words: object) -> dict:
    result = CliRunner().invoke(app, [*map(str, words), "--format", "json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)["result"]


def test_one_score_gets_the_parts_that_were_asked_for(table: Path, columns: dict[str, list]) -> None:
    found = _json("roc", table, "--score", "network", "--partial", "specificity=0.8-1", "--at-sensitivity", 0.9)
    parts = found["parts"]["network"]
    options = {"cluster": columns["patient_id"]}
    area = partial_auc(columns["known"], columns["network"], specificity=(0.8, 1), **options)
    assert parts["partial AUC over specificity 0.8 to 1"] == area.raw.to_dict()
    assert parts["standardised partial AUC over specificity 0.8 to 1"] == area.standardised.to_dict()
    rate = specificity_at_sensitivity(columns["known"], columns["network"], sensitivity=0.9, **options)
    assert parts["specificity at sensitivity 0.9"] == rate.to_dict()


def test_two_scores_are_compared_at_each_part(table: Path, columns: dict[str, list]) -> None:
    scores = ("--score", "network", "--score", "radiologist")
    found = _json("compare", table, *scores, "--at-specificity", 0.9, "--partial", "sensitivity=0.9-1")
    quantities = [one["quantity"] for one in found["part_differences"]]
    assert (
        quantities[0] == "partial AUC over sensitivity 0.9 to 1" and quantities[2] == "sensitivity at specificity 0.9"
    )
    expected = compare_sensitivity_at_specificity(
        columns["known"], columns["network"], columns["radiologist"], cluster=columns["patient_id"]
    )
    got = found["part_differences"][2]
    assert (got["a_name"], got["difference"], got["p"]) == ("network", expected.difference, expected.p)


def test_nothing_asked_for_changes_nothing(table: Path) -> None:
    assert not CurveParts.read(None, None, None)
    assert list(_json("roc", table, "--score", "network")) == ["network"]


@pytest.mark.parametrize("text", ["0.9-1", "specificity", "specificity=90-100", "specificity=1-0.9", "auc=0.1-0.2"])
def test_a_range_is_written_in_one_way(text: str) -> None:
    with pytest.raises(StatisticsError, match="Write a range as specificity="):
        CurveParts.read([text], None, None)


def test_a_rate_outside_0_to_1_is_refused(table: Path) -> None:
    result = CliRunner().invoke(app, ["roc", str(table), "--score", "network", "--at-specificity", "90"])
    assert isinstance(result.exception, ThyroSightError) and "`specificity` between 0 and 1" in str(result.exception)
