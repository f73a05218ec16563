"""Docstrings open with the thing or the action, so that one reading is enough."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[1]
_WHAT = re.compile(r"\s*What\b")
_POSSIBLE = re.compile(rf"[\"']{_WHAT.pattern}")


def _opened_with_what(source: str) -> Iterator[int]:
    """Lines of the docstrings of modules, classes, functions and attributes that open with "What"."""
    if not _POSSIBLE.search(source):  # few files have such a string, and to parse them all takes seconds
        return
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Expr(value=ast.Constant(value=str(text))) if _WHAT.match(text):
                yield node.lineno


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ('"""What it does."""', [1]),
        ('"""\n    What it does.\n"""', [1]),
        ("def f():\n    'What it does.'", [2]),
        ('class A:\n    r"""What it is."""\n    a = 1\n    """What a is."""', [2, 4]),
        ('a = 1\n"""Whatever it is."""', []),
        ('def f():\n    """Say it."""\n    return """What it says"""', []),
    ],
)
def test_docstrings_are_told_from_other_texts(source: str, lines: list[int]) -> None:
    assert list(_opened_with_what(source)) == lines


@pytest.mark.parametrize("folder", ["src", "benchmarks", "tests"])
def test_no_docstring_opens_with_what(folder: str) -> None:
    found = [
        f"{path.relative_to(_ROOT)}:{line}"
        for path in sorted((_ROOT / folder).rglob("*.py"))
        for line in _opened_with_what(path.read_text(encoding="utf-8"))
    ]
    assert found == []
