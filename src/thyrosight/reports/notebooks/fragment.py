"""The frame of everything that notebooks show: its style, and pieces that several results share."""

import base64
import io
from collections.abc import Iterable, Sequence
from functools import cache
from html import escape

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray
from PIL import Image

from thyrosight.documents import Column, Row, Table, table_html
from thyrosight.reports.document import page_template
from thyrosight.reports.figures.style import THEME

RESEARCH_USE = '<p class="use">Research use only. Not for diagnosis.</p>'
_TABLE = '<table class="shown">'
_DARK_PAGES = (
    'body[data-jp-theme-light="false"]',  # JupyterLab and Notebook
    "body.vscode-dark", "body.vscode-high-contrast:not(.vscode-high-contrast-light)",
    ".dark", ".dark-theme",  # marimo
    "html[theme=dark]",  # Colab
    '[data-md-color-scheme="slate"]',  # MkDocs Material
)  # fmt: skip


def fragment(content: str) -> str:
    """Content in a frame of its own, with the style it needs."""
    # Many pages have a look of their own for tables without a class.
    return f'<div class="thyrosight"><style>{_style()}</style>\n{content.replace("<table>", _TABLE)}\n</div>'


@cache
def _style() -> str:
    """The style; ink follows the notebook's own, and series are brighter where its page is known to be dark."""
    return page_template("notebook.css").render(
        theme={"light": {name: light for light, (name, _) in THEME.items()}, "dark": dict(THEME.values())},
        dark=Markup(", ".join(f"{page} .thyrosight" for page in _DARK_PAGES)),
    )


def facts(rows: Iterable[tuple[str, str]], *, caption: str = "") -> str:
    """Names and texts in two columns; empty texts are left out."""
    lines = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td class="text">{escape(text)}</td></tr>'
        for name, text in rows
        if text
    )
    head = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f'<div class="scroll"><table>{head}<tbody>{lines}</tbody></table></div>'


def rows_table(caption: str, columns: Sequence[Column], rows: Sequence[Row], *, notes: Sequence[str] = ()) -> str:
    """A small table."""
    table = Table(name="shown", caption=caption, columns=tuple(columns), rows=tuple(rows), notes=tuple(notes))
    return table_html(table)


def items(texts: Iterable[str]) -> str:
    """A list, or nothing without texts."""
    lines = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return f"<ul>{lines}</ul>" if lines else ""


def paragraph(text: str, kind: str = "") -> str:
    """A paragraph, of the style's class `kind`; nothing without text."""
    start = f'<p class="{kind}">' if kind else "<p>"
    return f"{start}{escape(text)}</p>" if text else ""


def picture(pixels: NDArray[np.uint8], *, title: str, caption: str = "", width: int | None = None) -> str:
    """Pixels as a figure that the page holds itself, at most `width` CSS pixels wide and drawn twice as fine."""
    image = Image.fromarray(pixels)
    if width is not None and image.width > 2 * width:
        image = image.resize((2 * width, max(round(image.height * 2 * width / image.width), 1)))
    stream = io.BytesIO()
    image.save(stream, format="JPEG", quality=88)  # speckle makes PNG five times as large
    data = base64.b64encode(stream.getvalue()).decode()
    size = "" if width is None else f' style="width:{width}px"'
    below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return f'<figure><img alt="{escape(title)}"{size} src="data:image/jpeg;base64,{data}">{below}</figure>'
