"""A document in another language: every text that a reader sees is translated, and every number stays.

Names by which programs find tables, columns and figures stay as they are; so do tables that are not printed.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from thyrosight.documents.columns import Column, Row
from thyrosight.documents.diagrams import Diagram
from thyrosight.documents.document import (
    Block,
    Document,
    Facts,
    Figure,
    Figures,
    Heading,
    Items,
    Section,
    TableBlock,
    Text,
    Tile,
)
from thyrosight.documents.drawings import (
    Calibration,
    Confusion,
    Curve,
    Dice,
    DiceBySize,
    DiceValues,
    DivisionDots,
    Drawing,
    Flow,
    FlowStep,
    Forest,
    GridPicture,
    HeatMaps,
    LinePanel,
    Lines,
    Mark,
    MeasureBars,
    PictureGrid,
    Regions,
    Scatter,
    Scores,
    Stacked,
)
from thyrosight.documents.measure import Frozen, Measure
from thyrosight.documents.table import Table
from thyrosight.errors import LanguageError
from thyrosight.languages import LANGUAGES, translator

T = TypeVar("T", bound=Frozen)
_CLASSES = ("benign", "malignant")
"""Labels of pictures by which they are coloured: they are translated when they are drawn."""
_NAMES = {"data-dictionary": {"column"}, "trials": {"trial", "machine"}, "guidelines": {"guideline", "file"}}
"""Columns, by table, whose cells are names in files or of publications."""
_FORMS = "guideline-"
"""How the names of tables begin that are forms of publications, which a person fills in."""
_TO_FILL_IN = ("To write: ", "Not known: write it")
"""How the cells of forms begin that nobody has filled in yet; what a person wrote stays."""
Say = Callable[[str], str]
"""Puts one text into the language."""


def translated(document: Document, language: str) -> Document:
    """An English document in a language; one that is in it already stays as it is.

    Raises:
        LanguageError: there are no messages in that language, or the document is in a third one already.
    """
    say = translator(language).knowing(document.own_words)
    if document.language == language:
        return document
    if document.language != "en":
        raise LanguageError(
            f"The document is in {LANGUAGES[document.language]}; only an English one can be put into another language."
        )
    return in_words_of(document, say, language=language)


def in_words_of(document: Document, say: Say, *, language: str) -> Document:
    """The document with `say` done to every text that a reader sees."""
    own = ("title", "subtitle", "key_result", "tiles_note", "source")
    summary = document.summary and document.summary.model_copy(update={"note": say(document.summary.note)})
    return document.model_copy(
        update={name: say(getattr(document, name)) for name in own}
        | {name: tuple(map(say, getattr(document, name))) for name in ("facts", "unfinished", "limitations")}
        | {
            "language": language,
            "tiles": tuple(_tile(item, say) for item in document.tiles),
            "sections": tuple(section_in_words_of(item, say) for item in document.sections),
            "summary": summary,
            "more": tuple(
                table_in_words_of(table, say) if summary and table.name == summary.table else table
                for table in document.more
            ),
        }
    )


def _tile(item: Tile, say: Say) -> Tile:
    return Tile(name=say(item.name), value=say(item.value), below=say(item.below))


def section_in_words_of(item: Section, say: Say) -> Section:
    """A section; links to it stay as they were."""
    return Section(title=say(item.title), blocks=tuple(_block(block, say) for block in item.blocks), link=item.anchor)


def _block(block: Block, say: Say) -> Block:
    changes: dict[str, Any] = {}
    if isinstance(block, Text | Heading):
        changes = {"text": say(block.text)}
    elif isinstance(block, TableBlock):
        changes = {"table": table_in_words_of(block.table, say)}
    elif isinstance(block, Figure):
        return figure_in_words_of(block, say)
    elif isinstance(block, Figures):
        changes = {"items": tuple(figure_in_words_of(item, say) for item in block.items)}
    elif isinstance(block, Facts):
        changes = {"rows": tuple((say(name), say(text)) for name, text in block.rows)}
    elif isinstance(block, Items):
        changes = {"texts": tuple(map(say, block.texts))}
    return block.model_copy(update=changes)


def table_in_words_of(table: Table, say: Say) -> Table:
    """A table whose printed columns are in the language; hidden ones are for programs and stay."""
    form = table.folded and table.name.startswith(_FORMS)
    shown = {column.key: column for column in table.columns if not column.hidden}
    kept = _NAMES.get(table.name, set())
    heads = tuple(c.model_copy(update={"title": say(c.title)}) if c.key in shown else c for c in table.columns)
    rows = tuple(
        _form_row(row, say)
        if form
        else {
            key: _cell(shown[key], row, say) if key in shown and key not in kept else value
            for key, value in row.items()
        }
        for row in table.rows
    )
    below = table.notes if form else tuple(map(say, table.notes))  # the publication
    changes: dict[str, Any] = {"caption": say(table.caption), "columns": heads, "rows": rows, "notes": below}
    return table.model_copy(update=changes | {"source": None if table.source is None else say(table.source)})


def _form_row(row: Row, say: Say) -> Row:
    """A row of a form: its number stays, as does what a person wrote."""
    number, _, topic = str(row["item"]).partition(" ")
    write = str(row["write"])
    said = {name: say(str(row[name])) for name in ("asks", "known")} | {"item": f"{number} {say(topic)}"}
    return row | said | {"write": say(write) if write.startswith(_TO_FILL_IN) else write}


def _cell(column: Column, row: dict[str, Any], say: Say) -> Any:
    value = row[column.key]
    if isinstance(value, Measure):
        return value.model_copy(update={"method": say(value.method)})
    return say(value) if isinstance(value, str) else value


def figure_in_words_of(figure: Figure, say: Say) -> Figure:
    """A figure with its caption and the words in it."""
    source = None if figure.source is None else say(figure.source)
    changes = {"caption": say(figure.caption), "drawing": _drawing(figure.drawing, say), "source": source}
    return figure.model_copy(update=changes)


def _drawing(drawing: Drawing, say: Say) -> Drawing:
    """A drawing with its words; classes by which it chooses colours stay, and are translated when it is drawn."""
    said: Drawing = _DRAWINGS[type(drawing)](drawing, say)
    return said


def _with(item: T, say: Say, *names: str, **changes: Any) -> T:
    """A piece with the texts of these names translated, whether one or several, and with other changes."""

    def said(value: Any) -> Any:
        return say(value) if isinstance(value, str) else tuple(map(say, value))

    return item.model_copy(update={name: said(getattr(item, name)) for name in names} | changes)


def _curve(curve: Curve, say: Say) -> Curve:
    return _with(curve, say, "name")


def _line_panel(panel: LinePanel, say: Say) -> LinePanel:
    curves = tuple(_curve(curve, say) for curve in panel.curves)
    return _with(panel, say, "x", "y", "title", "note", curves=curves)


def _lines(drawing: Lines, say: Say) -> Lines:
    return Lines(panels=tuple(_line_panel(panel, say) for panel in drawing.panels))


def _forest(drawing: Forest, say: Say) -> Forest:
    return _with(drawing, say, "x", lines=tuple(_with(line, say, "name") for line in drawing.lines))


def _scatter(drawing: Scatter, say: Say) -> Scatter:
    levels = tuple((say(name), measure) for name, measure in drawing.panel.levels)
    return Scatter(panel=_with(drawing.panel, say, "x_label", "y_label", "note", levels=levels))


def _calibration(drawing: Calibration, say: Say) -> Calibration:
    curve = drawing.curve and _curve(drawing.curve, say)
    return _with(drawing, say, "x_label", "counted", "note", curve=curve)


def _by_network(drawing: Any, say: Say) -> Any:
    """A drawing of several networks by their printed names, and of one measure or several."""
    names = [name for name in ("measure", "measures") if name in type(drawing).model_fields]
    return _with(drawing, say, *names, networks={say(name): value for name, value in drawing.networks.items()})


def _stacked(drawing: Stacked, say: Say) -> Stacked:
    panels = tuple(_with(panel, say, "title", "groups") for panel in drawing.panels)
    return _with(drawing, say, "categories", "legend", "counted", panels=panels)


def _regions(drawing: Regions, say: Say) -> Regions:
    return Regions(features=tuple(_with(feature, say, "title") for feature in drawing.features))


def _dice_values(values: DiceValues, say: Say) -> DiceValues:
    return _with(values, say, "name")


def _dice(drawing: Dice, say: Say) -> Dice:
    return _with(drawing, say, networks=tuple(_dice_values(values, say) for values in drawing.networks))


def _dice_by_size(drawing: DiceBySize, say: Say) -> DiceBySize:
    return DiceBySize(network=_dice_values(drawing.network, say))


def _picture_grid(drawing: PictureGrid, say: Say) -> PictureGrid:
    pictures = tuple(
        _with(
            picture,
            say,
            "lines",
            "heading",
            *([] if picture.label in _CLASSES else ["label"]),
            marks=_marks(picture, say),
        )
        for picture in drawing.pictures
    )
    return _with(drawing, say, pictures=pictures)


def _marks(picture: GridPicture, say: Say) -> tuple[Mark, ...]:
    return tuple(_with(mark, say, "text") for mark in picture.marks)


def _flow(drawing: Flow, say: Say) -> Flow:
    return Flow(steps=tuple(flow_step_in_words_of(step, say) for step in drawing.steps))


def flow_step_in_words_of(step: FlowStep, say: Say) -> FlowStep:
    """A box of a flow chart."""
    return _with(step, say, "text", "aside", excluded=tuple((say(reason), n) for reason, n in step.excluded))


def _diagram(drawing: Diagram, say: Say) -> Diagram:
    panels = (
        _with(panel, say, "title", steps=tuple(_with(step, say, "text", "lines") for step in panel.steps))
        for panel in drawing.panels
    )
    return Diagram(panels=tuple(panels))


def _as_it_is(drawing: Any, say: Say) -> Any:
    """A drawing whose words are its classes alone."""
    return drawing


_DRAWINGS: dict[type, Callable[[Any, Say], Any]] = {
    Lines: _lines,
    Forest: _forest,
    Scatter: _scatter,
    Calibration: _calibration,
    MeasureBars: _by_network,
    DivisionDots: _by_network,
    Confusion: _by_network,
    Scores: _as_it_is,
    Stacked: _stacked,
    Regions: _regions,
    Dice: _dice,
    DiceBySize: _dice_by_size,
    HeatMaps: _as_it_is,
    PictureGrid: _picture_grid,
    Flow: _flow,
    Diagram: _diagram,
}
