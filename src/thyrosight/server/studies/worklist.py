"""The worklist: studies by state, person, date and words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from thyrosight.server.database.tables import StoredImage, Study, User

_BETWEEN_WORDS: Final = re.compile("[\\s,،()（）；]+")
"""Spaces, and what stands in names as they are shown."""
STATES: Final = ("new", "in progress", "reported", "set aside")
"""States of a study."""
Order = Literal["newest", "oldest", "study date", "patient"]


@dataclass(frozen=True)
class Filters:
    """Filters of the worklist; None and "" leave one out.

    Attributes:
        state: of `STATES`.
        assignee: a user, or "nobody".
        text: words in code, and with `names` in name, identifier, accession number and description.
        names: whether the user may search names.
        since, until: study dates as YYYYMMDD, both included.
    """

    state: str | None = None
    assignee: UUID | Literal["nobody"] | None = None
    text: str = ""
    names: bool = False
    since: str = ""
    until: str = ""


@dataclass(frozen=True)
class StudyRow:
    """A study of the worklist with what is counted for it.

    Attributes:
        study: the row.
        images, frames: how many there are.
        assignee, locked_by: names that others see; "" where nobody.
    """

    study: Study
    images: int
    frames: int
    assignee: str
    locked_by: str


def worklist(
    session: Session, filters: Filters, *, order: Order, limit: int, offset: int, now: datetime
) -> tuple[list[StudyRow], int]:
    """Studies that fit, `limit` of them from `offset` on, and how many there are in all."""
    conditions = _conditions(filters)
    total = session.scalar(select(func.count()).select_from(Study).where(*conditions)) or 0
    chosen: Select[Any] = select(Study).where(*conditions).order_by(*_ORDERS[order]).limit(limit).offset(offset)
    return study_rows(session, list(session.scalars(chosen)), now=now), total


def study_rows(session: Session, studies: Sequence[Study], *, now: datetime) -> list[StudyRow]:
    """Studies with what is counted for them, in the same order."""
    ids = [study.id for study in studies]
    counted = session.execute(
        select(StoredImage.study_id, func.count(), func.sum(StoredImage.frames))
        .where(StoredImage.study_id.in_(ids), StoredImage.removed_at.is_(None))
        .group_by(StoredImage.study_id)
    )
    counts = {study_id: (int(images), int(frames)) for study_id, images, frames in counted}
    people = {one.assignee_id for one in studies} | {one.locked_by for one in studies}
    found = session.execute(select(User.id, User.display).where(User.id.in_([one for one in people if one])))
    displays: dict[UUID | None, str] = {row.id: row.display for row in found}
    rows = []
    for study in studies:
        locked = study.locked_until is not None and study.locked_until > now
        images, frames = counts.get(study.id, (0, 0))
        rows.append(
            StudyRow(
                study,
                images=images,
                frames=frames,
                assignee=displays.get(study.assignee_id, ""),
                locked_by=displays.get(study.locked_by, "") if locked else "",
            )
        )
    return rows


_ORDERS: Final[dict[str, tuple[Any, ...]]] = {
    "newest": (Study.created_at.desc(), Study.id),
    "oldest": (Study.created_at, Study.id),
    "study date": (Study.study_date.desc(), Study.created_at.desc(), Study.id),
    "patient": (Study.patient_name, Study.patient_id, Study.created_at, Study.id),
}


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Study.removed_at.is_(None)]
    if filters.state:
        conditions.append(Study.state == filters.state)
    if filters.assignee == "nobody":
        conditions.append(Study.assignee_id.is_(None))
    elif filters.assignee is not None:
        conditions.append(Study.assignee_id == filters.assignee)
    if filters.since:
        conditions.append(Study.study_date >= filters.since)
    if filters.until:
        conditions.append((Study.study_date <= filters.until) & (Study.study_date != ""))
    columns: list[Any] = [Study.code]
    if filters.names:
        # Chinese, Japanese and Korean names are shown without what DICOM stores between their parts.
        columns += [
            Study.patient_name,
            func.replace(Study.patient_name, "^", ""),
            Study.patient_id,
            Study.accession,
            Study.description,
        ]
    words = [word for word in _BETWEEN_WORDS.split(filters.text) if word][:8]
    return [*conditions, *(or_(*(column.icontains(word, autoescape=True) for column in columns)) for word in words)]
