"""Tables, figures and pages as data that carry their numbers; `thyrosight.reports` draws them.

The drawings of figures stand in `thyrosight.documents.drawings`.
"""

from thyrosight.documents import drawings
from thyrosight.documents.answer import Answer
from thyrosight.documents.cells import DASH, UNDEFINED, Cell, duration, p_text, sentence, with_interval
from thyrosight.documents.columns import Column, Kind, Row, Value, columns, hidden
from thyrosight.documents.document import (
    Block,
    Code,
    Content,
    Document,
    Facts,
    Figure,
    Figures,
    Heading,
    Items,
    Section,
    Summary,
    TableBlock,
    Text,
    Tile,
    section,
)
from thyrosight.documents.drawings import FlowStep
from thyrosight.documents.latex import table_latex
from thyrosight.documents.measure import Distribution, Frozen, Measure, Share
from thyrosight.documents.references import REFERENCES, citations, cited_in_latex, numbered
from thyrosight.documents.table import Table, cells, notes
from thyrosight.documents.table_page import table_html
from thyrosight.documents.translation import translated

__all__ = [
    "DASH",
    "REFERENCES",
    "UNDEFINED",
    "Answer",
    "Block",
    "Cell",
    "Code",
    "Column",
    "Content",
    "Distribution",
    "Document",
    "Facts",
    "Figure",
    "Figures",
    "FlowStep",
    "Frozen",
    "Heading",
    "Items",
    "Kind",
    "Measure",
    "Row",
    "Section",
    "Share",
    "Summary",
    "Table",
    "TableBlock",
    "Text",
    "Tile",
    "Value",
    "cells",
    "citations",
    "cited_in_latex",
    "columns",
    "drawings",
    "duration",
    "hidden",
    "notes",
    "numbered",
    "p_text",
    "section",
    "sentence",
    "table_html",
    "table_latex",
    "translated",
    "with_interval",
]
