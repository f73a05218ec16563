"""The figures that a paper prints, beside those of a study that repeats it."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import yaml
from pydantic import Field

from thyrosight.documents import (
    Column,
    Distribution,
    Kind,
    Measure,
    Row,
    Section,
    Share,
    Table,
    TableBlock,
    Value,
    hidden,
)
from thyrosight.documents.document import Block
from thyrosight.parts import Part

PAPERS = Path(__file__).with_name("papers")
_BARE = {"method": "", "spread": None, "divisions": None}
_PERCENT: Mapping[str, Kind] = {"percent": "percent", "rate": "percent", "summary": "percent"}


class PublishedRow(Part):
    """Figures of one row of a table.

    Attributes:
        where: what the row's cells hold; `*` stands for any signs.
        but_not: what they must not hold.
        figures: as printed, by the column of the study's table.
    """

    where: dict[str, str | float]
    but_not: dict[str, str] = Field(default_factory=dict)
    figures: dict[str, float]

    def is_of(self, row: Mapping[str, Value]) -> bool:
        """Whether the figures belong to the row."""
        return all(_fits(row.get(key), wanted) for key, wanted in self.where.items()) and not any(
            _fits(row.get(key), unwanted) for key, unwanted in self.but_not.items()
        )


class PublishedTable(Part):
    """A table of the paper.

    Attributes:
        table: the study's table of the same content.
        item: where the figures stand in the paper.
        named: names a row by its cells, as in "{depth} layers frozen"; by its first cell of text where empty.
    """

    table: str
    item: str
    named: str = ""
    notes: tuple[str, ...] = ()
    rows: tuple[PublishedRow, ...]


class PublishedPaper(Part):
    """Tables of a paper.

    Attributes:
        cites: how recipes name it in their `paper`, or a part of that.
    """

    name: str
    cites: str
    notes: tuple[str, ...] = ()
    tables: tuple[PublishedTable, ...]


@cache
def published_papers() -> tuple[PublishedPaper, ...]:
    """The papers whose figures are known.

    >>> [paper.name for paper in published_papers()]
    ['Qin et al. 2020', 'Guan et al. 2019', 'The micronodule paper', 'The ResNet-18 paper', 'Zhao et al. 2023']
    """
    paths = sorted(PAPERS.glob("*.yaml"))
    return tuple(PublishedPaper.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))) for path in paths)


def beside_the_paper(sections: Sequence[Section], *, paper: str) -> list[Section]:
    """The sections, with the figures of the paper that a recipe names after each table that has them.

    Args:
        paper: of the recipe; sections stay as they are where its figures are not known.
    """
    known = next((one for one in published_papers() if one.cites in " ".join(paper.split())), None)
    if known is None:
        return list(sections)
    left = {published.table: published for published in known.tables}
    return [part.model_copy(update={"blocks": tuple(_with_figures(part.blocks, known, left))}) for part in sections]


def _with_figures(blocks: Sequence[Block], paper: PublishedPaper, left: dict[str, PublishedTable]) -> Iterator[Block]:
    """The blocks, each table with those of its figures that no table before it had; `left` loses them."""
    for block in blocks:
        yield block
        if isinstance(block, TableBlock) and (published := left.get(block.table.name)):
            if table := published_table(block.table, published, paper):
                yield TableBlock(table=table)
            unused = tuple(entry for entry in published.rows if not any(map(entry.is_of, block.table.rows)))
            left[block.table.name] = published.model_copy(update={"rows": unused})


def published_table(table: Table, published: PublishedTable, paper: PublishedPaper) -> Table | None:
    """A study's table beside the paper's: both values, their difference, and whether the interval holds the paper's.

    None where no figure has a counterpart.
    """
    rows: list[Row] = []
    lacking = 0
    for entry in published.rows:
        found = [
            compared
            for row in table.rows
            if entry.is_of(row)
            for key, figure in entry.figures.items()
            if (compared := _compared(table, row, key, figure, named=published.named)) is not None
        ]
        keys = {str(row["column"]) for row in found}
        lacking += len(entry.figures.keys() - keys)
        rows += found
    if not rows:
        return None
    without = f"Figures of the paper without a counterpart in this table: {lacking}." if lacking else ""
    return Table(
        name=f"{table.name}-published",
        caption=f"Beside the paper: {table.caption}",
        columns=(
            *hidden("column"),
            Column(key="title", title="Measure"),
            Column(key="printed", title=paper.name),
            Column(key="here", title="Here", kind="row"),
            Column(key="difference", title="Here minus paper"),
            Column(key="holds", title="Interval holds the paper's"),
            *hidden("kind"),
            *hidden("paper", "difference_value", kind="number"),
        ),
        rows=tuple(rows),
        notes=(
            f"{paper.name}: {published.item}. Its patients, devices, readers and images are others: a difference "
            "tells of them as well as of the method.",
            "An interval that holds the paper's figure does not confirm it: the wider it is, the more it holds.",
            *published.notes,
            *paper.notes,
            *([without] if without else []),
        ),
        source=table.source,
        folded=True,
    )


def _compared(table: Table, row: Mapping[str, Value], key: str, figure: float, *, named: str) -> Row | None:
    """One figure beside its cell; None where the row or the table has no such number."""
    if key not in row:
        return None
    cell, column = row[key], table.column(key).in_row(row)
    here = _number(cell)
    if here is None:
        return None
    kind = "number" if isinstance(cell, Distribution) else _PERCENT.get(column.kind, column.kind)
    paper = figure / 100 if kind == "percent" else figure
    difference = here - paper
    told = f"{difference:+.3f}" if kind == "area" else f"{difference:+.3g}"
    told = f"{100 * difference:+.1f} points" if kind == "percent" else told
    first = next((str(row[one.key]) for one in table.shown if one.kind == "text" and one.key in row), table.caption)
    name = named.format_map(defaultdict(str, row)).strip(" ,") if named else first
    return {
        "column": key,
        "title": f"{name[:1].upper()}{name[1:]}: {column.title}",
        "kind": kind,
        "printed": f"{figure:g}",
        "paper": paper,
        # How the interval was made stands under the study's own table.
        "here": cell.model_copy(update=_BARE) if isinstance(cell, Measure) else here,
        "difference": told.replace("-", "\N{MINUS SIGN}"),
        "difference_value": difference,
        "holds": _holds(cell, paper),
    }


def _holds(cell: Value, paper: float) -> str:
    """Whether the interval of a cell holds the paper's figure; a limit that is not there is none."""
    if not isinstance(cell, Measure) or (cell.low is None and cell.high is None):
        return "no interval"
    low = -math.inf if cell.low is None else cell.low
    high = math.inf if cell.high is None else cell.high
    return "yes" if low <= paper <= high else "no"


def _number(cell: Value) -> float | None:
    """The value that a paper would print: of an estimate, a share or a mean."""
    if isinstance(cell, Measure):
        return cell.value
    if isinstance(cell, Share):
        return cell.share
    if isinstance(cell, Distribution):
        return cell.mean
    return float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else None


def _fits(cell: Value, wanted: str | float) -> bool:
    if isinstance(cell, int | float) and isinstance(wanted, int | float):
        return float(cell) == float(wanted)
    return isinstance(cell, str | int) and fnmatchcase(
        str(cell), f"{wanted:g}" if isinstance(wanted, float) else wanted
    )
