"""Drafts, signatures and addenda: what is signed never changes."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from thyrosight.files import sha256_of_json
from thyrosight.server.clock import Clock
from thyrosight.server.database import append
from thyrosight.server.database.tables import Report, Signature, Study, User
from thyrosight.server.problems import conflict, not_found, refused
from thyrosight.server.reporting.composing import compose
from thyrosight.server.reporting.wording import wording_of
from thyrosight.server.site import SiteSettings

MEANING: Final = "I have read this report, and it states my opinion."
"""Meaning of a signature unless another one is given; reports state it in their language."""


def open_report(session: Session, report_id: UUID, *, user_id: UUID) -> Report:
    """A report that a user may read: every signed one, and the user's own drafts.

    A draft holds what the models said, which is not for others before their own opinion.

    Raises:
        ProblemError: there is none.
    """
    report = session.get(Report, report_id)
    if report is None or report.state == "dropped" or (report.state == "draft" and report.author_id != user_id):
        raise not_found("report")
    return report


def draft_report(
    session: Session, study: Study, *, user_id: UUID, who: str, clock: Clock, site: SiteSettings, language: str
) -> Report:
    """The user's draft, made anew from the present state; the words of an earlier draft, and its language, stay.

    After a signed report the draft is an addendum to it. `language`: in which the user works; a draft is in that of the
    report that it adds to, else in that of the site, else in this one.
    """
    signed = _last_signed(session, study.id)
    began = (site.report_language or language) if signed is None else signed.body.get("language", "en")
    body = compose(session, study, user_id=user_id, site=site) | {"language": began}
    draft = session.scalar(
        select(Report).where(Report.study_id == study.id, Report.state == "draft", Report.author_id == user_id)
    )
    if draft is None:
        number = _next_number(session, study.id)
        draft = Report(
            study_id=study.id, number=number, state="draft", body=body, content_hash="", supersedes=None,
            author_id=user_id, version=0, created_at=clock(),
        )  # fmt: skip
        session.add(draft)
    else:
        body |= {name: draft.body[name] for name in ("findings", "conclusion", "language") if name in draft.body}
    draft.body, draft.supersedes = body, None if signed is None else signed.id
    draft.version += 1
    session.flush()
    append(
        session, who=who, what="report drafted", object=f"report {draft.id}", body={"study": str(study.id)}, clock=clock
    )
    return draft


def change_draft(report: Report, *, version: int, **changes: str | None) -> None:
    """Change `findings`, `conclusion` or `language` of a draft; what is None stays.

    Raises:
        ProblemError: 409 where it is signed or was changed since.
    """
    _require_draft(report, version)
    report.body = {**report.body, **{name: text for name, text in changes.items() if text is not None}}
    report.version += 1


def drop_draft(session: Session, report: Report, *, who: str, clock: Clock) -> None:
    """Give a draft up.

    Raises:
        ProblemError: 409 where it is signed.
    """
    if report.state != "draft":
        raise conflict("A signed report stays; write an addendum.")
    report.state = "dropped"
    append(session, who=who, what="report dropped", object=f"report {report.id}", clock=clock)


def sign_report(
    session: Session, report: Report, *, version: int, user: User, meaning: str | None, clock: Clock
) -> Signature:
    """Sign a draft whose author confirmed the password; its study is reported then.

    Without a `meaning`, the usual one is signed, in the report's language.

    Raises:
        ProblemError: 409 where it is signed, was changed since, or another report was signed meanwhile; 422 where
            there is nothing in it.
    """
    _require_draft(report, version)
    body = report.body
    if not body["nodules"] and not (body["findings"].strip() or body["conclusion"].strip()):
        raise refused("The report is empty; describe a nodule, or write findings or a conclusion.")
    _require_latest(session, report)
    now, meaning = clock(), meaning or wording_of(body).say(MEANING)
    report.state, report.content_hash = "signed", content_hash_of(report, body)
    report.version += 1
    end = append(
        session, who=user.name, what="report signed", object=f"report {report.id}",
        body={"content_hash": report.content_hash, "meaning": meaning, "supersedes": str(report.supersedes or "")},
        clock=clock,
    )  # fmt: skip
    signature = Signature(
        report_id=report.id, user_id=user.id, name=user.display, meaning=meaning, content_hash=report.content_hash,
        audit_seq=end.seq, audit_hash=end.hash, created_at=now,
    )  # fmt: skip
    session.add(signature)
    study = session.get_one(Study, report.study_id)
    if study.state != "reported":
        study.state = "reported"
        study.version += 1
    session.flush()
    return signature


def content_hash_of(report: Report, body: dict[str, Any]) -> str:
    """The hash of what is signed: the content, its place in the study, and what it adds to."""
    return sha256_of_json([str(report.id), report.number, str(report.supersedes or ""), body])


def signature_of(session: Session, report_id: UUID) -> Signature | None:
    """The signature of a report; None for a draft."""
    return session.scalar(select(Signature).where(Signature.report_id == report_id))


def reports_of(session: Session, study_id: UUID, *, user_id: UUID) -> list[Report]:
    """The reports of a study that a user may read, the first one first."""
    rows = session.scalars(select(Report).where(Report.study_id == study_id).order_by(Report.number))
    return [one for one in rows if one.state == "signed" or (one.state == "draft" and one.author_id == user_id)]


def _require_draft(report: Report, version: int) -> None:
    if report.state != "draft":
        raise conflict("The report is signed and never changes; write an addendum.")
    if report.version != version:
        raise conflict("The report was changed meanwhile; load it again.")


def _require_latest(session: Session, report: Report) -> None:
    last = _last_signed(session, report.study_id)
    if (None if last is None else last.id) != report.supersedes:
        raise conflict("Another report of this study was signed meanwhile; draft yours again, as an addendum to it.")
    if last is not None and last.number > report.number:  # it was drafted earlier than the one that it adds to
        report.number = _next_number(session, report.study_id)


def _last_signed(session: Session, study_id: UUID) -> Report | None:
    """The report that was signed last, which is the one that an addendum adds to."""
    return session.scalar(
        select(Report)
        .join(Signature, Signature.report_id == Report.id)
        .where(Report.study_id == study_id)
        .order_by(Signature.audit_seq.desc())
        .limit(1)
    )


def _next_number(session: Session, study_id: UUID) -> int:
    return (session.scalar(select(func.max(Report.number)).where(Report.study_id == study_id)) or 0) + 1


def day_of(moment: datetime) -> str:
    """A moment as people write it.

    >>> from datetime import UTC
    >>> day_of(datetime(2026, 3, 1, 12, 30, tzinfo=UTC))
    '2026-03-01 12:30 UTC'
    """
    return f"{moment:%Y-%m-%d %H:%M} UTC"
