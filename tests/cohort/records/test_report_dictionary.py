"""The dictionary of reports: the words of the paper and ours, words with gaps, files of users."""

from pathlib import Path

import pytest

from thyrosight.cohort.records.report_dictionary import DICTIONARY, load_dictionary, pattern
from thyrosight.cohort.records.report_keywords import read_report
from thyrosight.errors import RecipeError


def test_the_words_of_the_paper_stand_apart() -> None:
    # Zhao et al., Front Oncol 2023, Table 1; "LN enlargement" and "reactive hyperplastic LN" in section 2.3.
    words = load_dictionary()
    assert set(words.malignant.paper) == {
        "lymphadenopathy", "abnormal lymph node", "metastasis", "CA", "Ca", "suspicious calcification",
        "suspicious necrosis", "lymph node enlargement",
    }  # fmt: skip
    assert set(words.benign.paper) == {
        "normal lymph node", "reactive hyperplasia", "normal structure", "reactive hyperplastic",
    }  # fmt: skip
    assert words.listed_by_paper == {*words.malignant.paper, *words.benign.paper}
    assert all(word.isascii() for word in words.listed_by_paper)


def test_no_word_stands_twice_in_a_list() -> None:
    words = load_dictionary()
    lists = {name: getattr(words, name) for name in type(words).model_fields if name not in ("malignant", "benign")}
    lists |= {"malignant": words.malignant.words, "benign": words.benign.words}
    assert {name: sorted({word for word in found if found.count(word) > 1}) for name, found in lists.items()} == {
        name: [] for name in lists
    }


@pytest.mark.parametrize(
    ("word", "text", "matches"),
    [
        ("node ... enlarged", "node of level IV is enlarged", True),
        ("node ... enlarged", "node of 4 mm, thyroid enlarged", False),  # a comma ends a gap
        ("node ... enlarged", "node with one two three four five six seven enlarged", False),
        ("TI-RADS ... 5", "TI-RADS category 5", True),
        ("TI-RADS ... 5", "TI-RADS 3 nodule of 5 mm", False),  # another number stands between
        ("TI-RADS ... 5", "TI-RADS 50", False),
        ("TI-RADS ... 4", "TI-RADS 4-5", False),
        ("Ca", "Ca", True), ("Ca", "ca", False), ("Ca", "Ca2+", False),
        ("\u6dcb\u5df4\u7ed3...\u80bf\u5927", "\u6dcb\u5df4\u7ed3\u660e\u663e\u80bf\u5927", True),
        ("\u6dcb\u5df4\u7ed3...\u80bf\u5927", "\u6dcb\u5df4\u7ed3\uff0c\u80bf\u5927", False),
    ],
)  # fmt: skip
def test_words_match_whole_and_gaps_end_with_the_clause(word: str, text: str, matches: bool) -> None:
    assert (pattern((word,)).search(text) is not None) == matches


def test_a_plain_list_of_words_counts_as_ours(tmp_path: Path) -> None:
    path = tmp_path / "words.yaml"
    path.write_text("malignant: [bad]\nbenign: [good]\n", encoding="utf-8")
    words = load_dictionary(path)
    assert (words.malignant.ours, words.malignant.paper) == (("bad",), ())
    assert read_report("A bad node", words).verdict == "malignant"


def test_an_own_dictionary_changes_what_is_decided(tmp_path: Path) -> None:
    path = tmp_path / "words.yaml"
    text = DICTIONARY.read_text(encoding="utf-8").replace("    - CA\n", "    - CA\n    - loss of the hilum\n")
    path.write_text(text, encoding="utf-8")
    assert read_report("Loss of the hilum", load_dictionary()).reason == "no keyword"
    assert read_report("Loss of the hilum", load_dictionary(path)).verdict == "malignant"


def test_words_that_yaml_takes_for_something_else_are_words(tmp_path: Path) -> None:
    path = tmp_path / "words.yaml"
    path.write_text("malignant: [a]\nbenign: [b]\nnegated_by: [no, 3]\n", encoding="utf-8")
    assert load_dictionary(path).negated_by == ("no", "3")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("malignant: [a\n", "cannot be read as YAML"),
        ("malignant: [a]\n", "benign: Field required"),
        ("malignant: [a]\nbenign: [A, a]\n", "'a' is both malignant and benign"),
        ("malignant: [a]\nbenign: [b]\nbenign_when_negated: [c]\n", "'c' of benign_when_negated is not a malignant"),
        ("malignant: [a]\nbenign: ['']\n", "an empty keyword would match everything"),
        ("malignant: [a]\nbenign: {paper: [], ours: []}\n", "benign has no keyword"),
        ("malignant: [a]\nbenign: [b]\nsides: [[left, '']]\n", "an empty keyword would match everything"),
        ("malignant: [a]\nbenign: [b]\ngives_way_to_benign: [c]\n", "'c' of gives_way_to_benign is not a malignant"),
        ("malignant: [a]\nbenign: [b]\nmaybe: [c]\n", "maybe: Extra inputs"),
    ],
)
def test_a_dictionary_that_cannot_be_meant_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "words.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecipeError, match=message):
        load_dictionary(path)
