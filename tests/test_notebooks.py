"""The notebooks of the documentation run, and show what the pages show."""

import importlib
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all, so that phantoms of one seed are made once."""
    return tmp_path_factory.mktemp("notebooks")


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module("notebooks")


def forms(outputs: list[dict[str, Any]]) -> list[list[str]]:
    return [sorted(one.get("data", {"stream": ""})) for one in outputs]


def words(outputs: list[dict[str, Any]]) -> list[str]:
    """The visible text of outputs, without figures, whose identifiers may differ."""
    text = " ".join("".join(one.get("text") or one["data"].get("text/html", ["drawn"])) for one in outputs)
    return re.sub(r"<(style|svg)\b.*?</\1>|<[^>]*>", " ", text, flags=re.DOTALL).split()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_shows_what_the_page_shows(
    path: Path, runner: ModuleType, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    notebook = runner.read(path)
    stored = [cell["outputs"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
    found = list(runner.outputs(runner.code(notebook)))
    assert [forms(one) for one in found] == [forms(one) for one in stored]
    if path.stem == "reader-study":  # statistics give the same digits everywhere; training does not
        assert [words(one) for one in found] == [words(one) for one in stored]


def test_there_are_three_and_they_hold_nothing_of_the_machine_that_ran_them() -> None:
    assert [path.stem for path in NOTEBOOKS] == ["first-study", "own-model", "reader-study"]
    for path in NOTEBOOKS:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"/(tmp|home|root|work|Users)/|[A-Z]:\\\\", text), path.name
        assert json.loads(text)["cells"][0]["source"][0].startswith("# ")
        assert len(text) < 700_000
