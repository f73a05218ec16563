"""The tables and figures of the papers as docs/papers.md lists them, and whether a report holds them."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from thyrosight.documents.document import Figure, Figures, Section, TableBlock
from thyrosight.studies import Result

PAGE = Path(__file__).parents[2] / "docs" / "papers.md"
NOT_THERE = "not there"


class Item(NamedTuple):
    """A table or figure of a paper: its name there, and the tables and figures of the report by the section's name."""

    paper: str
    name: str
    places: Mapping[str, tuple[str, ...]]

    def __str__(self) -> str:
        return f"{self.paper}, {self.name}"


def items(paper: str = "") -> list[Item]:
    """Every item of the page, or those of one paper."""
    found: list[Item] = []
    heading = ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            heading = line.removeprefix("## ")
        elif re.match(r"\| (Table|Figure) ", line):
            name, _, where, *_ = (cell.strip() for cell in line.strip("|").split("|"))
            parts = [] if where == NOT_THERE else where.split(";")
            places = {part.split(":")[0].strip(): tuple(re.findall(r"`([^`]+)`", part)) for part in parts}
            found.append(Item(heading, name, places))
    return [item for item in found if paper in ("", item.paper)]


def assert_in_report(item: Item, *results: Result) -> None:
    """Each table and figure of the item stands, filled, in its section of one of these reports of a kind."""
    assert item.places, f"{item} is not there"
    sections = [part for result in results for part in result.document.sections]
    for title, names in item.places.items():
        own = [part for part in sections if part.title.split(":")[0] == title]
        assert own, f"no section {title}"
        assert names, f"nothing is named in {title}"
        there = {name for part in own for name in _filled(part)}
        assert set(names) <= there, f"{title} lacks {set(names) - there}"


def _filled(part: Section) -> set[str]:
    """Names of the tables that have rows, and of the figures, that a section prints."""
    found = set()
    for block in part.blocks:
        if isinstance(block, TableBlock) and block.table.rows:
            found.add(block.table.name)
        elif isinstance(block, Figure):
            found.add(block.name)
        elif isinstance(block, Figures):
            found |= {figure.name for figure in block.items}
    return found
