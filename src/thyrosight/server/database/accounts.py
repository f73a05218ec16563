"""Tables of users, their sessions and the ways in which they sign in."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from thyrosight.server.database.base import Row


class User(Row):
    """A person with an account; left in place when the account is closed.

    Attributes:
        name: by which the person signs in, in lower case.
        display: the name that others see.
        roles: of `thyrosight.server.accounts.Role`.
        password: argon2 hash; None until a first one is set by a link.
        closed_at: since when the account is closed.
    """

    __tablename__ = "users"

    name: Mapped[str] = mapped_column(String(64), unique=True)
    display: Mapped[str] = mapped_column(String(128))
    roles: Mapped[list[str]]
    password: Mapped[str | None] = mapped_column(String(256))
    password_set_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class UserSession(Row):
    """A browser that is signed in: the hash of its cookie, and when it ends.

    Attributes:
        key: SHA-256 of the cookie's value.
        seen_at: of the last request, to within half a minute.
        ends_at: when it ends whatever happens.
        ended_at: when it was ended.
    """

    __tablename__ = "sessions"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    address: Mapped[str] = mapped_column(String(64))


class LoginAttempt(Row):
    """An attempt to sign in, for the lock after five failures."""

    __tablename__ = "login_attempts"
    __table_args__ = (Index("ix_login_attempts_name_created_at", "name", "created_at"),)

    name: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    succeeded: Mapped[bool]


class ApiToken(Row):
    """A token by which a program acts as a user."""

    __tablename__ = "api_tokens"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    label: Mapped[str] = mapped_column(String(128))
    key: Mapped[str] = mapped_column(String(64), unique=True)
    roles: Mapped[list[str]]
    ends_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class OneTimeLink(Row):
    """A link that sets a password once: of the first administrator, or of an account.

    Attributes:
        user_id: None for the first administrator, whose account the link makes.
    """

    __tablename__ = "one_time_links"

    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    key: Mapped[str] = mapped_column(String(64), unique=True)
    ends_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
