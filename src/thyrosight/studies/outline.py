"""Outline of a manuscript: the parts that a kind of study writes itself; the rest is the same for all."""

from dataclasses import dataclass, field

from thyrosight.documents import Table, TableBlock
from thyrosight.documents.manuscript import numbered_apart
from thyrosight.studies.quoting import rows_said
from thyrosight.studies.result import Result


@dataclass(frozen=True)
class Outline:
    """The decisions and sentences of one kind of study.

    Attributes:
        purpose: of the study, as the sentence of the abstract.
        tables: names of the tables of the main text, in their order; the others go into the supplement.
        figures: names of its figures, or how they begin.
        networks, statistics: paragraphs added to these parts of the methods.
        results: paragraphs by heading, made from the tables.
        abstract: the sentences of the results that the abstract repeats.
        parts_of: of tables that are printed in parts, how many parts stand in the main text; all where not named.
        methods: paragraphs of the methods by heading, in place of those of studies that train networks.
        materials: the sentence of the abstract on data and methods, in place of that of such studies.
    """

    purpose: str
    tables: tuple[str, ...]
    figures: tuple[str, ...]
    networks: tuple[str, ...] = ()
    statistics: tuple[str, ...] = ()
    results: tuple[tuple[str, tuple[str, ...]], ...] = ()
    abstract: tuple[str, ...] = ()
    parts_of: dict[str, int] = field(default_factory=dict)
    methods: tuple[tuple[str, tuple[str, ...]], ...] = ()
    materials: str = ""


def manuscript_tables(result: Result) -> list[Table]:
    """Every table that holds something in the order of the report, each with a name of its own to refer to."""
    printed = [
        block.table for part in result.document.sections for block in part.blocks if isinstance(block, TableBlock)
    ]
    return numbered_apart([table for table in (*printed, *result.document.more) if table.rows])


def parts_of(tables: list[Table], name: str) -> list[Table]:
    """The table of that name, and further parts of it that were printed one by one."""

    def is_part(table: Table) -> bool:
        rest = table.name.removeprefix(name)
        return table.name.startswith(name) and (not rest or (rest[0] == "-" and rest[1:].isdigit()))

    return [table for table in tables if is_part(table)]


def plain_outline(result: Result) -> Outline:
    """The outline of a kind that says nothing of itself: the table of the summary, row by row."""
    summary = result.document.summary
    if summary is None:
        return Outline("To [[to be written: the purpose of the study]].", (), ("flow", "roc"))
    table: Table = result.table(summary.table)
    subject, *measures = summary.columns
    said = tuple(rows_said(table, measures, subject=subject))
    return Outline(
        purpose="To [[to be written: the purpose of the study]].",
        tables=(table.name,),
        figures=("flow", "roc"),
        results=(("Performance", said),),
        abstract=said[:2],
    )
