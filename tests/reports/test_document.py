"""The page: every block is there, escaped and numbered, and what every page must say is said."""

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from tests.reports.conftest import make_result
from thyrosight.errors import OutputError
from thyrosight.reports import render_document, write_report
from thyrosight.studies import Result

Pictures = dict[str, np.ndarray]
_VOID = {"meta", "br", "img", "path", "rect", "use", "line", "circle", "wbr"}


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


def page(result: Result, pictures: Pictures | None = None) -> str:
    return render_document(result.document, pictures or {})


def text_of(html: str) -> str:
    """The words of a page outside its style."""
    body = re.sub(r"<style>.*?</style>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def test_every_block_is_there_once_and_the_page_is_well_formed(pictures: Pictures) -> None:
    html = page(make_result(unfinished=("Something was not done.",)), pictures)
    for words in ("<code>code</code> &amp; &lt;signs&gt;", "x &lt; y", "A note.", "<li>two</li>", "<h3>A heading</h3>",
                  "<pre>thyrosight --help</pre>", '<div id="first-part">', "those who"):  # fmt: skip
        assert html.count(words) == 1, words
    assert re.findall(r"<b>Figure (\d+)\.</b>", html) == ["1", "2", "3", "4", "5", "6"]
    parser = _Balanced()
    parser.feed(html)
    assert parser.wrong == []
    assert parser.open == []
    assert not re.search(r'(src|href)="https?:', html)
    assert "<script" not in html


def test_every_figure_and_table_names_labels_split_and_size(result: Result, pictures: Pictures) -> None:
    html = page(result, pictures)
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", html, flags=re.DOTALL)
    source = "Labels: TI-RADS; image-level split; 589 images in 344 groups."
    assert [source in caption for caption in captions] == [True] * 5 + [False]
    assert captions[-1].endswith("Flow. Other labels.")
    (below,) = re.findall(r'<p class="notes">(.*?)</p>', html)
    assert below == f"Intervals: bootstrap of groups. A note. {source}"


def test_the_page_says_what_it_must(result: Result) -> None:
    text = text_of(page(result))
    assert text.count("Research use only. Not for diagnosis.") == 2
    top = text[: text.index("A paragraph with")]
    for words in ("It works.", "Split: image-level", "TI-RADS categories as read by radiologists, not pathology",
                  "589 images (196 benign, 393 malignant), 344 groups, patients unknown",
                  "Labels are not pathology."):  # fmt: skip
        assert words in top, words
    for words in ("ef" * 32, "ab" * 32, "cd" * 32, result.facts.command, "torch 2.15", "seed 20", "gamma: 2.0"):
        assert words in text, words


def test_what_was_not_done_is_said_before_any_result() -> None:
    html = page(make_result(unfinished=("Run `thyrosight models`.", "VGG16 was left out.")))
    assert "<li>Run <code>thyrosight models</code>.</li>" in html
    text = text_of(html)
    assert text.index("Not done") < text.index("VGG16 was left out.") < text.index("It works.")
    assert "Not done" not in text_of(page(make_result()))


def test_missing_pictures_are_said_not_hidden(tmp_path: Path) -> None:
    result = make_result()
    text = text_of(write_report(result, tmp_path).read_text(encoding="utf-8"))
    assert text.count("Not shown: its images are not in pictures.npz beside this report.") == 2
    (tmp_path / "pictures.npz").write_bytes(b"PK\x03\x04 cut short")
    assert "Not shown" in write_report(result, tmp_path).read_text(encoding="utf-8")


def test_a_study_without_a_model_says_nothing_of_one() -> None:
    text = text_of(page(make_result(model=False)))
    assert "Reproduction" in text and "Model hash" not in text


def test_text_of_users_cannot_become_markup(pictures: Pictures) -> None:
    nasty = 'A <script>alert("x")</script> & "study"'
    html = page(make_result(title=nasty, command=nasty, limitations=(nasty,)), pictures)
    assert "<script" not in html
    assert html.count("&lt;script&gt;") >= 4


def test_the_same_result_gives_the_same_bytes(result: Result, study_folder: Path, pictures: Pictures) -> None:
    assert write_report(result, study_folder).read_text(encoding="utf-8") == page(result, pictures)


def test_colours_follow_the_page_in_light_dark_and_print(result: Result, pictures: Pictures) -> None:
    html = page(result, pictures)
    style = html[html.index("<style>") : html.index("</style>")]
    assert "prefers-color-scheme: dark" in style and "@media print" in style and "break-inside: avoid" in style
    used = set(re.findall(r"var\(--([\w-]+)\)", html))
    for block in style.split(":root {")[1:3]:
        assert used <= set(re.findall(r"--([\w-]+):", block)) | ({"page"} & used)


def test_a_folder_that_cannot_be_written_is_one_sentence(result: Result, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="Could not write"):
        write_report(result, tmp_path / "file" / "study")


@pytest.mark.parametrize(
    ("language", "code", "banner", "numbered"),
    [
        ("zh", "zh-Hans", "仅供研究使用，不得用于诊断。", "图1："),
        ("es", "es", "Solo para investigación. No apto para diagnóstico.", "Figura 1."),
    ],
)
def test_a_page_in_another_language_says_so_and_warns_in_it(
    tmp_path: Path, language: str, code: str, banner: str, numbered: str
) -> None:
    path = write_report(make_result(), tmp_path, language=language)
    text = path.read_text(encoding="utf-8")
    assert path.name == f"report.{language}.html"
    assert f'<html lang="{code}">' in text and f"<b>{numbered}</b>" in text
    assert text.count(banner) == 3  # at the top, at the foot, and on every printed page
    assert "Research use only" not in text
