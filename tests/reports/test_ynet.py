"""The report of a study of outlines and classes: its numbers are those of the result, and what is missing is said."""

import re

import numpy as np
import pytest

from thyrosight.reports import ynet_more_tables as more
from thyrosight.reports import ynet_tables as own
from thyrosight.reports.document import render_document
from thyrosight.reports.tables import DASH, Cell, Table
from thyrosight.reports.ynet import document
from thyrosight.studies.base import FlowStep, Measure
from thyrosight.studies.result import Comparison, Confusion, Curve, EpochPoint, MeanMeasure, NetworkResult, Reliability
from thyrosight.studies.ynet import YNetResult
from thyrosight.studies.ynet.baseline import BaselineLine, ClassFigures, NeckLevel
from thyrosight.studies.ynet.result import (
    TABLE_3,
    OutlineExample,
    OutlineResult,
    ReportComparison,
    ReportReader,
    Spread,
    TaskEffect,
    TaskResult,
)

LAST = "negative_likelihood_ratio"
CURVE = Curve(x=[0, 0.5, 1], y=[0, 0.8, 1], low=[0, 0.6, 1], high=[0, 0.9, 1], method="test")
POINT = EpochPoint(
    epoch=1, divisions=5, train_loss=0.5, validation_loss=0.6, validation_auc=0.7, train_loss_spread=0,
    validation_loss_spread=0, validation_auc_spread=None,
)  # fmt: skip


def measure(value: float | None, *, high: float | None = 0.9) -> Measure:
    return Measure(value=value, low=0.6, high=high, se=0.03, method="some method", n=120, clusters=90)


def measures(value: float) -> dict[str, Measure]:
    return {name: measure(value) for name in ("auc", *TABLE_3)}


def means(value: float) -> dict[str, MeanMeasure]:
    item = MeanMeasure(value=value, low=0.61, high=0.91, spread=0.02, divisions=5, method="mean of five")
    return dict.fromkeys(("auc", *TABLE_3), item)


def network(task: str, title: str, *, role: str = "comparator") -> TaskResult:
    spread = Spread(n=118, low=0.0, quartile_1=0.324, median=0.832, quartile_3=0.928, high=0.976)
    outlines = OutlineResult(
        tests=600, images=120, groups=90, dice_mean=measure(0.71), dice_median=measure(0.832),
        dice_spread_over_divisions=0.015, dice=spread, iou=spread, hd95_pixels=spread,
        hd95_mm=Spread(n=0, low=None, quartile_1=None, median=None, quartile_3=None, high=None), failed_below=0.1,
        failed=measure(0.07), found_nothing=3, marked_nothing_there=1, without_lesion=4,
        points=[(0.1 * i, 0.01 * (i + 1)) for i in range(10)],
    )  # fmt: skip
    classes = NetworkResult(
        architecture="ynet", title=title, role=role, start="random weights", parameters=1, mean={}, pooled={},
        divisions=[], confusion=Confusion(true_positive=5, false_negative=1, false_positive=2, true_negative=4),
        roc=CURVE, precision_recall=CURVE,
        reliability=Reliability(bins=[], brier=0.15, expected_calibration_error=0.04, method="bins"),
        score_benign=[0.2], score_malignant=[0.8], history=[POINT], seconds=1.0,
    )  # fmt: skip
    told = task != "segmentation"
    return TaskResult(
        key=f"ynet_{task}", architecture="ynet", task=task, title=title, role=role, start="random weights",
        parameters=2_390_451, training={}, divisions=5, seconds=10, history=[POINT], dice_history=[0.4, 0.6],
        classes=classes if told else None, pooled=measures(0.72) if told else {}, means=means(0.73) if told else {},
        outlines=None if task == "classification" else outlines,
    )  # fmt: skip


@pytest.fixture
def result() -> YNetResult:
    main = network("joint", "Y-Net, outline and class", role="main")
    alone = network("classification", "Y-Net, class alone")
    against = Comparison(measure="auc", difference=0.05, low=-0.01, high=0.1, p=0.04, p_corrected=0.08, method="paired")
    alone = alone.model_copy(update={"against_main": [against]})
    effect = TaskEffect(
        architecture="ynet", title="Y-Net", task="classification", measure="auc", joint=0.73, alone=0.78,
        difference=-0.05, low=-0.1, high=-0.01, p=0.02, method="paired", verdict="hurts",
        sentence="Y-Net: learning outlines too hurts the classification (-0.050 in AUC).",
    )  # fmt: skip
    report = ReportReader(
        column="report_text", dictionary="mine.yaml", images=120,
        readings={"benign": 30, "malignant": 80, "undecided: no keyword": 10}, decided=measures(0.951),
        undecided_wrong=measures(0.88), undecided_right=measures(0.96),
        comparisons=[
            ReportComparison(network=main.title, quantity="accuracy", of_network=0.72, of_report=0.647,
                             difference=0.073, low=0.01, high=0.14, p=0.02, p_corrected=0.04, method="GEE", n=550)
        ],
    )  # fmt: skip
    female = ClassFigures(n=1005, share=0.66)
    return YNetResult(
        recipe="ynet-lymph-node", title="Outline and class", paper="", created="2026-01-01T00:00:00", command="",
        seed=1, label_sources=["simulated"], label_policy="", split_kind="patient-level", split_method="test and folds",
        cohort={"name": "nodes"}, cohort_digest="a", split_digest="b", images=600, groups=400, patients=400, benign=300,
        malignant=300, flow=[FlowStep(text="Images", n=600, excluded=[])], limitations=["Simulated images."],
        unfinished=["Something was not done."], recipe_yaml="preparation: {contrast: stretch, text: removed}\n"
        "training: {learning_rate: 0.001, mask_loss: {cross_entropy: 1, dice: 0.5, gamma: 2, classification: 1}}\n",
        software={}, networks=[main, alone, network("segmentation", "Y-Net, outline alone")], each_tested_once=False,
        rule="mean over 5 divisions that share test images", effects=[effect], report=report,
        baseline=[
            BaselineLine(name="Sex", p=0.0004, method="Pearson"),
            BaselineLine(name="Sex", level="female", malignant=female, benign=ClassFigures(n=1126, share=0.734)),
        ],
        levels=[NeckLevel(level="VII", side="", malignant=26, benign=6)],
        examples=[
            OutlineExample(kind="good", key="a", group="g", label="benign", division="fold-01", dice=0.972, risk=0.2,
                           predicted="benign")
        ],
        examples_of="Y-Net", trials=[{"trial": "fold-01_ynet_joint", "status": "finished", "best_epoch": 7}],
        engine="local",
    )  # fmt: skip


def _texts(table: Table, row: int) -> list[str]:
    """A row in plain words, ranges with a hyphen."""
    words = [" ".join([cell.text, *cell.below]) if isinstance(cell, Cell) else cell for cell in table.rows[row]]
    return [text.replace(DASH, "-") for text in words]


def test_table_3_shows_means_where_divisions_share_test_images_and_pooled_where_not(result: YNetResult) -> None:
    shared = own.table_3(result)
    assert _texts(shared, 0)[:3] == ["Y-Net outline and class", "0.730 0.610-0.910 ± 0.020", "73.0 61.0-91.0 ± 2.0"]
    assert len(shared.rows) == 3 and _texts(shared, 2)[:3] == [
        "Original report where it decides",
        "-",
        "95.1 60.0-90.0",
    ]
    assert any("10 of 120 test images are undecided" in note for note in shared.notes)
    assert shared.head[1:] == ["AUC", *(f"{TABLE_3[name]}, %" for name in list(TABLE_3)[:5]), "+LR", TABLE_3[LAST]]
    once = own.table_3(result.model_copy(update={"each_tested_once": True}))
    assert _texts(once, 0)[1] == "0.720 0.600-0.900"


def test_undefined_and_unlimited_measures_are_not_numbers(result: YNetResult) -> None:
    pooled = measures(0.72) | {
        "positive_likelihood_ratio": measure(4.43, high=None), "npv": measure(None), "ppv": measure(0.6, high=0.6),
    }  # fmt: skip
    main = result.main.model_copy(update={"pooled": pooled})
    changed = result.model_copy(update={"networks": [main], "each_tested_once": True})
    row = _texts(own.table_3(changed), 0)
    assert row[5:8] == ["60.0", "undefined", "4.43 above 0.60"]


def test_outlines_say_how_they_were_measured_and_what_failed(result: YNetResult) -> None:
    table = own.outlines_table(result)
    assert len(table.rows) == 2
    row = _texts(table, 0)
    assert row[1:4] == ["0.710 0.600-0.900 ± 0.015", "0.832 0.600-0.900", "0.324-0.928 0.000-0.976"]
    assert row[-2:] == ["7.0 % 60.0-90.0", "3"]
    notes = " ".join(table.notes)
    assert "4 tests have no lesion, in 1 of which" in notes and "In mm" not in notes


def test_cells_of_the_other_tables(result: YNetResult) -> None:
    assert _texts(own.baseline_table(result), 1)[1:3] == ["1005 (66.0 %)", "1126 (73.4 %)"]
    assert _texts(own.levels_table(result), 0) == ["Level VII", "26", "6"]
    assert _texts(own.effects_table(result), 0)[5:] == ["-0.050 (-0.100 to -0.010)", "0.020", "hurts"]
    against = more.report_comparisons_table(result)
    assert against is not None
    assert _texts(against, 0)[1:4] == ["undefined", "undefined", "+7.3 +1.0 to +14.0 P = 0.020 (= 0.040)"]
    assert _texts(more.networks_table(result), 1)[4] == "+0.050 -0.010 to +0.100 P = 0.040 (= 0.080)"
    assert _texts(more.report_table(result), 1)[1:3] == ["120", "88.0 60.0-90.0"]


def test_the_page_holds_every_part_and_says_simulated_under_each_figure_and_table(result: YNetResult) -> None:
    mask = np.zeros((32, 32), bool)
    mask[8:20, 8:20] = True
    pictures = {"a/pixels": np.full((32, 32), 90, np.uint8), "a/truth": mask, "a/found": mask}
    page = render_document(document(result, pictures))
    for words in (
        "Something was not done", "hurts the classification", "Dice 0.972, risk 0.20: benign", "painted over",
        "focal loss (gamma 2)", "0.5 x (1 - Dice)", "+7.3 points", "Accuracy minus that of the original report",
    ):  # fmt: skip
        assert words in page, words
    for found in re.findall(r"<figcaption>(.*?)</figcaption>|<p class=\"notes\">(.*?)</p>", page, flags=re.DOTALL):
        assert "simulated" in "".join(found)


def test_without_reports_classes_or_pictures_the_page_is_whole(result: YNetResult) -> None:
    alone = network("segmentation", "Y-Net, outline alone", role="main")
    bare = result.model_copy(update={"networks": [alone], "report": None, "effects": [], "levels": [], "examples": []})
    page = render_document(document(bare, {}))
    assert "Table 3" not in page and "Original report" not in page and "Table 2" not in page
    assert "Median Dice" in page and "AUC" not in page.split("<h2")[1]
