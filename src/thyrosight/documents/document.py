"""A report page as data: sections of text, tables and figures, and what must stand on every page."""

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from thyrosight.documents.drawings import Drawing
from thyrosight.documents.measure import Frozen
from thyrosight.documents.table import Table, joined
from thyrosight.showing import Shown


class Text(Frozen):
    """A paragraph; text between backticks is code."""

    block: Literal["text"] = "text"
    text: str


class TableBlock(Frozen):
    """A table on the page."""

    block: Literal["table"] = "table"
    table: Table


class Figure(Shown, Frozen):
    """A figure of a page.

    Attributes:
        name: for the file when figures are saved one by one.
        caption: printed below; the page numbers it and adds its source.
        drawing: the data.
        wide: takes the whole width of the page.
        source: label source, split and size, where they are not those of the whole document.
    """

    block: Literal["figure"] = "figure"
    name: str
    caption: str
    drawing: Drawing
    wide: bool = False
    source: str | None = None


class Figures(Frozen):
    """Figures side by side, two in a row; a `wide` one takes the whole row."""

    block: Literal["figures"] = "figures"
    items: tuple[Figure, ...]


class Facts(Frozen):
    """Names and texts in two columns, for methods."""

    block: Literal["facts"] = "facts"
    rows: tuple[tuple[str, str], ...]


class Items(Frozen):
    """A list with bullets, or with numbers where the text refers to them."""

    block: Literal["items"] = "items"
    texts: tuple[str, ...]
    numbered: bool = False


class Heading(Frozen):
    """A heading within a section."""

    block: Literal["heading"] = "heading"
    text: str


class Code(Frozen):
    """Text as it was typed; `columns` sets long text in two columns on paper."""

    block: Literal["code"] = "code"
    text: str
    columns: bool = False


Block = Annotated[Text | TableBlock | Figure | Figures | Facts | Items | Heading | Code, Field(discriminator="block")]
Content = str | Table | Figure | Figures | Facts | Items | Heading | Code | None
"""Content of a `section`: a string is a paragraph, and None is left out."""


class Section(Frozen):
    """A part of the page under its own heading, which the contents at the top link to by `link`, or by the heading."""

    title: str
    blocks: tuple[Block, ...]
    link: str = ""

    @property
    def anchor(self) -> str:
        """The name that links use, alike in all languages."""
        return self.link or re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")


def section(title: str, *contents: Content) -> Section:
    """A section of paragraphs, tables and figures; None is left out.

    >>> [block.block for block in section("Results", "A sentence.", None, Items(texts=("a",))).blocks]
    ['text', 'items']
    """
    blocks: list[Block] = []
    for item in contents:
        if isinstance(item, str):
            blocks.append(Text(text=item))
        elif isinstance(item, Table):
            blocks.append(TableBlock(table=item))
        elif item is not None:
            blocks.append(item)
    return Section(title=title, blocks=tuple(blocks))


class Tile(Frozen):
    """A figure in large type: name, value, and the line below it."""

    name: str
    value: str
    below: str = ""


class Summary(Frozen):
    """Which columns of which table stand in for the whole: in the terminal, and at the top of a page that is folded.

    Attributes:
        figure: name of the figure at the top of such a page.
        note: on the figures of the table.
    """

    table: str
    columns: tuple[str, ...]
    note: str = ""
    figure: str = ""


class Document(Shown, Frozen):
    """A whole page.

    Attributes:
        title, subtitle: at the top.
        key_result: the answer in two or three sentences.
        tiles: the main figures in large type, at most four in a row.
        tiles_note: says what the tiles are of.
        facts: label source, kind of split and numbers.
        unfinished: what was not done; stands before all else.
        limitations: to be known before believing the result.
        sections: the rest.
        source: label source, split and size in one sentence, printed under every table and figure.
        more: tables that are written as CSV files and not printed.
        summary: for the terminal, and for the top of a folded page.
        folded: whether the page shows a summary first, and each section when a reader opens it (all are open on paper).
        language: that its text is in, one of `thyrosight.languages.LANGUAGES`.
        own_words: names that somebody gave, for example to a cohort; every language keeps them.
    """

    title: str
    subtitle: str
    key_result: str
    facts: tuple[str, ...]
    sections: tuple[Section, ...]
    source: str
    tiles: tuple[Tile, ...] = ()
    tiles_note: str = ""
    unfinished: tuple[str, ...] = ()
    limitations: tuple[str, ...] = ()
    more: tuple[Table, ...] = ()
    summary: Summary | None = None
    folded: bool = False
    language: str = "en"
    own_words: tuple[str, ...] = ()

    def tables(self) -> Iterator[Table]:
        """Every table in the order of the page, then those that are not printed; several may be parts of one."""
        for part in self.sections:
            for block in part.blocks:
                if isinstance(block, TableBlock):
                    yield block.table
        yield from self.more

    def figures(self) -> Iterator[Figure]:
        """Every figure in the order of the sections."""
        for part in self.sections:
            for block in part.blocks:
                if isinstance(block, Figure):
                    yield block
                elif isinstance(block, Figures):
                    yield from block.items

    def table(self, name: str) -> Table:
        """The table of that name, whole where it is printed in parts.

        Raises:
            KeyError: there is none; names those there are.
        """
        parts = [table for table in self.tables() if table.name == name]
        if not parts:
            raise KeyError(f"there is no table {name!r}; there are {', '.join(self.names())}")
        return joined(parts)

    def figure(self, name: str) -> Figure | None:
        """The first figure of that name, None where there is none."""
        return next((figure for figure in self.figures() if figure.name == name), None)

    @property
    def top_figure(self) -> Figure | None:
        """The figure that a folded page shows first, as Figure 1, and not in its section."""
        return self.figure(self.summary.figure) if self.folded and self.summary else None

    def figure_number(self, name: str) -> int:
        """The number that the page prints below the first figure of that name.

        Raises:
            ValueError: there is no such figure.
        """
        names, top = [figure.name for figure in self.figures()], self.top_figure
        if top is not None:
            names.remove(top.name)
            names.insert(0, top.name)
        return names.index(name) + 1

    def names(self) -> list[str]:
        """The names of all tables."""
        return list(dict.fromkeys(table.name for table in self.tables()))
