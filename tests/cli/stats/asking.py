"""Commands of `thyrosight stats` asked for their answers, before these are written."""

import shlex

import pytest
from typer.testing import CliRunner

from thyrosight.cli.stats import app
from thyrosight.documents import Answer
from thyrosight.reports import answers


def asked_of(words: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Answer, answers.Asked]:
    """The English answer of a command, and what was asked."""
    seen: list[tuple[Answer, answers.Asked]] = []

    def kept(answer: Answer, asked: answers.Asked, form: str, *, language: str) -> str:
        seen.append((answer, asked))
        return ""

    with monkeypatch.context() as patch:
        patch.setattr(answers, "written", kept)
        result = CliRunner().invoke(app, [*shlex.split(words), "--format", "html"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return seen[0]
