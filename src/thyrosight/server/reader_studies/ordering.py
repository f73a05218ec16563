"""Sessions and tasks of the readers, made as `thyrosight.readings` says and kept as they are."""

from collections.abc import Sequence
from typing import cast
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from thyrosight.readings import Case, Protocol, Reader, Task, orders
from thyrosight.readings import Session as PlannedSession
from thyrosight.readings.cases import Role
from thyrosight.server.clock import Clock
from thyrosight.server.database.tables import ReaderStudy, ReadingSession, ReadingTask, StudyCase, StudyReader
from thyrosight.server.reader_studies.cases import cases_of
from thyrosight.server.reader_studies.codes import new_code
from thyrosight.server.reader_studies.designing import protocol_of
from thyrosight.server.reader_studies.readers import readers_of


def as_case(case: StudyCase) -> Case:
    """A case as `thyrosight.readings` knows it."""
    return Case(
        key=case.code,
        truth=case.truth,
        cluster=case.cluster,
        label_source=case.label_source,
        role=cast(Role, case.role),
        since=case.since,
        withdrawn=case.withdrawn_at is not None,
    )


def as_reader(reader: StudyReader) -> Reader:
    """A reader as `thyrosight.readings` knows him or her."""
    return Reader(key=reader.code, group=reader.reader_group, since=reader.since)


def planned(session: Session, study: ReaderStudy, protocol: Protocol) -> None:
    """Refuse a plan that cannot be carried out.

    Raises:
        ReadingsError: too few cases or readers for the protocol.
    """
    orders(protocol, *planned_for(session, study))


def make_sessions(
    session: Session, study: ReaderStudy, protocol: Protocol, readers: Sequence[StudyReader], *, clock: Clock
) -> None:
    """Make the sessions and tasks of some readers; those of others stay as they are.

    Raises:
        ReadingsError: too few cases or readers for the protocol.
    """
    cases = {case.code: case for case in cases_of(session, study.id)}
    joining = {reader.code: reader for reader in readers}
    codes = _codes(session, study.id)
    for one in orders(protocol, *planned_for(session, study)):
        if one.reader not in joining:
            continue
        made = ReadingSession(
            reader_id=joining[one.reader].id, number=one.number, arm=one.arm or "", earliest=None, ended_at=None,
            created_at=clock(),
        )  # fmt: skip
        session.add(made)
        session.flush()
        for task in one.tasks:
            code = new_code(codes)
            codes.add(code)
            session.add(
                ReadingTask(
                    session_id=made.id, case_id=cases[task.case].id, position=task.position, code=code,
                    stages=[list(stage) for stage in task.stages], practice=task.practice, attention=task.attention,
                    repeat=task.repeat, paused_at=None, created_at=clock(),
                )
            )  # fmt: skip
    session.flush()


def sessions_of_study(session: Session, study: ReaderStudy) -> tuple[PlannedSession, ...]:
    """The sessions of all readers: of a draft as they would be drawn now, of an open study as they were drawn.

    Raises:
        ReadingsError: too few cases or readers for the protocol.
    """
    if study.opened_at is None:
        return orders(protocol_of(session, study), *planned_for(session, study))
    rows = session.execute(
        select(StudyReader.code, ReadingSession, ReadingTask, StudyCase)
        .join(ReadingSession, ReadingSession.reader_id == StudyReader.id)
        .join(ReadingTask, ReadingTask.session_id == ReadingSession.id)
        .join(StudyCase, StudyCase.id == ReadingTask.case_id)
        .where(StudyReader.reader_study_id == study.id)
        .order_by(StudyReader.number, ReadingSession.number, ReadingTask.position)
    )
    found: dict[tuple[str, int], tuple[str, list[Task]]] = {}
    for reader, sitting, task, case in rows:
        found.setdefault((reader, sitting.number), (sitting.arm, []))[1].append(as_task(task, case))
    return tuple(
        PlannedSession(reader=reader, number=number, arm=arm or None, tasks=tuple(tasks))
        for (reader, number), (arm, tasks) in found.items()
    )


def as_task(task: ReadingTask, case: StudyCase) -> Task:
    """A task as `thyrosight.readings` knows it."""
    return Task(
        case=case.code,
        position=task.position,
        stages=tuple((stage, arm) for stage, arm in task.stages),
        practice=task.practice,
        attention=task.attention,
        repeat=task.repeat,
        withdrawn=case.withdrawn_at is not None,
    )


def planned_for(session: Session, study: ReaderStudy) -> tuple[list[Case], list[Reader]]:
    """The cases and readers of a study, as the orders depend on them."""
    cases = [as_case(case) for case in cases_of(session, study.id)]
    # Who left an open study keeps a place among those who joined, so that nobody else's order changes.
    opened = study.opened_at
    stood = [
        reader
        for reader, _ in readers_of(session, study.id)
        if reader.removed_at is None or (opened is not None and reader.removed_at > opened)
    ]
    return cases, [as_reader(reader) for reader in stood]


def _codes(session: Session, study_id: UUID) -> set[str]:
    return set(
        session.scalars(
            select(ReadingTask.code)
            .join(ReadingSession, ReadingSession.id == ReadingTask.session_id)
            .join(StudyReader, StudyReader.id == ReadingSession.reader_id)
            .where(StudyReader.reader_study_id == study_id)
        )
    )
