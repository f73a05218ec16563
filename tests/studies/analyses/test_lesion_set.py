"""The tables of one set of nodules: published figures, known truth, and readers or subgroups that do not fit."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from thyrosight.cohort import Cohort
from thyrosight.errors import CohortError
from thyrosight.statistics import chi_square_test
from thyrosight.studies import load_recipe
from thyrosight.studies.micronodule import MicronoduleRecipe
from thyrosight.studies.micronodule.analysis import analyse, mean_of_readers, subgroups
from thyrosight.studies.micronodule.characteristics import compare_sizes
from thyrosight.studies.micronodule.raters import read_readers


def _recipe(*settings: str) -> MicronoduleRecipe:
    recipe = load_recipe("micronodule", settings=["evaluation.bootstrap=200", *settings])
    assert isinstance(recipe, MicronoduleRecipe)
    return recipe


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


def _readings(table: pd.DataFrame, recipe: MicronoduleRecipe) -> list[Any]:
    return read_readers(table, recipe.readers, label_sources=["pathology"])[0]


@pytest.fixture(scope="module")
def paper() -> pd.DataFrame:
    """The 370 nodules of Table 1 of the paper: categories of the radiologists and of the CNN by class."""
    benign = np.repeat([3, 4, 5], [3, 9, 35]), np.repeat([0.01, 0.10, 0.40, 0.90], [2, 3, 13, 29])
    malignant = np.repeat([3, 4, 5], [4, 37, 282]), np.repeat([0.01, 0.10, 0.40, 0.90], [1, 2, 36, 284])
    truth = np.repeat([0, 1], [47, 323])
    risk = np.concatenate([benign[1], malignant[1]])
    readers = np.concatenate([benign[0], malignant[0]]).astype(str)
    return _nodules(truth, risk=risk, probability=risk, **{"reader:radiologists": readers})


def test_the_papers_tables_come_out_of_its_counts(paper: pd.DataFrame) -> None:
    """Table 1 (rates, standard errors, P), Table 2 (radiologists) and Table 3 of Rho et al. (Sci Rep)."""
    recipe = _recipe()
    found = analyse(paper, _readings(paper, recipe), recipe, name="all nodules")
    lines = {(line.name, line.level): line for line in found.characteristics}
    rates = {level: lines["radiologists", level].rate for level in ("3", "4", "5")}
    assert {level: round(100 * rate.value, 1) for level, rate in rates.items() if rate and rate.value} == {
        "3": 57.1,
        "4": 80.4,
        "5": 89.0,
    }
    assert [round(100 * rate.se, 1) for rate in rates.values() if rate and rate.se] == [18.7, 5.8, 1.8]
    cnn = lines["CNN TIRADS", "2"].rate
    assert cnn is not None
    assert (round(100 * (cnn.value or 0), 1), round(100 * (cnn.se or 0), 1)) == (33.3, 27.2)
    assert (lines["CNN TIRADS", ""].p or 1) < 0.001
    table = found.readers[0].radiologist
    counts = table.counts
    assert table.threshold_text == "category 5"
    assert (counts.true_positive, counts.true_negative, counts.false_positive, counts.false_negative) == (
        282,
        12,
        35,
        41,
    )
    values = {name: round(100 * (item.value or 0), 1) for name, item in table.measures.items()}
    assert values == {"sensitivity": 87.3, "specificity": 25.5, "accuracy": 79.5, "ppv": 89.0, "npv": 22.6, "auc": 56.7}
    systems = {system.name: system for system in found.categories}
    assert [
        round(systems["CNN TIRADS"].model_dump()[name], 1) for name in ("linear_trend", "likelihood_ratio", "aic")
    ] == [
        20.3,
        20.9,
        264.8,
    ]
    assert [
        round(systems["radiologists"].model_dump()[name], 1) for name in ("linear_trend", "likelihood_ratio", "aic")
    ] == [
        7.0,
        6.3,
        279.4,
    ]


def test_known_skill_is_recovered() -> None:
    """A network and two readers of known AUC: each lies in its interval, and the better one is found better."""
    random = np.random.default_rng(5)
    truth = random.integers(0, 2, 700)
    wanted = {"network": 0.85, "reader:good": 0.80, "reader:poor": 0.62}
    scores = {name: truth * np.sqrt(2) * norm.ppf(area) + random.normal(size=700) for name, area in wanted.items()}
    risk = norm.cdf(scores["network"] - 0.7)
    ratings = {name: np.round(scores[name], 6).astype(str) for name in wanted if name != "network"}
    table = _nodules(truth, risk=risk, probability=risk, nodule_mm=random.uniform(3, 9.9, 700), **ratings)
    recipe = _recipe()
    readings = _readings(table, recipe)
    found = analyse(table, readings, recipe, name="all nodules")
    for row, name in zip(found.readers, ("reader:good", "reader:poor"), strict=True):
        area = row.radiologist.measures["auc"]
        assert area.low is not None
        assert area.low < wanted[name] < (area.high or 0)
    difference = {row.reader: next(d for d in row.differences if d.quantity == "auc") for row in found.readers}
    assert (difference["poor"].p or 1) < 0.001
    assert difference["poor"].low is not None
    assert difference["poor"].low < 0.85 - 0.62 < (difference["poor"].high or 0)
    mean, notes = mean_of_readers(table, readings, recipe)
    assert mean is not None
    assert notes == []
    assert mean.mean.value == pytest.approx(np.mean([r.radiologist.measures["auc"].value for r in found.readers]))
    parts, _ = subgroups(table, readings, recipe)
    assert [part.name for part in parts] == ["≤ 5 mm", "> 5 mm"]
    assert sum(part.n for part in parts) == 700
    assert parts[0].network is not None
    assert parts[0].network.threshold != found.network.threshold if found.network else False  # redefined in each


def test_calibrated_categories_stand_beside_uncalibrated_ones() -> None:
    table = _nodules([0, 0, 1, 1], risk=[0.02, 0.2, 0.7, 0.6], probability=[0.2, 0.2, 0.9, 0.01])
    found = analyse(table, [], _recipe(), name="all nodules")
    lines = {(line.name, line.level): line for line in found.characteristics}
    assert lines["CNN TIRADS", "2"].benign is not None
    assert lines["CNN TIRADS", "2"].benign.n == 1
    assert lines["CNN TIRADS", "5"].malignant is not None
    assert lines["CNN TIRADS", "5"].malignant.n == 2  # 0.60 belongs to category 5
    assert lines["CNN TIRADS, uncalibrated", "2"].malignant is not None
    assert lines["CNN TIRADS, uncalibrated", "2"].malignant.n == 1


def test_a_subgroup_of_one_class_is_named_and_the_other_is_there() -> None:
    table = _nodules(
        [1, 1, 1, 0, 1, 0, 1, 0], risk=np.linspace(0.2, 0.9, 8), probability=np.linspace(0.2, 0.9, 8),
        nodule_mm=[3, 4, 5, 6, 7, 8, 9, np.nan],
    )  # fmt: skip
    parts, notes = subgroups(table, [], _recipe())
    assert [part.missing[0] for part in parts if part.missing] == [
        "≤ 5 mm: all 3 nodules are malignant; AUC, cut-offs and comparisons need both classes."
    ]
    assert parts[0].characteristics
    assert parts[1].network is not None
    assert notes == ["1 nodules of unknown size stand in no subgroup by size."]
    assert subgroups(table.assign(nodule_mm=np.nan), [], _recipe())[0] == []


def test_smaller_and_larger_nodules_are_compared_as_the_paper_does() -> None:
    """The paper: 191 nodules of at most 5 mm (169 malignant) and 179 larger ones (154 malignant), P for malignancy."""
    truth = np.repeat([1, 0, 1, 0], [169, 22, 154, 25])
    table = _nodules(truth, nodule_mm=np.repeat([4.0, 7.0], [191, 179]))
    lines = {(line.name, line.level): line for line in compare_sizes(table, 5.0)}
    malignant = lines["Diagnosis", "malignant"]
    assert malignant.small is not None
    assert malignant.large is not None
    assert (malignant.small.n, malignant.large.n) == (169, 154)
    chi_square = chi_square_test([[169, 22], [154, 25]]).p
    assert lines["Diagnosis", ""].p == pytest.approx(chi_square, abs=0.01)
    assert compare_sizes(table, 8.0) == []


def test_readers_who_skipped_are_compared_on_what_they_read() -> None:
    table = _nodules(
        [0, 1] * 10, risk=np.linspace(0.1, 0.9, 20), probability=np.linspace(0.1, 0.9, 20),
        **{"reader:A": ["2", "5", "3", "", "unknown", "4"] + ["3", "4"] * 7},
    )  # fmt: skip
    recipe = _recipe()
    found = analyse(table, _readings(table, recipe), recipe, name="all nodules")
    assert (found.readers[0].n, found.readers[0].skipped) == (18, 2)
    assert found.readers[0].network is not None
    assert found.readers[0].network.n == 18


def test_words_of_a_system_become_ranks_and_foreign_words_are_counted() -> None:
    table = _nodules([0, 1, 0, 1, 1], **{"reader:A": ["4a", "5", "TI-RADS 3", "4C", "lovely"]})
    (reading,) = _readings(table, _recipe())
    assert reading.ranks.tolist()[:4] == [3, 6, 2, 5]
    assert np.isnan(reading.ranks.iloc[4])
    assert any("'lovely'" in note for note in reading.notes)
    with pytest.raises(CohortError, match="no column reader:B; readers' columns: reader:A"):
        _readings(table, _recipe("readers.columns=[B]"))


def test_categories_from_descriptors_name_what_they_cannot_tell() -> None:
    full = {"composition": "solid", "echogenicity": "hypoechoic", "margin": "smooth", "calcification": "none",
            "shape": "wider than tall"}  # fmt: skip
    rows = [full, full | {"calcification": "microcalcification"}, full | {"shape": None}, full | {"margin": "wooly"}]
    table = _nodules([0, 1, 1, 0]).join(pd.DataFrame(rows))
    recipe = _recipe("readers.computed=[acr]")
    (reading,) = _readings(table, recipe)
    assert reading.categories.tolist() == ["TR4", "TR5", "", ""]
    assert any("1 nodules have descriptors that cannot be read" in note and "wooly" in note for note in reading.notes)
    assert any("1 of 4 nodules have no certain category" in note for note in reading.notes)
    (highest,) = _readings(table, _recipe("readers.computed=[{system: acr, uncertain: highest}]"))
    assert highest.categories.tolist() == ["TR4", "TR5", "TR5", ""]


def test_recorded_tirads_is_never_compared_where_labels_come_from_it() -> None:
    table = _nodules([0, 1, 0, 1], tirads=["2", "5", "3", "4a"])
    assert read_readers(table, _recipe().readers, label_sources=["TI-RADS"])[0] == []
    assert len(read_readers(table, _recipe().readers, label_sources=["pathology"])[0]) == 1


def test_external_frames_that_the_study_holds_are_left_out(cohort: Cohort, tmp_path: Any) -> None:
    from thyrosight.studies.external import ExternalSet, open_external

    few = cohort.table.head(6)
    columns = ["key", "image", "patient_id", "label", "label_source", "size_mm", "box"]
    path = tmp_path / "other.csv"
    few[columns].to_csv(path, index=False)
    training = Cohort(table=cohort.table.head(4), name="training", source="")
    item = ExternalSet(cohort=str(path), name="other")
    found = open_external(
        item, _recipe(), training, cache=tmp_path / "shared.json", progress=lambda what, done, total: None
    )
    assert set(found.table["key"]).isdisjoint(training.table["key"])
    assert found.exclusions[-1].count >= 4
    assert (tmp_path / "shared.json").exists()
