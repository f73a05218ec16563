"""The pages on analysing a reader study, and on the whole way to a paper: every example prints what the page says."""

import doctest
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.quick_figures import quick_figures
from thyrosight.cli.main import app

PAGES = Path(__file__).parents[4] / "docs" / "how-to"
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@pytest.mark.parametrize(
    ("page", "consoles", "pythons"), [("analyse-a-reader-study.md", 2, 2), ("reader-study-to-paper.md", 4, 1)]
)
def test_every_example_of_the_page_gives_what_the_page_shows(
    page: str, consoles: int, pythons: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    kinds = []
    for kind, text in re.findall(r"```(\w+)\n(.*?)```", (PAGES / page).read_text(encoding="utf-8"), re.DOTALL):
        kinds.append(kind)
        if kind == "console":
            command, _, printed = text.partition("\n")
            words = shlex.split(command.removeprefix("$ thyrosight "))
            with quick_figures():
                result = CliRunner().invoke(app, words, catch_exceptions=False)
            assert doctest.OutputChecker().check_output(printed, result.stdout, FLAGS), f"{command}\n{result.stdout}"
        else:
            examples = doctest.DocTestParser().get_doctest(text, names, page, page, 0)
            assert doctest.DocTestRunner(optionflags=FLAGS).run(examples, clear_globs=False).failed == 0
            names |= examples.globs
    assert (kinds.count("console"), kinds.count("python"), len(kinds)) == (consoles, pythons, consoles + pythons)
