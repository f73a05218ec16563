"""The design of a reader study: made, changed until it opens, amended afterwards."""

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from thyrosight.errors import ReadingsError
from thyrosight.readings import Protocol, parse_protocol
from thyrosight.server.accounts import Actor
from thyrosight.server.clock import Clock
from thyrosight.server.database import append
from thyrosight.server.database.tables import ProtocolRow, ReaderStudy
from thyrosight.server.problems import conflict, not_found, refused

_CHANGED = "The study was changed meanwhile; load it again."


def reader_study(session: Session, study_id: UUID) -> ReaderStudy:
    """A reader study that was not removed.

    Raises:
        ProblemError: there is none.
    """
    study = session.get(ReaderStudy, study_id)
    if study is None or study.removed_at is not None:
        raise not_found("reader study")
    return study


def draft_of(session: Session, study_id: UUID, *, version: int | None = None) -> ReaderStudy:
    """A study that has not been opened, as it was looked at.

    Raises:
        ProblemError: 404 without one, 409 where it is open, or was changed since.
    """
    study = reader_study(session, study_id)
    if study.state != "draft":
        raise conflict("The study was opened, and its design is frozen; amend the protocol or withdraw cases instead.")
    require_version(study, version)
    return study


def require_version(study: ReaderStudy, version: int | None) -> None:
    """Refuse a change of a study that somebody else changed since it was looked at.

    Raises:
        ProblemError: 409.
    """
    if version is not None and study.version != version:
        raise conflict(_CHANGED)


def parsed(body: Mapping[str, Any]) -> Protocol:
    """A protocol as somebody wrote it; its version is counted by the workstation.

    Raises:
        ReadingsError: the protocol cannot be used.
        ProblemError: its pilot study is a file, and the workstation opens none that a protocol names.
    """
    try:
        protocol = parse_protocol({**body, "version": 1}, "")
    except ReadingsError as error:  # the form shows one protocol: the place is enough
        raise ReadingsError(re.sub(r"^Protocol [,:] ", "", str(error), flags=re.M)) from None
    pilot = None if protocol.power is None else protocol.power.pilot
    if isinstance(pilot, str) and pilot != "published":
        raise refused("power.pilot: on the workstation, write `published`, or variance components with their source.")
    return protocol


def make_study(session: Session, body: Mapping[str, Any], *, actor: Actor, clock: Clock) -> ReaderStudy:
    """Make a study from a protocol.

    Raises:
        ReadingsError: the protocol cannot be used.
    """
    protocol = parsed(body)
    study = ReaderStudy(
        title=protocol.title, state="draft", author_id=actor.user_id, version=1, protocol_version=1, opened_at=None,
        closed_at=None, documents_job_id=None, results_job_id=None, removed_at=None, created_at=clock(),
    )  # fmt: skip
    session.add(study)
    session.flush()
    add_version(session, study, protocol, actor=actor, clock=clock)
    note(session, study, "reader study made", actor=actor, clock=clock, body={"hash": protocol.sha256})
    return study


def change_protocol(
    session: Session, study: ReaderStudy, body: Mapping[str, Any], *, actor: Actor, clock: Clock
) -> None:
    """Put another protocol in the place of a draft's.

    Raises:
        ReadingsError: the protocol cannot be used.
    """
    protocol = parsed(body)
    row = protocol_row(session, study)
    row.body, row.seed, row.hash = protocol.to_json(), protocol.seed, protocol.sha256
    study.title = protocol.title
    study.version += 1
    note(session, study, "reader study designed", actor=actor, clock=clock, body={"hash": protocol.sha256})


def remove_study(session: Session, study: ReaderStudy, *, actor: Actor, clock: Clock) -> None:
    """Take a draft out of the list; nothing is deleted."""
    study.removed_at = clock()
    note(session, study, "reader study removed", actor=actor, clock=clock, body={})


def protocol_row(session: Session, study: ReaderStudy, version: int | None = None) -> ProtocolRow:
    """The protocol in force, or one of its versions."""
    return session.scalars(
        select(ProtocolRow).where(
            ProtocolRow.reader_study_id == study.id,
            ProtocolRow.version == (study.protocol_version if version is None else version),
        )
    ).one()


def protocol_of(session: Session, study: ReaderStudy, version: int | None = None) -> Protocol:
    """The protocol in force, or one of its versions, read."""
    return read_protocol_row(protocol_row(session, study, version))


def read_protocol_row(row: ProtocolRow) -> Protocol:
    """A protocol as it was stored."""
    return _read(json.dumps(row.body))


@lru_cache(maxsize=64)
def _read(text: str) -> Protocol:
    """It is asked for with every case that is shown or locked, and never changes."""
    return parse_protocol(json.loads(text))


def protocol_versions(session: Session, study: ReaderStudy) -> list[ProtocolRow]:
    """All versions of the protocol, the first one first."""
    return list(
        session.scalars(
            select(ProtocolRow).where(ProtocolRow.reader_study_id == study.id).order_by(ProtocolRow.version)
        )
    )


def add_version(
    session: Session,
    study: ReaderStudy,
    protocol: Protocol,
    *,
    actor: Actor,
    clock: Clock,
    reason: str = "",
    changes: Sequence[str] = (),
) -> None:
    """Write a version of the protocol; the first one is frozen when the study opens, all others at once."""
    session.add(
        ProtocolRow(
            reader_study_id=study.id, version=protocol.version, body=protocol.to_json(), seed=protocol.seed,
            hash=protocol.sha256, reason=reason, changes=list(changes), author_id=actor.user_id,
            frozen_at=None if protocol.version == 1 else clock(), created_at=clock(),
        )
    )  # fmt: skip
    session.flush()


def note(
    session: Session, study: ReaderStudy, what: str, *, actor: Actor, clock: Clock, body: Mapping[str, Any]
) -> None:
    append(
        session, who=actor.name, what=what, object=f"reader study {study.id}",
        body={"version": study.version, **body}, clock=clock,
    )  # fmt: skip
