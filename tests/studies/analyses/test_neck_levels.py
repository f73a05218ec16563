"""Images by neck level: in the order of the neck, and what is not recorded is called so."""

import pandas as pd

from thyrosight.studies.analyses.neck_levels import levels_table


def test_levels_stand_in_the_order_of_the_neck() -> None:
    rows = pd.DataFrame(
        {
            "label": ["benign", "malignant", "benign", "malignant", "benign", "benign"],
            "neck_level": ["VII", "level II", "II", "IV", None, "VII"],
            "neck_side": ["middle", "left", "right", "right", "left", "middle"],
        }
    )
    table = levels_table(rows)
    assert table is not None
    keys = ("level", "side", "malignant", "benign")
    assert [tuple(row.get(key) for key in keys) for row in table.rows] == [
        ("II", "right", 0, 1), ("II", "left", 1, 0), ("IV", "right", 1, 0), ("VII", "middle", 0, 2),
        ("not recorded", "left", 0, 1), (None, None, 2, 4),
    ]  # fmt: skip
    assert [row["title"] for row in table.rows[-3:]] == ["Level VII, middle", "not recorded, left", "All"]


def test_sides_are_not_told_apart_and_levels_not_shown_where_nobody_recorded_them() -> None:
    rows = pd.DataFrame({"label": ["benign", "malignant"], "neck_level": ["II", "II"]})
    table = levels_table(rows)
    assert table is not None and [row["title"] for row in table.rows] == ["Level II", "All"]
    assert levels_table(rows.drop(columns="neck_level")) is None
    assert levels_table(rows.assign(neck_level=None)) is None
