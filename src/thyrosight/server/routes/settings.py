"""Settings: those of the site, which change while it runs, and those of the start, which are shown."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from sqlalchemy import select

from thyrosight import __version__
from thyrosight.server.accounts import Actor, Role
from thyrosight.server.database import head
from thyrosight.server.database.tables import Setting
from thyrosight.server.http import Answer, Body, Caller, allow
from thyrosight.server.services import Services
from thyrosight.server.settings import ServerSettings
from thyrosight.server.site import (
    BackupsKept,
    FirstSystem,
    IdleMinutes,
    Institution,
    LargestUploadMb,
    ReportLanguage,
    SessionHours,
    SiteSettings,
    UploadDays,
)
from thyrosight.tirads import systems

router = APIRouter(prefix="/settings", tags=["administration"])
Administrator = Annotated[Actor, allow(Role.ADMINISTRATOR)]


class SiteChange(Body):
    """Changes of the settings; fields left out stay. They count at once."""

    institution: Institution | None = None
    report_language: ReportLanguage | None = None
    idle_minutes: IdleMinutes | None = None
    session_hours: SessionHours | None = None
    first_system: FirstSystem | None = None
    largest_upload_mb: LargestUploadMb | None = None
    upload_days: UploadDays | None = None
    backups_kept: BackupsKept | None = None


class SiteAnswer(Answer):
    """The settings of the site: each counts from the moment when it was changed."""

    institution: str
    report_language: ReportLanguage
    idle_minutes: int
    session_hours: int
    first_system: str
    largest_upload_mb: int
    upload_days: int
    backups_kept: int


class StartAnswer(Answer):
    """A setting of the start: the option of `thyrosight serve`, and what it is now. A change needs a restart."""

    option: str
    value: str


class SystemChoice(Answer):
    """A TI-RADS system that can stand first."""

    key: str
    title: str


class SettingsAnswer(Answer):
    """How the workstation is run, and the end of its audit trail."""

    version: str
    database: str
    encrypted: bool
    free_bytes: int
    audit_seq: int
    audit_hash: str
    site: SiteAnswer
    changed_at: datetime | None
    at_start: list[StartAnswer]
    systems: list[SystemChoice]


@router.get("")
def settings(services: Caller, actor: Administrator) -> SettingsAnswer:
    """How the workstation is run, and the end of its audit trail."""
    with services.database.read() as session:
        end = head(session)
        changed = session.scalars(
            select(Setting.changed_at)
            .where(Setting.name.in_(SiteSettings.model_fields))
            .order_by(Setting.changed_at.desc())
        ).first()
    return SettingsAnswer(
        version=__version__,
        database=_kind(services),
        encrypted=services.settings.encrypted,
        free_bytes=services.store.free_bytes(),
        audit_seq=end.seq,
        audit_hash=end.hash,
        site=_site(services.site.now),
        changed_at=changed,
        at_start=[
            StartAnswer(option=option, value=value) for option, value in _at_start(services.settings, _kind(services))
        ],
        systems=[SystemChoice(key=one.key, title=one.title) for one in systems().values()],
    )


@router.patch("")
def change(body: SiteChange, services: Caller, actor: Administrator) -> SiteAnswer:
    """Change settings of the site; each change is a row of the audit trail."""
    return _site(services.site.change(body.model_dump(exclude_none=True), who=actor.name))


def _site(now: SiteSettings) -> SiteAnswer:
    return SiteAnswer(**now.model_dump())


def _kind(services: Services) -> str:
    return "SQLite" if services.database.is_sqlite else "PostgreSQL"


def _at_start(given: ServerSettings, database: str) -> list[tuple[str, str]]:
    """Options and their values; none shows a place on the disk or an address that may hold a password."""
    return [
        ("--host", given.host),
        ("--port", str(given.port)),
        ("--prefix", given.prefix),
        ("--tls", _yes(given.certificate)),
        ("--behind-proxy", _yes(given.behind_proxy)),
        ("--database", database),
        ("--peers", _yes(given.peers)),
        ("--watch", _yes(given.watch)),
        ("--node", _yes(given.node)),
        ("--model", _yes(given.model)),
        ("--finder", _yes(given.finder)),
        ("--workers", str(given.workers)),
        ("--metrics-port", "" if given.metrics_port is None else str(given.metrics_port)),
    ]


def _yes(given: object) -> str:
    return "yes" if given else ""
