"""The parts of a report: headings, sentences, clauses."""

from hypothesis import given
from hypothesis import strategies as st

from thyrosight.cohort.records.report_dictionary import load_dictionary
from thyrosight.cohort.records.report_sections import clauses, sections, sentences

WORDS = load_dictionary()


def kinds(text: str) -> list[tuple[str, str]]:
    return [(part.kind, part.text.strip()) for part in sections(text, WORDS) if part.text.strip()]


def test_headings_part_a_report() -> None:
    assert kinds("Indication: cancer. Staging. Findings: a node. Impression: benign.") == [
        ("request", "cancer. Staging."),
        ("finding", "a node."),
        ("conclusion", "benign."),
    ]
    assert kinds("临床诊断：甲状腺癌。超声所见：淋巴结。超声提示：正常。") == [
        ("request", "甲状腺癌。"),
        ("finding", "淋巴结。"),
        ("conclusion", "正常。"),
    ]


def test_a_request_without_findings_after_it_is_one_sentence() -> None:
    assert kinds("History: cancer. Abnormal node.") == [("request", "cancer."), ("finding", "Abnormal node.")]
    assert kinds("Clinical details - cancer\nAbnormal node\nImpression: malignant") == [
        ("request", "cancer"),
        ("finding", "Abnormal node"),
        ("conclusion", "malignant"),
    ]


def test_a_heading_needs_its_sign() -> None:
    assert kinds("Diagnosis of cancer was made in 2010.") == [("finding", "Diagnosis of cancer was made in 2010.")]


def test_sentences_and_clauses_of_both_languages() -> None:
    assert sentences("3.5 mm. Node\n淋巴结。肿大.正常；无") == ["3.5 mm", " Node", "淋巴结", "肿大", "正常", "无"]
    assert clauses("a, b") == ["a, b"]
    assert clauses("肿大，转移,复发") == ["肿大", "转移", "复发"]


@given(st.text())
def test_no_text_but_headings_is_lost(text: str) -> None:
    joined = "".join(part.text for part in sections(text, WORDS))
    assert len(joined) <= len(text)
    assert all(sign in text for sign in joined)
