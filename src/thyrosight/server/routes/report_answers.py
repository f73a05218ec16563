"""Answers on reports, their signatures and their way to archives."""

from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from thyrosight.server.accounts import Actor
from thyrosight.server.database.tables import DeliveryRow, Report, User
from thyrosight.server.http import Answer, Id
from thyrosight.server.reporting.signing import signature_of
from thyrosight.server.sentences import Said

LanguageOfReport = Literal["en", "es", "zh"]


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
    """A report. `language`: in which it is written. `supersedes`: the signed report that it adds to."""

    id: Id
    study_id: Id
    number: int
    state: Literal["draft", "signed"]
    author: str
    mine: bool
    version: int
    language: LanguageOfReport
    created_at: datetime
    supersedes: Id | None
    findings: str
    conclusion: str
    signed: SignatureAnswer | None
    deliveries: list[DeliveryAnswer]


def answer_on(session: Session, report: Report, actor: Actor) -> ReportAnswer:
    """A report as its readers see it."""
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
        language=report.body.get("language", "en"),
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
        deliveries=[answer_on_delivery(row) for row in rows],
    )


def answer_on_delivery(row: DeliveryRow) -> DeliveryAnswer:
    """A delivery as the page shows it."""
    return DeliveryAnswer(
        peer=row.peer,
        kind=row.kind,
        uid=row.uid,
        state=row.state,
        attempts=row.attempts,
        problem=row.problem,
        delivered_at=row.delivered_at,
    )
