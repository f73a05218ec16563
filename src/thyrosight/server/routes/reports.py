"""Reports: drafted, signed, read in four forms, and sent."""

import json
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from thyrosight.server.accounts import Actor, Role, confirm_password
from thyrosight.server.database.tables import DeliveryRow, Report, Signature, User
from thyrosight.server.http import Answer, Body, Caller, Id, address_of, allow
from thyrosight.server.nodules.editing import unlocked_study
from thyrosight.server.problems import conflict, not_found
from thyrosight.server.reporting import (
    MEANING,
    diagnostic_report,
    draft_report,
    order_delivery,
    sheet_of,
    sign_report,
)
from thyrosight.server.reporting.objects import objects_of
from thyrosight.server.reporting.page import html_of
from thyrosight.server.reporting.pictures import picture_of
from thyrosight.server.reporting.signing import change_draft, drop_draft, open_report, reports_of, signature_of
from thyrosight.server.sentences import Said
from thyrosight.server.services import Services
from thyrosight.server.studies.locking import open_study

router = APIRouter(tags=["reports"])
Clinician = Annotated[Actor, allow(Role.CLINICIAN)]
Words = Annotated[str, Field(max_length=20_000)]


class SignatureAnswer(Answer):
    """A signature: who, when, what it means, the hash of what was signed, and its row in the audit trail."""

    name: str
    at: datetime
    meaning: str
    content_hash: str
    audit_seq: int
    audit_hash: str


class DeliveryAnswer(Answer):
    """An object on its way to a peer."""

    peer: str
    kind: str
    uid: str
    state: Literal["waiting", "delivered"]
    attempts: int
    problem: Said
    delivered_at: datetime | None


class ReportAnswer(Answer):
    """A report. `supersedes`: the signed report that it adds to."""

    id: Id
    study_id: Id
    number: int
    state: Literal["draft", "signed"]
    author: str
    mine: bool
    version: int
    created_at: datetime
    supersedes: Id | None
    findings: str
    conclusion: str
    signed: SignatureAnswer | None
    deliveries: list[DeliveryAnswer]


class ChangeReport(Body):
    """The words of a draft, and the version that was looked at; what is left out stays."""

    version: Annotated[int, Field(ge=1)]
    findings: Words | None = None
    conclusion: Words | None = None


class Sign(Body):
    """The password again, the version that was read, and what the signature means."""

    password: Annotated[str, Field(max_length=1024)]
    version: Annotated[int, Field(ge=1)]
    meaning: Annotated[str, Field(min_length=3, max_length=500)] = MEANING


class Send(Body):
    """The name of the peer that the report goes to."""

    peer: Annotated[str, Field(max_length=64)]


@router.get("/studies/{study_id}/reports")
def listing(study_id: Id, services: Caller, actor: Clinician) -> list[ReportAnswer]:
    """The signed reports of a study, and the user's own draft."""
    with services.database.read() as session:
        open_study(session, study_id)
        return [_answer(session, one, actor) for one in reports_of(session, study_id, user_id=actor.user_id)]


@router.post("/studies/{study_id}/reports", status_code=201)
def draft(study_id: Id, services: Caller, actor: Clinician) -> ReportAnswer:
    """Draft a report from what is drawn, locked and revealed; an addendum where one is signed already.

    Where the user has a draft, it is made anew, and its words stay.
    """
    with services.database.write() as session:
        study = unlocked_study(session, study_id, user_id=actor.user_id, now=services.clock())
        report = draft_report(
            session, study, user_id=actor.user_id, who=actor.name, clock=services.clock, site=services.site.now
        )
        return _answer(session, report, actor)


@router.patch("/reports/{report_id}")
def change(report_id: Id, body: ChangeReport, services: Caller, actor: Clinician) -> ReportAnswer:
    """Change the words of a draft; 409 where it was changed since, or is signed."""
    with services.database.write() as session:
        report = open_report(session, report_id, user_id=actor.user_id)
        change_draft(report, version=body.version, findings=body.findings, conclusion=body.conclusion)
        session.flush()
        return _answer(session, report, actor)


@router.delete("/reports/{report_id}", status_code=204)
def drop(report_id: Id, services: Caller, actor: Clinician) -> None:
    """Give a draft up."""
    with services.database.write() as session:
        drop_draft(
            session, open_report(session, report_id, user_id=actor.user_id), who=actor.name, clock=services.clock
        )


@router.post("/reports/{report_id}/sign")
async def sign(report_id: Id, body: Sign, request: Request, services: Caller, actor: Clinician) -> ReportAnswer:
    """Sign a draft with the password; it never changes again, and later only addenda follow."""
    user = await confirm_password(
        services.database,
        services.passwords,
        user_id=actor.user_id,
        password=body.password,
        address=address_of(request),
        now=services.clock(),
    )
    return await run_sync(_sign, services, report_id, body, user, actor)


def _sign(services: Services, report_id: UUID, body: Sign, user: User, actor: Actor) -> ReportAnswer:
    with services.database.write() as session:
        report = open_report(session, report_id, user_id=actor.user_id)
        sign_report(session, report, version=body.version, user=user, meaning=body.meaning, clock=services.clock)
        return _answer(session, report, actor)


@router.post("/reports/{report_id}/send", status_code=202)
def send(report_id: Id, body: Send, services: Caller, actor: Clinician) -> list[DeliveryAnswer]:
    """Send a signed report, and what the models said, to a peer; again changes nothing that arrived."""
    peer = services.peers.get(body.peer)
    if peer is None:
        raise not_found("peer")
    with services.database.read() as session:
        report = open_report(session, report_id, user_id=actor.user_id)
        signature = signature_of(session, report.id)
        if signature is None:
            raise conflict("Only a signed report is sent; sign it first.")
        made = objects_of(
            session, report, signature, _pdf(session, services, report, signature), kinds=peer.kinds,
            store=services.store, frames=services.frames,
        )  # fmt: skip
    with services.database.write() as session:
        rows = order_delivery(session, report, peer, made, store=services.store, who=actor.name, clock=services.clock)
    services.wake()
    return [_delivery(row) for row in rows]


@router.get("/reports/{report_id}.html", response_class=Response, responses={200: {"content": {"text/html": {}}}})
def as_page(report_id: Id, services: Caller, actor: Clinician) -> Response:
    """The report as a page."""
    with services.database.read() as session:
        report = open_report(session, report_id, user_id=actor.user_id)
        sheet = sheet_of(report, signature_of(session, report.id))
    text = html_of(sheet, report_id=report.id, prefix=services.settings.prefix)
    return Response(text, media_type="text/html; charset=utf-8")


@router.get("/reports/{report_id}.pdf", response_class=Response, responses={200: {"content": {"application/pdf": {}}}})
def as_pdf(report_id: Id, services: Caller, actor: Clinician) -> Response:
    """The report as PDF."""
    with services.database.read() as session:
        report = open_report(session, report_id, user_id=actor.user_id)
        content = _pdf(session, services, report, signature_of(session, report.id))
    name = {"Content-Disposition": f'inline; filename="report-{report.number}-{str(report.study_id)[:8]}.pdf"'}
    return Response(content, media_type="application/pdf", headers=name)


@router.get("/reports/{report_id}.json")
def as_json(report_id: Id, services: Caller, actor: Clinician) -> dict[str, Any]:
    """The content that is signed, with its signature."""
    with services.database.read() as session:
        report = open_report(session, report_id, user_id=actor.user_id)
        answer = _answer(session, report, actor)
    return {
        "id": str(report.id),
        "number": report.number,
        "supersedes": None if report.supersedes is None else str(report.supersedes),
        "content": report.body,
        "signature": None if answer.signed is None else answer.signed.model_dump(mode="json"),
    }


@router.get(
    "/reports/{report_id}.fhir", response_class=Response, responses={200: {"content": {"application/fhir+json": {}}}}
)
def as_fhir(report_id: Id, services: Caller, actor: Clinician) -> Response:
    """The report as a FHIR R4 DiagnosticReport, with the PDF in it."""
    with services.database.read() as session:
        report = open_report(session, report_id, user_id=actor.user_id)
        signature = signature_of(session, report.id)
        pdf = _pdf(session, services, report, signature)
    resource = diagnostic_report(report, signature, pdf=pdf)
    return Response(json.dumps(resource, ensure_ascii=False), media_type="application/fhir+json")


@router.get("/reports/{report_id}/pictures/{assessment_id}", response_class=Response)
def picture(report_id: Id, assessment_id: Id, services: Caller, actor: Clinician) -> Response:
    """The frame and the heat map of a result that stands in the report."""
    with services.database.read() as session:
        report = open_report(session, report_id, user_id=actor.user_id)
        named = [one["assessment_id"] for nodule in report.body["nodules"] for one in nodule["model"]]
        content = None
        if str(assessment_id) in named:
            content = picture_of(session, assessment_id, store=services.store, frames=services.frames)
    if content is None:
        raise not_found("picture")
    return Response(content, media_type="image/jpeg", headers={"Cache-Control": "private, no-cache"})


def _pdf(session: Session, services: Services, report: Report, signature: Signature | None) -> bytes:
    from thyrosight.server.reporting import pdf_of  # brings the drawing of pages, which comes with the first report

    moment = report.created_at if signature is None else signature.created_at
    return pdf_of(
        sheet_of(report, signature),
        lambda name: picture_of(session, name, store=services.store, frames=services.frames),
        moment=f"{moment:%Y%m%d%H%M%S}",
    )


def _answer(session: Session, report: Report, actor: Actor) -> ReportAnswer:
    signature = signature_of(session, report.id)
    rows = session.scalars(
        select(DeliveryRow).where(DeliveryRow.report_id == report.id).order_by(DeliveryRow.created_at, DeliveryRow.id)
    )
    return ReportAnswer(
        id=report.id,
        study_id=report.study_id,
        number=report.number,
        state="signed" if signature is not None else "draft",
        author=session.get_one(User, report.author_id).display,
        mine=report.author_id == actor.user_id,
        version=report.version,
        created_at=report.created_at,
        supersedes=report.supersedes,
        findings=report.body["findings"],
        conclusion=report.body["conclusion"],
        signed=None
        if signature is None
        else SignatureAnswer(
            name=signature.name,
            at=signature.created_at,
            meaning=signature.meaning,
            content_hash=signature.content_hash,
            audit_seq=signature.audit_seq,
            audit_hash=signature.audit_hash,
        ),
        deliveries=[_delivery(row) for row in rows],
    )


def _delivery(row: DeliveryRow) -> DeliveryAnswer:
    return DeliveryAnswer(
        peer=row.peer,
        kind=row.kind,
        uid=row.uid,
        state=row.state,
        attempts=row.attempts,
        problem=row.problem,
        delivered_at=row.delivered_at,
    )
