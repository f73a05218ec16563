"""Tables of reader studies as they are designed: protocols, cases and their views, readers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Double, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from thyrosight.server.database.base import Row


class ReaderStudy(Row):
    """A reader study.

    Attributes:
        title: of the protocol; readers see it.
        state: "draft", "open" or "closed".
        author_id: who made it.
        version: goes up with every change of the design.
        protocol_version: of the protocol in force.
        opened_at, closed_at: when its reading room was opened and closed.
        documents_job_id, results_job_id: that made protocol and instructions, and the report, last.
        removed_at: since when a draft is out of the list.
    """

    __tablename__ = "reader_studies"

    title: Mapped[str] = mapped_column(String(256))
    state: Mapped[str] = mapped_column(String(8), index=True)
    author_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int]
    protocol_version: Mapped[int]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    documents_job_id: Mapped[UUID | None] = mapped_column(ForeignKey("jobs.id"))
    results_job_id: Mapped[UUID | None] = mapped_column(ForeignKey("jobs.id"))
    removed_at: Mapped[datetime | None]


class ProtocolRow(Row):
    """A version of the protocol; it changes until the study opens, and never afterwards.

    Attributes:
        version: from 1; each amendment makes the next.
        body: the document of `thyrosight.readings`.
        seed: from which the orders are drawn.
        hash: of the document.
        reason: for the amendment; "" for the first version.
        changes: a sentence for each change that the amendment made.
        frozen_at: since when it does not change.
    """

    __tablename__ = "protocols"
    __table_args__ = (UniqueConstraint("reader_study_id", "version"),)

    reader_study_id: Mapped[UUID] = mapped_column(ForeignKey("reader_studies.id"))
    version: Mapped[int]
    body: Mapped[dict[str, Any]]
    seed: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    changes: Mapped[list[str]]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    frozen_at: Mapped[datetime | None]


class StudyCase(Row):
    """A case of a reader study; none of this reaches a reader before a lock.

    Attributes:
        number: within the study, from 1; never used again.
        code: random; it stands for the case in tables, and readers never see it.
        key: the designer's own name for it, by which a table of truths finds it; no patient's name.
        role: "study", "practice" or "attention".
        since: version of the protocol with which it joined.
        truth: 0 or 1; None while it is not known.
        label_source: where the truth comes from.
        cluster: cases of one patient share it; a code.
        lesions: for marks: left, top, right, bottom, image (from 1), first and last frame (from 0).
        model_scores: by the name of a column of model scores `{"score": number, "positive": true, false or None}`.
        facts: of the case, by name, from which subgroups can be made.
        cleared: why text that was found in its pictures may stay, in the words of who looked at them; "" otherwise.
        withdrawn_at, withdrawn_for: since when it is not presented any more, and why.
        removed_at: taken out of the design before the study opened.
    """

    __tablename__ = "study_cases"
    __table_args__ = (UniqueConstraint("reader_study_id", "number"), UniqueConstraint("reader_study_id", "code"))

    reader_study_id: Mapped[UUID] = mapped_column(ForeignKey("reader_studies.id"))
    number: Mapped[int]
    code: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(16))
    since: Mapped[int]
    truth: Mapped[int | None]
    label_source: Mapped[str] = mapped_column(String(64))
    cluster: Mapped[str] = mapped_column(String(64))
    lesions: Mapped[list[Any]]
    model_scores: Mapped[dict[str, Any]]
    facts: Mapped[dict[str, Any]]
    cleared: Mapped[str] = mapped_column(Text)
    withdrawn_at: Mapped[datetime | None]
    withdrawn_for: Mapped[str] = mapped_column(Text)
    removed_at: Mapped[datetime | None]


class CaseView(Row):
    """A picture or loop of a case, and what was prepared for it before the study opened.

    Attributes:
        place: within the case, from 0; readers address it by this.
        frame: the frame that is shown, from 0; of a loop the one that is shown first.
        loop: whether all frames are shown.
        box: left, top, right, bottom of the nodule in `frame`, in pixels; None where the whole frame is the case.
        outline: points (column, row) of the nodule; empty without one.
        part: "B-mode" or "elastogram" in a pair of both; "" otherwise.
        job_id: that prepares it; None until it is asked for.
        state: "new", "waiting", "ready" or "refused".
        problem: why it could not be prepared.
        text: boxes of text that is still found after blanking; None until it was looked for.
        covered: share of the nodule's box that was blanked; None where there is no box.
        model_hash: of the judging model that answered; "" where none was asked.
        assessment: what the judging model said, without the name of its file.
        refusal: why the judging model cannot judge it; "" where it did.
        heat_map: name of the picture in the store; "" without one.
    """

    __tablename__ = "case_views"
    __table_args__ = (UniqueConstraint("case_id", "place"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("study_cases.id"))
    place: Mapped[int]
    image_id: Mapped[UUID] = mapped_column(ForeignKey("images.id"), index=True)
    frame: Mapped[int]
    loop: Mapped[bool]
    box: Mapped[list[Any] | None]
    outline: Mapped[list[Any]]
    part: Mapped[str] = mapped_column(String(16))
    job_id: Mapped[UUID | None] = mapped_column(ForeignKey("jobs.id"))
    state: Mapped[str] = mapped_column(String(8))
    problem: Mapped[str] = mapped_column(Text)
    text: Mapped[list[Any] | None]
    covered: Mapped[float | None] = mapped_column(Double)
    model_hash: Mapped[str] = mapped_column(String(64))
    assessment: Mapped[dict[str, Any]]
    refusal: Mapped[str] = mapped_column(Text)
    heat_map: Mapped[str] = mapped_column(String(128))


class StudyReader(Row):
    """A reader of a reader study.

    Attributes:
        code: that stands for the reader in tables.
        number: within the study, from 1; never used again.
        since: version of the protocol with which the reader joined.
        reader_group: for example "junior"; "" for none.
        removed_at, removed_for: since when the reader has left, and why; readings are kept.
    """

    __tablename__ = "study_readers"
    __table_args__ = (
        UniqueConstraint("reader_study_id", "user_id"),
        UniqueConstraint("reader_study_id", "number"),
    )

    reader_study_id: Mapped[UUID] = mapped_column(ForeignKey("reader_studies.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    code: Mapped[str] = mapped_column(String(16))
    number: Mapped[int]
    since: Mapped[int]
    reader_group: Mapped[str] = mapped_column(String(64))
    removed_at: Mapped[datetime | None]
    removed_for: Mapped[str] = mapped_column(Text)
