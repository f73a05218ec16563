"""Terms are translated alike everywhere: the glossary says how."""

import re

import pytest

from thyrosight.languages import read_catalogue
from thyrosight.languages.glossary import read_glossary


@pytest.mark.parametrize("language", ["zh", "es"])
def test_every_message_uses_the_terms_of_the_glossary(language: str) -> None:
    wrong = []
    for term in read_glossary():
        for message, said in read_catalogue(language).messages.items():
            if said != message and term.stands_in(message) and not term.is_used(said, language):
                wrong.append((term.english, message, said))
    assert wrong == []


@pytest.mark.parametrize(
    ("language", "wrong"),
    [
        ("es", r"puntuaci\w+ de (?:Wilson|Tango|Newcombe)|prueba de puntuaci|(?<!\w)ensayos?(?! clínico)"),
        ("zh", r"logistic|score(?:区间|检验)|评分(?:区间|检验)|判读者|评判者|对数优势"),
    ],
)
def test_words_that_mean_something_else_are_not_used(language: str, wrong: str) -> None:
    """A score interval is no rating, and a trial of a study is a training and no experiment."""
    said = read_catalogue(language).messages.values()
    assert [text for text in said if re.search(wrong, re.sub("`[^`]*`", "", text))] == []


@pytest.mark.parametrize("language", ["zh", "es"])
def test_no_word_stands_twice_in_a_row(language: str) -> None:
    for message, said in read_catalogue(language).messages.items():
        twice = re.findall(r"\b([^\W\d_]{3,}) \1\b|([\u4e00-\u9fff]{2,})\2", said)
        assert twice == [] or said == message, said
