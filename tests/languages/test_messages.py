"""Every text that a report can show is translated, completely and with its values."""

import importlib
import re
from pathlib import Path
from types import ModuleType

import pytest

from thyrosight.languages import LANGUAGES, read_catalogue

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
TRANSLATED = tuple(code for code in LANGUAGES if code != "en")
_PLACE = re.compile(r"\{n?\d+\}")


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("messages")


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_of_the_source_has_a_translation(messages: ModuleType, language: str) -> None:
    assert messages.lacking(language) == []


def test_all_languages_have_the_same_messages() -> None:
    first, *others = (set(read_catalogue(language).messages) for language in TRANSLATED)
    assert all(other == first for other in others)


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_each_value_and_each_number_of_its_message_once(language: str) -> None:
    for message, said in read_catalogue(language).messages.items():
        assert sorted(_PLACE.findall(message)) == sorted(_PLACE.findall(said)), message
        fixed, fixed_said = _PLACE.sub("", message), _PLACE.sub("", said)
        assert sorted(re.findall(r"\d+", fixed)) == sorted(re.findall(r"\d+", fixed_said)), message
        assert message.count("`") == said.count("`"), message


@pytest.mark.parametrize(("language", "foreign"), [("zh", r"[一-鿿]\.$"), ("es", r"[一-鿿，。]")])
def test_marks_are_those_of_the_language(language: str, foreign: str) -> None:
    said = read_catalogue(language).messages.values()
    assert [text for text in said if re.search(foreign, text)] == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('x = f"{len(a)} of {b} images"', ["{n0} of {1} images"]),
        (
            "x = f\"mean over {n} division{'s' if n > 1 else ''}\"",
            ["mean over {0} divisions", "mean over {0} division"],
        ),
        ('x = f"risk {r:.2f}" + (" left out" if a else "")', ["risk {n0} left out", "risk {n0}"]),
        ('def f(a: "pd.Series[str]") -> None:\n    """A sentence."""\n    raise ValueError("No such thing.")', []),
        ('x = f"{key}_corrected" if "no box" in note else say("above {n0}", a)', ["above {n0}"]),
        ('x = "In {brackets:g} kept".format(brackets=1)', ["In {0} kept"]),
    ],
)
def test_messages_are_found_in_source(messages: ModuleType, source: str, found: list[str]) -> None:
    assert messages.messages_of(source) == found
