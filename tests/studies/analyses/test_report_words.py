"""The dictionary with counts of use: the paper's words always, ours where they occur, each report once."""

from thyrosight.cohort.records.report_dictionary import load_dictionary
from thyrosight.cohort.records.report_keywords import read_report
from thyrosight.studies.analyses.report_words import words_table

WORDS = load_dictionary()
TEXTS = [
    "Metastasis. Metastasis on the left.",
    "No metastasis.",
    "History of metastasis; suspicious lymph node.",
    "Enlarged lymph node, probably reactive.",
    "Indeterminate node.",
    "",
]


def test_each_use_is_counted_once_a_report() -> None:
    table = words_table([read_report(text, WORDS) for text in TEXTS], WORDS)
    rows = {row["keyword"]: (row["listed_by"], row["said"], row["negated"], row["aside"]) for row in table.rows}
    assert rows["metastasis"] == ("paper", 1, 1, 1)
    assert rows["suspicious lymph node"] == ("added here", 1, 0, 0)
    assert rows["enlarged lymph node"] == ("added here", 0, 0, 1)
    assert rows["indeterminate"] == ("added here", 1, 0, 0)
    assert table.notes[0].startswith("2 of 4 decided reports have a word that the paper lists")


def test_the_papers_words_are_all_there_and_first() -> None:
    table = words_table([], WORDS)
    assert [row["keyword"] for row in table.rows] == [*WORDS.malignant.paper, *WORDS.benign.paper]
    assert {row["listed_by"] for row in table.rows} == {"paper"}
    assert {(row["said"], row["negated"], row["aside"]) for row in table.rows} == {(0, 0, 0)}


def test_the_class_stands_beside_the_word() -> None:
    table = words_table([read_report(text, WORDS) for text in TEXTS], WORDS)
    assert table.row(keyword="reactive hyperplasia")["speaks_for"] == "benign"
    assert table.row(keyword="lymphadenopathy")["speaks_for"] == "malignant"
    assert table.row(keyword="indeterminate")["speaks_for"] == "cannot be told"
