"""Tables of reports, their signatures, and their way to other systems."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from thyrosight.server.database.base import Row


class Report(Row):
    """A report of a study: a draft until it is signed; then it never changes, and addenda follow it.

    Attributes:
        number: within the study, from 1.
        state: "draft", "signed" or "dropped" (a draft that was given up).
        body: words and table, as JSON.
        content_hash: of the body when it was signed.
        supersedes: the signed report that this one adds to.
    """

    __tablename__ = "reports"
    __table_args__ = (UniqueConstraint("study_id", "number"),)

    study_id: Mapped[UUID] = mapped_column(ForeignKey("studies.id"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(8))
    body: Mapped[dict[str, Any]]
    content_hash: Mapped[str] = mapped_column(String(64))
    supersedes: Mapped[UUID | None] = mapped_column(ForeignKey("reports.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int]


class Signature(Row):
    """Signature of a person under a report, with its meaning.

    Attributes:
        meaning: in the words that were shown.
        audit_seq, audit_hash: the row of the audit trail that holds it; the report prints them.
    """

    __tablename__ = "signatures"
    __table_args__ = (UniqueConstraint("report_id"),)

    report_id: Mapped[UUID] = mapped_column(ForeignKey("reports.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(128))
    meaning: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(String(64))
    audit_seq: Mapped[int]
    audit_hash: Mapped[str] = mapped_column(String(64))


class DeliveryRow(Row):
    """An object on its way to a peer.

    Attributes:
        peer: name of the peer in the file of peers.
        kind: of `thyrosight.pacs.KINDS`.
        uid: SOP Instance UID; the same report always gives the same.
        file: name in the store.
        state: "waiting" or "delivered".
        problem: why the last attempt failed.
    """

    __tablename__ = "deliveries"
    __table_args__ = (UniqueConstraint("uid", "peer"),)

    report_id: Mapped[UUID] = mapped_column(ForeignKey("reports.id"), index=True)
    peer: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    uid: Mapped[str] = mapped_column(String(64))
    file: Mapped[str] = mapped_column(String(128))
    state: Mapped[str] = mapped_column(String(16), index=True)
    attempts: Mapped[int]
    next_try: Mapped[datetime]
    problem: Mapped[str] = mapped_column(Text)
    delivered_at: Mapped[datetime | None]
