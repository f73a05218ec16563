"""The audit trail, for auditors and administrators."""

import json
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from sqlalchemy import ColumnElement, func, select

from thyrosight.files import csv_text
from thyrosight.server.accounts import Actor, Role
from thyrosight.server.database import Head, head, verify
from thyrosight.server.database.tables import AuditRow
from thyrosight.server.http import Answer, Caller, allow
from thyrosight.server.sentences import Said
from thyrosight.server.services import Services

router = APIRouter(prefix="/audit", tags=["audit"])
Auditor = Annotated[Actor, allow(Role.AUDITOR, Role.ADMINISTRATOR)]


class Event(Answer):
    """One row of the trail."""

    seq: int
    at: str
    who: str
    what: str
    object: str
    body: dict[str, Any]
    hash: str


class Events(Answer):
    """Rows of the trail, the newest first, and how many fit in all."""

    items: list[Event]
    total: int


class Problem(Answer):
    """Fault of a row of the trail."""

    seq: int
    sentence: Said


class Verified(Answer):
    """Whether every row is as it was written, and the end of the trail."""

    intact: bool
    problems: list[Problem]
    seq: int
    hash: str


@router.get("")
def search(
    *,
    services: Caller,
    actor: Auditor,
    who: Annotated[str, Query(max_length=64)] = "",
    what: Annotated[str, Query(max_length=64)] = "",
    object: Annotated[str, Query(max_length=128)] = "",
    since: Annotated[str, Query(max_length=32)] = "",
    until: Annotated[str, Query(max_length=32)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> Events:
    """Search the trail by user, event, object (its beginning) and time (ISO 8601, UTC)."""
    conditions: list[ColumnElement[bool]] = []
    if who:
        conditions.append(AuditRow.who == who)
    if what:
        conditions.append(AuditRow.what == what)
    if object:
        conditions.append(AuditRow.object.startswith(object, autoescape=True))
    if since:
        conditions.append(AuditRow.at >= since)
    if until:
        conditions.append(AuditRow.at <= until)
    with services.database.read() as session:
        total = session.scalar(select(func.count()).select_from(AuditRow).where(*conditions)) or 0
        rows = session.scalars(
            select(AuditRow).where(*conditions).order_by(AuditRow.seq.desc()).limit(limit).offset(offset)
        ).all()
    return Events(items=[_event(row) for row in rows], total=total)


@router.get("/verify")
def check(
    services: Caller,
    actor: Auditor,
    seq: Annotated[int | None, Query(ge=1)] = None,
    hash: Annotated[str, Query(max_length=64)] = "",
) -> Verified:
    """Go through the whole trail; with the number and hash of a row that a report prints, also look for that row."""
    known = Head(seq, hash) if seq is not None and hash else None
    with services.database.read() as session:
        problems = verify(session, known=known)
        end = head(session)
    return Verified(
        intact=not problems,
        problems=[Problem(seq=one.seq, sentence=one.sentence) for one in problems[:1000]],
        seq=end.seq,
        hash=end.hash,
    )


@router.get("/export", response_class=StreamingResponse)
def export(services: Caller, actor: Auditor) -> StreamingResponse:
    """The whole trail as CSV."""
    return StreamingResponse(
        _lines(services),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="audit.csv"'},
    )


_COLUMNS = ["seq", "at", "who", "what", "object", "body", "previous", "hash"]


def _lines(services: Services) -> Iterator[str]:
    yield ",".join(_COLUMNS) + "\n"
    with services.database.read() as session:
        for row in session.scalars(select(AuditRow).order_by(AuditRow.seq).execution_options(yield_per=1000)):
            text = csv_text([{name: _harmless(getattr(row, name)) for name in _COLUMNS}], _COLUMNS)
            yield text.split("\n", 1)[1]


def _harmless(cell: object) -> object:
    """A cell that spreadsheet programs do not take for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" else cell


def _event(row: AuditRow) -> Event:
    return Event(
        seq=row.seq, at=row.at, who=row.who, what=row.what, object=row.object, body=json.loads(row.body), hash=row.hash
    )
