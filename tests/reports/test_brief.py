"""A folded page: a summary first, every section behind its heading, all of it open on paper."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.chromium import chromium
from tests.reports.conftest import make_result
from thyrosight.documents import Column, Document, Measure, Summary, Table, section
from thyrosight.reports import render_document
from thyrosight.reports.brief import brief_table
from thyrosight.studies import Result


def means(rows: int) -> Table:
    return Table(
        name="means",
        caption="Means",
        columns=(
            Column(key="title", title="Network"),
            Column(key="auc", title="AUC", kind="area"),
            Column(key="p", title="P", kind="p", under="auc"),
            Column(key="f1", title="F1", kind="share"),
        ),
        rows=tuple(
            {"title": f"N{place}", "auc": Measure(value=0.8, low=0.7, high=0.9, spread=0.1, method="a way"), "p": 0.04}
            for place in range(rows)
        ),
        strong=0,
    )


def document(rows: int = 3, *, limitations: int = 2, folded: bool = True) -> Document:
    figures = [figure for figure in make_result().document.figures() if figure.name == "flow"]
    return make_result().document.model_copy(
        update={
            "sections": (section("Results", means(rows), *figures), section("Rest", "A last word.")),
            "summary": Summary(table="means", columns=("title", "auc"), figure="flow", note="over divisions"),
            "limitations": tuple(f"Limitation {place}." for place in range(limitations)),
            "folded": folded,
        }
    )


def test_the_summary_table_holds_the_first_rows_and_the_asked_columns_alone() -> None:
    table = brief_table(document(12))
    assert table is not None
    assert [column.key for column in table.shown] == ["title", "auc"]
    assert [row["title"] for row in table.rows] == [f"N{place}" for place in range(8)]
    assert table.methods() == []
    assert table.notes == ("Over divisions.", "4 further rows stand below.")
    whole = brief_table(document(3))
    assert whole is not None and whole.notes == ("Over divisions.",)


def test_every_section_is_folded_once_and_its_link_is_inside() -> None:
    html = render_document(document(), {})
    assert html.count('<details class="part">') == 2
    for anchor in ("results", "rest"):
        assert re.search(rf'<details class="part"><summary>.*?</summary>\s*<div id="{anchor}">', html, flags=re.DOTALL)
    assert "<nav" not in html
    style = html[html.index("<style>") : html.index("</style>")]
    assert "details::details-content" in style[style.index("@media print") :]


def test_the_figure_at_the_top_is_the_first_and_stands_once() -> None:
    html = render_document(document(), {})
    assert html.index("<b>Figure 1.</b>") < html.index('<details class="part">')
    assert html.count("<figure") == 1
    assert "Figure 1 stands at the top." in html


def test_long_lists_are_folded_below_their_first_sentences() -> None:
    html = render_document(document(limitations=9), {})
    shown, rest = html.split('<details class="rest">')
    assert shown.count("Limitation ") == 4
    assert "<summary>5 more</summary>" in rest and rest.count("<li>Limitation ") == 5
    assert '<details class="rest">' not in render_document(document(limitations=5), {})


def test_paper_holds_what_the_page_folds(tmp_path: Path) -> None:
    browser, reader = chromium(), shutil.which("pdftotext")
    if browser is None or reader is None:
        pytest.skip("needs Chromium and pdftotext (Debian: apt-get install chromium-headless-shell poppler-utils)")
    part = section("Folded", means(60).model_copy(update={"folded": True}), "Words in a folded part.")
    whole = document(limitations=9)
    html = render_document(whole.model_copy(update={"sections": (*whole.sections, part)}), {})
    (tmp_path / "report.html").write_text(html, encoding="utf-8")
    printing = [
        "--headless",
        "--no-sandbox",
        f"--user-data-dir={tmp_path}/profile",
        f"--print-to-pdf={tmp_path}/report.pdf",
    ]
    subprocess.run([browser, *printing, str(tmp_path / "report.html")], check=True, capture_output=True, timeout=100)
    said = subprocess.run(
        [reader, str(tmp_path / "report.pdf"), "-"], check=True, capture_output=True, text=True
    ).stdout
    assert "N59" in said and "Words in a folded part." in said and "Limitation 8." in said
    assert said.split().count("Means") == 2 + 1, "the summary's, the section's, and that of the folded table"


@pytest.mark.parametrize("folded", [False])
def test_other_pages_stay_open(folded: bool) -> None:
    html = render_document(document(limitations=9, folded=folded), {})
    assert "<details" not in html and "<nav" in html


def test_studies_are_folded(result: Result) -> None:
    from thyrosight.studies.kind import Report
    from thyrosight.studies.page import document_of

    made = document_of(
        result.facts, Report(key_result="", sections=()), model=None, limitations=(), unfinished=(), trials=means(0)
    )
    assert made.folded
