"""The audit trail: each row holds the hash of the row before, so that a change or a gap is found, with its number."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from thyrosight.files import sha256_of_json
from thyrosight.server.clock import Clock, as_text, utc_now
from thyrosight.server.database.trail import AuditHead, AuditRow

BEGINNING: Final = "0" * 64
"""The hash before the first row."""
_AT_A_TIME = 1000


@dataclass(frozen=True)
class Head:
    """The end of the trail: number and hash of its last row; reports print them, so that a later cut is found."""

    seq: int
    hash: str


@dataclass(frozen=True)
class AuditProblem:
    """Fault of the trail, and the row that has it."""

    seq: int
    sentence: str


def append(
    session: Session,
    *,
    who: str,
    what: str,
    object: str,
    body: Mapping[str, Any] | None = None,
    clock: Clock = utc_now,
) -> Head:
    """Write one event within a writing transaction, and give the new end of the trail.

    Args:
        session: of `Database.write`.
        who: name of the user, or "system".
        what: the event.
        object: kind and identifier of what it happened to, for example "study 3f...".
        body: further facts that JSON can hold; no patient's name.
        clock: gives the time.
    """
    last = session.get_one(AuditHead, 1)
    row = AuditRow(
        seq=last.seq + 1,
        at=as_text(clock()),
        who=who,
        what=what,
        object=object,
        body=json.dumps(dict(body or {}), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False),
        previous=last.hash,
        hash="",
    )
    row.hash = _hash(row)
    session.add(row)
    last.seq, last.hash = row.seq, row.hash
    session.flush()
    return Head(row.seq, row.hash)


def head(session: Session) -> Head:
    """The end of the trail."""
    seq, digest = session.execute(select(AuditHead.seq, AuditHead.hash)).one()
    return Head(seq, digest)


def verify(session: Session, *, known: Head | None = None) -> list[AuditProblem]:
    """Go through the whole trail; an empty list where every row is as it was written.

    Args:
        session: of `Database.read`.
        known: an end of the trail that was written down before, for example on a report.
    """
    problems: list[AuditProblem] = []
    expected, previous = 1, BEGINNING
    seen_known = known is None
    for row in session.scalars(select(AuditRow).order_by(AuditRow.seq).execution_options(yield_per=_AT_A_TIME)):
        if row.seq != expected:
            gone = f"row {expected} is" if row.seq == expected + 1 else f"rows {expected} to {row.seq - 1} are"
            problems.append(AuditProblem(expected, f"{gone} missing"))
        elif row.previous != previous:
            problems.append(AuditProblem(row.seq, f"row {row.seq} does not continue the row before it"))
        if row.hash != _hash(row):
            problems.append(AuditProblem(row.seq, f"row {row.seq} was changed"))
        if known is not None and row.seq == known.seq:
            seen_known = True
            if row.hash != known.hash:
                problems.append(AuditProblem(row.seq, f"row {row.seq} is not the one that was written down"))
        expected, previous = row.seq + 1, row.hash
    problems += _missing_end(head(session), expected, previous)
    if known is not None and not seen_known:
        problems.append(AuditProblem(known.seq, f"row {known.seq}, which was written down, is missing"))
    return problems


def _missing_end(end: Head, expected: int, previous: str) -> list[AuditProblem]:
    if end.seq >= expected:
        gone = f"row {expected} is" if end.seq == expected else f"rows {expected} to {end.seq} are"
        return [AuditProblem(expected, f"{gone} missing at the end")]
    if end.seq < expected - 1 or end.hash != previous:
        return [AuditProblem(expected - 1, f"row {expected - 1} is not the last one that was written")]
    return []


def _hash(row: AuditRow) -> str:
    return sha256_of_json([row.seq, row.at, row.who, row.what, row.object, row.body, row.previous])
