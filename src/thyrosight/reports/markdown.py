"""Paragraphs, named facts and tables in Markdown, in the language that is spoken."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from thyrosight.documents.translation import Say
from thyrosight.languages import set_in_current


class Grid(NamedTuple):
    """A table: its head, and its rows."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Part = tuple[str, str | Mapping[str, Any] | Grid]
"""A heading, empty where the part before goes on, and what stands below it: a paragraph, named facts, or a table."""


def in_markdown(parts: Sequence[Part], said: Say) -> str:
    """Parts one below another, with `said` done to every text; facts without a value are left out.

    >>> print(in_markdown([("Data", {"Images": 3, "Notes": ""}), ("", Grid(("a", "b"), (("1", "2"),)))], str), end="")
    ## Data
    <BLANKLINE>
    - Images: 3
    <BLANKLINE>
    | a | b |
    |---|---|
    | 1 | 2 |
    """
    lines = []
    for heading, content in parts:
        lines += [f"## {said(heading)}"] if heading else []
        lines.append(_written(content, said))
    return "\n\n".join(lines) + "\n"


def _written(content: str | Mapping[str, Any] | Grid, said: Say) -> str:
    if isinstance(content, str):
        return said(content)
    if isinstance(content, Grid):
        head, *rows = (f"| {' | '.join(map(said, row))} |" for row in (content.head, *content.rows))
        return "\n".join((head, "|" + "---|" * len(content.head), *rows))
    named = ((said(name), said(str(value))) for name, value in content.items() if value not in (None, ""))
    return "\n".join(set_in_current(f"- {name}: {value}") for name, value in named)
