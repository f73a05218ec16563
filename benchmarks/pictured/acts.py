"""Acts on a page before its picture is taken."""

import json
from collections.abc import Callable
from typing import Any, Final

from thyrosight.server.sentences import chosen_language, in_language

Act = Callable[[Any], None]
DATABASE_AWAY: Final = "The database does not answer; nothing was changed. Try again in a moment."


def answers(path: str, status: int, body: str) -> Act:
    """Answer requests of the interface for programs with a body."""
    return lambda page: page.route(
        f"**/api/v1/{path}", lambda route: route.fulfill(status=status, content_type="application/json", body=body)
    )


def says(path: str, status: int, sentence: str, *, method: str = "") -> Act:
    """An answer whose sentence is in the language of who looks, as the server would give it; to one method if named."""

    def answer(route: Any) -> None:
        if method not in ("", route.request.method):
            return route.continue_()
        language = chosen_language("", route.request.headers.get("accept-language", ""))
        body = json.dumps({"detail": in_language(sentence, language)})
        return route.fulfill(status=status, content_type="application/json", body=body)

    return lambda page: page.route(f"**/api/v1/{path}", answer)


def holds(path: str) -> Act:
    """Let requests wait for ever."""
    return lambda page: page.route(f"**/api/v1/{path}", lambda route: None)


def loses(path: str) -> Act:
    """Lose requests, as a broken line does."""
    return lambda page: page.route(f"**/api/v1/{path}", lambda route: route.abort())


def fails(path: str) -> Act:
    """Answer requests as a server that has no database."""
    return says(path, 503, DATABASE_AWAY)


def click(*selectors: str) -> Act:
    """Click one thing after the other."""

    def act(page: Any) -> None:
        for selector in selectors:
            page.click(selector)

    return act
