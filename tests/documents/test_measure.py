"""Counts with shares, distributions and one-sided intervals: they keep their numbers in JSON, CSV and print."""

import pytest

from thyrosight.documents import DASH, Column, Distribution, Measure, Share, Table, cells

TABLE = Table(
    name="baseline",
    caption="Baseline",
    columns=(
        Column(key="line"),
        Column(key="class", kind="summary"),
        Column(key="distance", kind="median", digits=1),
        Column(key="range", kind="quartiles", digits=2),
        Column(key="gain", kind="points"),
        Column(key="ratio", kind="number", digits=2),
    ),
    rows=(
        {"line": "images", "class": 12, "gain": Measure(value=0.07, low=-0.01, high=0.15, spread=0.02)},
        {"line": "women", "class": Share(n=3, of=12), "ratio": Measure(value=4.43, low=0.6)},
        {"line": "nobody", "class": Share(n=0, of=0), "ratio": Measure(value=1, low=1, high=1)},
        {"line": "age", "class": Distribution(n=11, mean=45.26, sd=12.5, low=20, high=71)},
        {
            "line": "HD95",
            "distance": Distribution(n=5, low=1, quartile_1=2, median=3.25, quartile_3=4, high=9),
            "range": Distribution(n=5, low=1, quartile_1=2, median=3.25, quartile_3=4, high=9),
        },
    ),
)


def test_each_kind_of_cell_is_printed_in_its_way() -> None:
    lines = [[cell.line.replace(DASH, "-") for cell in row] for row in cells(TABLE)]
    assert [row[1] for row in lines] == ["12", "3 (25.0 %)", "0", "45.3 ± 12.5 (20.0-71.0, n = 11)", "-"]
    assert lines[4][2:4] == ["3.2 (2.0-4.0)", "2.00-4.00 (1.00-9.00)"]
    assert lines[0][4] == "+7.0 (-1.0 to +15.0, ± 2.0)"
    assert [row[5] for row in lines[1:3]] == ["4.43 (above 0.60)", "1.00"]  # limits that are alike say nothing


def test_nothing_is_lost_in_json_and_csv() -> None:
    assert Table.model_validate_json(TABLE.model_dump_json()) == TABLE
    women, age, distance = (TABLE.records()[place] for place in (1, 3, 4))
    assert (women["class"], women["class_of"], women["class_share"]) == (3, 12, 0.25)
    assert [age[f"class{part}"] for part in ("", "_sd", "_low", "_high", "_n")] == [45.26, 12.5, 20, 71, 11]
    assert (distance["distance"], distance["distance_quartile_1"], distance["range_high"]) == (3.25, 2, 9)


def test_a_column_refuses_cells_of_another_kind() -> None:
    with pytest.raises(ValueError, match="no summary"):
        Table(name="t", caption="", columns=(Column(key="a", kind="summary"),), rows=({"a": Measure(value=1)},))
    with pytest.raises(ValueError, match="no area"):
        Table(name="t", caption="", columns=(Column(key="a", kind="area"),), rows=({"a": Share(n=1, of=2)},))
