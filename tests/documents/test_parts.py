"""Tables in parts, and rows of kinds of their own: what each cell is follows from its row, in print and in CSV."""

import pytest

from thyrosight.documents import DASH, Column, Document, Measure, Table, cells, section
from thyrosight.documents.columns import Kind


def _table(reader: str, area: float) -> Table:
    kinds: list[tuple[str, Kind]] = [
        ("Cut-off", "text"),
        ("True positive", "count"),
        ("PPV", "percent"),
        ("AUC", "area"),
    ]
    values = ["category 4", 7, Measure(value=0.875, low=0.5, high=0.95, method="GEE"),
              Measure(value=area, low=0.6, high=0.9, method="Obuchowski")]  # fmt: skip
    return Table(
        name="readers",
        caption=f"Against {reader}",
        columns=(
            Column(key="kind", hidden=True),
            Column(key="measure", title="Measure"),
            Column(key="reader", title=reader, kind="row"),
        ),
        rows=tuple(
            {"kind": kind, "measure": name, "reader": value} for (name, kind), value in zip(kinds, values, strict=True)
        ),
    ).told_apart(who=reader, n=len(reader))


def test_each_row_is_written_in_its_kind_and_names_its_method() -> None:
    table = _table("A", 0.75)
    assert [row[1].line.replace(DASH, "-") for row in cells(table)] == [
        "category 4", "7", "87.5 (50.0-95.0)", "0.750 (0.600-0.900)",
    ]  # fmt: skip
    assert table.methods() == ["Intervals of PPV: GEE.", "Intervals of AUC: Obuchowski."]
    with pytest.raises(ValueError, match=r"column a: 1\.5 is no count"):
        Table(name="t", caption="", columns=(Column(key="kind"), Column(key="a", kind="row")),
              rows=({"kind": "count", "a": 1.5},))  # fmt: skip
    with pytest.raises(ValueError, match=r"column a: 1\.5 is no None"):
        Table(name="t", caption="", columns=(Column(key="a", kind="row"),), rows=({"a": 1.5},))


def test_a_rate_shows_its_standard_error_and_no_interval() -> None:
    rate = Measure(value=0.611, low=0.449, high=0.752, se=0.081, method="Wilson")
    table = Table(name="t", caption="", columns=(Column(key="a", kind="rate"),), rows=({"a": rate},))
    assert [cell.line for cell in cells(table)[0]] == ["61.1 (8.1)"]
    assert table.methods() == []
    assert table.records()[0]["a_low"] == 0.449


def test_parts_of_one_name_are_one_table_whose_rows_can_be_found() -> None:
    parts = [_table("A", 0.75), _table("Bob", 0.8)]
    document = Document(
        title="", subtitle="", key_result="", facts=(), source="", sections=(section("Readers", *parts),)
    )
    whole = document.table("readers")
    assert whole.at(who="Bob", measure="AUC", column="reader").value == 0.8
    assert whole.at(who="A", measure="AUC", column="reader").value == 0.75
    assert document.names() == ["readers"]
    assert [row["n"] for row in whole.records()] == [1] * 4 + [3] * 4
    assert [column.title for column in whole.shown] == ["Measure", "A"]
    with pytest.raises(KeyError, match="there are A, Bob"):
        whole.at(who="C", measure="AUC", column="reader")
