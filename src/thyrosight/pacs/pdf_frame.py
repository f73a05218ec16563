"""The frame of every PDF: the same header on each page, the number of the page below, and bytes that repeat."""

import io
from collections.abc import Sequence

from reportlab import rl_config
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate

from thyrosight import __version__
from thyrosight.pacs.pdf_fonts import SANS, paragraph

# Pictures, fonts and pages as bytes, not as letters: a file is a tenth smaller, and written sooner.
rl_config.useA85 = 0


def framed(
    flow: list[Flowable],
    header: Sequence[Paragraph],
    *,
    footer: str,
    small: ParagraphStyle,
    margin: float,
    title: str,
    subject: str,
    moment: str,
    pages: int,
    numbering: str = "page {0} of {1}",
    language: str = "",
) -> tuple[bytes, int]:
    """The document as A4, and the number of its pages.

    Args:
        flow: what stands between header and footer.
        header: drawn at the top of each page.
        footer: the line at the foot of each page, before the number of the page.
        small: style of that line.
        margin: around each page, in points.
        title, subject: for the file's properties.
        moment: date and time for them, as YYYYMMDDHHMMSS; the same one gives the same bytes.
        pages: the number of pages that each page names.
        numbering: how it names itself, as {0}, of them, as {1}.
        language: of the text, for programmes that read it aloud (RFC 5646); empty where it is not stated.
    """
    width = A4[0] - 2 * margin

    def edges(canvas: Canvas, document: SimpleDocTemplate) -> None:
        canvas.setDateFormatter(lambda *_: f"D:{moment}")
        top = A4[1] - margin
        for line in header:
            top -= line.wrap(width, A4[1])[1]
            line.drawOn(canvas, margin, top)
            top -= line.style.spaceAfter
        own = numbering.replace("{0}", str(document.page)).replace("{1}", str(pages))
        foot = paragraph(f"{footer}; {own}", small)
        foot.wrap(width, margin)
        foot.drawOn(canvas, margin, 8 * mm)

    stored = io.BytesIO()
    document = SimpleDocTemplate(
        stored,
        pagesize=A4,
        leftMargin=margin - 6,  # platypus pads its frames by 6 points
        rightMargin=margin - 6,
        topMargin=margin + sum(one.wrap(width, A4[1])[1] + one.style.spaceAfter for one in header),
        bottomMargin=margin,
        title=title,
        subject=subject,
        author="ThyroSight",
        creator=f"ThyroSight {__version__}",
        initialFontName=SANS,  # else each page names a font that is not embedded
        invariant=1,
        lang=language or None,
    )
    document.build(flow, onFirstPage=edges, onLaterPages=edges)
    return stored.getvalue(), document.page
