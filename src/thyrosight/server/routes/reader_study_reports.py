"""Texts and results of a reader study, made in jobs and handed out as files; and the power of its plan."""

import zipfile
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy.orm import Session

from thyrosight.server.database.tables import Job, ReaderStudy
from thyrosight.server.http import Answer, Body, Caller, Id
from thyrosight.server.problems import conflict, not_found
from thyrosight.server.reader_studies.designing import note, protocol_of, reader_study
from thyrosight.server.reader_studies.ordering import planned_for
from thyrosight.server.reader_studies.reports import DOCUMENTS, RESULTS, archive_of, ask, job_of
from thyrosight.server.routes.reader_studies import Designer
from thyrosight.server.sentences import Said
from thyrosight.server.services import Services

router = APIRouter(prefix="/reader-studies", tags=["reader studies"])
FileName = Annotated[str, Path(max_length=200)]
ALL = "all.zip"
_SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:"
"""A page that is shown runs no script, asks for nothing, and is a stranger to the workstation's own pages."""
Show = Annotated[bool, Query()]
_FILE: dict[int | str, dict[str, Any]] = {200: {"content": {"application/octet-stream": {}}}}


class MadeFiles(Answer):
    """Files that a job makes: `state` is none before it was asked for; `problem` says why it failed."""

    state: Literal["none", "waiting", "running", "done", "failed"]
    problem: Said
    files: list[str]


class MakeResults(Body):
    """The language of the report, which is written in English too."""

    language: Literal["en", "es", "zh"] = "en"


class PowerRow(Answer):
    """Power of so many readers with the cases of the study, and the cases that they need; None: no number suffices."""

    readers: int
    power: float
    cases: int | None


class PowerAnswer(Answer):
    """The power of the plan, or in `reason` why it cannot be computed."""

    reason: Said
    summary: Said
    power: float | None
    readers: int
    cases: int
    rows: list[PowerRow]
    notes: list[Said]
    methods: list[str]


@router.get("/{study_id}/power")
def power(
    study_id: Id,
    services: Caller,
    actor: Designer,
    readers: Annotated[int | None, Query(ge=1, le=500)] = None,
) -> PowerAnswer:
    """Power of the planned number of readers; by default the number of readers who are named."""
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
def make_documents(
    study_id: Id,
    services: Caller,
    actor: Designer,
    language: Annotated[Literal["en", "es", "zh"], Query()] = "en",
) -> MadeFiles:
    """Have protocol, instructions for readers and orders written, in a job: in English, and in another language."""
    with services.database.write() as session:
        study = reader_study(session, study_id)
        ask(session, study, DOCUMENTS, user_id=actor.user_id, clock=services.clock, language=language)
        answer = _made(session, study, DOCUMENTS)
    services.wake()
    return answer


@router.get("/{study_id}/documents")
def documents(study_id: Id, services: Caller, actor: Designer) -> MadeFiles:
    """The documents that were made last."""
    with services.database.read() as session:
        return _made(session, reader_study(session, study_id), DOCUMENTS)


@router.get("/{study_id}/documents/{file}", response_class=Response, responses=_FILE)
def document(study_id: Id, file: FileName, services: Caller, actor: Designer, *, show: Show = False) -> Response:
    """One of the documents, or all of them as `all.zip`; `show` has the browser open a page."""
    return _file(services, study_id, DOCUMENTS, file, show=show)


@router.post("/{study_id}/results", status_code=202)
def make_results(study_id: Id, body: MakeResults, services: Caller, actor: Designer) -> MadeFiles:
    """Have the readings analysed and the report written, in a job; 409 while the study is read.

    Who looks at results while readers read can end a study where chance makes them look good.
    """
    with services.database.write() as session:
        study = reader_study(session, study_id)
        if study.state != "closed":
            raise conflict("Results are computed once the study is closed; its progress tells how far it is.")
        ask(session, study, RESULTS, user_id=actor.user_id, clock=services.clock, language=body.language)
        note(session, study, "results asked for", actor=actor, clock=services.clock, body={})
        answer = _made(session, study, RESULTS)
    services.wake()
    return answer


@router.get("/{study_id}/results")
def results(study_id: Id, services: Caller, actor: Designer) -> MadeFiles:
    """The results that were computed last."""
    with services.database.read() as session:
        return _made(session, reader_study(session, study_id), RESULTS)


@router.get("/{study_id}/results/{file:path}", response_class=Response, responses=_FILE)
def result(study_id: Id, file: FileName, services: Caller, actor: Designer, *, show: Show = False) -> Response:
    """One of the files of the report, or all of them as `all.zip`; `show` has the browser open a page."""
    return _file(services, study_id, RESULTS, file, show=show)


def _made(session: Session, study: ReaderStudy, kind: str) -> MadeFiles:
    job_id = job_of(study, kind)
    if job_id is None:
        return MadeFiles(state="none", problem="", files=[])
    job = session.get_one(Job, job_id)
    return MadeFiles(state=job.state, problem=job.problem, files=job.result.get("files", []))


def _file(services: Services, study_id: Id, kind: str, name: str, *, show: bool) -> Response:
    """A file for keeping, or a page to be opened apart from the workstation's own pages."""
    with services.database.read() as session:
        study = reader_study(session, study_id)
        job_id, made = job_of(study, kind), _made(session, study, kind)
    if job_id is None or made.state != "done" or name not in (*made.files, ALL):
        raise not_found("file")
    path = services.store.result(archive_of(job_id))
    if name == ALL:
        content = path.read_bytes()
    else:
        with zipfile.ZipFile(path) as archive:
            content = archive.read(name)
    if show and name.endswith(".html"):
        return Response(content, media_type="text/html", headers={"Content-Security-Policy": _SANDBOX})
    headers = {"Content-Disposition": f'attachment; filename="{name.rpartition("/")[2]}"'}
    return Response(content, media_type="application/octet-stream", headers=headers)
