"""Subgroups: levels as the cohort has them, measures counted by hand, tests with a floor and corrected together."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from thyrosight.documents.drawings import Forest
from thyrosight.statistics import (
    LEAST_GROUPS,
    adjust_p_values,
    auc_between_groups,
    clustered_association_test,
    clustered_mean_test,
)
from thyrosight.studies.analyses.subgroup_words import interactions_words
from thyrosight.studies.analyses.subgroups import (
    NOT_RECORDED,
    Property,
    interactions_table,
    properties,
    subgroups_figure,
    subgroups_table,
)
from thyrosight.studies.base import Evaluation
from thyrosight.studies.recipe import Subgroups

OPTIONS = Evaluation(bootstrap=200)
COUNT = 240


def cohort() -> pd.DataFrame:
    random = np.random.default_rng(2)
    return pd.DataFrame(
        {
            "key": [f"k{place}" for place in range(COUNT)],
            "sex": np.where(np.arange(COUNT) % 3 == 0, "M", "F"),
            "age": np.where(np.arange(COUNT) % 10 == 9, np.nan, 30 + np.arange(COUNT) % 50),
            "size_mm": random.choice([5.0, 10.0, 15.0, 30.0], COUNT),
            "site": ["A"] * COUNT,
            "device": [*["rare"] * 16, *random.choice(["X", "Y"], COUNT - 16)],
        }
    )


def predicted(table: pd.DataFrame) -> pd.DataFrame:
    """Good predictions for women, and poor ones for men."""
    random = np.random.default_rng(3)
    truth = (random.random(COUNT) < 0.45).astype(int)
    skill = np.where(table["sex"] == "F", 2.5, 0.1)
    risk = 1 / (1 + np.exp(-(skill * (truth - 0.5) + random.normal(size=COUNT))))
    group = [f"g{place // 2}" for place in range(COUNT)]
    return pd.DataFrame(
        {"key": table["key"], "truth": truth, "risk": risk, "predicted": (risk > 0.5).astype(int), "group": group}
    )


def drawn(table: pd.DataFrame) -> pd.DataFrame:
    dice = np.random.default_rng(4).beta(8, 3, COUNT) - np.where(table["sex"] == "F", 0.0, 0.2).clip(0, 1)
    return pd.DataFrame({"key": table["key"], "dice": dice.clip(0, 1), "group": [f"g{n // 2}" for n in range(COUNT)]})


@pytest.fixture(scope="module")
def found() -> list[Property]:
    return properties(cohort(), Subgroups())[0]


def test_properties_are_those_that_the_cohort_records(found: list[Property]) -> None:
    assert {item.title: item.names for item in found} == {
        "Sex": ["Female", "Male"],
        "Age (years)": ["< 45", "45 to < 65", "≥ 65", NOT_RECORDED],
        "Device": [*sorted(["X", "Y"], key=lambda name: -(cohort()["device"] == name).sum()), "rare"],
        "Size (mm)": ["< 10", "10 to < 20", "≥ 20"],
    }
    table = cohort().set_index("key")
    age = found[1].levels
    assert (age == "45 to < 65").sum() == ((table["age"] >= 45) & (table["age"] < 65)).sum()
    assert (age == NOT_RECORDED).sum() == table["age"].isna().sum() > 0
    centimetres = properties(cohort().assign(size_mm=cohort()["size_mm"] / 10), Subgroups(), cm=True)[0]
    pd.testing.assert_series_equal(centimetres[-1].levels, found[-1].levels)


def test_what_was_asked_for_and_is_not_there_is_told() -> None:
    asked = Subgroups(columns=("sex", "tirads", "site", "ward"))
    found, problems = properties(cohort().assign(ward="3"), asked)
    assert [item.title for item in found] == ["Sex"]
    assert problems == [
        "Subgroups by tirads were left out: it is not recorded of any tested image.",
        "Subgroups by ward were left out: every tested image has the same.",
    ]
    many = properties(cohort().assign(site=np.arange(COUNT) % 12), Subgroups(columns=("site",)))[0][0]
    assert len(many.names) == 8 and many.names[-1] == "others"


def test_each_subgroup_has_the_measures_of_its_own_images(found: list[Property]) -> None:
    rows, outlines = predicted(cohort()), drawn(cohort())
    table = subgroups_table(found, rows, outlines, options=OPTIONS)
    for item in found:
        for level in item.names:
            keys = item.levels.index[item.levels == level]
            own, dice = rows[rows["key"].isin(keys)], outlines[outlines["key"].isin(keys)]["dice"]
            line: Any = table.row(property=item.title, level=level)
            truth, called = own["truth"] == 1, own["predicted"] == 1
            assert [line[k] for k in ("n", "groups", "malignant")] == [len(own), own["group"].nunique(), truth.sum()]
            assert line["malignant_groups"] == own.loc[truth, "group"].nunique()
            expected = {
                "auc": roc_auc_score(truth, own["risk"]), "sensitivity": called[truth].mean(),
                "specificity": (~called)[~truth].mean(), "dice": dice.mean(),
            }  # fmt: skip
            for name, value in expected.items():
                assert line[name].value == pytest.approx(value), (level, name)
                assert line[name].low <= value <= line[name].high and line[name].low < line[name].high
    few: Any = table.row(property="Device", level="rare")
    assert few["malignant_groups"] < LEAST_GROUPS and "exact" in few["auc"].method and "exact" in few["dice"].method
    figure = subgroups_figure(table).drawing
    assert isinstance(figure, Forest)
    assert [line.name for line in figure.lines][:3] == ["Sex", "Female (n = 160)", "Male (n = 80)"]
    assert figure.lines[2].estimate == table.at(property="Sex", level="Male", column="auc")


def test_a_subgroup_of_one_class_has_no_area(found: list[Property]) -> None:
    rows = predicted(cohort())
    rows.loc[rows["key"].isin(found[0].levels.index[found[0].levels == "Male"]), "truth"] = 0
    line: Any = subgroups_table(found[:1], rows, None, options=OPTIONS).row(level="Male")
    assert "auc" not in line and "sensitivity" not in line and line["specificity"].value is not None
    tested = interactions_table(found[:1], rows, None)
    assert tested is not None and [row["measure"] for row in tested.rows] == ["Specificity"]


def test_differences_are_tested_above_the_floor_and_corrected_together(found: list[Property]) -> None:
    rows, outlines = predicted(cohort()), drawn(cohort())
    table = interactions_table(found, rows, outlines)
    assert table is not None
    by_sex = rows.assign(sex=found[0].levels.astype(str).to_numpy())
    malignant, benign = by_sex[by_sex["truth"] == 1], by_sex[by_sex["truth"] == 0]
    expected = {
        "AUC": auc_between_groups(by_sex["truth"], by_sex["risk"], by_sex["sex"], cluster=by_sex["group"]),
        "Sensitivity": clustered_association_test(malignant["sex"], malignant["predicted"], cluster=malignant["group"]),
        "Specificity": clustered_association_test(benign["sex"], 1 - benign["predicted"], cluster=benign["group"]),
        "Mean Dice": clustered_mean_test(by_sex["sex"], outlines["dice"], cluster=outlines["group"]),
    }
    for measure, test in expected.items():
        row: Any = table.row(property="Sex", measure=measure)
        assert (row["p"], row["levels"]) == (pytest.approx(test.p), "Female, Male"), measure
    assert len({test.p for test in expected.values()}) == 4
    device: Any = table.row(property="Device", measure="AUC")
    assert sorted(device["levels"].split(", ")) == ["X", "Y"], "below the floor nothing is tested"
    assert NOT_RECORDED not in " ".join(str(row["levels"]) for row in table.rows)
    plain: Any = [row["p"] for row in table.rows]
    assert [row["p_corrected"] for row in table.rows] == pytest.approx(adjust_p_values(plain, method="holm").tolist())
    assert "AUC by sex" in interactions_words(table) and "device" not in interactions_words(table)


def test_few_patients_are_not_tested_at_all(found: list[Property]) -> None:
    rows = predicted(cohort()).head(24)
    assert interactions_table(found[:1], rows, None) is None
    assert interactions_words(None).startswith(f"No difference was tested: no two subgroups hold {LEAST_GROUPS} groups")
