"""The tables of one set of nodules: published figures, known truth, and readers or subgroups that do not fit."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from thyrosight.cohort.records.options import ReaderOptions
from thyrosight.cohort.records.readers import read_readers
from thyrosight.documents import Table
from thyrosight.statistics import chi_square_test
from thyrosight.studies.analyses.lesion_set import AnalysedSet, SetOptions, TestedSet, analysed, sizes_table
from thyrosight.studies.analyses.reader_comparison import reader_mean_words
from thyrosight.studies.base import Evaluation
from thyrosight.tirads import RiskCategories

OPTIONS = SetOptions(Evaluation(bootstrap=200, seed=31), rule=RiskCategories(), at_most_mm=5.0)


def _nodules(truth: Any, **columns: Any) -> pd.DataFrame:
    truth = np.asarray(truth)
    table = pd.DataFrame({"key": [f"n{i}" for i in range(len(truth))], "truth": truth, **columns})
    table["label"] = np.where(truth == 1, "malignant", "benign")
    for name, value in {"label_source": "pathology", "nodule_mm": np.nan}.items():
        if name not in table:
            table[name] = value
    if "group" not in table:
        table["group"] = table["key"]
    table["patient_id"] = table["group"]
    return table


def _analysed(nodules: pd.DataFrame) -> AnalysedSet:
    readings, _ = read_readers(nodules, ReaderOptions(), label_sources=["pathology"])
    item = TestedSet("made-up", external=False, split_kind="patient-level", flow=[], nodules=nodules,
                     readings=readings, networks=[], notes=[])  # fmt: skip
    return analysed(item, OPTIONS, first=True)


def _table(found: AnalysedSet, name: str, *, place: int = 0) -> Table:
    return [table for table in (*found.whole.tables, *found.whole.more) if table.name == name][place]


@pytest.fixture(scope="module")
def paper() -> AnalysedSet:
    """The 370 nodules of Table 1 of the paper: categories of the radiologists and of the CNN by class."""
    benign = np.repeat([3, 4, 5], [3, 9, 35]), np.repeat([0.01, 0.10, 0.40, 0.90], [2, 3, 13, 29])
    malignant = np.repeat([3, 4, 5], [4, 37, 282]), np.repeat([0.01, 0.10, 0.40, 0.90], [1, 2, 36, 284])
    truth = np.repeat([0, 1], [47, 323])
    risk = np.concatenate([benign[1], malignant[1]])
    readers = np.concatenate([benign[0], malignant[0]]).astype(str)
    return _analysed(_nodules(truth, risk=risk, probability=risk, **{"reader:radiologists": readers}))


def test_the_papers_first_table_comes_out_of_its_counts(paper: AnalysedSet) -> None:
    """Table 1 of Rho et al. (Sci Rep): rates, standard errors, P."""
    table = _table(paper, "characteristics")
    rates = [table.at(characteristic="radiologists", level=level, column="rate") for level in ("3", "4", "5")]
    assert [round(100 * rate.value, 1) for rate in rates] == [57.1, 80.4, 89.0]
    assert [round(100 * rate.se, 1) for rate in rates] == [18.7, 5.8, 1.8]
    cnn = table.at(characteristic="CNN TIRADS", level="2", column="rate")
    assert (round(100 * cnn.value, 1), round(100 * cnn.se, 1)) == (33.3, 27.2)
    assert table.at(characteristic="CNN TIRADS", level="", column="p") < 0.001


def test_the_papers_second_table_comes_out_of_its_counts(paper: AnalysedSet) -> None:
    table = _table(paper, "readers")
    values = {row["quantity"]: row["reader"] for row in table.rows}
    assert values["cut_off"] == "category 5"
    assert [values[name] for name in ("true_positive", "true_negative", "false_positive", "false_negative")] == [
        282, 12, 35, 41,
    ]  # fmt: skip
    published = {"sensitivity": 87.3, "specificity": 25.5, "accuracy": 79.5, "ppv": 89.0, "npv": 22.6, "auc": 56.7}
    found = {name: round(100 * values[name].value, 1) for name in published}  # type: ignore[union-attr]
    assert found == published
    assert (table.columns[0].key, {row["read_by"] for row in table.rows}) == ("set", {"radiologists"})


def test_the_papers_third_table_comes_out_of_its_counts(paper: AnalysedSet) -> None:
    table = _table(paper, "categorisation")
    names = ("linear_trend", "likelihood_ratio", "aic")
    cnn, readers = (table.row(system=name) for name in ("CNN TIRADS", "radiologists"))
    assert [round(float(str(cnn[name])), 1) for name in names] == [20.3, 20.9, 264.8]
    assert [round(float(str(readers[name])), 1) for name in names] == [7.0, 6.3, 279.4]
    assert (cnn["n"], readers["n"], "difference" in cnn) == (370, 370, False)
    difference = table.at(system="radiologists", column="difference")
    assert difference.value == pytest.approx(float(str(cnn["aic"])) - float(str(readers["aic"])))
    assert difference.low < difference.value < difference.high
    significant = difference.low > 0 or difference.high < 0
    assert (table.at(system="radiologists", column="p") < 0.05) == significant


def _raters(truth: Any, called: Callable[[str], Any], scored: Callable[[str], Any]) -> dict[str, dict[str, float]]:
    """Every measure of network and reader by definition."""
    found: dict[str, dict[str, float]] = {}
    for rater in ("network", "reader"):
        yes, malignant = np.asarray(called(rater), dtype=bool), np.asarray(truth, dtype=bool)
        found[rater] = {
            "true_positive": (yes & malignant).sum(), "true_negative": (~yes & ~malignant).sum(),
            "false_positive": (yes & ~malignant).sum(), "false_negative": (~yes & malignant).sum(),
            "sensitivity": yes[malignant].mean(), "specificity": (~yes)[~malignant].mean(),
            "accuracy": (yes == malignant).mean(), "ppv": malignant[yes].mean(), "npv": (~malignant)[~yes].mean(),
            "auc": roc_auc_score(truth, scored(rater)),
        }  # fmt: skip
    return found


def test_every_row_of_a_readers_table_holds_its_own_measure_of_its_own_rater() -> None:
    """Each cell again by definition, from network and readers of different skill."""
    random = np.random.default_rng(11)
    truth = random.integers(0, 2, 160)
    risk = 1 / (1 + np.exp(-(2.2 * truth - 1 + random.normal(size=160))))
    ratings = {name: np.clip(np.round(3 + skill * (2 * truth - 1) + random.normal(size=160)), 1, 5).astype(int)
               for name, skill in (("A", 0.9), ("B", 0.35))}  # fmt: skip
    table = _nodules(truth, risk=risk, probability=risk, group=[f"p{i // 2}" for i in range(160)],
                     **{f"reader:{name}": values.astype(str) for name, values in ratings.items()})  # fmt: skip
    table.loc[:9, "reader:B"] = ""
    found = _analysed(table)
    for place, (name, values) in enumerate(ratings.items()):
        read = np.arange(160) >= (10 if name == "B" else 0)
        own = _table(found, "readers", place=place)
        cuts = {rater: own.at(quantity="cut_off", column=f"{rater}_cut_off") for rater in ("network", "reader")}
        scores = {"network": risk[read], "reader": values[read]}
        expected = _raters(truth[read], lambda r, c=cuts, s=scores: s[r] >= c[r], lambda r, s=scores: s[r])
        assert own.caption.endswith(f"CNN against Reader {name} (all nodules, n = {read.sum()})")
        for rater, measures in expected.items():
            for quantity, value in measures.items():
                cell = own.at(quantity=quantity, column=rater)
                if not hasattr(cell, "value"):
                    assert cell == value, (name, rater, quantity)
                    continue
                assert cell.value == pytest.approx(value), (name, rater, quantity)
                assert cell.low < cell.value < cell.high, (name, rater, quantity)
                difference = own.at(quantity=quantity, column="difference")
                assert difference.value == pytest.approx(expected["network"][quantity] - expected["reader"][quantity])
                assert difference.low < difference.value < difference.high
                significant = difference.low > 0 or difference.high < 0
                assert (own.at(quantity=quantity, column="p") < 0.05) == significant, (name, quantity)
        corrected = own.at(quantity="sensitivity", column="reader_corrected")
        assert corrected.value <= expected["reader"]["sensitivity"]
        assert f"Reader {name} has sensitivity {100 * corrected.value:.1f} %" in own.notes[0]
    skipped = _table(found, "readers", place=1).notes
    assert "10 nodules that this reader did not judge are left out of both columns." in skipped


def test_known_skill_is_recovered() -> None:
    """A network and two readers of known AUC: each lies in its interval, and the better one is found better."""
    random = np.random.default_rng(5)
    truth = random.integers(0, 2, 700)
    wanted = {"network": 0.85, "reader:good": 0.80, "reader:poor": 0.62}
    scores = {name: truth * np.sqrt(2) * norm.ppf(area) + random.normal(size=700) for name, area in wanted.items()}
    risk = norm.cdf(scores["network"] - 0.7)
    ratings = {name: np.round(scores[name], 6).astype(str) for name in wanted if name != "network"}
    found = _analysed(_nodules(truth, risk=risk, probability=risk, nodule_mm=random.uniform(3, 9.9, 700), **ratings))
    areas = []
    for place, name in enumerate(("reader:good", "reader:poor")):
        area = _table(found, "readers", place=place).at(quantity="auc", column="reader")
        assert area.low < wanted[name] < area.high
        areas.append(area.value)
    poor = _table(found, "readers", place=1).row(quantity="auc")
    assert poor["p"] < 0.001  # type: ignore[operator]
    assert poor["difference"].low < 0.85 - 0.62 < poor["difference"].high  # type: ignore[union-attr, operator]
    assert found.mean is not None
    mean, network, difference = (found.mean.at(column=name) for name in ("mean", "network", "difference"))
    assert mean.value == pytest.approx(np.mean(areas))
    assert difference.value == pytest.approx(mean.value - network.value)
    assert f"mean reader minus network {difference.value:+.2f}" in reader_mean_words(
        found.mean, "labels: none", options=Evaluation()
    )
    assert [part.name for part in found.subgroups] == ["≤ 5 mm", "> 5 mm"]
    assert sum(len(part.nodules) for part in found.subgroups) == 700
    cuts = [part.more[0].at(quantity="cut_off", column="network_cut_off") for part in (found.whole, *found.subgroups)]
    assert len(set(cuts)) > 1, "cut-offs are redefined in each subgroup"


def test_calibrated_categories_stand_beside_uncalibrated_ones() -> None:
    found = _analysed(_nodules([0, 0, 1, 1], risk=[0.02, 0.2, 0.7, 0.6], probability=[0.2, 0.2, 0.9, 0.01]))
    table = _table(found, "characteristics")
    assert table.at(characteristic="CNN TIRADS", level="2", column="benign").n == 1
    assert table.at(characteristic="CNN TIRADS", level="5", column="malignant").n == 2  # 0.60 belongs to category 5
    assert table.at(characteristic="CNN TIRADS, uncalibrated", level="2", column="malignant").n == 1
    rows = {row["category"]: row for row in _table(found, "categories").rows}
    names = [f"{kind}_{part}" for kind in ("calibrated", "uncalibrated") for part in ("malignant", "total")]
    assert {key: [row.get(name) for name in names] for key, row in rows.items()} == {
        "2": [0, 1, 1, 1], "4": [0, 1, 0, 2], "5": [2, 2, 1, 1],
    }  # fmt: skip
    rate = _table(found, "categories").at(category="5", column="calibrated_rate")
    assert (rate.value, rate.n, rate.high) == (1, 2, 1)
    assert _table(found, "network-alone").at(quantity="auc", column="network").value == 1


def test_a_system_of_one_category_sorts_nothing_and_is_compared_with_none() -> None:
    found = _analysed(_nodules([0, 1] * 6, risk=[0.5] * 12, probability=np.linspace(0.1, 0.9, 12)))
    table = _table(found, "categorisation")
    row = table.row(system="CNN TIRADS")
    assert (row["n"], row["linear_trend"], row["aic"]) == (12, None, None)
    assert "difference" not in table.row(system="CNN TIRADS, uncalibrated")
    assert "CNN TIRADS: all 12 nodules are in category 4, so nothing is sorted." in table.notes


def test_a_subgroup_of_one_class_is_named_and_the_other_is_there() -> None:
    table = _nodules(
        [1, 1, 1, 0, 1, 0, 1, 0], risk=np.linspace(0.2, 0.9, 8), probability=np.linspace(0.2, 0.9, 8),
        nodule_mm=[3, 4, 5, 6, 7, 8, 9, np.nan],
    )  # fmt: skip
    small, large = (found := _analysed(table)).subgroups
    assert small.missing == ["≤ 5 mm: all 3 nodules are malignant; AUC, cut-offs and comparisons need both classes."]
    assert [part.name for part in small.tables] == ["characteristics"]
    assert "network-alone" in [part.name for part in large.tables]
    assert "1 nodules of unknown size stand in no subgroup by size." in found.notes
    assert _analysed(table.assign(nodule_mm=np.nan)).subgroups == []
    assert "Subgroup ≤ 5 mm: there is no such nodule." in _analysed(table.assign(nodule_mm=8.0)).notes


def test_smaller_and_larger_nodules_are_compared_as_the_paper_does() -> None:
    """The paper: 191 nodules of at most 5 mm (169 malignant) and 179 larger ones (154 malignant), P for malignancy."""
    truth = np.repeat([1, 0, 1, 0], [169, 22, 154, 25])
    nodules = _nodules(truth, nodule_mm=np.repeat([4.0, 7.0], [191, 179]))
    table = sizes_table(nodules, 5.0, caption="Sizes")
    assert table is not None
    malignant = table.row(characteristic="Diagnosis", level="malignant")
    assert (malignant["small"].n, malignant["large"].n) == (169, 154)  # type: ignore[union-attr]
    assert [column.title for column in table.shown] == ["Characteristic", "≤ 5 mm", "> 5 mm", "P"]
    chi_square = chi_square_test([[169, 22], [154, 25]]).p
    assert table.at(characteristic="Diagnosis", level="", column="p") == pytest.approx(chi_square, abs=0.01)
    assert sizes_table(nodules, 8.0, caption="Sizes") is None


def test_a_set_without_nodules_says_so() -> None:
    found = _analysed(_nodules([1]).head(0))
    assert found.whole.missing == ["all nodules: there is no nodule."]
    assert found.whole.tables == []
    assert (
        found.item.source == "labels: ; patient-level split; 0 nodules of made-up (0 benign, 0 malignant) in 0 groups"
    )
