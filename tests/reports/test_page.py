"""The report page: complete, honest about what is missing, readable without anything else."""

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from thyrosight.errors import OutputError
from thyrosight.reports import render_report, write_report
from thyrosight.studies import StudyResult
from thyrosight.studies.result import MeanMeasure

Pictures = dict[str, np.ndarray]
VOID = {"meta", "br", "img", "link", "input", "hr"}


class Page(HTMLParser):
    """Collects what the tests ask of a page, and refuses tags that do not close in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("style", "script"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def html(result: StudyResult, pictures: Pictures) -> str:
    return render_report(result, pictures)


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def changed(result: StudyResult, **fields: object) -> StudyResult:
    return StudyResult.model_validate({**result.model_dump(), **fields})


def test_nothing_is_fetched_from_anywhere(html: str, page: Page) -> None:
    for _, attributes in page.tags:
        for name, value in attributes.items():
            if name in ("src", "href", "xlink:href", "srcset", "data", "action", "poster"):
                assert value.startswith(("#", "data:image/png;base64,")), (name, value[:60])
    assert set(re.findall(r"url\(\s*['\"]?(.)", html)) <= {"#"}
    assert "@import" not in html and "<script" not in html
    assert "http" not in re.sub(r'xmlns(:\w+)?="[^"]+"', "", html)


def test_it_is_one_well_formed_accessible_document(html: str, page: Page) -> None:
    assert html.lstrip().startswith("<!DOCTYPE html>")
    assert page.all("html")[0]["lang"] == "en"
    assert page.all("title") and page.all("meta")
    identifiers = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))
    links = [
        value[1:] for _, a in page.tags for n, value in a.items() if n in ("href", "xlink:href") and value[0] == "#"
    ]
    assert set(links) <= set(identifiers)
    headings = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert headings[0] == 1 and headings.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(headings))
    for svg in page.all("svg"):
        assert svg["role"] == "img" and len(svg["aria-label"]) > 20
    assert all(cell.get("scope") in ("row", "col") for cell in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table")) - 2  # methods and provenance stand under headings


def test_research_use_is_said_first_and_last(page: Page) -> None:
    sentence = "Research use only. Not for diagnosis."
    assert page.text.count(sentence) == 2
    assert page.text.index(sentence) < page.text.index("Thyroid nodules with ResNet-18, focal loss and Grad-CAM Study")


def test_key_facts_stand_at_the_top(page: Page) -> None:
    top = page.text[: page.text.index("Methods Cohort ddti")]
    for fact in (
        "told nodules labelled malignant from those labelled benign "
        "with a mean AUC of 0.80 (95 % interval 0.75 to 0.84) over 10 divisions",
        "Labels: TI-RADS categories as read by radiologists, not pathology",
        "Split: image-level",
        "589 images (196 benign, 393 malignant), 344 groups, patients unknown",
        "Labels are not pathology",
    ):
        assert fact in top


def test_every_figure_names_labels_split_and_size(html: str) -> None:
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", html, flags=re.DOTALL)
    assert len(captions) == 12
    for number, caption in enumerate(captions, start=1):
        assert f"Figure {number}." in caption
        assert re.search(r"[Ll]abels: TI-RADS; image-level split; 589 images in 344 groups", caption)


def test_provenance_is_complete(page: Page, result: StudyResult) -> None:
    assert result.model
    for fact in (result.model.hash, result.cohort_digest, result.split_digest, result.command, "torch 2.15", "seed 20"):
        assert fact in page.text
    assert "gamma: 2.0" in page.text  # the recipe


def test_what_was_not_done_is_said_before_any_result(result: StudyResult, pictures: Pictures) -> None:
    sentence = "VGG16 was left out: its weights are not on this machine."
    html = render_report(changed(result, unfinished=["Run `thyrosight models`."]), pictures)
    assert "<li>Run <code>thyrosight models</code>.</li>" in html
    text = Page(render_report(changed(result, unfinished=[sentence]), pictures)).text
    assert text.index("Not done") < text.index(sentence) < text.index("mean AUC")
    assert "Not done" not in Page(render_report(result, pictures)).text


def test_missing_pictures_are_said_not_hidden(result: StudyResult, tmp_path: Path) -> None:
    text = Page(write_report(result, tmp_path).read_text(encoding="utf-8")).text
    assert "No heat maps are shown: their images are not in explanations.npz" in text
    assert "4 errors were recorded; their images are not in explanations.npz" in text
    (tmp_path / "explanations.npz").write_bytes(b"PK\x03\x04 cut short")
    assert "No heat maps are shown" in write_report(result, tmp_path).read_text(encoding="utf-8")


def test_a_study_without_explanations_errors_model_or_comparators(result: StudyResult) -> None:
    alone = changed(
        result, networks=[result.main.model_dump()], explanations=None, errors=[], model=None, flow=[], limitations=[]
    )
    text = Page(render_report(alone, {})).text
    for sentence in ("No heat maps were made in this study.", "No test image was judged wrongly", "no model was saved"):
        assert sentence in text
    assert "Difference of each comparator" not in text


def test_undefined_measures_are_called_undefined(result: StudyResult) -> None:
    nothing = MeanMeasure(value=None, low=None, high=None, spread=None, divisions=1, method="no malignant case tested")
    main = result.main.model_dump()
    main["mean"] = {name: nothing.model_dump() for name in main["mean"]}
    main["divisions"] = main["divisions"][:1]
    text = Page(render_report(changed(result, networks=[main], explanations=None), {})).text
    assert "The AUC of ResNet-18 is not defined on the test parts of one division." in text
    assert text.count("undefined") >= 7


def test_text_of_users_cannot_become_markup(result: StudyResult, pictures: Pictures) -> None:
    nasty = 'A <script>alert("x")</script> & "study"'
    html = render_report(changed(result, title=nasty, command=nasty, limitations=[nasty]), pictures)
    assert "<script" not in html
    assert nasty in Page(html).text


def test_the_same_result_gives_the_same_bytes(result: StudyResult, study_folder: Path, html: str) -> None:
    assert write_report(result, study_folder).read_text(encoding="utf-8") == html


def test_colours_follow_the_page_in_light_dark_and_print(html: str) -> None:
    style = html[html.index("<style>") : html.index("</style>")]
    assert "prefers-color-scheme: dark" in style and "@media print" in style and "break-inside: avoid" in style
    used = set(re.findall(r"var\(--([\w-]+)\)", html))
    for block in style.split(":root {")[1:3]:
        assert used <= set(re.findall(r"--([\w-]+):", block)) | ({"page"} & used)


def test_a_folder_that_cannot_be_written_is_one_sentence(result: StudyResult, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="Could not write"):
        write_report(result, tmp_path / "file" / "study")
