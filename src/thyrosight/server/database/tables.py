"""All tables of the workstation."""

from thyrosight.server.database.accounts import ApiToken, LoginAttempt, OneTimeLink, User, UserSession
from thyrosight.server.database.base import Base
from thyrosight.server.database.studies import Arrival, StoredImage, Study, Upload
from thyrosight.server.database.trail import AuditHead, AuditRow
from thyrosight.server.database.work import Job, Setting

__all__ = [
    "ApiToken",
    "Arrival",
    "AuditHead",
    "AuditRow",
    "Base",
    "Job",
    "LoginAttempt",
    "OneTimeLink",
    "Setting",
    "StoredImage",
    "Study",
    "Upload",
    "User",
    "UserSession",
]
