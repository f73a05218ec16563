"""Documents give back their tables and figures, and survive being written as JSON."""

import pytest

from thyrosight.documents import (
    Column,
    Document,
    Facts,
    Figure,
    Figures,
    Heading,
    Summary,
    Table,
    drawings,
    section,
)


def _figure(name: str) -> Figure:
    return Figure(name=name, caption=name, drawing=drawings.Scores(benign=(0.1,), malignant=(0.9,)))


def _table(name: str) -> Table:
    return Table(name=name, caption=name, columns=(Column(key="a", title="A"),), rows=({"a": "x"},))


def _document() -> Document:
    return Document(
        title="T",
        subtitle="S",
        key_result="K",
        facts=("F",),
        source="labels: TI-RADS",
        sections=(
            section("First", "A paragraph.", _table("one"), None, _figure("alone"), Heading(text="H")),
            section("Second part", Figures(items=(_figure("left"), _figure("right"))), Facts(rows=(("a", "b"),))),
        ),
        more=(_table("not-printed"),),
    )


def test_tables_and_figures_stand_in_the_order_of_the_page() -> None:
    document = _document()
    assert [table.name for table in document.tables()] == ["one", "not-printed"]
    assert [figure.name for figure in document.figures()] == ["alone", "left", "right"]
    assert document.sections[1].anchor == "second-part"
    with pytest.raises(KeyError, match="no table 'two'; there are one, not-printed"):
        document.table("two")


def test_a_figure_of_the_summary_is_the_first_on_a_folded_page() -> None:
    """Checklists named the figures before it by a number too low."""
    numbers = {name: _document().figure_number(name) for name in ("alone", "left", "right")}
    assert numbers == {"alone": 1, "left": 2, "right": 3}
    top = Summary(table="one", columns=("a",), figure="left")
    folded = _document().model_copy(update={"summary": top, "folded": True})
    assert {name: folded.figure_number(name) for name in numbers} == {"left": 1, "alone": 2, "right": 3}


def test_json_brings_a_document_back() -> None:
    document = _document()
    assert Document.model_validate_json(document.model_dump_json()) == document
