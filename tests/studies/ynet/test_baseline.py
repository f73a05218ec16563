"""Baseline and Table 2: counts of the paper's own numbers, and what is said where a column is absent."""

import pandas as pd
import pytest

from thyrosight.studies.ynet.baseline import absent_columns, baseline, neck_levels


def _table(**columns: list[object]) -> pd.DataFrame:
    n = len(next(iter(columns.values())))
    own = {"patient_id": [f"p{i}" for i in range(n)], "group": [f"p{i}" for i in range(n)]}
    return pd.DataFrame(own | columns)


def test_the_papers_sexes_give_the_papers_p_value() -> None:
    # Section 3.1: 409 benign and 519 malignant in men, 1,126 and 1,005 in women, P < 0.001.
    label = ["benign"] * 409 + ["malignant"] * 519 + ["benign"] * 1126 + ["malignant"] * 1005
    lines = baseline(_table(label=label, sex=["M"] * 928 + ["F"] * 2131))
    sex, female, male = (line for line in lines if line.name == "Sex")
    assert sex.p is not None and sex.p < 0.001
    assert male.malignant is not None and male.benign is not None and female.malignant is not None
    assert (male.malignant.n, male.benign.n, female.malignant.n) == (519, 409, 1005)
    assert male.malignant.share == pytest.approx(519 / 1524)
    assert [line.name for line in lines] == ["Patients", "Sex", "Sex", "Sex", "Images"]


def test_axes_are_compared_between_images_with_patients_as_clusters() -> None:
    label = ["benign", "malignant"] * 20
    table = _table(label=label, short_axis_mm=[5.0 + (i % 2) * 2 + (i * 7 % 5) for i in range(40)])
    table["group"] = [f"p{i // 2}" for i in range(40)]
    line = baseline(table)[-1]
    assert (line.name, line.p is not None and line.p < 0.05) == ("Short axis (mm)", True)
    assert line.malignant is not None and line.malignant.low == 7 and "GEE" in line.method
    table.loc[:5, "short_axis_mm"] = float("nan")
    assert baseline(table)[-1].method.endswith("unknown for 6")


def test_one_class_alone_has_no_test_and_says_so() -> None:
    lines = baseline(_table(label=["benign"] * 4, sex=["F", "M", "F", "F"], size_mm=[4.0, 5.0, 6.0, 7.0]))
    assert all(line.p is None for line in lines)
    assert any(line.method.startswith("no test") for line in lines)


def test_levels_stand_in_the_order_of_the_neck() -> None:
    table = _table(
        label=["benign", "malignant", "benign", "malignant", "benign"],
        neck_level=["VII", "level II", "II", "IV", None],
        neck_side=["middle", "left", "right", "right", "left"],
    )
    rows = [(row.level, row.side, row.malignant, row.benign) for row in neck_levels(table)]
    assert rows == [
        ("II", "right", 0, 1), ("II", "left", 1, 0), ("IV", "right", 1, 0), ("VII", "middle", 0, 1),
        ("not recorded", "left", 0, 1),
    ]  # fmt: skip
    assert neck_levels(_table(label=["benign"])) == []


def test_absent_columns_are_told() -> None:
    said = absent_columns(_table(label=["benign"], sex=["F"], neck_level=["II"]))
    assert said == [
        "The baseline table lacks the long axis and the short axis: the cohort does not record them.",
        "Neck levels are not parted by side: the cohort does not record it.",
    ]
