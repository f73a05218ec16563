"""Figures as journals take them: in the width of one column or two, as TIFF at 300 dpi, PDF and SVG, fonts inside."""

from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.backends import backend_mixed, backend_pdf
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from thyrosight.files import write_atomically
from thyrosight.reports.figures.style import FULL_WIDTH, HALF_WIDTH

SINGLE_MM, DOUBLE_MM, TALLEST_MM = 88.0, 180.0, 235.0
"""Widths of one column and of two, and the height of a page, in millimetres."""
DPI = 300
FORMATS = ("tiff", "pdf", "svg")
_LEAST_POINTS = 6.0
"""The smallest type on paper."""
_INCH_MM = 25.4
_PAPER: dict[Any, Any] = {"pdf.fonttype": 42, "svg.fonttype": "path", "svg.hashsalt": "thyrosight"}
"""Fonts are embedded whole in PDF; letters are outlines in SVG, so that they look alike everywhere."""


def width_mm(figure: Figure) -> float:
    """The width on paper: that of one column where the figure was drawn for half a page, else of two.

    A figure that would be taller than a page is as much narrower.
    """
    width, height = (float(side) for side in figure.get_size_inches())
    wished = SINGLE_MM if width <= (HALF_WIDTH + FULL_WIDTH) / 3 else DOUBLE_MM
    return min(wished, TALLEST_MM * width / height)


def for_paper(figure: Figure) -> Figure:
    """The figure with no type below 6 points on paper, where it is printed at `width_mm`; all stays in its place."""
    if figure.get_layout_engine() is not None and width_mm(figure) == DOUBLE_MM:
        figure.set_figwidth(FULL_WIDTH)
    least = _LEAST_POINTS * figure.get_figwidth() * _INCH_MM / width_mm(figure)
    for text in figure.findobj(Text):
        if isinstance(text, Text) and float(text.get_fontsize()) < least:
            text.set_fontsize(least)
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # its places are found: they need not be found anew for each file
    return figure


def write_figure(figure: Figure, folder: Path, name: str) -> list[Path]:
    """Write a figure made by `draw` as TIFF, PDF and SVG, each whole or not at all.

    Args:
        figure: of `for_paper`.
        folder: of the files.
        name: of the files, without ending.

    Returns:
        The paths of the files.

    Raises:
        OutputError: the folder cannot be written.
    """
    paths = [folder / f"{name}.{ending}" for ending in FORMATS]
    with matplotlib.rc_context(_PAPER):
        for path, write in zip(paths, (_tiff, _pdf, _svg), strict=True):
            with write_atomically(path) as temporary:
                write(figure, temporary)
    return paths


def _scale(figure: Figure) -> float:
    """Inches on paper for an inch of the drawing."""
    return width_mm(figure) / _INCH_MM / float(figure.get_figwidth())


def _tiff(figure: Figure, path: Path) -> None:
    stream = BytesIO()
    figure.savefig(stream, format="png", dpi=DPI * _scale(figure), facecolor="white", pil_kwargs={"compress_level": 0})
    Image.open(stream).convert("RGB").save(path, format="TIFF", dpi=(DPI, DPI), compression="tiff_lzw")


def _svg(figure: Figure, path: Path) -> None:
    """The drawing as it is; the head of the file says how wide it is on paper."""
    figure.savefig(path, format="svg", facecolor="white", metadata={"Date": None, "Creator": None})
    text = path.read_text(encoding="utf-8")
    width, height = figure.get_size_inches()
    for side, points in (("width", width * 72), ("height", height * 72)):
        mm = points / 72 * _INCH_MM * _scale(figure)
        start = text.index(f' {side}="', text.index("<svg"))
        end = text.index('"', start + len(side) + 3)
        text = f'{text[:start]} {side}="{mm:.2f}mm{text[end:]}'
    path.write_text(text, encoding="utf-8")


def _pdf(figure: Figure, path: Path) -> None:
    """The drawing through a matrix that makes it as small as it is on paper: matplotlib has no such option."""
    scale, (width, height) = _scale(figure), figure.get_size_inches()
    before = figure.get_dpi()
    figure.set_dpi(72)
    untyped: Any = backend_pdf
    mixed: Any = backend_mixed
    file = untyped.PdfFile(path, metadata={"CreationDate": None})
    try:
        file.newPage(width * scale, height * scale)
        file.width, file.height = width, height  # where paths are cut off, before the matrix
        file.output(scale, 0, 0, scale, 0, 0, untyped.Op.concat_matrix)
        inner = untyped.RendererPdf(file, DPI, height, width)
        renderer = mixed.MixedModeRenderer(figure, width, height, DPI * scale, inner)
        figure.draw(renderer)
        renderer.finalize()
        file.finalize()
    finally:
        file.close()
        figure.set_dpi(before)
