"""Every example in the pages on statistics is run on the example tables, and prints what the page says."""

import doctest
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from thyrosight.cli.stats import app
from thyrosight.files import csv_text
from thyrosight.statistics.examples import example_tables

PAGES = Path(__file__).parents[3] / "docs" / "how-to" / "statistics"
FLAGS = doctest.ELLIPSIS


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("examples")
    for name, rows in example_tables().items():
        (folder / f"{name}.csv").write_text(csv_text(rows), encoding="utf-8")
    return folder


def _blocks() -> list[tuple[str, str, str]]:
    """Page, command and printed text of every block of a terminal."""
    found = []
    for page in sorted(PAGES.glob("*.md")):
        for block in page.read_text(encoding="utf-8").split("```console\n")[1:]:
            command, _, printed = block.partition("\n```")[0].partition("\n")
            found.append((page.stem, command.removeprefix("$ thyrosight stats "), printed + "\n"))
    return found


@pytest.mark.parametrize(("page", "command", "printed"), _blocks())
def test_example(tables: Path, monkeypatch: pytest.MonkeyPatch, page: str, command: str, printed: str) -> None:
    monkeypatch.chdir(tables)
    result = CliRunner().invoke(app, shlex.split(command), catch_exceptions=False)
    assert result.exit_code == 0, f"{page}: {result.output}"
    checker = doctest.OutputChecker()
    example = doctest.Example(command, printed)
    if not checker.check_output(printed, result.stdout, FLAGS):
        pytest.fail(f"{page}\n{checker.output_difference(example, result.stdout, FLAGS | doctest.REPORT_NDIFF)}")


def test_every_command_has_its_page_and_stands_in_the_index() -> None:
    index = (PAGES / "index.md").read_text(encoding="utf-8")
    for command in app.registered_commands:
        if not command.hidden and command.name != "examples":
            assert f"`stats {command.name}`" in index, f"{command.name} is not in index.md"
    for page in PAGES.glob("*.md"):
        assert page.name == "index.md" or f"({page.name})" in index, f"{page.name} is not in index.md"
