"""Baseline tables: counts of two papers, tests worked out apart, and what is said where a column is absent or empty."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from thyrosight.documents import Distribution, Share, Table, cells
from thyrosight.studies.analyses.baseline import (
    SEX,
    Characteristic,
    Groups,
    baseline_table,
    patients_title,
)

AGE = Characteristic("Age (years)", "age", "student", patients=True)
AXIS = Characteristic("Short axis (mm)", "short_axis_mm", "regression")


def _rows(**columns: list[Any]) -> pd.DataFrame:
    n = len(next(iter(columns.values())))
    own = {"patient_id": [f"p{i}" for i in range(n)], "group": [f"p{i}" for i in range(n)]}
    return pd.DataFrame(own | columns)


def _table(rows: pd.DataFrame, *items: Characteristic, **options: Any) -> Table:
    return baseline_table(rows, [Characteristic("Patients", patients=True), *items, Characteristic("Images")],
                          caption="Baseline", **options)  # fmt: skip


def test_the_papers_sexes_give_the_papers_p_value() -> None:
    # Y-Net, section 3.1: 409 benign and 519 malignant in men, 1,126 and 1,005 in women, P < 0.001.
    label = ["benign"] * 409 + ["malignant"] * 519 + ["benign"] * 1126 + ["malignant"] * 1005
    table = _table(_rows(label=label, sex=["M"] * 928 + ["F"] * 2131), SEX)
    assert [(row["characteristic"], row["level"]) for row in table.rows] == [
        ("Patients", ""), ("Sex", ""), ("Sex", "Female"), ("Sex", "Male"), ("Images", ""),
    ]  # fmt: skip
    expected = stats.chi2_contingency([[409, 519], [1126, 1005]], correction=False).pvalue
    assert table.at(characteristic="Sex", level="", column="p") == pytest.approx(expected)
    assert expected < 0.001
    male, female = (table.row(characteristic="Sex", level=level) for level in ("Male", "Female"))
    assert (male["malignant"], male["benign"]) == (Share(n=519, of=1524), Share(n=409, of=1535))
    assert (female["malignant"], female["benign"]) == (Share(n=1005, of=1524), Share(n=1126, of=1535))
    assert table.row(characteristic="Images")["malignant"] == 1524


def test_quantities_of_patients_are_compared_by_the_test_asked_for() -> None:
    ages = [30.0, 41, 52, 63, 44, 35, 71, 28, 39, 57, 66, 48, 33, 61, 59, 27, 45, 50, 31, 69]
    rows = _rows(label=["benign", "malignant"] * 10, age=ages)
    again = pd.concat([rows, rows.iloc[[1]]], ignore_index=True)  # a second lesion of one patient
    row = _table(again, AGE).row(characteristic="Age (years)")
    malignant, benign = np.array(ages[1::2]), np.array(ages[::2])
    assert row["malignant"] == Distribution(n=10, mean=malignant.mean(), sd=malignant.std(ddof=1), low=27, high=69)
    assert row["benign"] == Distribution(n=10, mean=benign.mean(), sd=benign.std(ddof=1), low=30, high=71)
    assert row["p"] == pytest.approx(stats.ttest_ind(malignant, benign).pvalue)
    ranks = _table(again, Characteristic("Age (years)", "age", "ranks", patients=True)).row(
        characteristic="Age (years)"
    )
    assert ranks["p"] == pytest.approx(stats.mannwhitneyu(malignant, benign, method="exact").pvalue, abs=0.05)
    assert "Mann-Whitney" in str(ranks["test"])
    assert _table(again, AGE).row(characteristic="Images")["malignant"] == 11


def test_lesions_are_compared_with_patients_as_clusters_and_unknown_ones_are_counted() -> None:
    axis = [5.0 + (i % 2) * 2 + (i * 7 % 5) for i in range(40)]
    rows = _rows(label=["benign", "malignant"] * 20, short_axis_mm=axis)
    rows["group"] = [f"p{i // 2}" for i in range(40)]
    row = _table(rows, AXIS).row(characteristic="Short axis (mm)")
    assert row["p"] is not None
    assert float(str(row["p"])) < 0.05
    assert row["test"] == "logistic GEE over patients, between images"
    rows.loc[:5, "short_axis_mm"] = float("nan")
    row = _table(rows, AXIS, unit="lesions").row(characteristic="Short axis (mm)")
    assert row["test"] == "logistic GEE over patients, between lesions; unknown for 6"


def test_levels_have_the_rate_of_the_first_group_and_empty_ones_are_left_out() -> None:
    # Rho et al., Table 1: the radiologists' categories 3, 4 and 5 of 47 benign and 323 malignant nodules.
    place = [3] * 7 + [4] * 46 + [5] * 329
    rows = _rows(label=["malignant"] * 4 + ["benign"] * 3 + ["malignant"] * 37 + ["benign"] * 9
                 + ["malignant"] * 294 + ["benign"] * 35, category=[str(item) for item in place])  # fmt: skip
    levels = {str(level): f"C{level}" for level in (2, 3, 4, 5)}
    item = Characteristic("Readers", "category", "regression", levels=levels, rate=True)
    table = _table(rows, item)
    assert [row["level"] for row in table.rows if row["characteristic"] == "Readers"] == ["", "C3", "C4", "C5"]
    rate = table.at(characteristic="Readers", level="C3", column="rate")
    assert (rate.value, rate.n, round(rate.se, 3)) == (4 / 7, 7, 0.187)
    wilson = stats.binomtest(4, 7).proportion_ci(method="wilson")
    assert (rate.low, rate.high) == pytest.approx((wilson.low, wilson.high))
    written = [[cell.line for cell in row] for row in cells(table)]
    assert written[2] == ["\N{EM SPACE}C3", "4 (1.2 %)", "3 (6.4 %)", "57.1 (18.7)", ""]
    assert str(table.row(characteristic="Readers", level="")["test"]).endswith("images (category as a number)")


def test_a_rate_of_none_or_all_has_no_standard_error_of_0() -> None:
    rows = _rows(label=["malignant"] * 3 + ["benign"] * 5, category=["5"] * 3 + ["2"] * 5)
    item = Characteristic("Readers", "category", "regression", levels={"2": "C2", "5": "C5"}, rate=True)
    table = _table(rows, item)
    for level, value in (("C2", 0), ("C5", 1)):
        rate = table.at(characteristic="Readers", level=level, column="rate")
        assert (rate.value, rate.se) == (value, None)
        assert rate.low < rate.high
    assert [row[3].line for row in cells(table)][2:4] == ["0.0", "100.0"]


def test_any_column_can_part_the_groups() -> None:
    rows = _rows(
        label=["malignant", "benign"] * 10, size=["small"] * 10 + ["large"] * 10, age=[float(i) for i in range(20)]
    )
    groups = Groups("size", {"small": "≤ 5 mm", "large": "> 5 mm"})
    diagnosis = Characteristic(
        "Diagnosis", "label", "regression", levels={"benign": "benign", "malignant": "malignant"}
    )
    table = _table(rows, AGE, diagnosis, groups=groups)
    assert [column.title for column in table.shown] == ["Characteristic", "≤ 5 mm", "> 5 mm", "P"]
    row, sd = table.row(characteristic="Age (years)"), float(np.std(range(10), ddof=1))
    assert row["small"] == Distribution(n=10, mean=4.5, sd=sd, low=0, high=9)
    assert row["large"] == Distribution(n=10, mean=14.5, sd=sd, low=10, high=19)
    row = table.row(characteristic="Diagnosis", level="")
    assert row["p"] == pytest.approx(1)
    assert row["test"] == "logistic GEE over patients, between images"


def test_one_group_alone_has_no_test_and_absent_columns_no_line() -> None:
    table = _table(
        _rows(label=["benign"] * 4, sex=["F", "M", "F", "F"], short_axis_mm=[4.0, 5.0, 6.0, 7.0]), SEX, AGE, AXIS
    )
    assert {row["characteristic"] for row in table.rows} == {"Patients", "Sex", "Short axis (mm)", "Images"}
    tested = [row for row in table.rows if "test" in row]
    assert [row["p"] for row in tested] == [None, None]
    assert all(str(row["test"]) == "not tested: a P value needs 10 patients or groups on each side" for row in tested)
    assert table.row(characteristic="Short axis (mm)")["malignant"] == Distribution(n=0)
    assert len(table.notes) == 1


def test_what_is_the_same_everywhere_is_said_without_names_of_columns() -> None:
    """ "Predictor 'CNN TIRADS, uncalibrated' has the same value everywhere" stood in reports before."""
    rows = _rows(label=["benign", "malignant"] * 12, category=["4"] * 24)
    item = Characteristic("Reader", "category", "regression", levels={"4": "C4"})
    assert _table(rows, item).row(characteristic="Reader", level="")["test"] == "not tested: the same everywhere"


def test_nine_patients_on_a_side_give_no_p_value_and_ten_do() -> None:
    for each, tested in ((9, False), (10, True)):
        rows = _rows(label=["benign", "malignant"] * each, age=[float(i) for i in range(2 * each)])
        assert (_table(rows, AGE).row(characteristic="Age (years)")["p"] is not None) == tested


def test_patients_who_are_unknown_are_groups() -> None:
    rows = _rows(label=["benign"])
    assert patients_title(rows) == "patients"
    assert patients_title(rows.assign(patient_id="unknown")) == "groups (patients unknown)"
