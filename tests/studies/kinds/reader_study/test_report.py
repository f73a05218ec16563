"""Every figure of the report again, from the exported readings and by another route; and what was put in."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.studies.made_up import assert_golden
from thyrosight.documents import Measure, Share
from thyrosight.readings.example import READERS, ExampleStudy
from thyrosight.statistics import compare_readers, compare_readers_with_system, fleiss_kappa
from thyrosight.studies import Result

ARMS = ("unaided", "aided")


def columns(rating: str) -> dict[str, Any]:
    return {"reader": "reader", "case": "case", "truth": "truth", "rating": rating, "cluster": "cluster"}


def parts(measure: Any) -> tuple[float | None, float | None, float | None]:
    assert isinstance(measure, Measure)
    return measure.value, measure.low, measure.high


def test_every_table_is_what_it_was(study: tuple[Result, Path]) -> None:
    assert_golden(study[0], Path(__file__).with_name("golden.json"), shared=())


@pytest.mark.parametrize("readers", ["random", "fixed"])
def test_areas_are_those_of_compare_readers_on_the_exported_table(
    study: tuple[Result, Path], table: pd.DataFrame, readers: str
) -> None:
    """To the last digit, with the aided arm minus the unaided one."""
    found = compare_readers(table, test="arm", readers=readers, missing="analyse", **columns("score"))
    title = {"random": "Readers like these", "fixed": "These readers alone"}[readers]
    row = study[0].table("mrmc").row(readers=title)
    means = dict(zip(found.tests, found.test_estimates, strict=True))
    for key, arm in (("reference", "unaided"), ("new", "aided")):
        assert parts(row[key]) == (means[arm].value, means[arm].low, means[arm].high)
    apart = found.differences[0]
    assert (apart.test_a, apart.test_b) == ("aided", "unaided")
    assert parts(row["difference"]) == (apart.estimate.value, apart.estimate.low, apart.estimate.high)
    assert row["p"] == apart.p
    if readers == "random":
        for reader in READERS:
            own = study[0].table("readers-auc").row(reader=reader.key)
            of_arm = {
                arm: found.reader_estimates[found.tests.index(arm)][found.readers.index(reader.key)] for arm in ARMS
            }
            for arm in ARMS:
                assert parts(own[arm]) == (of_arm[arm].value, of_arm[arm].low, of_arm[arm].high)
            assert own["aided_less_unaided"].value == pytest.approx(of_arm["aided"].value - of_arm["unaided"].value)


def test_swapped_columns_would_be_noticed(study: tuple[Result, Path], table: pd.DataFrame) -> None:
    """The table of the report is none of a table whose columns were exchanged."""
    row = study[0].table("mrmc").row(readers="Readers like these")
    for one, other in (("score", "model_score"), ("arm", "reader"), ("score", "active_seconds")):
        swapped = table.rename(columns={one: other, other: one})
        found = compare_readers(swapped, test="arm", missing="analyse", **columns("score"))
        assert found.test_estimates[0].value != row["new"].value, (one, other)  # type: ignore[union-attr]


def test_intervals_hold_what_was_put_in(study: tuple[Result, Path]) -> None:
    row = study[0].table("mrmc").row(readers="These readers alone")
    given = {
        "reference": np.mean([skill.auc for skill in READERS.values()]),
        "new": np.mean([skill.auc + skill.gain for skill in READERS.values()]),
        "difference": np.mean([skill.gain for skill in READERS.values()]),
    }
    for key, value in given.items():
        measure = row[key]
        assert isinstance(measure, Measure)
        assert measure.low < value < measure.high, key  # type: ignore[operator]
    held = 0
    for reader, skill in READERS.items():
        own = study[0].table("readers-auc").row(reader=reader.key)
        for arm, auc in (("unaided", skill.auc), ("aided", skill.auc + skill.gain)):
            measure = own[arm]
            assert isinstance(measure, Measure)
            held += measure.low < auc < measure.high  # type: ignore[operator]
    assert held >= 10, "of 12 intervals"


@pytest.mark.parametrize(("metric", "truth"), [("sensitivity", 1), ("specificity", 0)])
def test_decisions_count_what_readers_did(
    study: tuple[Result, Path], table: pd.DataFrame, metric: str, truth: int
) -> None:
    names = {1: ("true_positive", "false_negative"), 0: ("true_negative", "false_positive")}[truth]
    for (reader, arm), own in table[table["truth"] == truth].groupby(["reader", "arm"]):
        right = int((own["biopsy"] == truth).sum())
        counts = study[0].table("calls").row(reader=reader, arm=arm)
        assert (counts[names[0]], counts[names[1]]) == (right, len(own) - right)
        cell = study[0].table(f"readers-{metric}").row(reader=reader)[arm]
        assert isinstance(cell, Measure)
        assert cell.value == pytest.approx(right / len(own))
        assert cell.low < cell.value < cell.high  # type: ignore[operator]
    found = compare_readers(
        table, test="arm", metric=metric, threshold=1, missing="analyse", **columns("biopsy")
    ).differences[0]
    row = study[0].table("mrmc-decisions").row(measure=metric.capitalize(), readers="Readers like these")
    assert parts(row["difference"]) == (found.estimate.value, found.estimate.low, found.estimate.high)
    assert row["p"] == found.p
    assert row["p_corrected"] >= row["p"]  # type: ignore[operator]


def test_the_model_alone_is_that_of_compare_readers_with_system(
    study: tuple[Result, Path], table: pd.DataFrame
) -> None:
    own = table[table["arm"] == "unaided"]
    found = compare_readers_with_system(own, system="model_score", missing="analyse", **columns("score"))
    row = study[0].table("standalone").row(arm="unaided", measure="AUC")
    assert parts(row["system"]) == (found.system.value, found.system.low, found.system.high)
    assert parts(row["difference"]) == (found.difference.value, found.difference.low, found.difference.high)
    assert row["p"] == found.p
    calls = study[0].table("standalone").row(arm="aided", measure="Sensitivity")
    cases = own[own["truth"] == 1].drop_duplicates("case")
    assert calls["system"].value == pytest.approx(cases["model_positive"].mean())  # type: ignore[union-attr]


def test_changes_of_mind_are_counted_by_direction_and_by_the_model(
    study: tuple[Result, Path], table: pd.DataFrame
) -> None:
    keys = ["reader", "case"]
    first, second = (table[table["arm"] == arm].set_index(keys) for arm in ARMS)
    right = first["biopsy"] == first["truth"]
    right_after = (second["biopsy"] == second["truth"]).reindex(right.index)
    model = (first["model_positive"] == first["truth"]).reindex(right.index)
    rows = {str(row["what"]): row for row in study[0].table("reliance").rows}
    for what, before, was, after in (
        ("corrected", False, True, True),
        ("misled", True, False, False),
        ("kept", True, True, False),
        ("found", False, False, True),
    ):
        chosen = (right == before) & (model == was)
        assert rows[what]["n"] == chosen.sum(), what
        assert rows[what]["changed"] == (right_after[chosen] == after).sum(), what
    misled, kept = (rows[what]["share"].value for what in ("misled", "kept"))  # type: ignore[union-attr]
    bias = rows["automation_bias"]["share"]
    assert isinstance(bias, Measure)
    assert bias.value == pytest.approx(misled - kept)  # type: ignore[operator]
    assert bias.low > 0.1, "the simulated readers follow the model where it is wrong"  # type: ignore[operator]
    whole = study[0].table("changes").row(reader="All readings")
    assert whole["net"].value == pytest.approx(right_after.mean() - right.mean())  # type: ignore[union-attr]
    assert (whole["n"], whole["right_before"]) == (720, right.sum())


def test_who_relies_more_is_misled_more(study: tuple[Result, Path], table: pd.DataFrame) -> None:
    wrong = study[0].table("changes")
    juniors, seniors = (
        np.mean([wrong.row(reader=name)["turned_wrong"].value for name in names])  # type: ignore[union-attr]
        for names in (("R4", "R5", "R6"), ("R1", "R2", "R3"))
    )
    assert juniors > seniors


def test_agreement_between_and_within_readers(study: tuple[Result, Path], table: pd.DataFrame) -> None:
    wide = table[table["arm"] == "aided"].pivot(index="case", columns="reader", values="biopsy")
    cluster = table.groupby("case")["cluster"].first().reindex(wide.index)
    found = fleiss_kappa(wide.to_numpy(dtype=object), cluster=cluster)
    assert parts(study[0].table("agreement").row(answer="Action", arm="aided")["kappa"]) == pytest.approx(
        (found.value, found.low, found.high)
    )
    every = pd.read_csv(study[1] / "readings.csv")
    again = every[(every["repeat"] == 1) & (every["arm"] == "unaided")].set_index(["reader", "case"])
    first = table[table["arm"] == "unaided"].set_index(["reader", "case"]).loc[again.index]
    row = study[0].table("repeats").row(reader="All readings", arm="unaided")
    assert row["cases"] == len(again) == 60
    assert row["same"].value == pytest.approx((again["biopsy"] == first["biopsy"]).mean())  # type: ignore[union-attr]
    spread = math.sqrt(((again["score"] - first["score"]) ** 2).mean() / 2)
    assert row["within_sd"].value == pytest.approx(spread)  # type: ignore[union-attr]


def test_times_are_those_of_both_stages_together(study: tuple[Result, Path], table: pd.DataFrame) -> None:
    keys = ["reader", "case"]
    first, second = (table[table["arm"] == arm].set_index(keys)["active_seconds"] for arm in ARMS)
    both = first + second
    row = study[0].table("times").row(reader="All readings")
    assert row["unaided"].median == pytest.approx(first.median())  # type: ignore[union-attr]
    assert row["aided"].median == pytest.approx(both.median())  # type: ignore[union-attr]
    ratio = math.exp(np.log(both / first).mean())
    assert row["ratio_aided"].value == pytest.approx(ratio)  # type: ignore[union-attr]
    change = study[0].table("learning").row(arm="unaided")["change"]
    assert isinstance(change, Measure)
    assert change.low < 0.998**10 - 1 < change.high  # type: ignore[operator]


def test_scores_of_simulated_readers_are_calibrated(study: tuple[Result, Path]) -> None:
    row = study[0].table("calibration").row(reader="All readings", arm="unaided")
    for key in ("ratio", "slope"):
        measure = row[key]
        assert isinstance(measure, Measure)
        assert measure.low < 1 < measure.high, key  # type: ignore[operator]


def test_marks_find_the_lesions_that_they_lie_in(
    study: tuple[Result, Path], table: pd.DataFrame, example: ExampleStudy
) -> None:
    """The share of lesions that all readers together found at any score, which is the end of the FROC curve."""
    boxes = {row["case"]: row for row in example.lesions if row["lesion"]}
    own = table[table["arm"] == "unaided"]
    found = 0
    for case, marks in zip(own["case"], own["marks"], strict=True):
        box = boxes.get(case)
        inside = [
            box["left"] <= x <= box["right"] and box["top"] <= y <= box["bottom"]
            for x, y, *_ in json.loads(marks)
            if box
        ]
        found += any(inside)
    curve = next(figure for figure in study[0].document.figures() if figure.name == "froc").drawing.panels[0].curves[0]
    assert curve.y[-1] == pytest.approx(found / own["case"].isin(boxes).sum())
    assert curve.name == "unaided"


def test_the_flow_adds_up(study: tuple[Result, Path]) -> None:
    read, analysed = study[0].facts.flow
    assert read.n - sum(n for _, n in read.excluded) == analysed.n == 1440
    assert dict(read.excluded) == {
        "practice": 24,
        "attention cases, reported apart": 24,
        "repeated readings, for agreement within readers": 120,
    }
    assert "of 1440 planned, 0 missing" in analysed.text
    row = study[0].table("readers").row(reader="R1")
    assert (row["cases"], row["read"], row["repeated"], row["missing"]) == (120, 240, 20, Share(n=0, of=240))


def test_attention_cases_are_held_against_the_truth(study: tuple[Result, Path]) -> None:
    rows = pd.read_csv(study[1] / "readings.csv").query("attention == 1")
    for reader, own in rows.groupby("reader"):
        right = int((own["biopsy"] == own["truth"]).sum())
        assert study[0].table("readers").row(reader=reader)["attention"] == Share(n=right, of=4)


def test_subgroups_are_analysed_apart_and_corrected_together(study: tuple[Result, Path], table: pd.DataFrame) -> None:
    rows = study[0].table("subgroups").rows
    assert [row["title"] for row in rows] == [
        "Reader group: junior", "Reader group: senior", "Half: first", "Half: second",
    ]  # fmt: skip
    juniors = table[table["reader_group"] == "junior"]
    found = compare_readers(juniors, test="arm", missing="analyse", **columns("score")).differences[0]
    assert parts(rows[0]["difference"]) == (found.estimate.value, found.estimate.low, found.estimate.high)
    assert all(row["p_corrected"] >= row["p"] for row in rows)  # type: ignore[operator]


def test_what_was_amended_and_what_cannot_be_told_is_said(study: tuple[Result, Path]) -> None:
    result = study[0]
    facts = dict(row for part in result.document.sections[:1] for block in part.blocks for row in block.rows)  # type: ignore[union-attr]
    assert facts["Amendments"] == "“Version 2 lowered the number of repeats.”"
    assert facts["Smallest difference that matters"] == "0.03", "as the protocol's power has it"
    assert result.unfinished == ()
    assert "nothing was trained" in result.document.source.lower()
    assert "Simulated images" in result.document.limitations[0]


def test_the_guidelines_are_those_for_readers(study: tuple[Result, Path]) -> None:
    assert {path.stem for path in (study[1] / "guidelines").iterdir()} == {"grras", "mrmc"}
    rows = {str(row["item"]).split(" ", 1)[0]: str(row["known"]) for row in study[0].table("guideline-mrmc").rows}
    assert "6 readers, 120 cases, 1440 readings" in rows["3"]
    assert "senior (3) and junior (3)" in rows["5"]
    assert "Version 2 lowered" in rows["4"]
    assert [number for number, known in rows.items() if not known] == ["7", "10"]


DESIGNS: dict[str, dict[str, Any]] = {
    "independent, two models": {
        "design": "independent",
        "arms": [{"name": "unaided"}, {"name": "risk", "model": "risk"}, {"name": "other", "model": "second"}],
    },
    "sequential, two models": {
        "arms": [{"name": "unaided"}, {"name": "risk", "model": "risk"}, {"name": "other", "model": "second"}],
    },
    "concurrent": {"design": "concurrent", "repeats": 0},
    "single": {"design": "single", "arms": [{"name": "unaided"}]},
    "blocks": {"reading": "blocks", "readers_per_case": 2},
    "readers nested in arms": {"design": "independent", "readers": "nested"},
    "categories": {"main_question": "features", "action": {"question": "features", "at_least": "TR4"}},
}


@pytest.mark.parametrize("design", list(DESIGNS))
def test_every_design_is_analysed(small: Callable[..., Result], design: str) -> None:
    result = small(**DESIGNS[design])
    arms = result.facts.readings.arms  # type: ignore[union-attr]
    assert len(result.table("mrmc").rows) == 2 * max(1, len(arms) * (len(arms) - 1) // 2)
    assert ("changes" in result.document.names()) == (
        design in ("independent, two models", "sequential, two models", "blocks", "categories")
    )
    if design == "sequential, two models":
        assert {row["n"] for row in result.table("changes").rows if row["reader"] == "All readings"} == {240}
        models = {row["model"]: row["system"].value for row in result.table("standalone").rows  # type: ignore[union-attr]
                  if row["measure"] == "AUC"}  # fmt: skip
        assert len(set(models.values())) == 2, "each arm is held against its own model"


def test_missing_readings_are_counted_and_dealt_with_in_both_ways(small: Callable[..., Result]) -> None:
    result = small(keep=lambda place: place % 17 != 0)
    rows = {row["policy"]: row for row in result.table("missing").rows}
    assert rows["analyse"]["cases"] == 60 > rows["drop-case"]["cases"]  # type: ignore[operator]
    missing = sum(row["missing"].n for row in result.table("readers").rows)  # type: ignore[union-attr]
    assert f"{missing} missing" in result.facts.flow[1].text and missing > 20


def test_few_patients_give_no_p_value_and_no_verdict(small: Callable[..., Result]) -> None:
    result = small(cases=18, panel=2, repeats=0)
    for name in ("mrmc", "mrmc-decisions", "standalone"):
        for row in result.table(name).rows:
            assert row["p"] is None
            assert row["verdict"] == "cannot be told"
        assert any("too few (below 10)" in note for note in result.table(name).notes)
    assert "cannot be told" in result.document.key_result and "P " not in result.document.key_result


def test_marks_of_readers_who_did_not_search_every_case_are_analysed(small: Callable[..., Result]) -> None:
    """Cases that some reader had not searched in some arm were left out for all of them."""
    table = small(keep=lambda place: place % 7 > 0).table("localisation")
    assert any("searches are missing: a reader has searched" in note for note in table.notes)
    cases = [value.n for row in table.rows[:-1] for value in row.values() if isinstance(value, Measure)]
    assert 40 < min(n for n in cases if n) < 60, "each reader's value rests on the cases of that reader"
