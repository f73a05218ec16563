"""Reader studies: their protocol, and how they open, change and close."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field
from sqlalchemy import select

from thyrosight.errors import BundleError
from thyrosight.server.accounts import Actor, Role
from thyrosight.server.database.tables import ReaderStudy
from thyrosight.server.http import Body, Caller, Id, allow
from thyrosight.server.problems import not_found, refused
from thyrosight.server.reader_studies.amending import amend
from thyrosight.server.reader_studies.checking import check
from thyrosight.server.reader_studies.designing import (
    change_protocol,
    draft_of,
    make_study,
    protocol_of,
    reader_study,
    remove_study,
    require_version,
)
from thyrosight.server.reader_studies.opening import close_to_readers, open_to_readers
from thyrosight.server.reader_studies.preparing import asks_judge, prepare
from thyrosight.server.routes.reader_study_answers import (
    CheckAnswer,
    ReaderStudyAnswer,
    ReaderStudyRow,
    check_answer,
    study_answer,
    study_rows,
)
from thyrosight.server.services import Services

router = APIRouter(prefix="/reader-studies", tags=["reader studies"])
Designer = Annotated[Actor, allow(Role.ADMINISTRATOR, Role.RESEARCHER)]
Version = Annotated[int, Field(ge=1)]
Reason = Annotated[str, Field(min_length=3, max_length=2000)]
ProtocolBody = Annotated[dict[str, Any], Field(max_length=50)]


class NewReaderStudy(Body):
    """A study to be made: its protocol, as `docs/explanation/reader-studies.md` describes it."""

    protocol: ProtocolBody


class PutProtocol(Body):
    """Another protocol for a draft."""

    version: Version
    protocol: ProtocolBody


class OfVersion(Body):
    """The version of the study that was looked at."""

    version: Version


class Amendment(Body):
    """The next version of the protocol, and why."""

    version: Version
    protocol: ProtocolBody
    reason: Reason


@router.get("")
def listing(services: Caller, actor: Designer) -> list[ReaderStudyRow]:
    """All reader studies, the newest first."""
    with services.database.read() as session:
        studies = session.scalars(
            select(ReaderStudy)
            .where(ReaderStudy.removed_at.is_(None))
            .order_by(ReaderStudy.created_at.desc(), ReaderStudy.id)
        ).all()
        return study_rows(session, studies)


@router.post("", status_code=201)
def make(body: NewReaderStudy, services: Caller, actor: Designer) -> ReaderStudyAnswer:
    """Make a study from a protocol; one sentence for each key that is wrong."""
    with services.database.write() as session:
        study = make_study(session, body.protocol, actor=actor, clock=services.clock)
        return study_answer(session, study)


@router.get("/{study_id}")
def show(study_id: Id, services: Caller, actor: Designer) -> ReaderStudyAnswer:
    """A study with its protocol, cases and readers."""
    with services.database.read() as session:
        return study_answer(session, reader_study(session, study_id))


@router.delete("/{study_id}", status_code=204)
def remove(study_id: Id, services: Caller, actor: Designer) -> None:
    """Take a draft out of the list; 409 once it was opened."""
    with services.database.write() as session:
        remove_study(session, draft_of(session, study_id), actor=actor, clock=services.clock)


@router.get(
    "/{study_id}/protocol.yaml", response_class=Response, responses={200: {"content": {"application/yaml": {}}}}
)
def protocol_text(
    study_id: Id, services: Caller, actor: Designer, version: Annotated[int | None, Query(ge=1)] = None
) -> Response:
    """The protocol as people write and edit it; the one in force, or an earlier version."""
    with services.database.read() as session:
        study = reader_study(session, study_id)
        if version is not None and version > study.protocol_version:
            raise not_found("version of the protocol")
        text = protocol_of(session, study, version).to_yaml()
    headers = {"Content-Disposition": 'attachment; filename="protocol.yaml"'}
    return Response(text, media_type="application/yaml", headers=headers)


@router.put("/{study_id}/protocol")
def put_protocol(study_id: Id, body: PutProtocol, services: Caller, actor: Designer) -> ReaderStudyAnswer:
    """Change the protocol of a draft."""
    with services.database.write() as session:
        study = draft_of(session, study_id, version=body.version)
        change_protocol(session, study, body.protocol, actor=actor, clock=services.clock)
        return study_answer(session, study)


@router.post("/{study_id}/prepare", status_code=202)
def prepare_study(study_id: Id, services: Caller, actor: Designer) -> CheckAnswer:
    """Have pictures blanked, looked at for text, and judged where an arm shows the judging model; in jobs."""
    with services.database.write() as session:
        study = draft_of(session, study_id)
        protocol = protocol_of(session, study)
        judge = _judge(services) if asks_judge(protocol) else ""
        prepare(session, study, protocol, judge=judge, user_id=actor.user_id, now=services.clock())
        answer = check_answer(check(session, study, protocol))
    services.wake()
    return answer


@router.get("/{study_id}/check")
def check_study(study_id: Id, services: Caller, actor: Designer) -> CheckAnswer:
    """Obstacles to opening a draft."""
    with services.database.read() as session:
        study = draft_of(session, study_id)
        return check_answer(check(session, study, protocol_of(session, study)))


@router.post("/{study_id}/open")
def open_study(study_id: Id, body: OfVersion, services: Caller, actor: Designer) -> ReaderStudyAnswer:
    """Freeze the design, draw the orders and let readers in; 409 with the reasons where something stops."""
    with services.database.write() as session:
        study = draft_of(session, study_id, version=body.version)
        open_to_readers(session, study, actor=actor, clock=services.clock)
        return study_answer(session, study)


@router.post("/{study_id}/close")
def close_study(study_id: Id, body: OfVersion, services: Caller, actor: Designer) -> ReaderStudyAnswer:
    """End the reading."""
    with services.database.write() as session:
        study = _as_seen(reader_study(session, study_id), body.version)
        close_to_readers(session, study, actor=actor, clock=services.clock)
        return study_answer(session, study)


@router.put("/{study_id}/amendments")
def put_amendment(study_id: Id, body: Amendment, services: Caller, actor: Designer) -> ReaderStudyAnswer:
    """Amend the protocol of an open study; 409 where that would change the orders."""
    with services.database.write() as session:
        study = _as_seen(reader_study(session, study_id), body.version)
        amend(session, study, body.protocol, reason=body.reason, actor=actor, clock=services.clock)
        return study_answer(session, study)


def _as_seen(study: ReaderStudy, version: int) -> ReaderStudy:
    require_version(study, version)
    return study


def _judge(services: Services) -> str:
    """Hash of the judging model.

    Raises:
        ProblemError: there is none.
    """
    try:
        return services.models.judge_facts[1]
    except BundleError as error:
        raise refused(f"The workstation has no model that judges nodules: {error}") from None
