"""The table of readings of a study, in the one form that the analysis and other programs read."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from thyrosight.files import csv_text
from thyrosight.readings import LockedReading, Protocol, reading_row
from thyrosight.readings.table import Row
from thyrosight.server.database.tables import (
    CaseView,
    ReaderStudy,
    Reading,
    ReadingSession,
    ReadingTask,
    StudyCase,
    StudyReader,
)
from thyrosight.server.reader_studies.answering import answer_of
from thyrosight.server.reader_studies.cases import cases_of, views_by_case
from thyrosight.server.reader_studies.designing import protocol_versions, read_protocol_row
from thyrosight.server.reader_studies.ordering import as_case, as_reader, as_task

LESION_COLUMNS: Final = ("case", "lesion", "left", "top", "right", "bottom", "image", "first_frame", "last_frame")
_STAGES: Final = ("only", "before", "after")


def readings_rows(session: Session, study: ReaderStudy) -> list[Row]:
    """A row for every locked reading: by reader, session, place and stage; those of readers who left and of withdrawn
    cases too."""
    protocols = {row.version: read_protocol_row(row) for row in protocol_versions(session, study)}
    views = views_by_case(session, cases_of(session, study.id))
    said = _Said({case_id: [view for view, _ in own] for case_id, own in views.items()})
    found = []
    for reading, task, sitting, reader, case in _locked(session, study):
        protocol = protocols[reading.protocol_version]
        score, positive = said.of(case, _model(protocol, task))
        assert reading.locked_at is not None
        locked = LockedReading(
            reader=as_reader(reader), case=as_case(case), task=as_task(task, case), session=sitting.number,
            stage=_stage(reading), answers=reading.answers, protocol_version=reading.protocol_version,
            opened_at=reading.opened_at, locked_at=reading.locked_at,
            active_seconds=None if reading.active_ms is None else reading.active_ms / 1000,
            model_score=score, model_positive=positive, facts=case.facts,
        )  # fmt: skip
        found.append(reading_row(protocol, study.title, locked))
    return found


def lesions_csv(session: Session, study: ReaderStudy) -> str:
    """The lesions of all cases as CSV, for marks."""
    rows = [
        dict(zip(LESION_COLUMNS, (case.code, number, *lesion), strict=True))
        for case in cases_of(session, study.id)
        for number, lesion in enumerate(case.lesions, start=1)
    ]
    return csv_text(rows, LESION_COLUMNS)


class _Said:
    """Answers of models on cases, asked once for each."""

    def __init__(self, views: dict[UUID, list[CaseView]]) -> None:
        self._views = views
        self._known: dict[tuple[UUID, str], tuple[float | None, bool | None]] = {}

    def of(self, case: StudyCase, model: str | None) -> tuple[float | None, bool | None]:
        if model is None:
            return None, None
        if (case.id, model) not in self._known:
            answer = answer_of(case, self._views[case.id], model)
            self._known[case.id, model] = (None, None) if answer is None else (answer.score, answer.positive)
        return self._known[case.id, model]


def _locked(
    session: Session, study: ReaderStudy
) -> list[tuple[Reading, ReadingTask, ReadingSession, StudyReader, StudyCase]]:
    rows = session.execute(
        select(Reading, ReadingTask, ReadingSession, StudyReader, StudyCase)
        .join(ReadingTask, ReadingTask.id == Reading.task_id)
        .join(ReadingSession, ReadingSession.id == ReadingTask.session_id)
        .join(StudyReader, StudyReader.id == ReadingSession.reader_id)
        .join(StudyCase, StudyCase.id == ReadingTask.case_id)
        .where(StudyReader.reader_study_id == study.id, Reading.locked_at.is_not(None))
        .order_by(StudyReader.number, ReadingSession.number, ReadingTask.position, Reading.stage.desc())
    )
    return [(reading, task, sitting, reader, case) for reading, task, sitting, reader, case in rows]


def _stage(reading: Reading) -> Any:
    assert reading.stage in _STAGES
    return reading.stage


def _model(protocol: Protocol, task: ReadingTask) -> str | None:
    """The model of a task's last stage: of a sequential design it belongs to both readings."""
    arms: Sequence[Any] = task.stages[-1]
    return protocol.arm(arms[1]).model
