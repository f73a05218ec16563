"""Tables, figures, whole pages and finished studies in notebooks."""

from html import escape
from pathlib import Path

from thyrosight.documents import Answer, Document, Figure, Table, drawings, numbered, table_html
from thyrosight.reports.document import PICTURES, caption, draw_figure, draw_table, load_pictures, page_template
from thyrosight.reports.figures import Pictures
from thyrosight.reports.notebooks.fragment import RESEARCH_USE, items, paragraph
from thyrosight.studies import Result


def of_table(table: Table) -> str:
    """The table with its notes."""
    return table_html(table)


def of_figure(figure: Figure, pictures: Pictures | None = None, *, source: str = "") -> str:
    """The figure above its caption."""
    drawn = draw_figure(figure, pictures or {})
    return f"<figure>{drawn}<figcaption>{escape(caption(figure, source))}</figcaption></figure>"


def of_answer(answer: Answer) -> str:
    """Page of an answer: its findings, and the methods."""
    text, references = numbered(answer.methods)
    return "".join(
        [
            f"<h3>{escape(answer.title)}</h3>",
            paragraph(answer.summary, "lead"),
            *(of_figure(figure) for figure in answer.figures),
            *(table_html(table) for table in answer.tables),
            f"<details><summary>For the Methods section</summary>{paragraph(text)}"
            f"{items(references).replace('ul>', 'ol>')}</details>",
        ]
    )


def of_document(document: Document) -> str:
    """The whole page: the answer first, and its sections folded."""
    return page_template("notebook.html").render(
        document=document,
        draw_table=lambda table: draw_table(table, document.source),
        draw_figure=lambda figure: draw_figure(figure, {}),
        caption=lambda figure: caption(figure, document.source),
    )


def of_study(result: Result) -> str:
    """The answer of a study, its main table, its heat maps, and where the rest is."""
    document, names = result.document, ", ".join(result.document.names())
    shown = [] if document.summary is None else [result.table(document.summary.table)]
    return "".join(
        [
            f"<h3>{escape(document.title)}</h3>",
            items(f"Not done: {text}" for text in document.unfinished),
            paragraph(document.key_result, "lead"),
            *(table_html(table, document.source) for table in shown),
            _heat_maps(result),
            items(document.facts),
            paragraph(f"All of it: result.document; a table: result.table(name) of {names}.", "quiet"),
            RESEARCH_USE,
        ]
    )


def _heat_maps(result: Result) -> str:
    """The first figure of heat maps, where the study's folder still holds the images."""
    maps = (figure for figure in result.document.figures() if isinstance(figure.drawing, drawings.HeatMaps))
    figure = next(maps, None)
    if figure is None or result.model is None:
        return ""
    pictures = load_pictures(Path(result.model.folder).parent / PICTURES)
    return of_figure(figure, pictures, source=result.document.source) if pictures else ""
