"""All tables of the workstation."""

from thyrosight.server.database.accounts import ApiToken, LoginAttempt, OneTimeLink, User, UserSession
from thyrosight.server.database.base import Base
from thyrosight.server.database.reader_studies import CaseView, ProtocolRow, ReaderStudy, StudyCase, StudyReader
from thyrosight.server.database.reading import (
    ModelRow,
    NoduleRow,
    NoduleView,
    Opinion,
    Reveal,
    StoredAssessment,
)
from thyrosight.server.database.reading_room import Reading, ReadingEvent, ReadingSession, ReadingTask
from thyrosight.server.database.reports import DeliveryRow, Report, Signature
from thyrosight.server.database.studies import Arrival, StoredImage, Study, Upload
from thyrosight.server.database.trail import AuditHead, AuditRow
from thyrosight.server.database.work import Job, Setting

__all__ = [
    "ApiToken",
    "Arrival",
    "AuditHead",
    "AuditRow",
    "Base",
    "CaseView",
    "DeliveryRow",
    "Job",
    "LoginAttempt",
    "ModelRow",
    "NoduleRow",
    "NoduleView",
    "OneTimeLink",
    "Opinion",
    "ProtocolRow",
    "ReaderStudy",
    "Reading",
    "ReadingEvent",
    "ReadingSession",
    "ReadingTask",
    "Report",
    "Reveal",
    "Setting",
    "Signature",
    "StoredAssessment",
    "StoredImage",
    "Study",
    "StudyCase",
    "StudyReader",
    "Upload",
    "User",
    "UserSession",
]
