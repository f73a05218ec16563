"""An answer reads the same in every format: its numbers, its sentences and its references."""

import csv
import io
import json

import pytest

from thyrosight.documents import Answer, Column, Table
from thyrosight.reports.answers import Asked, written
from thyrosight.reports.statistics_figures import forest_figure, forest_line
from thyrosight.reports.statistics_sections import estimates_section
from thyrosight.statistics import Estimate

RATE = Estimate(0.8125, 0.7, 0.9, 0.05, "Wilson", 48)
ASKED = Asked("diagnose", "nodules.csv", 48, 2, ("2 rows with missing values were left out.",))


def _answer() -> Answer:
    matrix = Table(
        name="confusion",
        caption="Confusion",
        columns=(Column(key="truth"), Column(key="benign", kind="count"), Column(key="malignant", kind="count")),
        rows=({"truth": "benign", "benign": 30, "malignant": 3}, {"truth": "malignant", "benign": 4, "malignant": 11}),
    )
    return Answer(
        title="Performance",
        summary="Sensitivity 0.8125.",
        tables=(estimates_section("Measures", {"sensitivity": RATE}), matrix),
        methods="Rates carry score intervals [wilson1927] & more.",
        result={"sensitivity": RATE.to_dict()},
        figures=(forest_figure([forest_line("sensitivity", RATE)], x="Rate"),),
    ).with_notes(ASKED.notes)


def _written(format_name: str) -> str:
    return written(_answer(), ASKED, format_name)


@pytest.mark.parametrize("name", ["text", "latex", "html"])
def test_numbers_note_and_reference_stand_in_what_people_read(name: str) -> None:
    text = " ".join(_written(name).split())
    for part in ("0.812", "0.700", "0.900", "2 rows with missing values were left out", "Wilson EB", "Confusion"):
        assert part in text, part


def test_text_begins_with_the_result_and_ends_with_the_reference() -> None:
    text = _written("text")
    assert text.startswith("Sensitivity 0.8125.\n")
    assert "score intervals [1] & more. Computed with ThyroSight" in " ".join(text.split())


def test_latex_cites_and_escapes() -> None:
    text = _written("latex")
    assert r"score intervals~\cite{wilson1927} \& more." in text
    assert text.count(r"\bibitem{wilson1927}") == 1
    assert text.count(r"\begin{table}") == text.count(r"\end{table}") == 2


def test_csv_holds_tables_of_both_shapes_with_full_precision() -> None:
    rows = list(csv.DictReader(io.StringIO(_written("csv"))))
    assert (rows[0]["section"], rows[0]["quantity"], rows[0]["value"]) == (
        "Measures (95 % intervals)",
        "sensitivity",
        "0.8125",
    )
    assert (rows[2]["truth"], rows[2]["benign"], rows[2]["malignant"], rows[2]["value"]) == ("malignant", "4", "11", "")


def test_json_holds_everything() -> None:
    found = json.loads(_written("json"))
    assert found["result"]["sensitivity"]["value"] == 0.8125
    assert (found["analysis"], found["file"], found["rows"], found["excluded_rows"]) == (
        "diagnose",
        "nodules.csv",
        48,
        2,
    )
    assert found["references"][0].startswith("Wilson EB")


def test_page_says_research_use_and_draws_the_figure() -> None:
    page = _written("html")
    assert "Research use only. Not for diagnosis." in page and "<svg" in page
    assert "table nodules.csv, 48 rows" in page
    assert "<ol><li>Wilson EB" in page.replace("\n", "")
