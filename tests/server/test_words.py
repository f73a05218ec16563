"""No text of the pages is missing in a language, and none has lost a value on the way."""

import re
from pathlib import Path

import pytest
from pydantic import TypeAdapter

import thyrosight
from thyrosight.inference import QUALITY_FLAGS
from thyrosight.readings.questions import Question
from thyrosight.server.pages.lexicon import LEXICON
from thyrosight.server.pages.reader_studies import DESIGNS, KINDS, PARTS
from thyrosight.server.pages.rendering import ICONS
from thyrosight.server.pages.shell import NAVIGATION
from thyrosight.server.pages.words import catalogue
from thyrosight.server.sentences import LANGUAGES, chosen_language
from thyrosight.tirads.assess import _ACTION_WORDS

_SERVER = Path(thyrosight.__file__).parent / "server"
_TEMPLATES = sorted((_SERVER / "pages" / "templates").glob("*.html"))
_MODULES = sorted((_SERVER / "static").rglob("*.js"))
_OTHERS = sorted(set(LANGUAGES) - {"en"})

EVERY_KIND = (
    {"key": "a", "kind": "score"}, {"key": "a", "kind": "descriptors", "system": "acr-2017"},
    {"key": "a", "kind": "yes-no"}, {"key": "a", "kind": "marks"}, {"key": "a", "kind": "number"},
    {"key": "a", "kind": "choice", "choices": ("b", "c")}, {"key": "a", "kind": "text"},
)  # fmt: skip
"""A question of each kind, without words of its own: the reading room asks it in the reader's language."""


def messages() -> set[str]:
    """Everything that templates and modules say, and the words of the lexicon, of roles and of states."""
    said = set()
    for paths, call in ((_TEMPLATES, "_"), (_MODULES, "t")):
        for path in paths:
            text = path.read_text(encoding="utf-8")
            said |= {found[1] for found in re.findall(rf"""(?<![\w.]){call}\((["'])(.+?)(?<!\\)\1""", text)}
    said |= {entry.title for entry in NAVIGATION}
    for _, title, terms, _ in LEXICON:
        said |= {title, *(str(term) for term in terms)}
    said |= {text for design in DESIGNS for text in design[1:]}
    said |= {TypeAdapter(Question).validate_python(question).wording for question in EVERY_KIND}
    said |= {"pathology", "cytology"}
    said |= {title for _, title in (*KINDS, *PARTS)} | {"draft", "open", "closed"}
    said |= {"judges nodules", "looks for nodules", "waiting", "delivered", "given up"}
    said |= set(QUALITY_FLAGS.values()) | set(_ACTION_WORDS.values())
    said |= {
        "new",
        "in progress",
        "reported",
        "set aside",
        "administrator",
        "clinician",
        "researcher",
        "reader",
        "auditor",
    }
    return said | set(re.findall(r'^  "?([a-z ]+)"?: ', (_SERVER / "static/viewer/words.js").read_text(), re.M)) - _KEPT


_KEPT = {"frame of", "window", "pixels", "part"}
"""Words of the viewer that are numbers and signs alone."""


@pytest.mark.parametrize("language", _OTHERS)
def test_no_text_is_missing(language: str) -> None:
    known = dict(catalogue(language).items())
    assert len(messages()) > 200
    assert messages() - set(known) == set()


@pytest.mark.parametrize("language", _OTHERS)
def test_no_text_is_left_over_and_none_lost_a_value(language: str) -> None:
    for message, text in catalogue(language).items():
        assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", message)) or message in _VIEWER, (
            message
        )
        assert text.strip(), message


_VIEWER = {"failed", "selected", "moved", "removed", "no marks", "whole mark", "box", "outline", "calliper"}
"""Messages of the viewer are known by names, not by their English text."""


def test_the_language_is_that_of_the_user_then_of_the_browser() -> None:
    assert chosen_language("zh", "es") == "zh"
    assert chosen_language("", "fr;q=0.9, es-MX;q=0.8, zh;q=0.85") == "zh"
    assert chosen_language("../x", "fr") == "en"
    assert chosen_language("", "es;q=a") == "es"


def test_every_icon_is_in_the_sheet_and_every_icon_of_the_sheet_is_used() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in [*_TEMPLATES, *_MODULES])
    named = set(re.findall(r"""\bicon\(["']([a-z0-9-]+)["']\)""", text)) | set(
        re.findall(r'tool\("[a-z ]+", "([a-z0-9-]+)"', text)
    )
    assert named == set(ICONS)


def test_nothing_is_loaded_from_elsewhere_and_nothing_needs_an_exception_of_the_policy() -> None:
    for path in [*_TEMPLATES, *_MODULES, *sorted((_SERVER / "static").glob("*.css"))]:
        text = path.read_text(encoding="utf-8")
        addresses = set(re.findall(r"https?://[^\s\"')]+", text)) - {"http://www.w3.org/2000/svg"}
        assert not addresses, path.name
        assert not re.search(r"""\s(on\w+|style)=["']""", text), path.name
        assert "innerHTML" not in text, path.name
        assert "eval(" not in text, path.name
