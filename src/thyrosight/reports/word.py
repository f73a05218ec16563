"""A manuscript as a Word file: styles, captions with fields, header rows that repeat, pages turned for wide tables."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any

import docx
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_COLOR_INDEX
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from docx.text.run import Run
from PIL import Image

from thyrosight.documents import Figure, Section, Table
from thyrosight.documents.manuscript import Manuscript, typeset
from thyrosight.documents.table_layout import LANDSCAPE_MM, PORTRAIT_MM, layout
from thyrosight.files import write_atomically
from thyrosight.languages import one_after_another
from thyrosight.reports.document import caption
from thyrosight.reports.figures.journal import DPI
from thyrosight.reports.word_tables import add_table

_FONT, _EAST_ASIAN = "Times New Roman", {"zh": "SimSun", "ja": "MS Mincho", "ko": "Batang"}
_A4_MM, _MARGIN_MM = (210.0, 297.0), 22.5
_BLACK = RGBColor(0, 0, 0)


def write_word(manuscript: Manuscript, images: Mapping[str, tuple[Path, float]], path: Path) -> None:
    """Write a manuscript as `.docx`, whole or not at all.

    Args:
        manuscript: its data.
        images: a picture file for each figure by its name, and its width on paper in millimetres; a figure without one
            has its caption alone.
        path: of the file.

    Raises:
        OutputError: the file cannot be written.
    """
    writer = _Writer(manuscript, images)
    writer.front()
    for part in manuscript.sections:
        writer.section(part)
    writer.reference_list()
    writer.all_tables()
    writer.all_figures()
    with write_atomically(path) as temporary:
        writer.word.save(str(temporary))


class _Writer:
    """The parts of a Word file, in their order."""

    def __init__(self, manuscript: Manuscript, images: Mapping[str, tuple[Path, float]]) -> None:
        self.manuscript, self.images, self.labels = manuscript, images, manuscript.labels()
        self.word: WordDocument = docx.Document()
        self._bookmarks = 0
        _set_styles(self.word, language=manuscript.language)
        properties = self.word.core_properties
        properties.title, properties.author, properties.comments = manuscript.title, "", ""
        properties.created = properties.modified = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        _page(self.word.sections[0], landscape=False)
        _page_numbers(self.word, manuscript.names.page)

    def front(self) -> None:
        self.word.add_paragraph(self.manuscript.title, style="Title")
        for text in self.manuscript.front:
            self.text(text, style="Body Text")

    def section(self, part: Section) -> None:
        self.word.add_heading(part.title, level=1)
        for block in part.blocks:
            if block.block == "text":
                self.text(block.text, style="Body Text")
            elif block.block == "heading":
                self.word.add_heading(block.text, level=2)
            elif block.block == "items":
                for item in block.texts:
                    self.text(item, style="List Number" if block.numbered else "List Bullet")
            elif block.block == "facts":
                for name, text in block.rows:
                    paragraph = self.word.add_paragraph(style="Body Text")
                    paragraph.add_run(f"{name}: ").bold = True
                    self.spans(paragraph, text)
            elif block.block == "code":
                self.word.add_paragraph(block.text, style="Code")

    def text(self, text: str, *, style: str) -> None:
        self.spans(self.word.add_paragraph(style=style), text)

    def spans(self, paragraph: Paragraph, text: str) -> None:
        """Text with its marks: citations as numbers, tables and figures as links, gaps in yellow."""
        for span in self.manuscript.spans(text):
            if span.kind == "text":
                paragraph.add_run(typeset(span.text))
            elif span.kind == "code":
                paragraph.add_run(span.text, style="Code Letters")
            elif span.kind == "gap":
                paragraph.add_run(f"[{span.text}]").font.highlight_color = WD_COLOR_INDEX.YELLOW
            elif span.kind == "cite":
                paragraph.add_run(f" [{self.manuscript.cited(span.text)}]")
            elif span.text in self.labels:
                _field(paragraph, f"REF {_bookmark(span.text)} \\h", self.labels[span.text])
            else:
                paragraph.add_run(self.manuscript.elsewhere[span.text])

    def reference_list(self) -> None:
        if self.manuscript.references:
            self.word.add_heading(self.manuscript.names.references, level=1)
        for number, item in enumerate(self.manuscript.references, start=1):
            self.word.add_paragraph(f"{number}.\t{item.text}", style="Reference")

    def all_tables(self) -> None:
        """Tables, each group of upright or turned ones on pages of its own."""
        if not self.manuscript.tables:
            return
        self._turn(landscape=layout(self.manuscript.tables[0]).landscape)
        self.word.add_heading(self.manuscript.names.tables, level=1)
        first = True
        for landscape, group in groupby(self.manuscript.tables, key=lambda table: layout(table).landscape):
            if not first:
                self._turn(landscape=landscape)
            first = False
            for table in group:
                self.table(table)

    def table(self, table: Table) -> None:
        self.caption("table", table.name, table.caption)
        add_table(self.word, table, layout(table))
        self.notes(table)

    def notes(self, table: Table) -> None:
        from thyrosight.documents import notes

        below = notes(table, self.manuscript.source)
        self.spans(self.word.add_paragraph(style="Table Note"), one_after_another(below))

    def all_figures(self) -> None:
        if not self.manuscript.figures:
            return
        self._turn(landscape=False)
        self.word.add_heading(self.manuscript.names.figures, level=1)
        for figure in self.manuscript.figures:
            self.figure(figure)

    def figure(self, figure: Figure) -> None:
        found = self.images.get(figure.name)
        if found is not None:
            file, width = found
            stream = BytesIO()
            with Image.open(file) as image:
                image.save(stream, format="PNG", dpi=(DPI, DPI))
                room = 232.0 * image.width / image.height
            paragraph = self.word.add_paragraph(style="Picture")
            paragraph.add_run().add_picture(stream, width=Mm(min(width, PORTRAIT_MM, room)))
            for drawn in paragraph._p.iter(qn("wp:docPr")):
                drawn.set("descr", figure.caption)
        self.caption("figure", figure.name, caption(figure, self.manuscript.source), below=True)

    def caption(self, kind: str, name: str, text: str, *, below: bool = False) -> None:
        """A caption of Word: a label with a number that counts itself, and a bookmark for the text to refer to."""
        word = self.manuscript.names.table if kind == "table" else self.manuscript.names.figure
        prefix, label = self.manuscript.prefix, self.labels[f"{kind}:{name}"]
        paragraph = self.word.add_paragraph(style="Caption")
        paragraph.paragraph_format.keep_with_next = not below
        self._bookmarks += 1
        start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
        for mark in (start, end):
            mark.set(qn("w:id"), str(self._bookmarks))
        start.set(qn("w:name"), _bookmark(f"{kind}:{name}"))
        paragraph._p.append(start)
        paragraph.add_run(f"{word} {prefix}").bold = True
        counter = f"SEQ {kind.capitalize()}{prefix} \\* ARABIC"
        _field(paragraph, counter, label.removeprefix(f"{word} {prefix}"), bold=True)
        paragraph._p.append(end)
        paragraph.add_run(". ").bold = True
        self.spans(paragraph, text)

    def _turn(self, *, landscape: bool) -> None:
        """Begin a new page, upright or turned."""
        _page(self.word.add_section(WD_SECTION.NEW_PAGE), landscape=landscape)


def _bookmark(mark: str) -> str:
    """A mark as the name of a bookmark: letters, digits and at most forty of them."""
    import hashlib

    kind, _, name = mark.partition(":")
    short = "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in name)
    return f"{kind}_{short[:24]}_{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def _field(paragraph: Paragraph, code: str, shown: str, *, bold: bool = False) -> None:
    """A field of Word with what it shows until it is updated."""

    def part(kind: str) -> Run:
        run = paragraph.add_run()
        run.bold = bold or None
        element = OxmlElement("w:fldChar")
        element.set(qn("w:fldCharType"), kind)
        run._r.append(element)
        return run

    part("begin")
    instruction = OxmlElement("w:instrText")
    instruction.set(qn("xml:space"), "preserve")
    instruction.text = f" {code} "
    paragraph.add_run()._r.append(instruction)
    part("separate")
    paragraph.add_run(shown).bold = bold or None
    part("end")


def _page(section: Any, *, landscape: bool) -> None:
    short, long = _A4_MM
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (Mm(long), Mm(short)) if landscape else (Mm(short), Mm(long))
    side = ((long if landscape else short) - (LANDSCAPE_MM if landscape else PORTRAIT_MM)) / 2
    section.left_margin = section.right_margin = Mm(side)
    section.top_margin = section.bottom_margin = Mm(_MARGIN_MM)


def _page_numbers(word: WordDocument, name: str) -> None:
    footer = word.sections[0].footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    before, _, after = name.partition("#")
    footer.add_run(before)
    _field(footer, "PAGE", "1")
    footer.add_run(after)


def _set_styles(word: WordDocument, *, language: str) -> None:
    """Black letters with serifs; lines of text far enough apart to write between them."""
    styles = word.styles
    for name in ("Code", "Table Note", "Picture", "Reference"):
        styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = styles["Normal"]
    styles.add_style("Code Letters", WD_STYLE_TYPE.CHARACTER)
    sizes: Sequence[tuple[str, float, float, float, float]] = (
        ("Normal", 11, 0, 0, 1.0), ("Title", 16, 0, 14, 1.0), ("Heading 1", 13, 16, 6, 1.0),
        ("Heading 2", 11, 12, 4, 1.0), ("Body Text", 11, 0, 8, 1.5), ("List Bullet", 11, 0, 4, 1.3),
        ("List Number", 11, 0, 4, 1.3), ("Caption", 9.5, 10, 4, 1.0), ("Code", 7.5, 0, 8, 1.0),
        ("Table Note", 8.5, 3, 14, 1.0), ("Picture", 11, 10, 0, 1.0), ("Reference", 10, 0, 4, 1.0),
    )  # fmt: skip
    for name, points, before, after, spacing in sizes:
        style: Any = styles[name]
        _set_font(style, "Courier New" if name == "Code" else _FONT, language=language)
        style.font.size, style.font.color.rgb = Pt(points), _BLACK
        style.font.bold = name in ("Title", "Heading 1", "Heading 2")
        style.font.italic = False
        shape = style.paragraph_format
        shape.space_before, shape.space_after, shape.line_spacing = Pt(before), Pt(after), spacing
        shape.widow_control, shape.keep_together = True, name in ("Caption", "Table Note", "Reference")
    styles["Picture"].paragraph_format.keep_with_next = True
    hanging = styles["Reference"].paragraph_format
    hanging.left_indent, hanging.first_line_indent = Mm(9), Mm(-9)
    hanging.tab_stops.add_tab_stop(Mm(9))
    _set_font(styles["Code Letters"], "Courier New", language=language)
    for border in list(styles["Title"].element.iter(qn("w:pBdr"))):
        border.getparent().remove(border)


def _set_font(style: Any, name: str, *, language: str) -> None:
    """The font of Latin and of East Asian letters, in place of those of the theme."""
    style.font.name = name
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), _EAST_ASIAN.get(language[:2], "SimSun"))
    fonts.set(qn("w:cs"), name)
