"""The report of a study of fusion: every number comes from the result, and what is missing is said."""

from typing import Any

import numpy as np
import pytest

from thyrosight.reports.document import render_document
from thyrosight.reports.elasticity_fusion import document
from thyrosight.reports.elasticity_fusion_more_tables import cost_table, hidden_table, published_table
from thyrosight.reports.elasticity_fusion_tables import best_table, depth_table, fusion_table, methods_table, percent
from thyrosight.reports.tables import DASH, Cell
from thyrosight.studies.elasticity_fusion import ElasticityFusionResult
from thyrosight.studies.elasticity_fusion.result import (
    BestDepth,
    CallExample,
    Cost,
    CostRow,
    HiddenRow,
    PairComparison,
    PartCount,
    Projection,
    Row,
)
from thyrosight.studies.result import Confusion, Curve, EpochPoint, MeanMeasure, NetworkResult, Reliability

NAMES = ("auc", "balanced_accuracy", "accuracy", "recall", "specificity", "precision", "f1")
RECIPE = "training: {modality_dropout: 0.2, learning_rate: 0.0001}"
CURVE = Curve(x=[0, 0.5, 1], y=[0, 0.8, 1], low=[0, 0.6, 1], high=[0, 0.9, 1], method="test")


def mean(value: float | None) -> MeanMeasure:
    low, high, spread = (None, None, None) if value is None else (value - 0.1, value + 0.05, 0.02)
    return MeanMeasure(value=value, low=low, high=high, spread=spread, divisions=10, method="a test method")


def against(to: str, difference: float, *, family: str = "2 rows") -> list[PairComparison]:
    return [
        PairComparison(
            measure=name, difference=difference, low=difference - 0.05, high=difference + 0.05, p=0.02,
            p_corrected=0.04, method=f"paired bootstrap; P corrected by Holm over {family}", to=to, family=family,
        )
        for name in ("auc", "accuracy")
    ]  # fmt: skip


def row(shown: str, head: str, depth: int, value: float, **changes: Any) -> Row:
    titles = {"b-mode": "B-mode", "elastogram": "Elastogram", "late": "Late fusion"}
    fields = {
        "name": f"vgg16_{shown}_{head}_freeze-{depth:02d}", "title": f"{titles[shown]}, {head.upper()}", "input": shown,
        "head": head, "architecture": "VGG16", "depth": depth, "start": "vgg16.pth (download)",
        "parameters": 134_000_000, "trained_parameters": 130_000_000, "mean": dict.fromkeys(NAMES, mean(value)),
        "validation_auc": mean(value), "per_nodule": dict.fromkeys(NAMES, mean(value)), "epochs": [9, 12],
        "seconds": 90.0, "images_per_second": 50.0, "cached": ["kept"],
    }  # fmt: skip
    return Row.model_validate(fields | changes)


@pytest.fixture
def result() -> ElasticityFusionResult:
    main = NetworkResult(
        architecture="vgg16", title="VGG16", role="main", start="vgg16.pth (download)", parameters=134_000_000, mean={},
        pooled={}, divisions=[], roc=CURVE, precision_recall=CURVE,
        confusion=Confusion(true_positive=50, false_negative=10, false_positive=12, true_negative=48),
        reliability=Reliability(bins=[], brier=0.15, expected_calibration_error=0.04, method="bins"),
        score_benign=[0.2], score_malignant=[0.8], seconds=10.0,
        history=[
            EpochPoint(epoch=epoch, divisions=10, train_loss=0.5, validation_loss=0.6, validation_auc=0.7,
                       train_loss_spread=0, validation_loss_spread=0, validation_auc_spread=None)
            for epoch in (1, 2)
        ],
    )  # fmt: skip
    depths = [
        row("b-mode", "own", 0, 0.71, against=against("6 layers frozen", -0.05)),
        row("b-mode", "own", 6, 0.76, main=True),
    ]
    late = [against(to, 0.1, family="2 comparisons of late fusion") for to in ("B-mode, SPP", "Elastogram, SPP")]
    methods = [
        row("b-mode", "spp", 6, 0.8, against=against("Late fusion, SPP", -0.1)),
        row("elastogram", "spp", 7, 0.8, against=against("Late fusion, SPP", -0.1)),
        row("late", "spp", 6, 0.9, main=True, against=[item for items in late for item in items]),
    ]
    best = BestDepth(
        input="b-mode", depth=6, validation_auc=0.76, share_of_draws={"0": 0.2, "6": 0.8}, likely=[0, 6],
        best_in_folds={"0": 3, "6": 7}, draws=2000, against=against("0 layers frozen", 0.05),
    )  # fmt: skip
    parts = [
        PartCount(part=name, patients=n, images=5 * n, malignant_patients=n, malignant_images=3 * n, benign_patients=0,
                  benign_images=2 * n)
        for name, n in (("All", 233), ("Training", 183), ("Test", 50))
    ]  # fmt: skip
    hidden = HiddenRow(
        name="late", title="Late fusion, SPP", hidden="elastogram", mean=dict.fromkeys(NAMES, mean(0.77)),
        against=against("both images", -0.13),
    )  # fmt: skip
    cost = Cost(
        depth=6, title="B-mode, own classifier", largest_difference=2e-7, sentence="Twice as fast.",
        rows=[CostRow(name=name, cached=name, epochs=2, seconds=30, seconds_per_epoch=15, images_per_second=60)
              for name in ("computed anew", "kept")],
    )  # fmt: skip
    return ElasticityFusionResult(
        recipe="elasticity-fusion", title="Fusion", paper="", created="2026-01-01T00:00:00+00:00", command="thyrosight",
        seed=1, label_sources=["pathology"], label_policy="recorded", split_kind="patient-level", split_method="once",
        cohort={"name": "clinic"}, cohort_digest="a", split_digest="b", images=1156, groups=233, patients=233,
        benign=539, malignant=617, flow=[], limitations=[], unfinished=["A part was left out."],
        recipe_yaml=RECIPE, software={"thyrosight": "0"}, second_source="elastogram",
        second_name="elastogram", network_title="VGG16", pairs=1156, plain={"b-mode": [depths[1]]},
        depths={"b-mode": depths}, best=[best], chosen={"b-mode": 6}, choice="The folds chose.", methods=methods,
        hidden=[hidden], main=main, main_name=methods[2].name, roc={"late": CURVE, "b-mode": CURVE}, parts=parts,
        cost=cost, calls=[CallExample(key="k1", label="malignant", call="false negative", risk=0.12)],
        calls_division="fold-01", projections=[], projection_note="", trials=[], engine="local",
    )  # fmt: skip


def page(result: ElasticityFusionResult, **pictures: np.ndarray) -> str:
    return render_document(document(result, pictures))


def test_the_page_says_what_was_found(result: ElasticityFusionResult) -> None:
    text = page(result)
    for said in (
        "mean AUC 0.90 (95 % interval 0.80 to 0.95) over 10 networks on 250 test images",
        "against B-mode, SPP +10.0 (+5.0 to +15.0, corrected P 0.040)",
        "6 for B-mode image (best in 80 % of draws)",
        "hiding one image of a training pair with probability 0.2",
        "A part was left out.",
        "the paper&#39;s Table VI",
        "other patients, not comparable",
    ):
        assert said in text, said
    assert "no elastography" not in text


def test_a_second_view_is_said_in_every_caption(result: ElasticityFusionResult) -> None:
    other = result.model_copy(update={"second_source": "image", "second_name": "second view"})
    pictures = {"k1/pair": np.full((20, 20, 4), 90, dtype=np.uint8)}
    text = page(other, **pictures)
    captions = text.count("<figcaption")
    assert captions >= 5
    assert text.lower().count("second view of the same image, no elastography") >= captions
    assert "nothing here is about elastography" in text


def test_an_interval_that_holds_chance_is_called_a_guess(result: ElasticityFusionResult) -> None:
    weak = [item.model_copy(update={"mean": dict.fromkeys(NAMES, mean(0.55))}) for item in result.methods]
    assert "cannot be told from guessing" in page(result.model_copy(update={"methods": weak}))


def test_tables_hold_value_spread_interval_and_test(result: ElasticityFusionResult) -> None:
    table = methods_table(result)
    assert table.strong_row == 2
    first = table.rows[0][1]
    assert isinstance(first, Cell)
    assert first.text.replace("\N{NARROW NO-BREAK SPACE}", " ") == "80.0 ± 2.0"
    assert first.below == [f"70.0{DASH}85.0"]
    assert [cell.text for cell in table.rows[0][5:7] if isinstance(cell, Cell)] == ["-10.0", "0.020"]
    assert table.rows[2][5:7] == [DASH, DASH]
    assert percent(mean(None)).text == "undefined"
    depths = depth_table(result, result.depths["b-mode"], caption="c")
    assert (depths.strong_row, depths.rows[1][0]) == (1, "6")


def test_the_best_depth_is_shown_with_its_doubt(result: ElasticityFusionResult) -> None:
    table = best_table(result, {"b-mode": "B-mode image"})
    assert table.rows[0][:6] == ["B-mode image", "6", "76.0", "80", "0, 6", "0 (3), 6 (7)"]
    assert table.head[6] == "Δ AUC, % to 0 layers frozen"


def test_late_fusion_is_set_against_each_image(result: ElasticityFusionResult) -> None:
    table = fusion_table(result)
    assert table is not None
    assert [line[:2] for line in table.rows] == [
        ["Late fusion, SPP", "B-mode, SPP"],
        ["Late fusion, SPP", "Elastogram, SPP"],
    ]
    alone = result.model_copy(update={"methods": result.methods[2:]})
    assert fusion_table(alone) is None


def test_published_figures_are_marked_and_ours_has_an_interval(result: ElasticityFusionResult) -> None:
    table = published_table(result)
    assert all(str(line[0]).startswith("Published: ") for line in table.rows[:-1])
    assert table.rows[-2][2:] == ["94.70", "92.77", "97.96", "98.77"]
    assert table.rows[4][-1] == DASH
    assert table.rows[-1][0] == "This run: Late fusion, SPP"
    assert isinstance(table.rows[-1][2], Cell)


def test_cost_and_hidden_images(result: ElasticityFusionResult) -> None:
    table = cost_table(result)
    assert table is not None
    assert "differ by at most 2e-07" in table.notes[0]
    assert hidden_table(result).rows[0][0] == Cell("Late fusion, SPP", ["without elastogram"])
    none = result.model_copy(update={"cost": None, "hidden": []})
    assert "was not measured in this run" in page(none)
    assert "One image missing" not in page(none)


def test_a_pair_and_a_projection_are_drawn_where_their_pictures_are(result: ElasticityFusionResult) -> None:
    projection = Projection(
        key="k1", label="malignant", image="second", layer=2, layer_name="features.2", map=3, row=4, column=5,
        activation=1.5, blurred_activation=0.5, gap=0.01, window=(2, 2, 12, 12),
    )  # fmt: skip
    shown = result.model_copy(update={"projections": [projection], "projection_note": "the strongest response"})
    flat = np.zeros((20, 20), dtype=np.float32)
    pictures = {
        "k1/pair": np.full((20, 20, 4), 90, dtype=np.uint8),
        "projection/0/pixels": np.full((20, 20, 3), 90, dtype=np.uint8),
        "projection/0/deconvolution": flat + 0.1,
        "projection/0/attribution": flat - 0.1,
    }
    text = page(shown, **pictures)
    assert "layer 2 of the elastogram: k1, malignant" in text
    assert "There was no false positive and no true negative and no true positive." in text
    assert "No picture is shown" in page(shown)
