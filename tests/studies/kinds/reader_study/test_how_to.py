"""The page on analysing a reader study: every example is run and prints what the page says."""

import doctest
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from thyrosight.cli.main import app

PAGE = Path(__file__).parents[4] / "docs" / "how-to" / "analyse-a-reader-study.md"
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def test_every_example_of_the_page_gives_what_the_page_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    kinds = []
    for kind, text in re.findall(r"```(\w+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        kinds.append(kind)
        if kind == "console":
            command, _, printed = text.partition("\n")
            result = CliRunner().invoke(app, shlex.split(command.removeprefix("$ thyrosight ")), catch_exceptions=False)
            assert doctest.OutputChecker().check_output(printed, result.stdout, FLAGS), f"{command}\n{result.stdout}"
        else:
            examples = doctest.DocTestParser().get_doctest(text, names, PAGE.name, str(PAGE), 0)
            assert doctest.DocTestRunner(optionflags=FLAGS).run(examples, clear_globs=False).failed == 0
            names |= examples.globs
    assert sorted(kinds) == ["console", "console", "python", "python"]
