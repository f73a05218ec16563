"""In which language a command answers."""

from collections.abc import Callable
from functools import wraps
from typing import Annotated, ParamSpec, TypeVar

import typer

P = ParamSpec("P")
R = TypeVar("R")
Language = Annotated[
    str, typer.Option("--language", metavar="CODE", help="English (en), Chinese (zh) or Spanish (es).")
]


def spoken(command: Callable[P, R]) -> Callable[P, R]:
    """A command that speaks the language of its option `language`; without that language, it raises a LanguageError."""

    @wraps(command)
    def speaks(*given: P.args, **options: P.kwargs) -> R:
        from thyrosight.languages import speaking

        with speaking(str(options["language"])):
            return command(*given, **options)

    return speaks


def said(text: str) -> str:
    """An English text in the language that the command speaks; words of the user's own tables stay as they are."""
    from thyrosight.languages import current_language, translator

    return translator(current_language())(text)
