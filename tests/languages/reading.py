"""English that is left in a document, for the tests of every kind of study."""

import re
from collections.abc import Callable, Collection
from pathlib import Path

from thyrosight.documents import Answer, Document
from thyrosight.documents.answer_translation import answer_in_words_of
from thyrosight.documents.manuscript_translation import manuscript_in_words_of
from thyrosight.documents.translation import in_words_of
from thyrosight.inference import BundleInfo, read_info
from thyrosight.inference.shipped import measured_of
from thyrosight.languages import Translator, speaking, translator
from thyrosight.readings import Writing
from thyrosight.reports.model_card import card_in_words_of
from thyrosight.studies import Result
from thyrosight.studies.manuscript.composing import compose
from thyrosight.studies.manuscript.dictionary import dictionary_of, studied_table

_MARK = re.compile(r"\{(?:table|figure):[^}]+\}|(?<!\[)\[[a-z0-9]+(?:, [a-z0-9]+)*\](?!\])|`[^`]+`")
"""Marks of tables and figures, citations and code, which every language has as they are."""
_OF_TESTS = ("tiny", "plain", "unet", "ynet", "made-up", "as drawn", "elsewhere", "outside")
"""Names of networks in recipes, and words of the collections that tests make."""


def english_left(document: Document, language: str, *, names: Collection[str] = ()) -> list[str]:
    """Pieces of a document that no message is known for, but for names that the user gave; patterns of them."""
    say, left = _noting(language, {*names, *_OF_TESTS, document.subtitle.split("“")[1].split("”")[0]})
    in_words_of(document, say, language=language)
    return list(left)


def english_left_in_manuscript(
    result: Result, folder: Path, language: str, *, names: Collection[str] = ()
) -> list[str]:
    """The same of the manuscript and its supplement; words of the cohort's own table are names."""
    cohort = studied_table(result, folder)
    words = {str(cell) for column in cohort for cell in cohort[column].unique()} | set(map(str, cohort.columns))
    own = {word.strip(",.:; ").lower() for word in (*words, str(result.facts.cohort.get("name", "")))}
    say, left = _noting(language, names, words=own)
    for paper in compose(result, dictionary=dictionary_of(result, cohort)):
        manuscript_in_words_of(paper, say)
    return list(left)


def english_left_in_card(info: BundleInfo, own_hash: str, language: str, *, names: Collection[str] = ()) -> list[str]:
    """The same of a model's card; labels of the cohort's own are names."""
    say, left = _noting(language, names)
    with speaking(language):
        card_in_words_of(info, say, model_hash=own_hash, measured=measured_of(own_hash))
    return list(left)


def english_left_in_answer(
    answer: Answer, language: str, *, names: Collection[str] = (), own: Collection[str] = ()
) -> list[str]:
    """The same of the answer of an analysis; words of its table are `own`."""
    say, left = _noting(language, names, translate=translator(language).knowing(own))
    answer_in_words_of(answer, say)
    return list(left)


def english_left_in_writing(writing: Writing, language: str) -> list[str]:
    """The same of a text of a reader study, whose people's own words are names."""
    say, left = _noting(language, (), translate=translator(language).knowing(writing.own))
    writing.in_words_of(say)
    return list(left)


def english_left_in_model_of(result: Result, language: str, *, names: Collection[str] = ()) -> list[str]:
    """The same of the card of the model that a study left; the cohort's own words are names."""
    assert result.model is not None
    own = (re.escape(word) for word in (str(result.facts.cohort["name"]), *result.facts.cohort.get("sites", ())))
    return english_left_in_card(*read_info(result.model.folder), language, names=(*names, *own))


def _noting(
    language: str, names: Collection[str], *, words: Collection[str] = (), translate: Translator | None = None
) -> tuple[Callable[[str], str], dict[str, None]]:
    """A translation that notes what stays English, and what it noted; every number must stay."""
    left: dict[str, None] = {}

    def say(text: str) -> str:
        said = (translate or translator(language)).translate(text)
        left.update(dict.fromkeys(piece for piece in said.left if not _named(piece, names, words)))
        assert numbers(text) == numbers(said.text), f"{text}\n{said.text}"
        assert sorted(_MARK.findall(text)) == sorted(_MARK.findall(said.text)), f"{text}\n{said.text}"
        return said.text

    return say, left


def _named(piece: str, names: Collection[str], words: Collection[str]) -> bool:
    bare = piece.strip(",.:; ")
    return bare.lower() in words or any(re.fullmatch(name, bare, re.IGNORECASE) for name in names)


def numbers(text: str) -> list[str]:
    """The numbers of a text in order of size; thousands are set apart as each language does, by comma or space."""
    plain = re.sub(r"(?<=\d)[,\N{NO-BREAK SPACE}](?=\d{3}(?!\d))", "", text)
    return sorted(re.findall(r"\d+(?:[.,]\d+)*", plain))
