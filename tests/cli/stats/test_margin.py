"""Non-inferiority and equivalence by command: which is new, which the reference, and what the numbers are."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from thyrosight.cli.stats import app
from thyrosight.errors import StatisticsError
from thyrosight.statistics import compare_auc, margin_test, paired_margin_test

TRUTH = [0, 0, 1, 0, 1, 1, 0, 1] * 3  # 12 of each class: fewer than 10 are not tested
SCORE = [0.1, 0.2, 0.3, 0.6, 0.7, 0.9, 0.25, 0.8] * 3
OTHER = [0.2, 0.3, 0.1, 0.5, 0.6, 0.4, 0.7, 0.9] * 3


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "scores.csv"
    rows = [f"{t},{s},{o}" for t, s, o in zip(TRUTH, SCORE, OTHER, strict=True)]
    path.write_text("truth,score,other\n" + "\n".join(rows), encoding="utf-8")
    return path


def _run(*words: object) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def _margin(*words: object) -> dict:
    return json.loads(_run(*words, "--format", "json"))["result"]["margin"]


def test_the_first_score_is_new(table: Path) -> None:
    words = ("compare", table, "--score", "other", "--score", "score", "--margin", "0.3")
    pair = compare_auc(TRUTH, OTHER, SCORE)
    assert _margin(*words)["other - score"] == margin_test(pair.difference, pair.se, margin=0.3).to_dict()
    text = " ".join(_run(*words, "--equivalence").split())
    assert (
        "Equivalence, new minus reference" in text and "other - score: equivalence with margin 0.3 not shown." in text
    )


def test_calls_by_the_score_of_tango_or_with_patients_by_gee(table: Path) -> None:
    words = ("paired", table, "--a", "score", "--b", "other", "--threshold-a", "0.5", "--threshold-b", "0.5")
    # Three times: with disease a finds 0.7, 0.9 and 0.8, b 0.6 and 0.9; without, a is wrong at 0.6, b at 0.5 and 0.7.
    found = _margin(*words, "--margin", "0.2")
    assert found["sensitivity"] == paired_margin_test(3, 0, 12, margin=0.2).to_dict()
    assert found["specificity"] == paired_margin_test(3, 0, 12, margin=0.2).to_dict()
    assert _margin(*words, "--margin", "0.2", "--cluster", "score")["sensitivity"]["method"] == "Wald"


def test_van_dyke_against_either_test(real_data: Path) -> None:
    # Published interval of treatment 1 less treatment 2: -0.0878671960 to 0.0002665519.
    words = ("readers", real_data / "readers" / "vandyke.csv", "--margin", "0.05")
    found = _margin(*words, "--reference", "1")["treatment 2 - treatment 1"]
    assert (found["low"], found["high"]) == pytest.approx((-0.0002665519, 0.0878671960), abs=1e-7)
    assert found["shown"]
    assert not _margin(*words, "--reference", "treatment 2")["treatment 1 - treatment 2"]["shown"]
    with pytest.raises(StatisticsError, match="they are 'treatment 1', 'treatment 2'"):
        raise CliRunner().invoke(app, [str(word) for word in words]).exception or AssertionError


def test_a_network_against_readers(real_data: Path) -> None:
    readers, model = (real_data / "readers" / name for name in ("thyroid_readers.csv", "thyroid_model.csv"))
    words = ("readers-against-system", readers, "--rating", "tirads_points", "--system", "prediction")
    found = _margin(*words, "--system-file", model, "--margin", "0.05")
    # The page on reader studies prints mean reader less network: -0.053 (-0.143 to 0.038).
    assert [round(found[name], 3) for name in ("difference", "low", "high")] == [0.053, -0.038, 0.143]
    assert found["shown"] and found["p"] < 0.025


def test_equivalence_needs_a_margin(table: Path) -> None:
    for command in (
        ("compare", "--score", "other", "--score", "score"),
        ("paired", "--a", "score", "--b", "other"),
    ):
        result = CliRunner().invoke(app, [command[0], str(table), *command[1:], "--equivalence"])
        assert "--equivalence goes with --margin M" in str(result.exception)
