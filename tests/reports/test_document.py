"""Pages made of sections: every block is there, escaped, numbered, and what every page must say is said."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from thyrosight.reports.document import (
    Code,
    Facts,
    Figures,
    Heading,
    Items,
    Section,
    Table,
    Tile,
    document_of,
    draw,
    flow_figure,
    render_document,
)
from thyrosight.reports.figures import GridPicture, NamedCurve, figure_picture_grid, figure_roc
from thyrosight.studies import StudyResult

_VOID = {"meta", "br", "img", "path", "rect", "use", "line", "circle"}


class _Balanced(HTMLParser):
    """Notes tags that are closed in another order than they were opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def _page(result: StudyResult) -> str:
    curve = figure_roc([NamedCurve("A & B", [0, 1], [0, 1])])
    sections = [
        Section(
            "First part",
            [
                "A paragraph with `code` & <signs>.",
                Table("A table", ["name", "value"], [["x < y", "1"]], ["A note."]),
                draw(curve, "One figure"),
                Figures([draw(curve, "Left"), draw(curve, "Right")]),
                Facts([("Who", "those who")]),
                Items(["one", "two"]),
                Heading("A heading"),
                Code("thyrosight --help"),
            ],
        ),
        Section("Second part", [flow_figure(result)]),
    ]
    return render_document(document_of(result, key_result="It works.", sections=sections, tiles=[Tile("AUC", "0.81")]))


def test_every_block_is_there_once_and_the_page_is_well_formed(result: StudyResult) -> None:
    page = _page(result.model_copy(update={"unfinished": ["Something was not done."]}))
    for words in ("<code>code</code> &amp; &lt;signs&gt;", "x &lt; y", "A note.", "<li>two</li>", "<h3>A heading</h3>",
                  "<pre>thyrosight --help</pre>", '<a href="#first-part">First part</a>', "those who"):  # fmt: skip
        assert page.count(words) == 1, words
    assert re.findall(r"<b>Figure (\d+)\.</b>", page) == ["1", "2", "3", "4"]
    parser = _Balanced()
    parser.feed(page)
    assert parser.wrong == []
    assert parser.open == []
    assert not re.search(r'(src|href)="https?:', page)
    assert "<script" not in page


def test_what_every_page_must_say_is_said(result: StudyResult) -> None:
    page = _page(result.model_copy(update={"unfinished": ["Something was not done."]}))
    text = re.sub(r"<[^>]+>", " ", page)
    assert text.count("Research use only. Not for diagnosis.") >= 2
    for words in ("Split: image-level", "Labels: TI-RADS", "589 images", "Limitations", "ab" * 32, "It works."):
        assert words in text, words
    assert text.index("Something was not done.") < text.index("It works.") < text.index("A paragraph with")


@pytest.mark.parametrize("shape", [(60, 90), (90, 60), (60, 60, 3)])
def test_pictures_keep_their_shape_and_their_box(shape: tuple[int, ...]) -> None:
    pictures = [
        GridPicture(np.zeros(shape, np.uint8), "benign", ["a line"], (5, 5, 25, 25), "A"),
        GridPicture(np.zeros(shape, np.uint8), "malignant", ["a line that is longer than its picture is wide " * 2]),
    ]
    figure = figure_picture_grid(pictures)
    figure.draw_without_rendering()
    for axes in figure.axes:
        box = axes.get_window_extent()
        assert box.height / box.width == pytest.approx(shape[0] / shape[1], rel=0.02)
    (frame,) = figure.axes[0].patches
    assert (frame.get_width(), frame.get_height()) == (20, 20)  # type: ignore[attr-defined]
    assert not figure.axes[1].patches
