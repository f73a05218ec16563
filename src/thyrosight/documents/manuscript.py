"""A manuscript as data: its text with marks, the tables and figures that the text refers to, and the references."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from pydantic import Field

from thyrosight.documents.document import Block, Figure, Section
from thyrosight.documents.measure import Frozen
from thyrosight.documents.references import KEYS, split_keys
from thyrosight.documents.table import Table

_MARKS = re.compile(
    r"`(?P<code>[^`]+)`|\[\[(?P<gap>.+?)\]\]|\{(?P<ref>(?:table|figure):[\w.-]+)\}|(?P<cite> ?\[" + KEYS + r"\])",
    re.DOTALL,
)

_MINUS = re.compile(r"(?<![\w\N{EN DASH}-])-(?=\d)")
_KEPT_TOGETHER = re.compile(r"\b[Pn] [=<] (?=\d)|(?<=\d) %( CI\b)?")


class Span(NamedTuple):
    """A stretch of text of one kind.

    `text` and `code` hold what is printed, `gap` what only the authors can write, `ref` the mark of a table or figure
    (`table:means`), `cite` the keys of references, parted by commas.
    """

    kind: Literal["text", "code", "gap", "ref", "cite"]
    text: str


class Reference(Frozen):
    """One entry of the list of references, by the key that the text cites."""

    key: str
    text: str


class Names(Frozen):
    """The words that are printed around the parts of a manuscript; the number of a page stands at its `#`."""

    table: str = "Table"
    figure: str = "Figure"
    references: str = "References"
    tables: str = "Tables"
    figures: str = "Figures"
    continued: str = "continued"
    page: str = "Page #"


class Manuscript(Frozen):
    """A manuscript, or its supplement.

    Text marks citations as `[delong1988]`, tables and figures as `{table:means}` and `{figure:roc}`, code between
    backticks, and between double square brackets what only the authors can write.

    Attributes:
        title: of the paper.
        front: paragraphs of the title page.
        sections: text alone; tables and figures stand behind it.
        tables, figures: in the order of their numbers; each has a name of its own.
        references: in the order of their numbers.
        source: label source, split and size, printed below every table and figure.
        names: the words that are printed around the parts.
        prefix: before the numbers of tables and figures.
        elsewhere: what tables and figures of other files are called, by mark.
        language: of the text, as in HTML.
    """

    title: str
    front: tuple[str, ...]
    sections: tuple[Section, ...]
    tables: tuple[Table, ...]
    figures: tuple[Figure, ...]
    references: tuple[Reference, ...]
    source: str
    names: Names = Names()
    prefix: str = ""
    elsewhere: dict[str, str] = Field(default_factory=dict)
    language: str = "en"

    def labels(self) -> dict[str, str]:
        """Names of the tables and figures of this file, by their marks.

        >>> table = Table(name="means", caption="Means", columns=(), rows=())
        >>> one = Manuscript(title="T", front=(), sections=(), tables=(table,), figures=(), references=(), source="")
        >>> one.labels(), one.model_copy(update={"prefix": "S"}).labels()
        ({'table:means': 'Table 1'}, {'table:means': 'Table S1'})
        """
        tables = {f"table:{item.name}": f"{self.names.table} {self.prefix}{n}" for n, item in enumerate(self.tables, 1)}
        figures = {
            f"figure:{item.name}": f"{self.names.figure} {self.prefix}{n}" for n, item in enumerate(self.figures, 1)
        }
        return tables | figures

    def spans(self, text: str) -> list[Span]:
        """A text in stretches; marks that stand for nothing here stay as they were typed."""
        known = {item.key for item in self.references}
        places = self.labels() | self.elsewhere
        return list(_spans(text, keys=known, places=places))

    def cited(self, keys: str) -> str:
        """The numbers of references by their keys, as the text prints them."""
        order = [item.key for item in self.references]
        return ", ".join(str(order.index(key) + 1) for key in split_keys(keys))

    def texts(self) -> Iterator[str]:
        """Every paragraph in the order of the pages, but for code."""
        yield from self.front
        for part in self.sections:
            for block in part.blocks:
                yield from block_texts(block)
        for table in self.tables:
            yield from (table.caption, *table.notes)
        for figure in self.figures:
            yield figure.caption

    def gaps(self) -> list[str]:
        """Gaps that only the authors can fill, in the order of the text."""
        return list(
            dict.fromkeys(span.text for text in self.texts() for span in self.spans(text) if span.kind == "gap")
        )


def typeset(text: str) -> str:
    """Text as it is printed: with minus signs before numbers, and nothing torn from the number that it belongs to.

    >>> typeset("-0.15 (95 % CI, 1028-1036); P = 0.2") == "\u22120.15 (95\u00a0%\u00a0CI, 1028-1036); P\u00a0=\u00a00.2"
    True
    """
    text = _MINUS.sub("\N{MINUS SIGN}", text)
    return _KEPT_TOGETHER.sub(lambda found: found.group().replace(" ", "\N{NO-BREAK SPACE}"), text)


def _spans(text: str, *, keys: set[str], places: Mapping[str, str]) -> Iterator[Span]:
    end = 0
    for found in _MARKS.finditer(text):
        kind: Literal["code", "gap", "ref", "cite"] = found.lastgroup  # type: ignore[assignment]
        inside = found.group(kind).strip(" []") if kind == "cite" else found.group(kind)
        if (kind == "cite" and not keys.issuperset(split_keys(inside))) or (kind == "ref" and inside not in places):
            continue
        if found.start() > end:
            yield Span("text", text[end : found.start()])
        yield Span(kind, inside)
        end = found.end()
    if end < len(text):
        yield Span("text", text[end:])


def cited_keys(text: str, known: Collection[str]) -> list[str]:
    """The keys that a text cites, in order, each once; what is not `known` is no citation.

    >>> cited_keys("As before [wilson1927, delong1988] and [as typed] and [wilson1927].", {"wilson1927", "delong1988"})
    ['wilson1927', 'delong1988']
    """
    found = [split_keys(span.text) for span in _spans(text, keys=set(known), places={}) if span.kind == "cite"]
    return list(dict.fromkeys(key for keys in found for key in keys))


def block_texts(block: Block) -> Iterator[str]:
    """The paragraphs of a block of text, but for code, in which nothing is marked."""
    if block.block in ("text", "heading"):
        yield block.text
    elif block.block == "items":
        yield from block.texts
    elif block.block == "facts":
        yield from (f"{name}: {text}" for name, text in block.rows)


def numbered_apart(tables: Sequence[Table]) -> list[Table]:
    """Tables, each with a name of its own: parts of one table that are printed one by one get a number.

    >>> parts = [Table(name="a", caption=text, columns=(), rows=()) for text in ("x", "y")]
    >>> [table.name for table in numbered_apart(parts)]
    ['a', 'a-2']
    """
    taken = {table.name for table in tables}
    seen: set[str] = set()
    apart = []
    for table in tables:
        name, number = table.name, 1
        while name in seen or (number > 1 and name in taken):
            number += 1
            name = f"{table.name}-{number}"
        seen.add(name)
        apart.append(table.model_copy(update={"name": name}))
    return apart
