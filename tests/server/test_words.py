"""No text of the pages is missing in a language, and none has lost a value on the way."""

import ast
import re
from pathlib import Path

import pytest
from pydantic import TypeAdapter

import thyrosight
from thyrosight.inference import QUALITY_FLAGS
from thyrosight.readings.questions import Question
from thyrosight.server.pages.events import EVENTS
from thyrosight.server.pages.lexicon import LEXICON
from thyrosight.server.pages.reader_studies import DESIGNS, KINDS, PARTS
from thyrosight.server.pages.rendering import ICONS
from thyrosight.server.pages.shell import NAVIGATION
from thyrosight.server.pages.words import catalogue
from thyrosight.server.reporting.keeping import KEPT
from thyrosight.server.sentences import LANGUAGES, chosen_language
from thyrosight.tirads import systems
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
    said |= verbs() | {
        name for one in systems().values() for name in (own.name for own in one.categories) if " " in name
    }
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


def verbs() -> set[str]:
    """Events as the audit trail names them."""
    found = {"peer added", "peer changed", "upload done", "upload refused", KEPT}
    for path in _SERVER.rglob("*.py"):
        for call in (one for one in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(one, ast.Call)):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            given = [one.value for one in call.keywords if one.arg == "what"] if name in ("append", "_store") else []
            given += call.args[2:4] if name in ("note", "_note") else []
            found |= {str(one.value) for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return found


def test_the_audit_offers_every_event_that_it_may_say() -> None:
    offered = [event for _, events in EVENTS for event in events]
    assert len(offered) == len(set(offered))
    assert set(offered) == verbs()


def counted() -> set[tuple[str, str]]:
    """Words of modules with a count: for one, and for many."""
    call = re.compile(r"""\btn\("([^"]+)", "([^"]+)\"""")
    return {found for path in _MODULES for found in call.findall(path.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("language", _OTHERS)
def test_no_text_is_missing(language: str) -> None:
    known = catalogue(language)
    assert len(messages()) > 200
    assert messages() - set(dict(known.items())) == set()
    assert len(counted()) > 5
    assert {one for one, _ in counted()} == set(known.counted)


@pytest.mark.parametrize("language", _OTHERS)
def test_counts_have_every_form_of_the_language(language: str) -> None:
    for one, many in counted():
        forms = catalogue(language).counted[one]
        assert len(forms) == (1 if language == "zh" else 3), one
        for text in forms:
            assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", many)), one


def test_a_count_that_agrees_with_its_word_has_a_form_for_one() -> None:
    """`{number} cases` reads "1 cases"; "Cases: {number}" agrees with any number."""
    plural = re.compile(r"\{(?:number|total|cases|frames|images|readers|shown|seq)\} (?:of \{\w+\} )?[a-z]+s?\b")
    assert [message for message in messages() if plural.search(message)] == []


def test_no_template_shows_a_text_past_the_messages() -> None:
    own = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}", re.S)
    shown = re.compile(r""">([^<>]*)<|\b(?:title|placeholder|aria-label|alt)="([^"]*)\"""")
    found = set()
    for path in _TEMPLATES:
        if path.name == "api.html":  # the reference for programmers says that it is English
            continue
        text = re.sub(r"<script\b.*?</script>", "", own.sub(" ", path.read_text(encoding="utf-8")), flags=re.S)
        found |= {" ".join((one or other).split()) for one, other in shown.findall(text)}
    assert {text for text in found if re.search(r"[^\W\d_]{2}", text)} == _EXAMPLES


_EXAMPLES = {
    "ThyroSight", "· ThyroSight", "case,truth,label_source&#10;C-7KQ2MX,1,pathology", "dicom://ARCHIVE@10.0.0.5:104",
    "thyrosight serve --help", "thyrosight serve restore",
}  # fmt: skip
"""Names, commands and examples, which every language has as they are."""


@pytest.mark.parametrize("language", _OTHERS)
def test_no_module_shows_a_text_past_the_messages(language: str) -> None:
    """Literals that a person could read are messages: such as begin with a capital, or have three words."""
    known = {message for message, _ in catalogue(language).items()} | {text for pair in counted() for text in pair}
    found = set()
    for path in _MODULES:
        text = re.sub(r"^\s*(?://|\*|/\*\*|import ).*$", "", path.read_text(encoding="utf-8"), flags=re.M)
        for literal in re.finditer(r"""(["'`])((?:(?!\1)[^\\\n]|\\.)*)\1""", text):
            styled = text[: literal.start()].endswith(("class: ", "className = "))
            if _READ.fullmatch(literal[2]) and not styled:
                found.add(literal[2])
    assert found - known == _OF_PROGRAMS - known


_READ = re.compile(r"[A-Z][a-z]{2,}[a-z ,;:.'-]*|(?:[a-z]+ ){2,}[a-z]+[.,;:]?.*|[^`<>=/]*\$\{[^}]*\} [a-z]{3,}[^<>=/]*")
_OF_PROGRAMS = {
    "Backspace", "Delete", "End", "Enter", "Files", "Home",
    "Mark removed", "Whole mark", "Box", "Outline", "Calliper", "Place",
}  # fmt: skip
"""Keys, names of the browser's own, and the English of the viewer, which knows its messages by names."""


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
