"""Marks in the text of a manuscript."""

from thyrosight.documents import Column, Figure, Table, drawings, section
from thyrosight.documents.manuscript import Manuscript, Reference, Span, numbered_apart

TABLE = Table(name="means", caption="Means", columns=(Column(key="a"),), rows=({"a": "x"},))
FLOW = Figure(name="flow", caption="Flow", drawing=drawings.Flow(steps=()))


def paper(**changes: object) -> Manuscript:
    values = {
        "title": "T", "front": ("[[to be written: authors]]",), "tables": (TABLE,), "figures": (FLOW,), "source": "",
        "sections": (section("Methods", "As in [a2000].", "Funding: [[to be written]]."),),
        "references": (Reference(key="b1999", text="B."), Reference(key="a2000", text="A.")),
    }  # fmt: skip
    return Manuscript.model_validate(values | changes)


def test_marks_are_told_from_text() -> None:
    spans = paper().spans(
        "See {table:means} and {figure:flow} [a2000, b1999], run `x [a2000]`; [[to be written: why]]."
    )
    assert spans == [
        Span("text", "See "), Span("ref", "table:means"), Span("text", " and "), Span("ref", "figure:flow"),
        Span("cite", "a2000, b1999"), Span("text", ", run "), Span("code", "x [a2000]"), Span("text", "; "),
        Span("gap", "to be written: why"), Span("text", "."),
    ]  # fmt: skip
    assert paper().cited("a2000, b1999") == "2, 1"


def test_what_stands_for_nothing_stays_as_typed() -> None:
    text = "Scanner [vendor2000], column {table:other}, an interval [0.1, 0.2]"
    assert paper().spans(text) == [Span("text", text)]


def test_labels_of_a_supplement_have_their_prefix_and_its_own_words() -> None:
    other = paper(prefix="S", names={"table": "表", "figure": "图"})
    assert other.labels() == {"table:means": "表 S1", "figure:flow": "图 S1"}
    assert paper(tables=(), elsewhere={"table:means": "Table S1"}).spans("{table:means}") == [
        Span("ref", "table:means")
    ]


def test_gaps_are_listed_once_in_their_order() -> None:
    assert paper().gaps() == ["to be written: authors", "to be written"]


def test_names_stay_apart_even_where_a_table_is_called_like_a_part() -> None:
    names = [table.name for table in numbered_apart([TABLE, TABLE, TABLE.model_copy(update={"name": "means-2"})])]
    assert len(set(names)) == 3
