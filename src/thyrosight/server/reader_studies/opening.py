"""Opening and closing a reader study, and what may change in between: amendments, readers who come or leave, cases."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from thyrosight.readings import Protocol, parse_protocol
from thyrosight.server.accounts import Actor
from thyrosight.server.clock import Clock
from thyrosight.server.database.tables import ReaderStudy, StudyCase, StudyReader
from thyrosight.server.problems import conflict, refused
from thyrosight.server.reader_studies.checking import check
from thyrosight.server.reader_studies.designing import add_version, note, protocol_of, protocol_row
from thyrosight.server.reader_studies.ordering import make_sessions
from thyrosight.server.reader_studies.readers import add_readers, readers_of
from thyrosight.server.reader_studies.sessions import end_where_all_is_read, wait_anew

_FIXED: Final = (
    "seed", "design", "arms", "reading", "readers", "readers_per_case", "repeats", "practice", "attention",
)  # fmt: skip
"""Keys of the protocol on which the orders depend."""


def open_to_readers(session: Session, study: ReaderStudy, *, actor: Actor, clock: Clock) -> None:
    """Freeze the design, draw the orders and open the reading room.

    Raises:
        ProblemError: 409 with the sentences of what stands in the way.
    """
    protocol = protocol_of(session, study)
    found = check(session, study, protocol)
    if not found.ready:
        told = [problem.sentence for problem in found.problems if problem.stops]
        if found.waiting:
            told.append(f"{found.waiting} picture(s) are still being prepared; wait a moment.")
        raise conflict(" ".join(told))
    now = clock()
    row = protocol_row(session, study)
    row.frozen_at = now
    study.state, study.opened_at = "open", now
    study.version += 1
    readers = [reader for reader, _ in readers_of(session, study.id) if reader.removed_at is None]
    make_sessions(session, study, protocol, readers, clock=clock)
    note(
        session,
        study,
        "reader study opened",
        actor=actor,
        clock=clock,
        body={"hash": row.hash, "readers": len(readers)},
    )


def close_to_readers(session: Session, study: ReaderStudy, *, actor: Actor, clock: Clock) -> None:
    """End the reading; what is not locked stays a draft and is not part of the table.

    Raises:
        ProblemError: 409 where it is not open.
    """
    require_open(study)
    study.state, study.closed_at = "closed", clock()
    study.version += 1
    note(session, study, "reader study closed", actor=actor, clock=clock, body={})


def require_open(study: ReaderStudy) -> None:
    """Refuse what belongs to an open study.

    Raises:
        ProblemError: 409.
    """
    if study.state != "open":
        raise conflict("The study is closed." if study.state == "closed" else "The study was not opened yet.")


def amend(
    session: Session, study: ReaderStudy, body: Mapping[str, Any], *, reason: str, actor: Actor, clock: Clock
) -> None:
    """Make the next version of the protocol; readings that are not locked yet are made under it.

    Raises:
        ReadingsError: the protocol cannot be used.
        ProblemError: it changes what the orders depend on, or nothing.
    """
    require_open(study)
    before = protocol_of(session, study)
    after = parse_protocol({**body, "version": before.version + 1})
    for name in _FIXED:
        if getattr(before, name) != getattr(after, name):
            raise conflict(f"The orders of the readers depend on {name!r}, so that it stays; make another study.")
    if before.model_copy(update={"version": after.version}) == after:
        raise refused("The amendment changes nothing.")
    _next_version(session, study, after, reason=reason, actor=actor, clock=clock)
    if before.washout_days != after.washout_days:
        wait_anew(session, study, after)


def join(session: Session, study: ReaderStudy, new: Sequence[tuple[UUID, str]], *, actor: Actor, clock: Clock) -> None:
    """Add readers to a draft, or by an amendment to a study that is open; nobody else's order changes.

    Raises:
        ProblemError: an account that cannot read blindly, or the study is closed.
        ReadingsError: nothing is left for them to read.
    """
    if study.state == "draft":
        made = add_readers(session, study, new, since=1, clock=clock)
        study.version += 1
        note(
            session,
            study,
            "readers added",
            actor=actor,
            clock=clock,
            body={"readers": [reader.code for reader in made]},
        )
        return
    require_open(study)
    protocol = protocol_of(session, study)
    later = protocol.model_copy(update={"version": protocol.version + 1})
    made = add_readers(session, study, new, since=later.version, clock=clock)
    codes = ", ".join(reader.code for reader in made)
    _next_version(session, study, later, reason=f"Readers joined: {codes}.", actor=actor, clock=clock)
    make_sessions(session, study, later, made, clock=clock)


def leave(
    session: Session, study: ReaderStudy, reader: StudyReader, *, reason: str, actor: Actor, clock: Clock
) -> None:
    """Let a reader go; readings that were locked are kept."""
    if study.state == "closed":
        raise conflict("The study is closed.")
    reader.removed_at, reader.removed_for = clock(), reason
    study.version += 1
    note(session, study, "reader left", actor=actor, clock=clock, body={"reader": reader.code, "reason": reason})


def withdraw(session: Session, study: ReaderStudy, case: StudyCase, *, reason: str, actor: Actor, clock: Clock) -> None:
    """Present a case no more; its readings stay in the table, marked as withdrawn.

    Raises:
        ProblemError: 409 where the study is not open, or the case is withdrawn already.
    """
    require_open(study)
    if case.withdrawn_at is not None:
        raise conflict("The case is withdrawn already.")
    case.withdrawn_at, case.withdrawn_for = clock(), reason
    study.version += 1
    session.flush()
    note(session, study, "case withdrawn", actor=actor, clock=clock, body={"case": case.code, "reason": reason})
    protocol = protocol_of(session, study)
    for reader, _ in readers_of(session, study.id):
        end_where_all_is_read(session, reader, protocol, now=clock())


def _next_version(
    session: Session, study: ReaderStudy, protocol: Protocol, *, reason: str, actor: Actor, clock: Clock
) -> None:
    add_version(session, study, protocol, reason=reason, actor=actor, clock=clock)
    study.protocol_version, study.title = protocol.version, protocol.title
    study.version += 1
    note(
        session, study, "protocol amended", actor=actor, clock=clock,
        body={"protocol_version": protocol.version, "hash": protocol.sha256, "reason": reason},
    )  # fmt: skip
