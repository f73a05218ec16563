"""Reports by their keywords: both languages, negations and what only looks like one, doubt, damage."""

# ruff: noqa: RUF001 (Chinese punctuation is meant)

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thyrosight.cohort.records.report_keywords import (
    DICTIONARY,
    count_readings,
    decode_report,
    load_dictionary,
    read_report,
)
from thyrosight.errors import RecipeError

WORDS = load_dictionary()


def verdict(text: object) -> str:
    reading = read_report(text, WORDS)
    return f"{reading.verdict}: {reading.reason}" if reading.reason else reading.verdict


@pytest.mark.parametrize(
    ("keyword", "expected"),
    [
        # Table 1 of the paper.
        ("Lymphadenopathy", "malignant"), ("abnormal lymph node", "malignant"), ("metastasis", "malignant"),
        ("CA", "malignant"), ("Ca", "malignant"), ("suspicious calcification", "malignant"),
        ("suspicious necrosis", "malignant"), ("Normal lymph node", "benign"), ("reactive hyperplasia", "benign"),
        ("normal structure", "benign"),
    ],
)  # fmt: skip
def test_the_table_of_the_paper(keyword: str, expected: str) -> None:
    assert verdict(f"Left neck, level IV: {keyword}.") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ABNORMAL LYMPH NODES in level II, 12 x 6 mm", "malignant"),
        ("Abnormal\n lymph node", "undecided: no keyword"),  # a line end ends a clause
        ("Abnormal   lymph node", "malignant"),
        ("Node of ca. 5 mm near the carotid", "undecided: no keyword"),  # circa, carotid: no carcinoma
        ("Cannula in place", "undecided: no keyword"),
        ("Reactive lymphadenopathy on the left", "benign"),  # the longer keyword counts
        ("No abnormal lymph nodes on either side", "benign"),
        ("Lymphadenopathy without suspicious calcification", "malignant"),
        ("No suspicious calcification or suspicious necrosis", "undecided: only negated keywords"),
        ("Metastasis is not seen", "benign"),
        ("Metastasis cannot be excluded", "malignant"),
        ("We cannot exclude metastasis", "malignant"),
        ("No normal structure is left", "undecided: only negated keywords"),
        ("No metastasis on the right but an abnormal lymph node on the left", "malignant"),
        ("No metastasis on the right. Abnormal lymph node on the left", "malignant"),
        ("Abnormal lymph node, level III; normal lymph nodes elsewhere", "undecided: keywords of both classes"),
        ("Not 3.5 mm but a metastasis", "malignant"),
        ("右颈部II区见异常淋巴结，大小约1.2×0.8cm", "malignant"),
        ("双侧颈部未见异常肿大淋巴结。", "benign"),
        ("未见钙化，考虑转移", "malignant"),  # the Chinese comma ends the negation
        ("淋巴结内见无回声区、考虑转移", "malignant"),  # anechoic is no negation
        ("转移不除外", "malignant"),
        ("考虑反应性增生", "benign"),
        ("反应性淋巴结肿大", "benign"),
        ("淋巴结结构正常，未见转移", "benign"),
        ("ＣＡ术后", "malignant"),  # full-width letters
        ("左颈淋巴结 metastasis？", "malignant"),
        ("See images.", "undecided: no keyword"),
        ("", "undecided: no text"), (" \n", "undecided: no text"), (None, "undecided: no text"),
        (float("nan"), "undecided: no text"),
    ],
)  # fmt: skip
def test_reports(text: object, expected: str) -> None:
    assert verdict(text) == expected


def test_what_was_found_is_told() -> None:
    found = read_report("No metastasis; reactive hyperplasia.", WORDS).findings
    assert [(one.keyword, one.speaks_for, one.negated) for one in found] == [
        ("metastasis", "malignant", True),
        ("reactive hyperplasia", "benign", False),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_files_of_any_encoding_read_alike(encoding: str) -> None:
    assert decode_report("颈部见异常淋巴结".encode(encoding)) == "颈部见异常淋巴结"


@pytest.mark.parametrize(("written", "taken_for"), [("utf-8", "latin-1"), ("gb18030", "latin-1")])
def test_text_that_was_decoded_wrongly_is_put_right(written: str, taken_for: str) -> None:
    assert verdict("颈部见异常淋巴结".encode(written).decode(taken_for)) == "malignant"


def test_western_letters_are_left_alone_and_damage_is_named() -> None:
    assert verdict("Läsion über der Carotis") == "undecided: no keyword"
    assert verdict("Métastase ? reactive hyperplasia") == "benign"
    assert verdict("\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER} 12 mm") == "undecided: damaged text"
    assert verdict(decode_report(b"\xff\xff\x81 \x80")) == "undecided: damaged text"


@given(st.text())
def test_any_text_gets_a_verdict(text: str) -> None:
    reading = read_report(text, WORDS)
    assert (reading.verdict == "undecided") == bool(reading.reason)


@given(st.lists(st.sampled_from(["Metastasis.", "reactive hyperplasia", "", "see image", "no CA"])))
def test_every_report_is_counted_once(texts: list[str]) -> None:
    counts = count_readings(read_report(text, WORDS) for text in texts)
    assert sum(counts.values()) == len(texts)
    assert counts["malignant"] == texts.count("Metastasis.")


def test_an_own_dictionary_changes_what_is_decided(tmp_path: Path) -> None:
    path = tmp_path / "words.yaml"
    text = DICTIONARY.read_text(encoding="utf-8").replace("  - CA\n", "  - CA\n  - loss of the hilum\n")
    path.write_text(text, encoding="utf-8")
    assert verdict("Loss of the hilum") == "undecided: no keyword"
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
        ("malignant: [a]\nbenign: [b]\nmaybe: [c]\n", "maybe: Extra inputs"),
    ],
)
def test_a_dictionary_that_cannot_be_meant_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "words.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecipeError, match=message):
        load_dictionary(path)
