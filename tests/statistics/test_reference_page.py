"""The reference page of the statistics: every function is on it, and every example gives what it shows."""

import doctest
from pathlib import Path

from thyrosight import statistics

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "statistics.md"


def test_every_example_gives_what_the_page_shows() -> None:
    # Closing fences of code blocks would pass for expected output.
    text = "\n".join("" if line.startswith("```") else line for line in PAGE.read_text(encoding="utf-8").splitlines())
    examples = doctest.DocTestParser().get_doctest(text, {}, PAGE.name, str(PAGE), 0)
    assert doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(examples).failed == 0
    assert len(examples.examples) > 60


def test_every_public_function_is_called_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    functions = [name for name in statistics.__all__ if name[0].islower()]
    assert [name for name in functions if f"{name}(" not in text] == []
