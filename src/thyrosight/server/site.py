"""Settings of the site, which an administrator changes in the browser while the workstation runs."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from thyrosight.server.clock import Clock
from thyrosight.server.database import Database, append
from thyrosight.server.database.tables import Setting
from thyrosight.tirads import systems

LOG = logging.getLogger("thyrosight.server")


def one_line(text: str) -> str:
    """The text with single spaces; refused where it holds what cannot be printed."""
    plain = " ".join(text.split())
    if not plain.isprintable():
        raise ValueError("the name should be plain text on one line")
    return plain


def _known_system(key: str) -> str:
    if key and key not in systems():
        raise ValueError(f"there is no such system; known are {', '.join(systems())}")
    return key


Institution = Annotated[str, Field(max_length=128), AfterValidator(one_line)]
IdleMinutes = Annotated[int, Field(ge=5, le=240)]
SessionHours = Annotated[int, Field(ge=1, le=72)]
ReportLanguage = Literal["", "en", "es", "zh"]
FirstSystem = Annotated[str, Field(max_length=64), AfterValidator(_known_system)]
LargestUploadMb = Annotated[int, Field(ge=10, le=65_536)]
UploadDays = Annotated[int, Field(ge=1, le=30)]
BackupsKept = Annotated[int, Field(ge=0, le=365)]


class SiteSettings(BaseModel):
    """Settings of the site; each has a value that is safe without anybody's choice.

    Attributes:
        institution: name that stands on reports; empty for none.
        report_language: in which reports are drafted; empty for that of who drafts one.
        idle_minutes: time without a request after which a session ends.
        session_hours: time after which every session ends; it counts for sessions that begin from now on.
        first_system: key of the TI-RADS system that stands first where systems stand side by side; empty for their
            order by year.
        largest_upload_mb: most megabytes (2**20 bytes) of an uploaded file.
        upload_days: days after which an upload that was never completed is given up.
        backups_kept: backups in the data folder after which the oldest are removed; 0 keeps all.

    >>> SiteSettings(idle_minutes=30).idle, SiteSettings(first_system="acr-2017").systems_in_order()[:2]
    (datetime.timedelta(seconds=1800), ['acr-2017', 'kwak-2011'])
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    institution: Institution = ""
    report_language: ReportLanguage = ""
    idle_minutes: IdleMinutes = 15
    session_hours: SessionHours = 12
    first_system: FirstSystem = ""
    largest_upload_mb: LargestUploadMb = 4096
    upload_days: UploadDays = 2
    backups_kept: BackupsKept = 0

    @property
    def idle(self) -> timedelta:
        """Time without a request after which a session ends."""
        return timedelta(minutes=self.idle_minutes)

    @property
    def absolute(self) -> timedelta:
        """Time after which every session ends."""
        return timedelta(hours=self.session_hours)

    @property
    def largest_upload(self) -> int:
        """Most bytes of an uploaded file."""
        return self.largest_upload_mb * 2**20

    @property
    def upload_patience(self) -> timedelta:
        """Time after which an upload that was never completed is given up."""
        return timedelta(days=self.upload_days)

    def systems_in_order(self) -> list[str]:
        """Keys of the TI-RADS systems, the chosen one first."""
        return sorted(systems(), key=lambda key: key != self.first_system)


DEFAULTS: Final = SiteSettings()


class Site:
    """The settings of the site as they are now.

    The table holds only what somebody changed. Values are read when the workstation starts and kept, because every
    request asks for them; the workstation is the only one that writes them.

    Args:
        database: with the table.
        clock: gives the time of a change.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        with database.read() as session:
            self._now = _read(session)

    @property
    def now(self) -> SiteSettings:
        """The present settings."""
        return self._now

    def change(self, changes: Mapping[str, Any], *, who: str) -> SiteSettings:
        """Change some settings; each that becomes another one is a row of the audit trail.

        Args:
            changes: names and values.
            who: name of the administrator.

        Raises:
            ValidationError: a name or value is none; nothing is changed.
        """
        with self._database.write() as session:
            before = _read(session).model_dump()
            after = SiteSettings.model_validate(before | dict(changes))
            for name, value in after.model_dump().items():
                if value == before[name]:
                    continue
                session.merge(Setting(name=name, value={"value": value}, changed_at=self._clock()))
                body = {"before": before[name], "after": value}
                append(session, who=who, what="setting changed", object=f"setting {name}", body=body, clock=self._clock)
        self._now = after
        return after


def _read(session: Session) -> SiteSettings:
    """The settings that the table holds; what this version does not know or take counts as not set, and is logged."""
    rows = session.scalars(select(Setting).where(Setting.name.in_(SiteSettings.model_fields))).all()
    found = DEFAULTS
    for row in rows:
        try:
            found = SiteSettings.model_validate(found.model_dump() | {row.name: row.value.get("value")})
        except ValidationError:
            LOG.warning("the stored setting %s cannot be used; its usual value counts", row.name)
    return found
