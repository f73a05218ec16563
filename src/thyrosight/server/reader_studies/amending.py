"""Changes to an open study: wording, readers who come or leave, cases withdrawn, a truth corrected.

A change of the protocol, the cases or the readers makes the study's next version, with a sentence for each change.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from thyrosight.readings import Protocol, study_changes
from thyrosight.readings import amend as amended
from thyrosight.server.accounts import Actor
from thyrosight.server.clock import Clock
from thyrosight.server.database.tables import ReaderStudy, StudyCase, StudyReader
from thyrosight.server.problems import conflict, refused
from thyrosight.server.reader_studies.cases import cases_of, set_facts
from thyrosight.server.reader_studies.designing import add_version, note, parsed, protocol_of, protocol_versions
from thyrosight.server.reader_studies.facts import CaseFacts
from thyrosight.server.reader_studies.opening import require_open
from thyrosight.server.reader_studies.ordering import make_sessions, planned_for
from thyrosight.server.reader_studies.readers import add_readers, readers_of
from thyrosight.server.reader_studies.sessions import end_where_all_is_read


def amend(
    session: Session, study: ReaderStudy, body: Mapping[str, Any], *, reason: str, actor: Actor, clock: Clock
) -> None:
    """Make the next version of the protocol; readings that are not locked yet are made under it.

    Raises:
        ReadingsError: the protocol cannot be used, or changes what an open study rests on.
        ProblemError: it changes nothing.
    """
    require_open(study)
    found = amended(protocol_of(session, study), parsed(body))
    if not found.changes:
        raise refused("The amendment changes nothing.")
    _next_version(session, study, found.protocol, reason=reason, changes=found.changes, actor=actor, clock=clock)


def join(session: Session, study: ReaderStudy, new: Sequence[tuple[UUID, str]], *, actor: Actor, clock: Clock) -> None:
    """Add readers to a draft, or by an amendment to a study that is open; nobody else's order changes.

    Raises:
        ProblemError: an account that cannot read blindly, or the study is closed.
        ReadingsError: nothing is left for them to read.
    """
    if study.state == "draft":
        made = add_readers(session, study, new, since=1, clock=clock)
        study.version += 1
        said = {"readers": [reader.code for reader in made]}
        note(session, study, "readers added", actor=actor, clock=clock, body=said)
        return
    require_open(study)
    before = planned_for(session, study)
    later = _later(protocol_of(session, study))
    made = add_readers(session, study, new, since=later.version, clock=clock)
    changes = study_changes(before, planned_for(session, study), version=later.version)
    _next_version(session, study, later, reason="Readers joined", changes=changes, actor=actor, clock=clock)
    make_sessions(session, study, later, made, clock=clock)


def correct(
    session: Session,
    study: ReaderStudy,
    rows: Sequence[tuple[str, CaseFacts]],
    *,
    reason: str,
    actor: Actor,
    clock: Clock,
) -> None:
    """Correct what is known of cases once a study was opened; no order changes, and what was read stays as it was.

    Raises:
        ReadingsError: a case would change its role or patient.
        ProblemError: no reason, a case that is not there, or a model's answer that would change.
    """
    if not reason.strip():
        raise refused("The study was opened: say why what is known of a case is corrected.")
    if any(facts.model_scores is not None for _, facts in rows):
        raise conflict("What a model said of cases stays as it is, because readers may have seen it.")
    before = planned_for(session, study)
    set_facts(session, study, rows)
    session.flush()
    later = _later(protocol_of(session, study))
    changes = study_changes(before, planned_for(session, study), version=later.version)
    cases = "1 case" if len(rows) == 1 else f"{len(rows)} cases"
    changes = changes or (f"Lesions or facts of {cases} were corrected.",)
    _next_version(session, study, later, reason=reason, changes=changes, actor=actor, clock=clock)


def leave(
    session: Session, study: ReaderStudy, reader: StudyReader, *, reason: str, actor: Actor, clock: Clock
) -> None:
    """Let a reader go; readings that were locked are kept.

    Raises:
        ProblemError: 409 where the study is closed.
    """
    if study.state == "closed":
        raise conflict("The study is closed.")
    reader.removed_at, reader.removed_for = clock(), reason
    study.version += 1
    session.flush()
    said = {"reader": reader.code, "reason": reason}
    note(session, study, "reader left", actor=actor, clock=clock, body=said)


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
    said = {"case": case.code, "reason": reason}
    note(session, study, "case withdrawn", actor=actor, clock=clock, body=said)
    protocol = protocol_of(session, study)
    for reader, _ in readers_of(session, study.id):
        end_where_all_is_read(session, reader, protocol, now=clock())


def amendments_in_words(session: Session, study: ReaderStudy) -> list[str]:
    """Changes since the study opened, a sentence or two for each amendment, withdrawal and reader who left."""
    said = [
        f"Version {row.version} of {row.created_at:%d %B %Y}: {' '.join(row.changes)} Reason: {_sentence(row.reason)}"
        for row in protocol_versions(session, study)[1:]
    ]
    said += [
        f"Case {case.code} was withdrawn on {case.withdrawn_at:%d %B %Y}. Reason: {_sentence(case.withdrawn_for)}"
        for case in cases_of(session, study.id)
        if case.withdrawn_at is not None
    ]
    said += [
        f"Reader {reader.code} left on {reader.removed_at:%d %B %Y}. Reason: {_sentence(reader.removed_for)}"
        for reader, _ in readers_of(session, study.id)
        if reader.removed_at is not None and study.opened_at is not None and reader.removed_at > study.opened_at
    ]
    return said


def _sentence(text: str) -> str:
    return f"{text.strip().rstrip('.')}."


def _later(protocol: Protocol) -> Protocol:
    return protocol.model_copy(update={"version": protocol.version + 1})


def _next_version(
    session: Session,
    study: ReaderStudy,
    protocol: Protocol,
    *,
    reason: str,
    changes: Sequence[str],
    actor: Actor,
    clock: Clock,
) -> None:
    add_version(session, study, protocol, reason=reason, changes=changes, actor=actor, clock=clock)
    study.protocol_version, study.title = protocol.version, protocol.title
    study.version += 1
    said = {"protocol_version": protocol.version, "hash": protocol.sha256, "reason": reason}
    note(session, study, "protocol amended", actor=actor, clock=clock, body=said)
