"""Errors of requests: an HTTP status and one sentence that says what is wrong and what to do."""

from collections.abc import Mapping
from typing import Any

from thyrosight.errors import ThyroSightError


class ProblemError(ThyroSightError):
    """A request that cannot be served; `status` is that of HTTP, `more` stands beside the sentence in the answer."""

    def __init__(self, status: int, sentence: str, *, more: Mapping[str, Any] | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.more = dict(more or {})


def not_found(what: str) -> ProblemError:
    """There is no such thing, or the user may not know of it."""
    return ProblemError(404, f"There is no such {what}; it may have been removed.")


def conflict(sentence: str) -> ProblemError:
    """Somebody else was faster, or the state does not allow it."""
    return ProblemError(409, sentence)


def refused(sentence: str) -> ProblemError:
    """The request is understood and cannot be done as it stands."""
    return ProblemError(422, sentence)
