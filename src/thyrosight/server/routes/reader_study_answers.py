"""Reader studies as routes answer them to those who design them: under codes, without names of patients or files."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from thyrosight.server.database.tables import (
    CaseView,
    ReaderStudy,
    StoredImage,
    Study,
    StudyCase,
    StudyReader,
    User,
)
from thyrosight.server.http import Answer, Id
from thyrosight.server.reader_studies.cases import cases_of, views_by_case
from thyrosight.server.reader_studies.checking import Check
from thyrosight.server.reader_studies.designing import protocol_versions
from thyrosight.server.reader_studies.readers import readers_of
from thyrosight.server.reader_studies.sessions import counts_by_study
from thyrosight.server.sentences import Said

State = Literal["draft", "open", "closed"]
CaseRole = Literal["study", "practice", "attention"]


class ReaderStudyRow(Answer):
    """A reader study in the list; `locked` and `total` count tasks of all readers."""

    id: Id
    title: str
    state: State
    author: str
    cases: int
    readers: int
    locked: int
    total: int
    created_at: datetime
    opened_at: datetime | None
    closed_at: datetime | None


class AmendmentAnswer(Answer):
    """A version of the protocol; the first one has no reason."""

    version: int
    hash: str
    reason: str
    author: str
    created_at: datetime
    frozen_at: datetime | None


class ShownView(Answer):
    """A picture or loop of a case.

    `text` are boxes of what looks like text after blanking, None before it was looked for; `covered` is the share of
    the nodule's box that was blanked.
    """

    place: int
    image_id: Id
    study_code: str
    image_number: int
    rows: int
    columns: int
    frames: int
    frame: int
    loop: bool
    box: list[int] | None
    part: str
    state: Literal["new", "waiting", "ready", "refused"]
    problem: Said
    text: list[list[int]] | None
    covered: float | None
    judged: bool
    refusal: Said


class CaseAnswer(Answer):
    """A case. `code` stands for it in tables, `key` is the designer's own name; readers see neither."""

    id: Id
    number: int
    code: str
    key: str
    role: CaseRole
    truth: int | None
    label_source: str
    cluster: str
    lesions: list[list[int]]
    model_scores: dict[str, float]
    model_positive: dict[str, bool]
    facts: dict[str, str | float]
    cleared: str
    withdrawn_at: datetime | None
    withdrawn_for: str
    views: list[ShownView]


class StudyReaderAnswer(Answer):
    """A reader of the study; `code` stands for the person in tables."""

    id: Id
    user_id: Id
    code: str
    display: str
    group: str
    since: int
    removed_at: datetime | None
    removed_for: str


class ReaderStudyAnswer(Answer):
    """A reader study as it is designed; `version` goes up with every change."""

    id: Id
    title: str
    state: State
    author: str
    version: int
    protocol: dict[str, Any]
    protocol_version: int
    hash: str
    amendments: list[AmendmentAnswer]
    cases: list[CaseAnswer]
    readers: list[StudyReaderAnswer]
    created_at: datetime
    opened_at: datetime | None
    closed_at: datetime | None


class ProblemRow(Answer):
    """Obstacle to opening a study or, without `stops`, a fact to know before."""

    kind: str
    sentence: Said
    cases: list[str]
    stops: bool


class CheckAnswer(Answer):
    """Whether the study can open; `waiting` counts pictures that are being prepared."""

    ready: bool
    waiting: int
    problems: list[ProblemRow]


def study_rows(session: Session, studies: Sequence[ReaderStudy]) -> list[ReaderStudyRow]:
    """Studies for the list."""
    counted = counts_by_study(session)
    cases = _counts(session, StudyCase)
    readers = _counts(session, StudyReader)
    rows = []
    for study in studies:
        locked, total = counted.get(study.id, (0, 0))
        rows.append(
            ReaderStudyRow(
                id=study.id, title=study.title, state=state_of_study(study), author=_display(session, study.author_id),
                cases=cases.get(study.id, 0), readers=readers.get(study.id, 0), locked=locked, total=total,
                created_at=study.created_at, opened_at=study.opened_at, closed_at=study.closed_at,
            )
        )  # fmt: skip
    return rows


def _counts(session: Session, table: type[StudyCase] | type[StudyReader]) -> dict[UUID, int]:
    """How many cases or readers each study has; without those that were taken out."""
    rows = session.execute(
        select(table.reader_study_id, func.count()).where(table.removed_at.is_(None)).group_by(table.reader_study_id)
    )
    return {study_id: int(count) for study_id, count in rows}


def study_answer(session: Session, study: ReaderStudy) -> ReaderStudyAnswer:
    """A study with its design."""
    versions = protocol_versions(session, study)
    present = versions[-1]
    cases = cases_of(session, study.id)
    views = views_by_case(session, cases)
    codes = {row.id: row.code for row in session.execute(select(Study.id, Study.code))} if cases else {}
    return ReaderStudyAnswer(
        id=study.id, title=study.title, state=state_of_study(study), author=_display(session, study.author_id),
        version=study.version, protocol=present.body, protocol_version=study.protocol_version, hash=present.hash,
        amendments=[
            AmendmentAnswer(
                version=one.version, hash=one.hash, reason=one.reason, author=_display(session, one.author_id),
                created_at=one.created_at, frozen_at=one.frozen_at,
            )
            for one in versions
        ],
        cases=[
            _case(case, [_view(view, image, codes[image.study_id]) for view, image in views[case.id]]) for case in cases
        ],
        readers=[reader_answer(reader, user) for reader, user in readers_of(session, study.id)],
        created_at=study.created_at, opened_at=study.opened_at, closed_at=study.closed_at,
    )  # fmt: skip


def reader_answer(reader: StudyReader, user: User) -> StudyReaderAnswer:
    """A reader for a designer."""
    return StudyReaderAnswer(
        id=reader.id, user_id=user.id, code=reader.code, display=user.display, group=reader.reader_group,
        since=reader.since, removed_at=reader.removed_at, removed_for=reader.removed_for,
    )  # fmt: skip


def check_answer(found: Check) -> CheckAnswer:
    """Obstacles to opening a study."""
    problems = [
        ProblemRow(kind=one.kind, sentence=one.sentence, cases=list(one.cases), stops=one.stops)
        for one in found.problems
    ]
    return CheckAnswer(ready=found.ready, waiting=found.waiting, problems=problems)


def _case(case: StudyCase, views: list[ShownView]) -> CaseAnswer:
    scores = case.model_scores
    return CaseAnswer(
        id=case.id, number=case.number, code=case.code, key=case.key, role=case.role, truth=case.truth,
        label_source=case.label_source, cluster=case.cluster, lesions=case.lesions,
        model_scores={name: one["score"] for name, one in scores.items()},
        model_positive={name: one["positive"] for name, one in scores.items() if one["positive"] is not None},
        facts=case.facts, cleared=case.cleared, withdrawn_at=case.withdrawn_at, withdrawn_for=case.withdrawn_for,
        views=views,
    )  # fmt: skip


def _view(view: CaseView, image: StoredImage, study_code: str) -> ShownView:
    return ShownView(
        place=view.place, image_id=image.id, study_code=study_code, image_number=image.number, rows=image.rows,
        columns=image.columns, frames=image.frames, frame=view.frame, loop=view.loop, box=view.box, part=view.part,
        state=view.state, problem=view.problem, text=view.text, covered=view.covered, judged=bool(view.assessment),
        refusal=view.refusal,
    )  # fmt: skip


def state_of_study(study: ReaderStudy) -> State:
    state: State = "draft" if study.state == "draft" else "open" if study.state == "open" else "closed"
    return state


def _display(session: Session, user_id: Id) -> str:
    return session.get_one(User, user_id).display
