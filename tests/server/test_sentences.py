"""Sentences of the server on reader studies come in the language of the person who asks; programs get English."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import thyrosight
from tests.server.conftest import ON_ONE_DATABASE, Station
from tests.server.reader_study import add_readers, design, following, lock, protocol, task
from thyrosight.invalid import SINGULAR, WORDS
from thyrosight.languages import read_catalogue
from thyrosight.server.http import Answer, Body
from thyrosight.server.sentences import LANGUAGES, in_language, messages

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
import messages as source  # type: ignore[import-not-found]

PACKAGE = Path(thyrosight.__file__).parent
OTHERS = sorted(set(LANGUAGES) - {"en"})
ROOMS = ("server", "readings", "imaging/dicom", "imaging/reading.py", "imaging/boxes.py", "pacs/dicomweb/connection.py")
LEFT_ENGLISH = re.compile(
    r"server/(backup|extra|metrics|peers|running|settings)\.py|server/database/(base|database|migrating)\.py"
    r"|readings/(?!allotment|answers|ordering|power|rules).*|imaging/dicom/(codecs|pieces|video)\.py"
)
"""Texts for the terminal alone, at the start and of backups; for files of readings; and the findings of decoders."""
PASSED_ON = {
    "action.at_least: {0}", "The file", "{0} The upload has {1} of {2} bytes.", "The request cannot be used: {0}{1}.",
    "{0} no truth; give it, or take them out.", "{0} a truth whose source is not stated; state it.",
    "{0} pictures that were not prepared yet; prepare the study.",
}  # fmt: skip
"""Texts of another part of the programme, behind the place; and sentences that begin with a name of a case."""
SAYING = {"refused", "conflict", "not_found", "ProblemError", "ThyroSightError", "_told", "answer", "Problem"}
"""Calls whose texts people read, besides what is raised."""


class Raised(source._Reader):  # type: ignore[misc]
    """The messages of errors alone."""

    def __init__(self) -> None:
        super().__init__(errors=True)
        self.raising = False

    def visit_Raise(self, node: ast.Raise) -> None:  # noqa: N802
        self._within(node)

    def visit_Call(self, node: ast.Call) -> None:  # noqa: N802
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in SAYING:
            self._within(node)
        elif called not in ("progress", "say"):  # a job's progress is no error, nor is what a report says
            super().visit_Call(node)

    def _within(self, node: ast.AST) -> None:
        before, self.raising = self.raising, True
        self.generic_visit(node)
        self.raising = before

    def _text(self, node: ast.expr) -> None:
        before = len(self.found)
        super()._text(node)
        if not self.raising:
            del self.found[before:]


def raised() -> set[str]:
    """Errors that a person at a browser reads, as the source has them."""
    found: set[str] = set()
    for room in ROOMS:
        paths = [PACKAGE / room] if room.endswith(".py") else sorted((PACKAGE / room).rglob("*.py"))
        for path in paths:
            if not LEFT_ENGLISH.fullmatch(path.relative_to(PACKAGE).as_posix()):
                reader = Raised()
                reader.visit(ast.parse(path.read_text(encoding="utf-8")))
                found |= set(reader.found)
    return {source.untyped(message) for message in found} - PASSED_ON


@pytest.mark.parametrize("language", OTHERS)
def test_every_error_that_a_page_shows_has_a_translation(language: str) -> None:
    known = {source.untyped(message) for message in (*messages(language), *read_catalogue(language).messages)}
    assert len(raised()) > 200
    assert raised() - known == set()


@pytest.mark.parametrize("language", OTHERS)
def test_no_translation_lost_a_value(language: str) -> None:
    for message, said in messages(language).items():
        assert sorted(re.findall(r"{n?\d}", message)) == sorted(re.findall(r"{n?\d}", said)), message


@pytest.mark.parametrize("language", OTHERS)
def test_sentences_with_names_codes_and_numbers_are_read(language: str) -> None:
    for sentence in (
        "C-7F3K2M, C-AA2B3C, C-9Z9Z9Z and 4 more have pictures that were not prepared yet; prepare the study.",
        "In C-7F3K2M, 35% of the nodule's box is blanked; look at the picture.",
        "The account is clinician and researcher too, and could see the cases outside of the reading room.",
        "attention: the protocol wants 3 cases for this, but 0 have the role 'x'; give more of them, or lower the "
        "number.",
        "score: an answer is required; give a number from 0 to 100.",
        "There is no such case to read; it may have been removed.",
        "There is no such open study for you to read; it may have been removed.",
        "Expected at least two random readers (or one fixed reader), got 1.",
        "No number of cases gives 3 readers a power of 0.9; plan more readers.",
    ):
        said = in_language(sentence, language)
        assert said != sentence
        # Codes and numbers stay; of English nothing is left but keys and names.
        assert re.findall(r"C-\w{6}|\d+", said) == re.findall(r"C-\w{6}|\d+", sentence)
        assert not re.search(r"\b(the|have|was|give|and|look|reading)\b", said), said


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_wrong_with_a_value_is_said_in_words(language: str) -> None:
    for words in {*WORDS.values(), *SINGULAR.values()}:
        numbers = dict.fromkeys(("min_length", "max_length", "gt", "ge", "lt", "le"), 3)
        said = words.format(pattern="^[a-z]+$", expected="'one' or 'two'", expected_tags="'one', 'two'", **numbers)
        other = in_language(said, language)
        assert other != said
        assert not re.search(r"\b(expected|this|least|most|more|less|not)\b", other), other


def test_every_kind_of_fault_that_a_request_can_have_has_words() -> None:
    """A kind of field that no words are known for would be answered in the library's own English."""
    kinds = set()
    for schema in _schemas_of_requests():
        kinds |= set(re.findall(r"'type': '([a-z-]+)'", str(schema)))
    assert kinds - _FIELDS == set()


_FIELDS = {
    "any", "bool", "chain", "datetime", "default", "definition-ref", "definitions", "dict", "enum", "float",
    "function-after", "function-before", "function-plain", "function-wrap", "int", "list", "literal", "model",
    "model-field", "model-fields", "nullable", "str", "tagged-union", "tuple", "union", "uuid", "to-string",
    "json-or-python", "no-info", "none",
}  # fmt: skip
"""Kinds of fields whose faults `thyrosight.invalid` has words for, and those that have no faults of their own."""


def _schemas_of_requests() -> Iterator[Any]:
    def below(kind: type[Body]) -> Iterator[type[Body]]:
        for one in kind.__subclasses__():
            yield one
            yield from below(one)

    import thyrosight.server.app  # noqa: F401  (brings all routes)

    yield from (one.__pydantic_core_schema__ for one in below(Body))


SENTENCES = re.compile(r"problem|sentence|summary|refusal|notes?|\w*reason|research_use|what|why|message|detail")
OWN_WORDS = {
    "AmendmentAnswer.reason", "OpinionAnswer.reason", "NoduleAnswer.note", "Category.notes", "Category.research_use",
    "Event.what",
}  # fmt: skip
"""Words that a person wrote, that programs read, or that pages put into their language."""


def test_sentences_in_answers_come_in_the_language_of_who_asks() -> None:
    """A field of an answer that is named like a sentence is of the kind that is put into the language."""
    import thyrosight.server.app  # noqa: F401

    found = set()
    for answer in Answer.__subclasses__():
        for name, field in answer.model_fields.items():
            shown = "PlainSerializer" in f"{field.annotation} {field.metadata}"
            if "str" in str(field.annotation) and SENTENCES.fullmatch(name) and not shown:
                found.add(f"{answer.__name__}.{name}")
    assert found == OWN_WORDS


@ON_ONE_DATABASE
def test_a_page_is_answered_in_its_language_and_a_program_in_english(station: Station) -> None:
    study = design(station, cases=2, readers=1)
    client, chinese = station.as_("researcher"), {"Accept-Language": "zh-CN,zh;q=0.9"}

    def sentences(**more: Any) -> str:
        return " ".join(one["sentence"] for one in client.get(f"{study.url}/check", **more).json()["problems"])

    assert "have pictures that were not prepared yet" in sentences()
    assert "有尚未准备的图像" in sentences(headers=chinese)
    assert "imágenes aún sin preparar" in sentences(headers={"Cookie": f"{cookies(client)}thyrosight_language=es"})
    wrong = client.post("/api/v1/reader-studies", json={"protocol": protocol(washout_days=3)}, headers=chinese)
    assert (wrong.status_code, "此设计中每名阅片者只有一次阅片" in wrong.json()["detail"]) == (422, True)
    power = client.get(f"{study.url}/power", headers=chinese).json()["reason"]
    assert re.search("[一-鿿]", power), power
    (code,) = add_readers(study, 1)
    study.open()
    reader = study.readers[code]
    reader.headers["Accept-Language"] = "es"
    own = task(study, reader)
    assert "se esperaba un número de 0 a 100, se recibió 500" in lock(reader, own, {"score": 500}).json()["detail"]
    assert lock(reader, own).status_code == 200
    again = lock(reader, own)
    assert "queda como aquella página la bloqueó" in again.json()["detail"]
    assert following(study, reader)["state"] == "task"


def cookies(client: Any) -> str:
    """The cookies of a browser, for one more."""
    return "".join(f"{one.name}={one.value}; " for one in client.cookies.jar)
