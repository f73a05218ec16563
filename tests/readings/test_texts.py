"""Texts from a design: each says what was planned, and the one for readers gives nothing away."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.languages.reading import english_left_in_writing
from tests.readings.conftest import ATTENTION, PRACTICE, cases, protocol_with
from thyrosight.documents import Text
from thyrosight.readings import (
    Case,
    Reader,
    Writing,
    flow_of_readings,
    instructions_for_readers,
    orders,
    power_or_reason,
    protocol_writing,
)

READERS = [Reader("Ada", "senior"), Reader("Ben"), Reader("Cho")]
DESIGNS: list[dict[str, Any]] = [
    {},
    {"design": "independent", "washout_days": 28, "repeats": 4},
    {"design": "concurrent", "reading": "blocks", "readers_per_case": 2},
    {"design": "single", "arms": [{"name": "alone"}], "reading": "nested", "attention": 0},
    {"design": "independent", "readers": "nested"},
    {"arms": [{"name": "unaided"}, {"name": "one", "model": "risk"}, {"name": "two", "model": "other"}]},
]


def written(**changes: Any) -> tuple[Writing, Writing]:
    """The protocol and the instructions of a study of 40 cases."""
    protocol = protocol_with(**{"power": {"difference": 0.05}, "repeats": 4} | changes)
    there = [*cases(39, malignant=13), Case("x", 1, withdrawn=True), *PRACTICE[:2], *ATTENTION]
    sessions = orders(protocol, there, READERS)
    power = power_or_reason(protocol, there, readers=len(READERS))
    return protocol_writing(protocol, there, READERS, sessions, power=power), instructions_for_readers(
        protocol, sessions
    )


def words(writing: Writing) -> str:
    """All text of a page."""
    return json.dumps(writing.page().model_dump(mode="json"), ensure_ascii=False)


@pytest.mark.parametrize("changes", DESIGNS)
def test_instructions_tell_nothing_of_truth_repeats_or_attention(changes: dict[str, Any]) -> None:
    text = words(written(**changes)[1]).lower()
    assert not any(word in text for word in ("attention", "repeat", "once more", "obvious", "benign cases", "13"))
    assert "lock" in text and "consent" not in text


@pytest.mark.parametrize("changes", DESIGNS)
def test_the_page_holds_no_mark_and_word_holds_all_tables(changes: dict[str, Any]) -> None:
    for writing in written(**changes):
        assert not re.search(r"\[\[[A-Z]|\{table", words(writing))
        paper = writing.paper()
        assert len(paper.gaps()) >= 1
        for table in paper.tables:
            assert any(f"{{table:{table.name}}}" in text for text in paper.texts())
        assert all(paper.cited(reference.key) for reference in paper.references)


def test_the_protocol_says_what_was_planned() -> None:
    page = written(design="independent", washout_days=28)[0].page()
    text = " ".join(block.text for part in page.sections for block in part.blocks if isinstance(block, Text))
    assert "at least 28 days between them" in text and "39 cases are read: 13 malignant, 26 benign" in text
    assert "with the answer of the model risk" in text
    assert page.table("readers").rows[0]["arms"] in ("unaided, then aided", "aided, then unaided")
    assert page.table("readers").rows[0]["tasks"] == 2 * (2 + 40 + 2 + 4)
    assert page.table("questions").at(key="depth", measure="answer") == "a number from 0 to 100 mm"
    assert page.table("power").rows and "[1, 2" in text
    kept = dict(page.sections[-2].blocks[0].rows)  # type: ignore[union-attr]
    assert (
        kept["Hash of the protocol (SHA-256)"]
        == protocol_with(power={"difference": 0.05}, repeats=4, design="independent", washout_days=28).sha256
    )


@pytest.mark.parametrize(
    ("changes", "numbers"),
    [
        ({}, [44, 39, 3 * 2 * 43, 3 * 2 * 39]),
        ({"design": "independent"}, [44, 39, 3 * 2 * 43, 3 * 2 * 39]),
        ({"design": "concurrent"}, [44, 39, 3 * 43, 3 * 39]),
        ({"arms": DESIGNS[-1]["arms"]}, [44, 39, 3 * 2 * 2 * 43, 3 * 3 * 39]),
    ],
)
def test_the_flow_chart_counts_readings(changes: dict[str, Any], numbers: list[int]) -> None:
    protocol = protocol_with(**{"repeats": 4} | changes)
    there = [*cases(39, malignant=13), Case("x", 1, withdrawn=True), *PRACTICE[:2], *ATTENTION]
    steps = flow_of_readings(there, orders(protocol, there, READERS))
    repeated_withdrawn = 43 * 3 - sum(
        not (task.practice or task.attention or task.withdrawn)
        for session in orders(protocol, there, READERS)
        if session.number == 1
        for task in session.tasks
    )
    if not repeated_withdrawn:
        assert [step.n for step in steps] == numbers
    assert steps[0].n - sum(number for _, number in steps[0].excluded) == steps[1].n == 39
    assert steps[2].n - sum(number for _, number in steps[2].excluded) == steps[3].n == numbers[3]


@pytest.mark.parametrize("language", ["zh", "es"])
@pytest.mark.parametrize("changes", DESIGNS)
def test_every_text_is_translated(changes: dict[str, Any], language: str) -> None:
    for writing in written(**changes):
        assert english_left_in_writing(writing, language) == []


def test_the_own_words_of_a_study_stay_as_they_were_written() -> None:
    asked = [{"key": "score", "kind": "score", "text": "Benign or malignant?"}, {"key": "biopsy", "kind": "yes-no"}]
    arms = [{"name": "benign"}, {"name": "malignant", "model": "the network"}]
    protocol, instructions = written(title="A model as second reader", questions=asked, arms=arms, aim="To compare.")
    said = protocol.in_language("es")
    assert said.title == "A model as second reader" and said.lead.startswith("To compare. 3 lectores leen 39 casos")
    text = words(said)
    assert "benign (sin modelo) y malignant (con la respuesta del modelo the network)" in text
    assert "“Benign" not in text and "Benign or malignant?" in text and "¿Aconsejaría una biopsia?" in text
    assert "Benign or malignant? Respuesta: un número de 0 (seguro benigno)" in words(instructions.in_language("es"))


def test_a_protocol_reads_in_chinese() -> None:
    said = written(design="independent", washout_days=28)[0].in_language("zh")
    assert said.lead.startswith("3位阅片者阅读39个病例（独立设计）：主要分析共")
    page, paper = said.page(), said.paper()
    assert page.language == paper.language == "zh" and paper.names.table == "表"
    text = words(said)
    assert "间隔至少28天" in text and "共阅读39个病例：恶性13，良性26" in text and "参考文献" in text
    assert any("见{table:readers}" in one for one in paper.texts())


def test_why_there_is_no_power_is_said() -> None:
    text = words(written(power=None)[0])
    assert "The size was not computed. power: the protocol names no aim" in text


def test_word_and_page_are_written(tmp_path: Path) -> None:
    from thyrosight.reports.study_texts import write_study_text

    page, word = write_study_text(written()[0], tmp_path, "protocol", numbers_from="protocol.yaml")
    text = page.read_text(encoding="utf-8")
    assert "Research use only" in text and text.count("<svg") == 1
    assert word.read_bytes()[:2] == b"PK"
