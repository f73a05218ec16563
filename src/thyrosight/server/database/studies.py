"""Tables of studies, their images, and the uploads from which they come."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Double, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from thyrosight.server.database.base import Row


class Study(Row):
    """An examination of one patient.

    Attributes:
        code: the name by which roles without access to names know it.
        study_uid: Study Instance UID; None where the images are no DICOM.
        patient_id, patient_name, birth_date, sex, accession, study_date, description: as DICOM stores them; empty where
            unknown.
        state: of `thyrosight.server.studies.STATES`.
        origin: where it came from, for example "upload".
        version: goes up with every change of these fields.
        locked_by, locked_until: who works on it, until then.
        removed_at: since when it is out of the worklist.
    """

    __tablename__ = "studies"
    __table_args__ = (Index("ix_studies_removed_at_study_date", "removed_at", "study_date"),)

    code: Mapped[str] = mapped_column(String(16), unique=True)
    study_uid: Mapped[str | None] = mapped_column(String(64), unique=True)
    patient_id: Mapped[str] = mapped_column(String(64), index=True)
    patient_name: Mapped[str] = mapped_column(String(324))
    birth_date: Mapped[str] = mapped_column(String(16))
    sex: Mapped[str] = mapped_column(String(16))
    accession: Mapped[str] = mapped_column(String(64))
    study_date: Mapped[str] = mapped_column(String(16))
    description: Mapped[str] = mapped_column(String(256))
    state: Mapped[str] = mapped_column(String(16), index=True)
    origin: Mapped[str] = mapped_column(String(64))
    version: Mapped[int]
    assignee_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"), index=True)
    locked_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    locked_until: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]


class StoredImage(Row):
    """A picture or loop, whose file lies in the data folder under its SHA-256.

    Attributes:
        name: of the file as it was given.
        kind: "dicom", "png" or "jpeg".
        size: of the file in bytes.
        rows, columns, frames: of the picture or loop.
        frames_per_second: as DICOM states it; None where it does not.
        facts: regions with their spacing, the spacing or the reason why there is none, notes.
        passed_through: whether frames are handed to the browser as they are stored, as baseline JPEG.
        sop_uid: SOP Instance UID; None where it is no DICOM.
    """

    __tablename__ = "images"
    __table_args__ = (UniqueConstraint("study_id", "sha256"),)

    study_id: Mapped[UUID] = mapped_column(ForeignKey("studies.id"))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(8))
    size: Mapped[int] = mapped_column(BigInteger)
    rows: Mapped[int]
    columns: Mapped[int]
    frames: Mapped[int]
    frames_per_second: Mapped[float | None] = mapped_column(Double)
    facts: Mapped[dict[str, Any]]
    passed_through: Mapped[bool]
    sop_uid: Mapped[str | None] = mapped_column(String(64), unique=True)
    series_uid: Mapped[str | None] = mapped_column(String(64))
    number: Mapped[int]
    removed_at: Mapped[datetime | None]


class Upload(Row):
    """A file on its way from a browser.

    Attributes:
        size: of the whole file in bytes.
        sha256: as the sender states it; None where it does not.
        study_id: the study that it is to be added to; None makes or finds one.
        state: "open", "complete", "done" or "refused".
        result: what became of it: studies and images that were made, files that were refused with the reason.
    """

    __tablename__ = "uploads"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(String(255))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(String(64))
    study_id: Mapped[UUID | None] = mapped_column(ForeignKey("studies.id"))
    state: Mapped[str] = mapped_column(String(16), index=True)
    result: Mapped[dict[str, Any]]


class Arrival(Row):
    """A file of a watched folder, of a node's folder or of an archive that was taken in, or refused."""

    __tablename__ = "arrivals"
    __table_args__ = (UniqueConstraint("source", "name", "stamp"),)

    source: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(512))
    stamp: Mapped[str] = mapped_column(String(64))
    problem: Mapped[str] = mapped_column(Text)
