"""Reports: drafted, signed, read in four forms, and sent."""

import json
import logging
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from anyio.to_thread import run_sync
from fastapi import APIRouter, BackgroundTasks, Request, Response
from pydantic import Field

from thyrosight.errors import ThyroSightError
from thyrosight.server.accounts import Actor, Role, confirm_password
from thyrosight.server.database.tables import Report, Signature, User
from thyrosight.server.http import Body, Caller, Id, address_of, allow
from thyrosight.server.nodules.editing import unlocked_study
from thyrosight.server.problems import conflict, not_found
from thyrosight.server.reporting import (
    diagnostic_report,
    draft_report,
    order_delivery,
    sheet_of,
    sign_report,
)
from thyrosight.server.reporting.keeping import pages_of
from thyrosight.server.reporting.objects import objects_of
from thyrosight.server.reporting.page import html_of
from thyrosight.server.reporting.pictures import picture_of, size_of
from thyrosight.server.reporting.signing import change_draft, drop_draft, open_report, reports_of, signature_of
from thyrosight.server.routes.report_answers import (
    DeliveryAnswer,
    LanguageOfReport,
    ReportAnswer,
    answer_on,
    answer_on_delivery,
)
from thyrosight.server.sentences import Language
from thyrosight.server.services import Services
from thyrosight.server.studies.locking import open_study

LOG = logging.getLogger("thyrosight.server")
router = APIRouter(tags=["reports"])
Clinician = Annotated[Actor, allow(Role.CLINICIAN)]
Words = Annotated[str, Field(max_length=20_000)]


class ChangeReport(Body):
    """The words of a draft, its language, and the version that was looked at; what is left out stays."""

    version: Annotated[int, Field(ge=1)]
    findings: Words | None = None
    conclusion: Words | None = None
    language: LanguageOfReport | None = None


class Sign(Body):
    """The password again, the version that was read, and what the signature means (the usual meaning without one)."""

    password: Annotated[str, Field(max_length=1024)]
    version: Annotated[int, Field(ge=1)]
    meaning: Annotated[str, Field(min_length=3, max_length=500)] | None = None


class Send(Body):
    """The name of the peer that the report goes to."""

    peer: Annotated[str, Field(max_length=64)]


@router.get("/studies/{study_id}/reports")
def listing(study_id: Id, services: Caller, actor: Clinician) -> list[ReportAnswer]:
    """The signed reports of a study, and the user's own draft."""
    with services.database.read() as session:
        open_study(session, study_id)
        return [answer_on(session, one, actor) for one in reports_of(session, study_id, user_id=actor.user_id)]


@router.post("/studies/{study_id}/reports", status_code=201)
def draft(study_id: Id, services: Caller, actor: Clinician, language: Language) -> ReportAnswer:
    """Draft a report from what is drawn, locked and revealed; an addendum where one is signed already.

    Where the user has a draft, it is made anew, and its words and its language stay. A new one is in the language of
    the report that it adds to, else in that of the site, else in that of the request.
    """
    with services.database.write() as session:
        study = unlocked_study(session, study_id, user_id=actor.user_id, now=services.clock())
        report = draft_report(
            session, study, user_id=actor.user_id, who=actor.name, clock=services.clock, site=services.site.now,
            language=language,
        )  # fmt: skip
        return answer_on(session, report, actor)


@router.patch("/reports/{report_id}")
def change(report_id: Id, body: ChangeReport, services: Caller, actor: Clinician) -> ReportAnswer:
    """Change the words of a draft; 409 where it was changed since, or is signed."""
    with services.database.write() as session:
        report = open_report(session, report_id, user_id=actor.user_id)
        change_draft(report, **body.model_dump())
        session.flush()
        return answer_on(session, report, actor)


@router.delete("/reports/{report_id}", status_code=204)
def drop(report_id: Id, services: Caller, actor: Clinician) -> None:
    """Give a draft up."""
    with services.database.write() as session:
        drop_draft(
            session, open_report(session, report_id, user_id=actor.user_id), who=actor.name, clock=services.clock
        )


@router.post("/reports/{report_id}/sign")
async def sign(
    report_id: Id, body: Sign, request: Request, afterwards: BackgroundTasks, *, services: Caller, actor: Clinician
) -> ReportAnswer:
    """Sign a draft with the password; it never changes again, and later only addenda follow."""
    user = await confirm_password(
        services.database,
        services.passwords,
        user_id=actor.user_id,
        password=body.password,
        address=address_of(request),
        now=services.clock(),
    )
    answer = await run_sync(_sign, services, report_id, body, user, actor)
    afterwards.add_task(_keep_pages, services, report_id, actor)
    return answer


def _sign(services: Services, report_id: UUID, body: Sign, user: User, actor: Actor) -> ReportAnswer:
    with services.database.write() as session:
        report = open_report(session, report_id, user_id=actor.user_id)
        sign_report(session, report, version=body.version, user=user, meaning=body.meaning, clock=services.clock)
        return answer_on(session, report, actor)


def _keep_pages(services: Services, report_id: UUID, actor: Actor) -> None:
    """Make the pages of what was signed; where that fails, they are made when somebody asks for them."""
    try:
        _pdf(services, *_report(services, report_id, actor))
    except ThyroSightError as error:
        LOG.warning("the pages of report %s could not be kept: %s", report_id, error)


@router.post("/reports/{report_id}/send", status_code=202)
def send(report_id: Id, body: Send, services: Caller, actor: Clinician) -> list[DeliveryAnswer]:
    """Send a signed report, and what the models said, to a peer; again changes nothing that arrived."""
    peer = services.peers.get(body.peer)
    if peer is None:
        raise not_found("peer")
    report, signature = _report(services, report_id, actor)
    if signature is None:
        raise conflict("Only a signed report is sent; sign it first.")
    pages = _pdf(services, report, signature)
    with services.database.read() as session:
        made = objects_of(
            session, report, signature, pages, kinds=peer.kinds, store=services.store, frames=services.frames
        )
    with services.database.write() as session:
        rows = order_delivery(session, report, peer, made, store=services.store, who=actor.name, clock=services.clock)
    services.wake()
    return [answer_on_delivery(row) for row in rows]


@router.get("/reports/{report_id}.html", response_class=Response, responses={200: {"content": {"text/html": {}}}})
def as_page(report_id: Id, services: Caller, actor: Clinician) -> Response:
    """The report as a page."""
    sheet = sheet_of(*_report(services, report_id, actor))
    with services.database.read() as session:
        text = html_of(sheet, report_id=report_id, prefix=services.settings.prefix, size_of=partial(size_of, session))
    return Response(text, media_type="text/html; charset=utf-8")


@router.get("/reports/{report_id}.pdf", response_class=Response, responses={200: {"content": {"application/pdf": {}}}})
def as_pdf(report_id: Id, services: Caller, actor: Clinician) -> Response:
    """The report as PDF."""
    report, signature = _report(services, report_id, actor)
    content = _pdf(services, report, signature)
    name = {"Content-Disposition": f'inline; filename="report-{report.number}-{str(report.study_id)[:8]}.pdf"'}
    return Response(content, media_type="application/pdf", headers=name)


@router.get("/reports/{report_id}.json")
def as_json(report_id: Id, services: Caller, actor: Clinician) -> dict[str, Any]:
    """The content that is signed, with its signature."""
    with services.database.read() as session:
        report = open_report(session, report_id, user_id=actor.user_id)
        answer = answer_on(session, report, actor)
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
    report, signature = _report(services, report_id, actor)
    resource = diagnostic_report(report, signature, pdf=_pdf(services, report, signature))
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


def _report(services: Services, report_id: UUID, actor: Actor) -> tuple[Report, Signature | None]:
    with services.database.read() as session:
        report = open_report(session, report_id, user_id=actor.user_id)
        return report, signature_of(session, report.id)


def _pdf(services: Services, report: Report, signature: Signature | None) -> bytes:
    return pages_of(
        report, signature, database=services.database, store=services.store, frames=services.frames,
        clock=services.clock,
    )  # fmt: skip
