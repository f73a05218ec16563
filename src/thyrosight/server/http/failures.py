"""Errors as answers: JSON of RFC 9457 with one sentence, and nothing of what was sent."""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from starlette.exceptions import HTTPException

from thyrosight.errors import OutputError, ThyroSightError
from thyrosight.invalid import in_words
from thyrosight.server.database.database import reason_of
from thyrosight.server.problems import ProblemError
from thyrosight.server.sentences import in_language, language_of

LOG = logging.getLogger("thyrosight.server")
_TITLES = {
    400: "Bad request", 401: "Not signed in", 403: "Not allowed", 404: "Not found", 405: "Method not allowed",
    409: "Conflict", 410: "Gone", 413: "Too large", 422: "Cannot be used", 429: "Too many attempts",
    500: "Defect", 503: "Not available", 507: "No space",
}  # fmt: skip


def install_handlers(app: FastAPI) -> None:
    """Answer errors of our own, of bodies, of the database, and defects."""
    app.add_exception_handler(ProblemError, _problem)
    app.add_exception_handler(ThyroSightError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _of_framework)
    app.add_exception_handler(IntegrityError, _collision)
    app.add_exception_handler(SQLAlchemyError, _database)
    app.add_exception_handler(Exception, _defect)


def answer(status: int, sentence: str, **more: Any) -> JSONResponse:
    """An error as an answer."""
    title = _TITLES.get(status, "Error")
    body = {"type": "about:blank", "title": title, "status": status, "detail": sentence, **more}
    headers = {"WWW-Authenticate": 'Bearer realm="thyrosight"'} if status == 401 else None
    return JSONResponse(body, status, headers=headers, media_type="application/problem+json")


def _told(request: Request, status: int, sentence: str, **more: Any) -> JSONResponse:
    """An error as an answer, in the language of the request."""
    return answer(status, in_language(sentence, language_of(request)), **more)


async def _problem(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ProblemError)
    return _told(request, error.status, str(error), **error.more)


async def _ours(request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, OutputError):
        LOG.error("%s", error)
        return _told(request, 507, "The data folder cannot be written; tell the administrator. Nothing was changed.")
    return _told(request, 422, str(error))


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    found = [
        {"where": ".".join(str(part) for part in one["loc"] if part != "body"), "what": in_words(one)}
        for one in error.errors()[:20]
    ]
    first = found[0] if found else {"where": "", "what": "it cannot be read"}
    place = f"{first['where']}: " if first["where"] else ""
    language = language_of(request)
    problems = [{"where": one["where"], "what": in_language(one["what"], language)} for one in found]
    return _told(request, 422, f"The request cannot be used: {place}{first['what']}.", problems=problems)


async def _of_framework(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    sentences = {404: "There is no such address.", 405: "This address does not take that method."}
    return _told(request, error.status_code, sentences.get(error.status_code, str(error.detail)))


async def _collision(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, IntegrityError)
    LOG.warning("collision: %s", reason_of(error))
    return _told(request, 409, "Somebody else did the same at this moment; load the page again.")


async def _database(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, SQLAlchemyError)
    LOG.error("database: %s", reason_of(error))
    return _told(request, 503, "The database does not answer; nothing was changed. Try again in a moment.")


async def _defect(request: Request, error: Exception) -> JSONResponse:
    # The message of an error may hold a name; its place in the code does not.
    LOG.error("defect in %s: %s", request.scope.get("route_path", request.method), type(error).__name__, exc_info=error)
    sentence = "This is a defect of the workstation; nothing was changed. The log of the server has its place."
    return _told(request, 500, sentence)
