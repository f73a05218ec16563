"""Citations are numbered in the order of the text, and none is without its entry."""

import re
from pathlib import Path

import pytest

import thyrosight
from thyrosight.documents import REFERENCES, Answer, Column, Table, citations, cited_in_latex, numbered

TABLE = Table(name="t", caption="T", columns=(Column(key="a"),), rows=({"a": "x"},))


def test_numbers_follow_the_text_and_a_source_keeps_its_number() -> None:
    text, listed = numbered("By A [wilson1927], by B [delong1988, wilson1927], and again [delong1988].")
    assert text == "By A [1], by B [2, 1], and again [2]."
    assert listed == [REFERENCES["wilson1927"], REFERENCES["delong1988"]]


def test_other_brackets_stay() -> None:
    assert numbered("an interval [0.1, 0.2] of [Wilson]")[0] == "an interval [0.1, 0.2] of [Wilson]"


def test_latex_cites_by_key() -> None:
    assert cited_in_latex("By B [delong1988, wilson1927].") == r"By B~\cite{delong1988,wilson1927}."


def test_an_answer_cites_only_what_is_listed() -> None:
    with pytest.raises(KeyError, match="nobody1900"):
        Answer(title="T", summary="S.", tables=(TABLE,), methods="By nobody [nobody1900].", result={})


def test_every_entry_is_sorted_and_ends_as_a_sentence() -> None:
    assert list(REFERENCES) == sorted(REFERENCES)
    assert all(entry.endswith(".") for entry in REFERENCES.values())
    assert all(key[-4:] in entry for key, entry in REFERENCES.items())
    assert citations("nothing") == []


_CITED = re.compile(r"\[((?:[a-z]+\d{4}[a-z]?)(?:, [a-z]+\d{4}[a-z]?)*)\]")


def test_no_text_cites_what_is_not_in_the_list() -> None:
    cited: dict[str, str] = {}
    for path in Path(thyrosight.__file__).parent.rglob("*.py"):
        for found in _CITED.findall(path.read_text(encoding="utf-8")):
            cited |= dict.fromkeys(found.split(", "), path.name)
    assert len(cited) > 60
    assert {key: place for key, place in cited.items() if key not in REFERENCES} == {}
