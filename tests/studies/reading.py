"""Reading manuscripts back: their numbers against those of the tables."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import docx
from docx.document import Document as WordDocument

from thyrosight.documents import Measure, Table, cells, notes
from thyrosight.documents.manuscript import Manuscript, block_texts, typeset
from thyrosight.documents.table_layout import lines
from thyrosight.studies import Result
from thyrosight.studies.manuscript.composing import compose
from thyrosight.studies.manuscript.dictionary import dictionary_of, studied_table

_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def composed(result: Result, folder: Path) -> tuple[Manuscript, Manuscript]:
    """Manuscript and supplement of a study that lies in a folder."""
    return compose(result, dictionary=dictionary_of(result, studied_table(result, folder)))


def assert_manuscript(result: Result, folder: Path, *, headings: Sequence[str]) -> Manuscript:
    """Hold a manuscript to its rules: figures of the text stand in its tables, and every mark stands for something."""
    main, supplement = composed(result, folder)
    for paper in (main, supplement):
        for text in paper.texts():
            plain = "".join(span.text for span in paper.spans(text) if span.kind == "text")
            assert not re.search(r"[{}]|\[\[|\[[a-z]+\d{4}", plain), plain
        assert len(paper.labels()) == len(paper.tables) + len(paper.figures), "each has a name of its own"
        assert set(paper.labels().values()).isdisjoint(paper.elsewhere.values())
    assert {table.name for table in main.tables}.isdisjoint(table.name for table in supplement.tables)
    assert "Research use only" in main.front[1]
    assert result.document.source.lower() in main.front[1].lower()
    part = next(part for part in main.sections if part.title == "Results")
    said = [block.text for block in part.blocks if block.block == "heading"]
    assert [heading for heading in said if heading in headings] == list(headings)
    texts = [text for block in part.blocks if block.block == "text" for text in block_texts(block)]
    abstract = [text for block in main.sections[0].blocks for text in block_texts(block) if text.startswith("Results")]
    assert len(abstract) == 1
    assert "95 % CI" in abstract[0]
    _assert_numbers([*texts, *abstract], main)
    return main


def _assert_numbers(texts: Iterable[str], paper: Manuscript) -> None:
    """Decimals of the text are printed in a table; whole numbers as well, or they count what a figure rests on."""
    printed = {number for table in paper.tables for number in _NUMBER.findall(" ".join(_printed(table)))}
    counted = {
        str(value) for table in paper.tables for row in table.rows for value in row.values() if isinstance(value, int)
    }
    counted |= {
        str(value.n)
        for table in paper.tables
        for row in table.rows
        for value in row.values()
        if isinstance(value, Measure)
    }
    for text in texts:
        for span in paper.spans(text):
            for number in _NUMBER.findall(span.text) if span.kind == "text" else ():
                known = number in printed or ("." not in number and number in counted | {"95"})
                assert known, f"{number} of {span.text!r} stands in no table"


def _printed(table: Table) -> list[str]:
    return [table.caption, *(cell.line for row in cells(table) for cell in row), *table.notes]


def assert_word_holds(paper: Manuscript, path: Path) -> WordDocument:
    """Every cell, caption and note of the tables stands in the Word file as the tables have them."""
    word = docx.Document(str(path))
    assert len(word.tables) == len(paper.tables)
    for grid, table in zip(word.tables, paper.tables, strict=True):
        rows = [[cell.text for cell in row.cells] for row in grid.rows]
        wanted = [[typeset("\n".join(lines(cell))) for cell in row] for row in cells(table)]
        assert rows[0] == [typeset(column.title) for column in table.shown]
        assert rows[1:] == wanted, table.name
    text = "\n".join(paragraph.text for paragraph in word.paragraphs)
    for table in paper.tables:
        assert typeset(" ".join(notes(table, paper.source))) in text
        assert typeset(table.caption) in text
    for figure in paper.figures:
        assert typeset(figure.caption).rstrip(".") in text
    return word


def assert_latex_holds(paper: Manuscript, source: str) -> None:
    """Every number of every table stands in the LaTeX source, in the order of the table."""
    for table in paper.tables:
        start = source.index(rf"\label{{table:{table.name}}}")
        inside = source[start : source.index(r"\end{longtable}", start)]
        body = inside[inside.index(r"\endfoot") :]
        wanted = [number for row in cells(table) for cell in row for number in _NUMBER.findall(" ".join(lines(cell)))]
        assert _NUMBER.findall(body.replace("$^2$", "²")) == wanted, table.name
