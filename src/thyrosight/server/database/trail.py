"""Tables of the audit trail."""

from sqlalchemy import CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from thyrosight.server.database.base import Base


class AuditRow(Base):
    """One event; triggers refuse to change or delete it.

    Attributes:
        seq: its number, from 1 without gaps.
        at: when, as `thyrosight.server.clock.as_text` writes it.
        who: name of the user, or "system".
        what: the event, for example "opinion locked".
        object: kind and identifier of what it happened to.
        body: further facts, as canonical JSON; never a patient's name.
        previous: hash of the row before.
        hash: of all other columns.
    """

    __tablename__ = "audit"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[str] = mapped_column(String(32), index=True)
    who: Mapped[str] = mapped_column(String(64), index=True)
    what: Mapped[str] = mapped_column(String(64), index=True)
    object: Mapped[str] = mapped_column(String(128), index=True)
    body: Mapped[str] = mapped_column(Text)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The last row of the trail, so that a missing end is noticed; a single row."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
