"""Tables of jobs that run beside requests, and of settings."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from thyrosight.server.database.base import Base, Row


class Job(Row):
    """Work that a process does beside the requests, once.

    Attributes:
        kind: "assess", "find", "import", "backup"; of reader studies "case" (one picture), "documents" or "results".
        what: the parameters.
        state: "waiting", "running", "done" or "failed".
        lease: of the process that works on it; a new one each time.
        lease_until: until then no other process takes it.
        attempts: how often it was begun.
        result: when it is done.
        problem: one sentence, when it failed.
    """

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_state_kind_created_at", "state", "kind", "created_at"),)

    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(String(16))
    what: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(16))
    lease: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int]
    done: Mapped[int]
    total: Mapped[int]
    result: Mapped[dict[str, Any]]
    problem: Mapped[str] = mapped_column(Text)
    ended_at: Mapped[datetime | None]


class Setting(Base):
    """A setting that an administrator changed in the browser."""

    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime]
