"""The report of a study of crop margins: every number comes from the result, and what is missing is said."""

from typing import Any

import numpy as np
import pytest

from thyrosight.reports.document import render_document
from thyrosight.reports.figures import CropView, StackedPanel, figure_crop_windows, figure_stacked
from thyrosight.reports.inception_margin import document
from thyrosight.reports.tables import DASH
from thyrosight.studies.base import Measure
from thyrosight.studies.inception_margin.feature_errors import FeatureErrors, FeatureTest, LevelCount
from thyrosight.studies.inception_margin.feature_odds import Odds, OddsRow
from thyrosight.studies.inception_margin.result import (
    Balance,
    CropExample,
    Distribution,
    ExternalResult,
    InceptionMarginResult,
    SizeGroup,
    Tried,
)
from thyrosight.studies.result import Comparison, Confusion, Curve, EpochPoint, NetworkResult, Reliability

NAMES = ("auc", "balanced_accuracy", "accuracy", "recall", "specificity", "precision", "f1")
CURVE = Curve(x=[0, 0.5, 1], y=[0, 0.8, 1], low=[0, 0.6, 1], high=[0, 0.9, 1], method="test")


def measures(value: float) -> dict[str, Measure]:
    item = Measure(value=value, low=value - 0.1, high=value + 0.05, se=0.03, method="test method", n=120, clusters=90)
    return dict.fromkeys(NAMES, item)


def tried(margin: float, value: float, **changes: Any) -> Tried:
    fields = {
        "margin": margin, "size": 384, "shape": "square", "trained": "margins drawn from 0 to 100 pixels",
        "main": margin == 50, "validation_auc": value, "measures": measures(value), "thresholds": [0.4], "roc": CURVE,
    }  # fmt: skip
    if margin != 50:
        compared = {"difference": value - 0.8, "low": -0.2, "high": 0.1, "p": 0.021, "p_corrected": 0.042}
        fields["against_main"] = [
            Comparison(measure=name, method="paired bootstrap", **compared) for name in ("auc", "accuracy")
        ]
    return Tried.model_validate(fields | changes)


@pytest.fixture
def result() -> InceptionMarginResult:
    main = NetworkResult(
        architecture="inception_v3", title="Inception-v3", role="main", start="random weights", parameters=21_000_000,
        mean={}, pooled=measures(0.8), divisions=[],
        confusion=Confusion(true_positive=50, false_negative=10, false_positive=12, true_negative=48),
        roc=CURVE, precision_recall=CURVE,
        reliability=Reliability(bins=[], brier=0.15, expected_calibration_error=0.04, method="bins"),
        score_benign=[0.2], score_malignant=[0.8], seconds=10.0,
        history=[
            EpochPoint(epoch=epoch, divisions=1, train_loss=0.5, validation_loss=0.6, validation_auc=0.7,
                       train_loss_spread=0, validation_loss_spread=0, validation_auc_spread=None)
            for epoch in (1, 2)
        ],
    )  # fmt: skip
    return InceptionMarginResult(
        recipe="inception-margin", title="Margins", paper="", created="2026-01-01T00:00:00+00:00", command="thyrosight",
        seed=1, label_sources=["pathology"], label_policy="recorded", split_kind="patient-level", split_method="once",
        cohort={"name": "clinic"}, cohort_digest="a", split_digest="b", images=500, groups=400, patients=400,
        benign=250, malignant=250, flow=[], limitations=[], unfinished=["A part was left out."], recipe_yaml="seed: 1",
        software={"thyrosight": "0"}, main=main, main_margin=50, main_size=384, margin_unit="pixels",
        margins=[tried(0, 0.71), tried(50, 0.8)], sizes=[tried(50, 0.8)], shapes=[tried(50, 0.8)],
        choice="The validation part speaks for the main choice.",
        size_groups=[
            SizeGroup(name="< 0.5 cm", benign=20, malignant=21, validation_benign=9, validation_malignant=8,
                      chosen="margin 25 pixels, input 384, trained on all sizes", chosen_on="validation AUC", tried=20,
                      measures=measures(0.83), roc=CURVE, main_measures=measures(0.82))
        ],
        distribution=[
            Distribution(part=part, images=10, groups=["< 0.5 cm"], categories=["3", "4a"], counts=[[4, 6]])
            for part in ("training", "test")
        ],
        balance=[Balance(column="TI-RADS", p=0.6, method="chi-square")],
        features=FeatureErrors(
            images=120, wrong=22, groups=90, entered=["shape"], multivariate_n=0, problems=[], notes=["A note."],
            tests=[
                FeatureTest(feature="shape", label=label, unknown=3, p=0.0123, p_corrected=0.0456, p_chi_square=0.0078,
                            method="score test", note="",
                            levels=[LevelCount(level="wider than tall", n=40, right=30, wrong=10)])
                for label in ("malignant", "benign")
            ],
            odds=[
                OddsRow(feature="shape", level="taller than wide", reference="any other", n=30, wrong=2, n_reference=80,
                        wrong_reference=18, multivariate=None,
                        univariate=Odds(value=0.243, low=0.073, high=0.81, p=0.021, p_corrected=0.021,
                                        method="logistic regression with Firth's penalty"))
            ],
        ),
        features_of="120 test images", external=[
            ExternalResult(name="web", label_sources=["unstated"], images=60, benign=30, malignant=30, groups=50,
                           split_kind="image-level", without_box=60,
                           excluded=[("the same frame", 4)], measures=measures(0.66), roc=CURVE)
        ],
        examples=[CropExample(key="a", label="benign", box=(10, 10, 40, 30), square=(5, 0, 45, 40),
                              rectangle=(5, 5, 45, 35), margins=[0, 50])],
        trials=[{"trial": "one", "status": "finished", "train": 300, "epochs": 2, "best_epoch": 1,
                 "validation_auc": 0.8, "seconds": 12.3, "machine": "node", "threads": 4, "starts": 2, "error": ""}],
        engine="ray",
    )  # fmt: skip


def pictures() -> dict[str, np.ndarray]:
    square = np.zeros((32, 32), dtype=np.uint8)
    shown = dict.fromkeys((f"a/{name}" for name in ("square", "rectangle", "0", "50")), square)
    return shown | {"a/frame": np.zeros((60, 80), dtype=np.uint8)}


def test_the_page_holds_the_numbers(result: InceptionMarginResult) -> None:
    page = render_document(document(result, pictures()))
    for text in (
        "Research use only", "A part was left out.", "labels: pathology", "80.0", f"70.0{DASH}85.0", "-0.090", "0.042",
        "margin 25 pixels, input 384", "30 (75.0 %)", "0.008", "0.243 *", f"0.073{DASH}0.810", "web (external)",
        "60 without a box: whole scan area", "node (4)", "Outside, on web: AUC 0.66", "engine ray",
    ):  # fmt: skip
        assert text in page, text
    for title in ("Crops", "Margins and input sizes", "Size groups", "Features and errors", "Internal and external"):
        assert f">{title}</h2>" in page
    assert "Errors go with shape (malignant), shape (benign)" in page
    assert "http" not in page.replace("http://www.w3.org", "")


def test_what_is_missing_leaves_its_section_out(result: InceptionMarginResult) -> None:
    bare = result.model_copy(update={"size_groups": [], "features": None, "external": [], "examples": []})
    page = render_document(document(bare, {}))
    for title in ("Size groups", "Features and errors", "Internal and external"):
        assert f">{title}</h2>" not in page
    assert "No crop is shown" in page


def test_bars_add_up_to_a_hundred_and_an_empty_group_is_empty() -> None:
    panel = StackedPanel("training part", ["a", "b"], [[1, 3, 0], [0, 0, 0]])
    (axes,) = figure_stacked([panel], ["3", "4a", "not recorded"], legend="TI-RADS").axes
    heights = np.array([[bar.get_height() for bar in bars] for bars in axes.containers])
    assert heights.T.tolist() == [[25, 75, 0], [0, 0, 0]]
    assert [text.get_text() for text in axes.texts] == ["n = 4", "n = 0"]


def test_windows_outside_the_frame_are_shown_whole() -> None:
    view = CropView(
        "square", np.zeros((60, 80), np.uint8), (0, 0, 30, 20), (-30, -40, 60, 50), np.zeros((8, 8), np.uint8)
    )
    above, _ = figure_crop_windows([view]).axes
    assert above.get_xlim() == (-32, 82)
    assert above.get_ylim() == (62, -42)
