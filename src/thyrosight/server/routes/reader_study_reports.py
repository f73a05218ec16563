"""Texts and results of a reader study, made in jobs and handed out as files; and the power of its plan."""

import zipfile
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy.orm import Session

from thyrosight.server.database.tables import Job
from thyrosight.server.http import Answer, Caller, Id
from thyrosight.server.problems import not_found
from thyrosight.server.reader_studies.designing import protocol_of, reader_study
from thyrosight.server.reader_studies.ordering import planned_for
from thyrosight.server.reader_studies.reports import DOCUMENTS, archive_of, ask
from thyrosight.server.routes.reader_studies import Designer
from thyrosight.server.services import Services

router = APIRouter(prefix="/reader-studies", tags=["reader studies"])
FileName = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}$")]
_FILE: dict[int | str, dict[str, Any]] = {200: {"content": {"application/octet-stream": {}}}}


class MadeFiles(Answer):
    """Files that a job makes: `state` is none before it was asked for; `problem` says why it failed."""

    state: Literal["none", "waiting", "running", "done", "failed"]
    problem: str
    files: list[str]


class PowerRow(Answer):
    """What a number of readers shows with the cases of the study, and how many cases it needs; None: no number does."""

    readers: int
    power: float
    cases: int | None


class PowerAnswer(Answer):
    """The power of the plan, or in `reason` why it cannot be computed."""

    reason: str
    summary: str
    power: float | None
    readers: int
    cases: int
    rows: list[PowerRow]
    notes: list[str]
    methods: list[str]


@router.get("/{study_id}/power")
def power(
    study_id: Id,
    services: Caller,
    actor: Designer,
    readers: Annotated[int | None, Query(ge=1, le=500)] = None,
) -> PowerAnswer:
    """What the planned number of readers can show; by default that of the readers who are named."""
    from thyrosight.readings import power_or_reason  # brings statistics with it, which no other route needs

    with services.database.read() as session:
        study = reader_study(session, study_id)
        protocol = protocol_of(session, study)
        cases, named = planned_for(session, study)
    number = readers if readers is not None else max(len(named), 1)
    found = power_or_reason(protocol, cases, readers=number)
    count = sum(case.role == "study" and not case.withdrawn for case in cases)
    if isinstance(found, str):
        return PowerAnswer(
            reason=found, summary="", power=None, readers=number, cases=count, rows=[], notes=[], methods=[]
        )
    return PowerAnswer(
        reason="", summary=found.summary, power=found.result["power"], readers=number, cases=count,
        rows=[
            PowerRow(readers=row["readers"], power=row["power"], cases=row.get("cases"))
            for row in found.result["by_readers"]
        ],
        notes=list(found.tables[0].notes), methods=list(found.methods),
    )  # fmt: skip


@router.post("/{study_id}/documents", status_code=202)
def make_documents(study_id: Id, services: Caller, actor: Designer) -> MadeFiles:
    """Have protocol, instructions for readers and orders written, in a job."""
    with services.database.write() as session:
        study = reader_study(session, study_id)
        ask(session, study, DOCUMENTS, user_id=actor.user_id, clock=services.clock)
        answer = _made(session, study.documents_job_id)
    services.wake()
    return answer


@router.get("/{study_id}/documents")
def documents(study_id: Id, services: Caller, actor: Designer) -> MadeFiles:
    """The documents that were made last."""
    with services.database.read() as session:
        return _made(session, reader_study(session, study_id).documents_job_id)


@router.get("/{study_id}/documents/{file}", response_class=Response, responses=_FILE)
def document(study_id: Id, file: FileName, services: Caller, actor: Designer) -> Response:
    """One of the documents."""
    with services.database.read() as session:
        job_id = reader_study(session, study_id).documents_job_id
        made = _made(session, job_id)
    return _file(services, job_id, made, file)


def _made(session: Session, job_id: Id | None) -> MadeFiles:
    job = None if job_id is None else session.get_one(Job, job_id)
    if job is None:
        return MadeFiles(state="none", problem="", files=[])
    return MadeFiles(state=job.state, problem=job.problem, files=job.result.get("files", []))


def _file(services: Services, job_id: Id | None, made: MadeFiles, name: str) -> Response:
    """A file for keeping: it is not shown within the workstation's own pages."""
    if job_id is None or name not in made.files:
        raise not_found("file")
    with zipfile.ZipFile(services.store.result(archive_of(job_id))) as archive:
        content = archive.read(name)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="application/octet-stream", headers=headers)
