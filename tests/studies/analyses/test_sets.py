"""One network on several sets: each set in its row, calibration by another route, and decisions counted by hand."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from sklearn.metrics import brier_score_loss, roc_auc_score

from tests.studies.made_up import drawn
from thyrosight.documents import Measure
from thyrosight.documents.drawings import Lines
from thyrosight.studies.analyses.decisions import BIOPSIED, biopsies_table, decision_figure, decisions_table
from thyrosight.studies.analyses.sets import EXTERNAL, SetTested, calibration_table, sets_roc, sets_table
from thyrosight.studies.base import Evaluation
from thyrosight.studies.recipe import DecisionOptions

OPTIONS = Evaluation(seed=1, bootstrap=200)
ASKED = DecisionOptions(thresholds=(0.2, 0.4), missed=0.1)


def rows(name: str, *, steep: float = 1.0, higher: float = 0.0, count: int = 240) -> pd.DataFrame:
    """Predictions whose log odds are `steep` times too far from 0, and `higher` by that much."""
    random = drawn("set", name)
    true = random.normal(-0.4, 1.4, count)
    truth = (random.random(count) < 1 / (1 + np.exp(-true))).astype(int)
    given = 1 / (1 + np.exp(-(steep * true + higher)))
    found = pd.DataFrame({"key": [f"{name}{i}" for i in range(count)], "truth": truth})
    found["group"] = [f"{name}{i // 2}" for i in range(count)]
    found = found.assign(probability=given, risk=given, predicted=(given >= 0.5).astype(int))
    return found.assign(**{BIOPSIED: (given >= 0.15).astype(int)})


@pytest.fixture(scope="module")
def sets() -> list[SetTested]:
    own = SetTested.judged("Test part", rows("in"), labels=["pathology"], split="patient-level", options=OPTIONS)
    found = rows("out", steep=2.0, higher=1.0)
    labels = ["cytology", "TI-RADS"]
    return [
        own,
        SetTested.judged("B (external)", found, labels=labels, split=EXTERNAL, options=OPTIONS, note="B: seen."),
    ]


def test_each_set_stands_in_its_row_with_its_own_labels(sets: list[SetTested]) -> None:
    table = sets_table(sets, caption="Sets", notes=("A note.",), strong=0)
    assert table.notes == ("A note.", "B: seen.")
    for item in sets:
        row: dict[str, Any] = dict(table.row(set=item.title))
        truth, called = item.rows["truth"] == 1, item.rows["predicted"] == 1
        assert [row[k] for k in ("n", "benign", "malignant", "groups")] == [240, (~truth).sum(), truth.sum(), 120]
        expected = {
            "auc": roc_auc_score(truth, item.rows["risk"]), "sensitivity": called[truth].mean(),
            "specificity": (~called)[~truth].mean(), "accuracy": (called == truth).mean(),
            "ppv": truth[called].mean(), "npv": (~truth)[~called].mean(),
        }  # fmt: skip
        for name, value in expected.items():
            assert row[name].value == pytest.approx(value), name
            assert row[name].low < value < row[name].high
    assert [row["labels"] for row in table.rows] == ["pathology", "cytology and TI-RADS"]
    assert [column.title for column in table.shown][:4] == ["Tested on", "n", "Malignant", "Labels"]
    assert [row["split"] for row in table.rows] == ["patient-level", "external set"]
    figure = sets_roc(sets, caption="Curves", options=OPTIONS)
    assert figure is not None and isinstance(figure.drawing, Lines)
    curves = figure.drawing.panels[0].curves
    for curve, item in zip(curves, sets, strict=True):
        assert curve.name.startswith(item.title)
        area = abs(np.trapezoid(curve.y, curve.x))  # type: ignore[arg-type]
        assert area == pytest.approx(item.measures["auc"].value, abs=0.01)
    assert (curves[0].low is None, curves[1].low is None) == (False, True)


def test_a_set_of_one_class_says_so_and_draws_no_curve(sets: list[SetTested]) -> None:
    alone = sets[1].rows.assign(truth=0)
    one = SetTested.judged("C (external)", alone, labels=["pathology"], split=EXTERNAL, options=OPTIONS)
    assert one.measures == {} and one.note.startswith("C (external): ")
    assert sets_roc([sets[0], one], caption="", options=OPTIONS) is None
    assert "auc" not in sets_table([sets[0], one], caption="").rows[1]
    assert calibration_table([one], options=OPTIONS) is None
    assert decisions_table([one], ASKED, options=OPTIONS) is None


def test_calibration_outside_is_found_and_mended(sets: list[SetTested]) -> None:
    table = calibration_table(sets, options=OPTIONS)
    assert table is not None
    for item in sets:
        row: dict[str, Any] = dict(table.row(set=item.title))
        odds = np.log(item.rows["risk"] / (1 - item.rows["risk"])).to_numpy()
        line = sm.Logit(item.rows["truth"], sm.add_constant(odds)).fit(disp=0).params
        large = sm.GLM(item.rows["truth"], np.ones(len(odds)), offset=odds, family=sm.families.Binomial()).fit().params
        assert row["slope"].value == pytest.approx(line.iloc[1], abs=1e-5)
        assert row["intercept"].value == pytest.approx(large.iloc[0], abs=1e-5)
        assert row["brier"].value == pytest.approx(brier_score_loss(item.rows["truth"], item.rows["risk"]))
        assert row["brier"].low < row["brier"].value < row["brier"].high and row["brier"].clusters == 120
        assert row["risk"] == pytest.approx(item.rows["risk"].mean())
        assert row["observed"] == pytest.approx(item.rows["truth"].mean())
        assert row["slope"].low < row["slope"].value < row["slope"].high
    rows: Any = table.rows
    inside, beyond = rows
    assert not {name for name in inside if name.endswith("_anew")}, "nothing is fitted on the test part"
    assert beyond["slope"].value < 0.7 < beyond["slope_anew"].value
    assert beyond["intercept"].value < -0.5 and abs(beyond["intercept_anew"].value) < 0.1
    assert beyond["ici_anew"].value < beyond["ici"].value / 2
    assert inside["ici"].value < beyond["ici"].value
    assert table.column("ici_anew").hidden is False
    alone = calibration_table(sets[:1], options=OPTIONS)
    assert alone is not None and alone.column("ici_anew").hidden


def test_few_patients_give_no_interval_and_no_recalibration(sets: list[SetTested]) -> None:
    few = sets[1].rows.groupby("truth").head(9)
    one = SetTested.judged("few", few, labels=["pathology"], split=EXTERNAL, options=OPTIONS)
    calibrated, decided = calibration_table([one], options=OPTIONS), decisions_table([one], ASKED, options=OPTIONS)
    assert calibrated is not None and decided is not None
    (row,) = calibrated.rows
    assert "ici_anew" not in row
    for cell in (row["slope"], row["ici"], decided.rows[0]["network"]):
        assert cell.value is not None and cell.low is None  # type: ignore[union-attr]
        assert "too few" in cell.method  # type: ignore[union-attr]


def test_net_benefit_is_that_of_the_counts(sets: list[SetTested]) -> None:
    table, figure = decisions_table(sets, ASKED, options=OPTIONS), decision_figure(sets, ASKED, options=OPTIONS)
    assert table is not None and figure is not None and isinstance(figure.drawing, Lines)
    assert [(row["set"], row["threshold"]) for row in table.rows] == [
        ("Test part", 0.2), ("Test part", 0.4), ("B (external)", 0.2), ("B (external)", 0.4),
    ]  # fmt: skip
    for item, panel in zip(sets, figure.drawing.panels, strict=True):
        truth, risk = item.rows["truth"].to_numpy(), item.rows["risk"].to_numpy()
        assert panel.title == item.title
        network, everyone = panel.curves
        for threshold in ASKED.thresholds:
            price, called = threshold / (1 - threshold), risk >= threshold
            benefit = (truth[called].sum() - price * (1 - truth[called]).sum()) / len(truth)
            of_all = truth.mean() - price * (1 - truth.mean())
            row: dict[str, Any] = dict(table.row(set=item.title, threshold=threshold))
            assert row["network"].value == pytest.approx(benefit)
            assert row["everyone"].value == pytest.approx(of_all)
            assert row["avoided"].value == pytest.approx((benefit - of_all) / price)
            assert row["network"].low < benefit < row["network"].high
            place = network.x.index(pytest.approx(threshold))  # type: ignore[arg-type]
            assert (network.y[place], everyone.y[place]) == (pytest.approx(benefit), pytest.approx(of_all))
        assert network.x[-1] == pytest.approx(0.6)
    assert "(B (external): labels cytology and TI-RADS)" in figure.caption


def test_biopsies_avoided_are_counted_among_all_and_among_benign(sets: list[SetTested]) -> None:
    table = biopsies_table(sets, ASKED, options=OPTIONS)
    assert table is not None and "10 %" in table.caption
    for item in sets:
        truth, taken = item.rows["truth"] == 1, item.rows[BIOPSIED] == 1
        row: dict[str, Any] = dict(table.row(set=item.title))
        expected = {
            "missed": (~taken)[truth].mean(), "avoided": (~taken).mean(), "benign_avoided": (~taken)[~truth].mean(),
        }  # fmt: skip
        for name, value in expected.items():
            assert row[name].value == pytest.approx(value), name
            assert row[name].low <= value <= row[name].high
            assert row[name].low < row[name].high
    without = SetTested("x", sets[0].rows.drop(columns=BIOPSIED), ["pathology"], "patient-level")
    assert biopsies_table([without], ASKED, options=OPTIONS) is None


def test_a_network_that_spares_nobody_may_spare_others() -> None:
    """The table said 0.0 without an interval, and that acting on nobody has a net benefit of 0.000."""
    truth = np.repeat([1, 0], [12, 28])
    alike = pd.DataFrame({"truth": truth, "risk": 0.3, "group": [f"p{i}" for i in range(40)]})
    one = SetTested("A", alike, ["pathology"], "patient-level")
    table = decisions_table([one], ASKED, options=OPTIONS)
    assert table is not None
    avoided, network = table.rows[0]["avoided"], table.rows[1]["network"]
    assert isinstance(avoided, Measure) and isinstance(network, Measure)
    assert (avoided.value, avoided.high) == (0, pytest.approx(0.7 * (1 - 0.025 ** (1 / 28))))
    assert avoided.low == pytest.approx(-0.3 * (1 - 0.025 ** (1 / 12)) * 4)
    assert (network.value, network.high) == (0, pytest.approx(0.3 * (1 - 0.025 ** (1 / 12))))
    figure = decision_figure([one], ASKED, options=OPTIONS)
    assert figure is not None and isinstance(figure.drawing, Lines)
    curve = figure.drawing.panels[0].curves[0]
    assert curve.low is not None and all(low is not None for low in curve.low)
