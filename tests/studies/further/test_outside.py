"""Results on external sets: outlines of a set with masks, pairs, and cut-offs of each division."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.studies.made_up import drawn, made_up_cohort, made_up_risk, train_nothing
from thyrosight.cohort import Cohort
from thyrosight.documents.drawings import Flow
from thyrosight.studies import Result, load_recipe, run_study
from thyrosight.studies.analyses.decisions import BIOPSIED
from thyrosight.studies.analyses.external import Answered
from thyrosight.studies.analyses.options import SecondImage
from thyrosight.studies.analyses.pairs import pairs_alone
from thyrosight.studies.further.outside import biopsied
from thyrosight.studies.predictions import raw_table

OUTSIDE = "thyrosight.studies.further.outside"
SETTINGS = (
    "networks=[{architecture: ynet, weights: none}, {architecture: unet, task: segmentation, weights: none}]",
    "split.folds=2",
    "split.test=0.5",
    "outlines={failed_below: 0.2, examples: 0}",
    "evaluation.bootstrap=200",
    "external=[{cohort: b, name: B}]",
)


def _answered(setup: Any, tested: Any, cohort: Cohort, **_: Any) -> Answered:
    """Stand in for `predict_external`: a network that draws worse there."""
    risk = made_up_risk(tested.trial, "plain", "external", cohort.table)
    random = drawn("outside")
    count = len(cohort.table)
    drawn_there = cohort.table[["key", "group", "label"]].assign(
        part="external", dice=np.round(random.beta(2, 6, count), 3), iou=0.2, hd95_pixels=30.0, hd95_mm=np.nan,
        true_pixels=900, found_pixels=500, frame="300 x 200",
    )  # fmt: skip
    judged = tested.judged().apply(raw_table("external", cohort.table, risk))
    return Answered(judged, drawn_there.head(count // 2))


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    folder = tmp_path_factory.mktemp("outside") / "out"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("thyrosight.studies.run.train_and_test", train_nothing)
        patched.setattr("thyrosight.studies.run.check_external", lambda items: None)
        patched.setattr("thyrosight.studies.tested.Tested.keeps_weights", True)
        patched.setattr("thyrosight.studies.run.save_model", lambda *_, **__: "No model is saved without networks.")
        patched.setattr(f"{OUTSIDE}.open_external", lambda *_, **__: replace(made_up_cohort(30, seed=3), name="B"))
        patched.setattr(f"{OUTSIDE}.predict_external", _answered)
        recipe = load_recipe("ynet-lymph-node", settings=SETTINGS)
        return run_study(recipe, made_up_cohort(80, mask="m.png"), folder), folder


def test_outlines_of_a_set_stand_beside_those_of_the_test_part(study: tuple[Result, Path]) -> None:
    result, folder = study
    table = result.table("external-outlines")
    assert [row["title"] for row in table.rows] == ["Test part", "B (external)"]
    own = pd.concat(
        [
            rows[rows["part"] == "test"]
            for rows in map(pd.read_csv, sorted(folder.glob("trials/*ynet_joint/outlines.csv")))
        ]
    )
    there = np.round(drawn("outside").beta(2, 6, 60), 3)[:30]
    for row, dice in zip(table.rows, (own["dice"].to_numpy(), there), strict=True):
        found: Any = row
        assert found["dice_mean"].value == pytest.approx(dice.mean())
        assert found["dice_median"].value == pytest.approx(np.median(dice))
        assert found["failed"].value == pytest.approx((dice < 0.2).mean())
        assert found["dice_mean"].low < dice.mean() < found["dice_mean"].high
    assert [table.rows[1][name] for name in ("tests", "images", "groups")] == [30, 30, 15]
    assert not table.column("images").hidden
    written = pd.read_csv(folder / "tables" / "external-outlines.csv")
    assert written["split"].tolist() == ["patient-level", "external set"] and "labels" in written
    key = result.document.key_result
    assert f"On B (external): mean Dice {there.mean():.2f}" in key and "On B (external): AUC" in key
    assert not any(text.startswith("No external data") for text in result.document.limitations)


def test_the_set_has_a_flow_chart_predictions_and_rows_of_its_own(study: tuple[Result, Path]) -> None:
    result, folder = study
    (chart,) = [figure for figure in result.document.figures() if figure.name == "flow-b"]
    assert isinstance(chart.drawing, Flow) and chart.drawing.steps[-1].n == 60
    told = pd.read_csv(folder / "predictions" / "external-b.csv")
    assert len(told) == 60
    for name in ("external", "calibration", "decisions", "biopsies"):
        rows = [row for row in result.table(name).rows if row["set"] == "B (external)"]
        assert rows and all(row["n"] == 60 and row["split"] == "external set" for row in rows), name


def test_each_division_has_its_own_cut_off_of_few_missed_cancers() -> None:
    def part(cut_off: float | None) -> Any:
        return SimpleNamespace(cut_off=lambda rule: cut_off if rule == "sensitivity>=0.9" else -1)

    rows = pd.DataFrame({"division": ["a", "a", "b", "b"], "risk": [0.2, 0.4, 0.2, 0.4]})
    network: Any = SimpleNamespace(view="plain", divisions=("a", "b"), judged=lambda view: [part(0.3), part(0.5)])
    assert biopsied(rows, network, missed=0.1)[BIOPSIED].tolist() == [0, 1, 0, 0]
    outside = biopsied(rows.drop(columns="division"), network, missed=0.1)
    assert outside[BIOPSIED].tolist() == [0, 1, 0, 1], "an external set is judged by the first division"
    none: Any = SimpleNamespace(view="plain", divisions=("a", "b"), judged=lambda view: [part(0.3), part(None)])
    assert BIOPSIED not in biopsied(rows, none, missed=0.1)


def test_pairs_alone_are_tested_outside_and_the_others_counted() -> None:
    table = made_up_cohort(4, images=1).table.assign(elastogram=["a.png", "", None, "b.png"])
    cohort = Cohort(table=table, name="B", source="")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("thyrosight.studies.analyses.pairs.check_pairs", lambda *_, **__: None)
        found = pairs_alone(cohort, SecondImage())
        assert found.table["key"].tolist() == ["p000_1", "p003_1"]
        assert [(item.reason, item.count) for item in found.exclusions] == [("without an elastogram", 2)]
        assert pairs_alone(cohort, SecondImage(source="image")) is cohort
