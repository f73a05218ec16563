"""Checklists: a person's answers survive every run and every spreadsheet program, and old ones are told apart."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from thyrosight.documents import TableBlock
from thyrosight.documents.translation import translated
from thyrosight.errors import OutputError
from thyrosight.studies import Result
from thyrosight.studies.guidelines import (
    SECTION,
    checklists_of,
    take_up_answers,
    with_guidelines,
    write_checklists,
)
from thyrosight.studies.guidelines.checklist import COLUMNS, titles_in

CLAIM = Path("guidelines") / "claim.csv"


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def rewritten(path: Path, rows: list[dict[str, str]], *, separator: str = ",", encoding: str = "utf-8-sig") -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=separator)
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding=encoding)


def answer(path: Path, item: str, **cells: str) -> None:
    rows = rows_of(path)
    chosen = next(row for row in rows if row["item"] == item)
    chosen |= {COLUMNS[name]: cell for name, cell in cells.items()}
    rewritten(path, rows)


def changed(result: Result, key_result: str) -> Result:
    return result.model_copy(update={"document": result.document.model_copy(update={"key_result": key_result})})


def test_a_run_leaves_a_file_for_each_guideline_and_a_folded_table(study: tuple[Result, Path]) -> None:
    result, folder = study
    section = next(part for part in result.document.sections if part.title == SECTION)
    tables = [block.table for block in section.blocks if isinstance(block, TableBlock)]
    assert [table.folded for table in tables] == [False, True, True, True]
    for checklist in checklists_of(result, folder):
        rows = rows_of(folder / checklist.path)
        assert [row["item"] for row in rows] == [entry.item for entry in checklist.entries]
        assert not any(row["your answer"] for row in rows)
        counts = result.table("guidelines").row(guideline=checklist.guideline.name)
        assert sum(value for value in counts.values() if isinstance(value, int)) == len(rows)
    assert not list((folder / "tables").glob("guideline*")), "the files that people edit are the only ones"


def test_an_answer_is_taken_up_and_stays(study: tuple[Result, Path], tmp_path: Path) -> None:
    result = with_guidelines(study[0], tmp_path)
    answer(tmp_path / CLAIM, "44", written="None; no funder took part.", page="p. 9")
    again = with_guidelines(result, tmp_path)
    assert "None; no funder took part. (p. 9)" in str(again.table("guideline-claim").row(item="44 Funding")["write"])
    assert again.table("guidelines").at(guideline="CLAIM 2024", column="written") == 1
    assert next(row for row in rows_of(tmp_path / CLAIM) if row["item"] == "44")["place in the manuscript"] == "p. 9"
    assert with_guidelines(again, tmp_path) == again, "a further run changes nothing"


def test_an_answer_beside_older_findings_is_told_until_it_was_read_again(
    study: tuple[Result, Path], tmp_path: Path
) -> None:
    result = with_guidelines(study[0], tmp_path)
    answer(tmp_path / CLAIM, "2", written="Our AUC was 0.87.")
    other = changed(result, "The AUC was 0.61.")
    told = with_guidelines(other, tmp_path)
    assert any("CLAIM 2024, item 2" in sentence for sentence in told.unfinished)
    row = next(row for row in rows_of(tmp_path / CLAIM) if row["item"] == "2")
    assert row["your answer"] == "Our AUC was 0.87." and row["from this study"] == "The AUC was 0.61."
    assert result.document.key_result in row["check again"]
    assert with_guidelines(told, tmp_path).unfinished == told.unfinished, "the mark stays"
    answer(tmp_path / CLAIM, "2", again="")
    assert not any("CLAIM" in sentence for sentence in with_guidelines(told, tmp_path).unfinished)


@pytest.mark.parametrize(("separator", "encoding"), [(";", "cp1252"), ("\t", "utf-16"), (",", "utf-8")])
def test_files_saved_by_spreadsheet_programs_are_read(
    study: tuple[Result, Path], tmp_path: Path, separator: str, encoding: str
) -> None:
    result = with_guidelines(study[0], tmp_path)
    rows = [
        {name: cell.replace("…", "...") for name, cell in row.items()} | {"who": "Müller"}
        for row in rows_of(tmp_path / CLAIM)
    ]
    rows[0] |= {"item": "1.0", "your answer": "Größe; und, Komma"}
    rows.append(dict.fromkeys(rows[0], "") | {"item": "our own", "your answer": "an item of the journal"})
    rewritten(tmp_path / CLAIM, rows, separator=separator, encoding=encoding)
    again = with_guidelines(result, tmp_path)
    assert not any("CLAIM" in sentence for sentence in again.unfinished)
    kept = rows_of(tmp_path / CLAIM)
    assert (kept[0]["item"], kept[0]["your answer"], kept[0]["who"]) == ("1", "Größe; und, Komma", "Müller")
    assert (kept[-1]["item"], kept[-1]["your answer"]) == ("our own", "an item of the journal")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda rows: [{k: v for k, v in row.items() if k != "your answer"} for row in rows], "lacks the column"),
        (lambda rows: [*rows, rows[0]], "stands twice"),
    ],
)
def test_a_file_that_cannot_be_read_is_left_alone(
    study: tuple[Result, Path], tmp_path: Path, damage: Any, words: str
) -> None:
    result = with_guidelines(study[0], tmp_path)
    rewritten(tmp_path / CLAIM, damage(rows_of(tmp_path / CLAIM)))
    before = (tmp_path / CLAIM).read_bytes()
    told = with_guidelines(result, tmp_path)
    assert any(words in sentence for sentence in told.unfinished), "a run is not lost for it"
    with pytest.raises(OutputError, match=words):
        take_up_answers(result, tmp_path)
    assert (tmp_path / CLAIM).read_bytes() == before


def test_answers_are_taken_up_without_another_run(study: tuple[Result, Path], tmp_path: Path) -> None:
    result = with_guidelines(study[0], tmp_path)
    answer(tmp_path / "guidelines" / "tripod-ai.csv", "19", written="There was none.")
    take_up_answers(result, tmp_path)
    stored = Result.model_validate(json.loads((tmp_path / "results.json").read_text(encoding="utf-8")))
    assert stored.table("guideline-tripod-ai").row(item="19 Involvement")["write"] == "There was none."


@pytest.mark.parametrize("language", ["es", "zh"])
def test_a_file_in_another_language_is_taken_up_as_the_english_one(
    study: tuple[Result, Path], tmp_path: Path, language: str
) -> None:
    result = with_guidelines(study[0], tmp_path)
    write_checklists(result, tmp_path, language=language)
    titles = titles_in(language)
    rows = rows_of(tmp_path / CLAIM)
    assert list(rows[0]) == list(titles.values()) and len(set(titles.values())) == len(titles)
    rows[43] |= {titles["your answer"]: "None; no funder took part.", titles["place in the manuscript"]: "p. 9"}
    rewritten(tmp_path / CLAIM, [row | {"note": "mine"} for row in rows])
    told = with_guidelines(result, tmp_path)
    cell = told.table("guideline-claim").row(item="44 Funding")["write"]
    assert cell == "None; no funder took part. (p. 9)" and told.unfinished == result.unfinished
    said = translated(told.document, language).table("guideline-claim").rows[43]
    assert said["write"] == cell and said["item"] != "44 Funding" and str(said["item"]).startswith("44 ")
    english = rows_of(tmp_path / CLAIM)[43]
    assert english["your answer"] == "None; no funder took part." and english["note"] == "mine"


def test_a_file_of_answers_says_in_its_language_what_the_report_knows(
    study: tuple[Result, Path], tmp_path: Path
) -> None:
    result = with_guidelines(study[0], tmp_path)
    write_checklists(result, tmp_path, language="es")
    rows = rows_of(tmp_path / CLAIM)
    assert rows[0][titles_in("es")["what to report"]] == "Nombrar el tipo de inteligencia artificial"
    assert rows[43][titles_in("es")["still to write"]] == "no se sabe: escríbalo"
    answer_of_one = rows[0] | {titles_in("es")["from this study"]: "Otra cosa.", titles_in("es")["your answer"]: "x"}
    rewritten(tmp_path / CLAIM, [answer_of_one, *rows[1:]])
    assert any("CLAIM 2024, item 1" in sentence for sentence in with_guidelines(result, tmp_path).unfinished)
