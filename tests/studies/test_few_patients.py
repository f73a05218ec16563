"""Fewer than ten patients of a class bear no P value and no bootstrap interval, wherever a report has one."""

import math
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

from tests.studies.made_up import made_up_cohort
from thyrosight.cohort import Cohort, property_aucs, split_holdout
from thyrosight.documents import Measure
from thyrosight.documents.drawings import Calibration, Lines
from thyrosight.progress import silent
from thyrosight.statistics import exact_limits, gee_proportion
from thyrosight.studies.analyses.calibration_figures import calibration_bins, calibration_figure
from thyrosight.studies.analyses.curves import band_words
from thyrosight.studies.analyses.decisions import BIOPSIED, biopsies_table
from thyrosight.studies.analyses.diagnosis import diagnose, network_judgements
from thyrosight.studies.analyses.freeze_depth import best_depth, best_table, depth_figure, draws_table
from thyrosight.studies.analyses.part_balance import balance_table
from thyrosight.studies.analyses.reader_comparison import network_table
from thyrosight.studies.analyses.readings.agreement_change import agreement_change_table
from thyrosight.studies.analyses.readings.changes import _bias, net
from thyrosight.studies.analyses.readings.reading_set import ReaderOptions, ReadingSet
from thyrosight.studies.analyses.risk_categories import CALIBRATED, categories_table
from thyrosight.studies.analyses.sets import SetTested
from thyrosight.studies.analyses.shortcuts import shortcuts_table
from thyrosight.studies.base import Evaluation
from thyrosight.studies.predictions import outcome_of
from thyrosight.studies.recipe import DecisionOptions
from thyrosight.tirads import RiskCategories

OPTIONS = Evaluation(bootstrap=200)
FEW = "12 benign and 8 malignant groups are too few (below 10) for a bootstrap or a P value"


def judged(benign: int, malignant: int, *, seed: int = 1) -> pd.DataFrame:
    """Predictions of two images of each patient."""
    random = np.random.default_rng(seed)
    truth = np.repeat([0, 1], [2 * benign, 2 * malignant])
    risk = np.clip(random.normal(0.35 + 0.3 * truth, 0.2), 0.01, 0.99)
    group = np.repeat([f"g{place}" for place in range(benign + malignant)], 2)
    rows = pd.DataFrame({"key": [f"k{i}" for i in range(truth.size)], "truth": truth, "risk": risk, "group": group})
    return rows.assign(predicted=(risk >= 0.5).astype(int))


def with_widths(benign: int, malignant: int) -> tuple[Cohort, pd.DataFrame]:
    """Images whose width tells the class of every one."""
    label = np.repeat(["benign", "malignant"], [benign, malignant])
    table = pd.DataFrame({"key": [f"k{i}" for i in range(label.size)], "label": label})
    table["group"] = table["key"]
    width = np.where(label == "malignant", 800.0, 600.0) + np.arange(label.size)
    return Cohort(table, "made up", "memory"), pd.DataFrame({"width": width})


def test_a_property_of_few_files_has_an_exact_interval() -> None:
    found = property_aucs(*with_widths(12, 8))[0].area
    assert found.method.startswith("exact, counting groups")
    assert "12 negative and 8 positive groups are too few" in found.method
    assert (found.low, found.high) == pytest.approx(exact_limits(found.value, 8))
    assert "exact, counting groups" not in property_aucs(*with_widths(40, 40))[0].area.method


def test_the_table_of_shortcuts_says_why_a_property_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    cohort, properties = with_widths(5, 4)
    monkeypatch.setattr("thyrosight.studies.analyses.shortcuts.file_properties", lambda *_, **__: properties)
    tested = judged(5, 4).assign(key="k0")
    table = shortcuts_table(cohort, {"A": tested}, within=[], options=OPTIONS, progress=silent)
    assert any(
        "No property of the files is judged (all images). made up: 9 images of 9 groups" in n for n in table.notes
    )


@pytest.mark.parametrize(("malignant", "few"), [(8, FEW), (30, "")])
def test_a_calibration_curve_of_few_patients_has_no_band_and_no_intervals(malignant: int, few: str) -> None:
    figure = calibration_figure(judged(12, malignant), title="A", calibrated="not calibrated", options=OPTIONS)
    drawing = cast("Calibration", figure.drawing)
    assert drawing.curve is not None
    assert (drawing.curve.low is None) == bool(few)
    ici = figure.caption.split("ICI ")[1][:12]
    if few:
        assert f"without a band ({few})" in figure.caption
        assert "(" not in ici
    else:
        assert "bootstrap band over groups" in figure.caption
        assert "(" in ici


def test_bins_count_patients_and_not_how_often_an_image_was_tested() -> None:
    once = judged(30, 30)
    often = pd.concat([once] * 5, ignore_index=True)
    bins = [
        calibration_bins(rows["truth"], rows["risk"].to_numpy(), rows["group"].to_numpy(str), bins=4, confidence=0.95)
        for rows in (once, often)
    ]
    for one, other in zip(*bins, strict=True):
        assert (one.observed, one.low, one.high) == pytest.approx((other.observed, other.low, other.high))
        assert other.n == 5 * one.n
        assert one.low <= one.observed <= one.high


def test_a_bin_of_one_patient_allows_almost_any_risk() -> None:
    risk, group = np.array([0.1, 0.2, 0.8, 0.9]), np.array(list("aabc"))
    first, last = calibration_bins([0, 0, 1, 1], risk, group, bins=2, confidence=0.95)
    assert (first.n, first.low, first.high) == (2, 0, pytest.approx(0.975))
    assert (last.n, last.low, last.high) == (2, pytest.approx(0.025**0.5), 1)


def test_the_optimism_of_a_cut_off_is_not_measured_on_few() -> None:
    rows = judged(12, 8)
    found = diagnose(network_judgements(rows), OPTIONS)
    assert all(one.value is None and FEW in one.method for one in found.corrected.values())
    assert f"nothing can be said: {FEW}." in network_table(rows, OPTIONS, caption="Table (all").notes[0]
    enough = diagnose(network_judgements(judged(12, 12)), OPTIONS)
    assert all(one.value is not None for one in enough.corrected.values())


@pytest.mark.parametrize(("patients", "tested"), [(24, False), (60, True)])
def test_parts_of_few_patients_are_not_compared(patients: int, tested: bool) -> None:
    cohort = made_up_cohort(patients)
    row = balance_table(cohort, split_holdout(cohort, test=0.3, validation=0.2, seed=1), {"label": "Label"}).rows[0]
    assert (row["p"] is not None) == tested
    assert ("a P value needs 10 patients or groups on each side" in str(row["test"])) != tested


def _depths(malignant: int) -> Any:
    def network(seed: int) -> Any:
        part = [outcome_of(judged(12, malignant, seed=seed))]
        return SimpleNamespace(validated=lambda: part, outcomes=lambda: part)

    return {0: network(1), 3: network(2), 6: network(3)}


@pytest.mark.parametrize(("malignant", "few"), [(8, True), (12, False)])
def test_few_validation_patients_draw_no_best_depth(malignant: int, few: bool) -> None:
    found = {"B-mode": best_depth(_depths(malignant), options=OPTIONS)}
    row, table = best_table(found).rows[0], best_table(found)
    assert (row["share_of_draws"] is None, row["likely"] == "") == (few, few)
    assert any(note.startswith("No draws: 12 benign and 8 malignant") for note in table.notes) == few
    assert any(note.startswith("Draws: ") for note in table.notes) != few
    assert [row["share_of_draws"] is None for row in draws_table(found).rows] == [few] * 3
    measure = Measure(value=0.7, low=0.5, high=0.9)
    means = {"B-mode": {depth: {"auc": measure, "accuracy": measure} for depth in (0, 3, 6)}}
    figure = depth_figure(means, found)
    assert len(cast("Lines", figure.drawing).panels) == (2 if few else 3)
    assert ("bootstrap" in figure.caption) != few


def _readings(benign: int, malignant: int) -> ReadingSet:
    random = np.random.default_rng(4)
    rows = [
        {"reader": reader, "reader_group": None, "case": f"c{case}", "group": f"p{case}", "truth": int(case >= benign),
         "arm": arm, "rating": float(random.integers(1, 6)), "called": int(random.random() < 0.5)}
        for reader in ("A", "B", "C") for arm in ("without", "with") for case in range(benign + malignant)
    ]  # fmt: skip
    return ReadingSet(
        rows=pd.DataFrame(rows), repeated=pd.DataFrame(), arms=("without", "with"), aided=("with",), rating="score",
        options=ReaderOptions(OPTIONS), action="biopsy", readers=("A", "B", "C"),
    )  # fmt: skip


@pytest.mark.parametrize(("malignant", "few"), [(8, True), (12, False)])
def test_a_difference_in_agreement_on_few_patients_has_no_interval(malignant: int, few: bool) -> None:
    table, _ = agreement_change_table(_readings(12, malignant))
    assert table is not None
    for row in table.rows:
        apart = cast("Measure", row["difference"])
        assert apart.value is not None
        assert (apart.low is None) == few
        assert (FEW in apart.method) == few


def test_biopsies_that_none_of_few_patients_were_spared_may_be_spared_others() -> None:
    """Two images each of 4 and 3 patients, all to be biopsied: intervals count the patients."""
    rows = judged(4, 3).assign(**{BIOPSIED: 1})
    table = biopsies_table([SetTested("A", rows, ["pathology"], "patient-level")], DecisionOptions(), options=OPTIONS)
    assert table is not None
    row = cast("dict[str, Measure]", table.rows[0])
    for name, patients in {"avoided": 7, "missed": 3, "benign_avoided": 4}.items():
        assert (row[name].value, row[name].low, row[name].high) == (0, 0, pytest.approx(1 - 0.025 ** (1 / patients)))


def test_the_rate_of_a_category_counts_patients() -> None:
    """Two nodules of each of 12 patients in one category are no 24 independent ones."""
    lesions = judged(6, 6)
    systems = {CALIBRATED: (("2", "5"), pd.Series("5", index=lesions.index))}
    rule = RiskCategories(cut_offs=(0.5,), names=("2", "5"))
    table = categories_table(lesions, systems, caption="", rule=rule, options=OPTIONS)
    assert table is not None
    rate = table.at(category="5", column="calibrated_rate")
    once = gee_proportion([0] * 6 + [1] * 6)
    assert (rate.n, rate.clusters, rate.low, rate.high) == (24, 12, pytest.approx(once.low), pytest.approx(once.high))
    few = categories_table(judged(4, 3), {CALIBRATED: (("2", "5"), pd.Series("5", index=range(14)))}, caption="",
                           rule=rule, options=OPTIONS)  # fmt: skip
    assert few is not None
    assert few.at(category="5", column="calibrated_rate").low == pytest.approx(exact_limits(3 / 7, 7)[0])


def test_a_caption_names_no_band_that_is_not_drawn() -> None:
    assert band_words(judged(12, 8), "A") == ""
    assert band_words(judged(12, 12), "A") == " Band: A."


def test_no_change_of_mind_is_not_certain() -> None:
    """A gain of 0.0 (0.0 to 0.0) of 12 patients was printed before."""
    own = pd.DataFrame({"right_before": [1, 0] * 6, "right_after": [1, 0] * 6, "group": [f"p{i}" for i in range(12)]})
    found = net(own, OPTIONS)
    assert (found.value, found.low, found.high) == (
        0,
        pytest.approx(-0.2646, abs=1e-4),
        pytest.approx(0.2646, abs=1e-4),
    )


def test_automation_bias_needs_patients_on_whom_the_model_was_right_too() -> None:
    rows = pd.DataFrame({"case": range(20), "group": [f"p{i}" for i in range(20)], "right_before": 1})
    known = rows.assign(right_after=[0, 1] * 10, model_right=(np.arange(20) < 6).astype(float))
    share = cast("Measure", _bias(known, OPTIONS)["share"])
    assert share.low is None and share.value is not None
    assert share.method == "no interval: the model was right on 6 patients, fewer than 10"
    assert not math.isnan(share.value)
