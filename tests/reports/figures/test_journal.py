"""Figures in the widths of journals: size, resolution, fonts."""

import re
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image
from pypdf import PdfReader

from thyrosight.documents import Measure
from thyrosight.documents.drawings import Curve, Forest, ForestLine, LinePanel, Lines
from thyrosight.reports.figures import draw
from thyrosight.reports.figures.journal import for_paper, width_mm, write_figure

ONE = LinePanel(curves=(Curve(name="A", x=(0, 0.5, 1), y=(0, 0.8, 1)),), x="x", y="y", square=True, note="small print")
FOREST = Forest(lines=tuple(ForestLine(name=name, estimate=Measure(value=1, low=0, high=2)) for name in "ab"), x="odds")


@pytest.mark.parametrize(
    ("drawing", "wanted"), [(Lines(panels=(ONE,)), 88), (Lines(panels=(ONE, ONE)), 180), (FOREST, 180)]
)
def test_files_have_the_width_of_a_column_or_two(drawing: object, wanted: float, tmp_path: Path) -> None:
    figure = for_paper(draw(drawing))
    tiff, pdf, svg = write_figure(figure, tmp_path, "one")
    height = wanted * figure.get_figheight() / figure.get_figwidth()
    with Image.open(tiff) as image:
        assert image.info["dpi"] == (300, 300)
        assert image.mode == "RGB"
        assert image.width / 300 * 25.4 == pytest.approx(wanted, abs=0.2)
    page = PdfReader(pdf).pages[0]
    assert float(page.mediabox.width) / 72 * 25.4 == pytest.approx(wanted, abs=0.01)
    assert float(page.mediabox.height) / 72 * 25.4 == pytest.approx(height, abs=0.01)
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]  # type: ignore[index]
    assert fonts
    for font in fonts:
        inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
        assert "/FontFile2" in inner["/FontDescriptor"], "the font is embedded"
    head = re.search(r'<svg[^>]* width="([\d.]+)mm" height="([\d.]+)mm"|<svg[^>]*', svg.read_text(encoding="utf-8"))
    assert head is not None
    assert f'width="{wanted:.2f}mm"' in head[0]
    assert "<text" not in svg.read_text(encoding="utf-8"), "letters are outlines, the same on every machine"


def test_no_type_is_too_small_to_read_on_paper() -> None:
    figure = draw(Lines(panels=(ONE,)))
    sizes = [text.get_fontsize() for text in figure.findobj(Text) if text.get_text()]
    scale = width_mm(figure) / 25.4 / figure.get_figwidth()
    assert min(sizes) * scale < 6, "as it is drawn for the screen"
    for_paper(figure)
    assert min(text.get_fontsize() for text in figure.findobj(Text)) * scale >= 5.99


def test_a_figure_taller_than_a_page_is_narrower() -> None:
    assert width_mm(Figure(figsize=(4.7, 20))) * 20 / 4.7 <= 235.01
