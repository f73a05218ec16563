"""Tables of nodules, opinions on them, and what the models said."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from thyrosight.server.database.base import Row


class NoduleRow(Row):
    """A nodule of a study.

    Attributes:
        number: within the study, from 1; never used again.
        side, pole: in the words of `thyrosight.server.nodules.SIDES` and `POLES`; "" where not stated.
        descriptors: feature to word, as TI-RADS reads them.
        size_mm: three axes, each a number or None.
        author_id: who made it; `proposed` where the finder did and a person took it over.
        version: goes up with every change.
    """

    __tablename__ = "nodules"
    __table_args__ = (UniqueConstraint("study_id", "number"),)

    study_id: Mapped[UUID] = mapped_column(ForeignKey("studies.id"))
    number: Mapped[int]
    side: Mapped[str] = mapped_column(String(16))
    pole: Mapped[str] = mapped_column(String(16))
    descriptors: Mapped[dict[str, Any]]
    size_mm: Mapped[list[Any]]
    note: Mapped[str] = mapped_column(Text)
    author_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    proposed: Mapped[bool]
    version: Mapped[int]
    removed_at: Mapped[datetime | None]


class NoduleView(Row):
    """A nodule in one frame: its box, and perhaps its outline.

    Attributes:
        frame: from 0.
        box: left, top, right, bottom in pixels, half-open.
        outline: points (column, row); empty without one.
        callipers: lines drawn to measure: two points each.
    """

    __tablename__ = "views"

    nodule_id: Mapped[UUID] = mapped_column(ForeignKey("nodules.id"), index=True)
    image_id: Mapped[UUID] = mapped_column(ForeignKey("images.id"))
    frame: Mapped[int]
    box: Mapped[list[Any]]
    outline: Mapped[list[Any]]
    callipers: Mapped[list[Any]]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    proposed: Mapped[bool]
    version: Mapped[int]
    removed_at: Mapped[datetime | None]


class Opinion(Row):
    """Opinion of a person on a nodule; locked as it is made.

    Attributes:
        stage: "before" the model's result was shown to this person, or "after".
        descriptors: as of the nodule then.
        score: suspicion from 0 to 100.
        biopsy: whether the person would advise one.
        kept: after: whether the opinion before was kept.
        reason: for keeping or changing it.
    """

    __tablename__ = "opinions"
    __table_args__ = (UniqueConstraint("nodule_id", "user_id", "stage"),)

    nodule_id: Mapped[UUID] = mapped_column(ForeignKey("nodules.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    stage: Mapped[str] = mapped_column(String(8))
    locked_at: Mapped[datetime]
    descriptors: Mapped[dict[str, Any]]
    score: Mapped[int]
    biopsy: Mapped[bool]
    kept: Mapped[bool | None]
    reason: Mapped[str] = mapped_column(Text)


class StoredAssessment(Row):
    """Answer of the judging model on one view; hidden from each person until their opinion is locked.

    Attributes:
        key: of view, box, outline and model, so that the same question is answered once.
        state: "waiting", "done" or "refused".
        body: the assessment without the name of its file.
        heat_map: name of the picture in the store; "" without one.
        problem: one sentence where the image was refused.
    """

    __tablename__ = "assessments"
    __table_args__ = (UniqueConstraint("key"),)

    nodule_id: Mapped[UUID] = mapped_column(ForeignKey("nodules.id"), index=True)
    view_id: Mapped[UUID] = mapped_column(ForeignKey("views.id"))
    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id"))
    key: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(8))
    model_hash: Mapped[str] = mapped_column(String(64))
    body: Mapped[dict[str, Any]]
    heat_map: Mapped[str] = mapped_column(String(128))
    problem: Mapped[str] = mapped_column(Text)


class Reveal(Row):
    """Record that a person was shown the model's result on a nodule."""

    __tablename__ = "reveals"
    __table_args__ = (UniqueConstraint("nodule_id", "user_id"),)

    nodule_id: Mapped[UUID] = mapped_column(ForeignKey("nodules.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    assessments: Mapped[list[Any]]


class ModelRow(Row):
    """A model that the workstation ran.

    Attributes:
        role: "judge" or "finder".
        hash: of the bundle.
        facts: title, label source, split, operating point, statement of use.
    """

    __tablename__ = "models"
    __table_args__ = (UniqueConstraint("role", "hash"),)

    role: Mapped[str] = mapped_column(String(8))
    hash: Mapped[str] = mapped_column(String(64))
    facts: Mapped[dict[str, Any]]
    used_at: Mapped[datetime]
