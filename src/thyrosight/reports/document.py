"""A report page as a list of sections: what a new kind of study needs to build, and nothing more.

A kind writes `sections(result, folder) -> list[Section]` and hands them, with its key result, to `document_of`, which
adds what every page must state (research use, label source, kind of split, numbers, what was not done, limitations, the
command, the recipe, hashes and versions). `write_document` then writes the page in the look of all reports:

    def write(result: MyResult, out: Path) -> Path:
        document = document_of(result, key_result="...", tiles=[Tile("AUC", "0.81", "95 % interval 0.7 to 0.9")],
                               sections=[Section("Results", [table, draw(figure, caption="..."), "A paragraph."])])
        return write_document(document, out)

The blocks of a section are: text (a paragraph; code between backticks), `Table` (of `thyrosight.reports.tables`),
`PageFigure` (made by `draw`), and `Figures`, `Facts`, `Items`, `Heading` and `Code` of this module. Pictures of images
are figures too: see `thyrosight.reports.figures.figure_picture_grid`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup
from matplotlib.figure import Figure

from thyrosight import __version__
from thyrosight.files import write_text
from thyrosight.reports import sentences
from thyrosight.reports.figures import to_svg
from thyrosight.reports.flow_chart import FlowBox, draw_flow_chart
from thyrosight.reports.layout import REPORT, page_template, theme
from thyrosight.reports.result_figures import PageFigure
from thyrosight.reports.tables import Table, sentence

if TYPE_CHECKING:
    from thyrosight.studies import ResultBase


@dataclass(frozen=True)
class Figures:
    """Figures side by side, two in a row; a `wide` one takes the whole row."""

    items: Sequence[PageFigure]


@dataclass(frozen=True)
class Facts:
    """Names and texts in two columns, for methods."""

    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Items:
    """A list with bullets."""

    texts: Sequence[str]


@dataclass(frozen=True)
class Heading:
    """A heading within a section."""

    text: str


@dataclass(frozen=True)
class Code:
    """Text as it was typed; `columns` sets long text in two columns on paper."""

    text: str
    columns: bool = False


Block = str | Table | PageFigure | Figures | Facts | Items | Heading | Code


@dataclass(frozen=True)
class Section:
    """A part of the page under its own heading, which the contents at the top link to."""

    title: str
    blocks: Sequence[Block]

    @property
    def anchor(self) -> str:
        """The name that links use."""
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")


@dataclass(frozen=True)
class Tile:
    """A figure in large type: name, value, and what stands below it."""

    name: str
    value: str
    below: str = ""


@dataclass(frozen=True)
class Document:
    """A whole page.

    Attributes:
        title, subtitle: at the top.
        key_result: the answer in two or three sentences.
        tiles: the main figures in large type, at most four in a row.
        tiles_note: what the tiles are of.
        facts: label source, kind of split and numbers.
        unfinished: what was not done; stands before all else.
        limitations: what must be known before believing the result.
        sections: the rest.
        source: one sentence for the foot of the page.
    """

    title: str
    subtitle: str
    key_result: str
    facts: Sequence[str]
    sections: Sequence[Section]
    source: str
    tiles: Sequence[Tile] = ()
    tiles_note: str = ""
    unfinished: Sequence[str] = ()
    limitations: Sequence[str] = ()


def document_of(
    result: "ResultBase",
    *,
    key_result: str,
    sections: Sequence[Section],
    tiles: Sequence[Tile] = (),
    tiles_note: str = "",
) -> Document:
    """The page of a study: its sections, and around them what every page of every kind states."""
    return Document(
        title=result.title,
        subtitle=(
            f"Study “{result.recipe}”, seed {result.seed}, finished {result.created[:16].replace('T', ' ')} UTC, "
            f"ThyroSight {result.software.get('thyrosight', __version__)}."
        ),
        key_result=key_result,
        facts=sentences.facts_line(result),
        tiles=tiles,
        tiles_note=tiles_note,
        unfinished=result.unfinished,
        limitations=result.limitations,
        sections=[*sections, reproduction(result)],
        source=sentence(result.source_sentence),
    )


def draw(figure: Figure, caption: str, *, wide: bool = False) -> PageFigure:
    """A matplotlib figure for the page, with its caption; the page numbers it."""
    return PageFigure(Markup(to_svg(figure, title=caption)), caption, wide)


def flow_figure(result: "ResultBase", *, what: str = "images") -> PageFigure:
    """The flow chart of who was left out and why."""
    boxes = [FlowBox(step.text, step.n, step.excluded, step.aside) for step in result.flow]
    caption = f"Flow of {what} into the study. {sentence(result.source_sentence)}"
    return PageFigure(Markup(draw_flow_chart(boxes)), caption, wide=True)


def reproduction(result: "ResultBase") -> Section:
    """Hashes, versions, command and recipe."""
    rows = [("Cohort hash", f"`{result.cohort_digest}`"), ("Divisions hash", f"`{result.split_digest}`")]
    if result.model:
        card = result.model
        rows = [
            ("Model", f"saved in `{card.folder}` (of {card.division})"),
            ("Model hash", f"`{card.hash}`"),
            ("Operating point", f"{card.threshold:.4f} on the calibrated risk ({card.calibration})"),
            *rows,
        ]
    rows.append(("Software", ", ".join(f"{name} {value}" for name, value in result.software.items())))
    blocks: list[Block] = [Facts(rows)]
    if result.command:
        blocks += [Heading("Command"), Code(result.command)]
    blocks += [Heading("Recipe with all defaults"), Code(result.recipe_yaml, columns=True)]
    return Section("Model and reproduction" if result.model else "Reproduction", blocks)


def render_document(document: Document) -> str:
    """The page as HTML that needs nothing else."""
    return page_template("document.html").render(document=document, version=__version__, theme=theme(), kind=_kind)


def write_document(document: Document, out: Path) -> Path:
    """Write `report.html` into the folder `out`, whole or not at all, and return its path.

    Raises:
        OutputError: the folder cannot be written.
    """
    path = Path(out) / REPORT
    write_text(path, render_document(document))
    return path


def _kind(block: Block) -> str:
    """The name by which the template knows a block."""
    return "Text" if isinstance(block, str) else type(block).__name__


__all__ = [
    "Block",
    "Code",
    "Document",
    "Facts",
    "Figures",
    "Heading",
    "Items",
    "PageFigure",
    "Section",
    "Table",
    "Tile",
    "document_of",
    "draw",
    "flow_figure",
    "render_document",
    "reproduction",
    "write_document",
]
