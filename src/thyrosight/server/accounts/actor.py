"""Sender of a request: known by the cookie of a session, or by a token."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select

from thyrosight.server.accounts.roles import SEES_NAMES, Role
from thyrosight.server.accounts.secret import key_of
from thyrosight.server.database import Database
from thyrosight.server.database.tables import ApiToken, User, UserSession

_SEEN_EVERY: Final = timedelta(seconds=20)
"""The time of the last request is written down at most this often."""
_OF_SESSION: Final = (
    select(
        UserSession.id, UserSession.seen_at, UserSession.ends_at, UserSession.ended_at,
        User.id, User.name, User.display, User.roles, User.closed_at,
    )
    .join(User, User.id == UserSession.user_id)
    .where(UserSession.key == bindparam("key"))
)  # fmt: skip
"""Asked with every request: columns, and no objects that are watched for changes."""


@dataclass(frozen=True)
class Actor:
    """The user who makes a request.

    Attributes:
        user_id, name, display: of the account.
        roles: that count for this request; of a token those that it was given.
        session_id: of the session, or None for a token.
        ends_at: when the session or token ends, whatever happens.
        idle_at: when the session ends without another request; None for a token.
    """

    user_id: UUID
    name: str
    display: str
    roles: frozenset[Role]
    session_id: UUID | None
    ends_at: datetime
    idle_at: datetime | None = None

    @property
    def sees_names(self) -> bool:
        """Whether names and unblanked pictures may be shown."""
        return bool(self.roles & SEES_NAMES)


def actor_of_session(
    database: Database, secret: str, *, now: datetime, idle: timedelta, touch: bool = True
) -> Actor | None:
    """The user of a session's cookie; None where it ended.

    Args:
        database: where sessions are.
        secret: the cookie's value.
        now: the present time.
        idle: time without a request after which it ends.
        touch: whether this request counts as a sign of life.
    """
    with database.read() as session:
        found = session.execute(_OF_SESSION, {"key": key_of(secret)}).one_or_none()
    if found is None:
        return None
    session_id, seen, ends_at, ended_at, user_id, name, display, roles, closed_at = found
    if ended_at is not None or closed_at is not None or now >= ends_at or now >= seen + idle:
        return None
    if touch and now - seen > _SEEN_EVERY:
        with database.write(durable=False) as session:
            session.get_one(UserSession, session_id).seen_at = now
        seen = now
    return Actor(user_id, name, display, _roles(roles), session_id, ends_at, seen + idle)


def actor_of_token(database: Database, secret: str, *, now: datetime) -> Actor | None:
    """The user of a token; None where it ended or was revoked."""
    with database.read() as session:
        found = session.execute(
            select(ApiToken, User).join(User, User.id == ApiToken.user_id).where(ApiToken.key == key_of(secret))
        ).one_or_none()
    if found is None:
        return None
    row, user = found
    if row.revoked_at is not None or user.closed_at is not None or now >= row.ends_at:
        return None
    if row.used_at is None or now - row.used_at > timedelta(minutes=5):
        with database.write() as session:
            session.get_one(ApiToken, row.id).used_at = now
    return Actor(user.id, user.name, user.display, _roles(row.roles) & _roles(user.roles), None, row.ends_at)


def csrf_token(secret: str) -> str:
    """Token that a page sends beside the cookie in the header X-CSRF-Token; another site cannot know it.

    >>> csrf_token("a") == csrf_token("a"), csrf_token("a") == csrf_token("b")
    (True, False)
    """
    return hmac.new(secret.encode("utf-8", "surrogatepass"), b"thyrosight csrf", hashlib.sha256).hexdigest()


def _roles(names: list[str]) -> frozenset[Role]:
    return frozenset(Role(name) for name in names)
