"""Signing in and out, with a lock after five failures in a quarter of an hour."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from thyrosight.server.accounts.passwords import Passwords, require_good_password
from thyrosight.server.accounts.secret import key_of, new_secret
from thyrosight.server.database import Database, append
from thyrosight.server.database.tables import LoginAttempt, User, UserSession
from thyrosight.server.problems import ProblemError

FAILURES: Final = 5
LOCKED_FOR: Final = timedelta(minutes=15)
_WRONG: Final = "The name or the password is wrong."


@dataclass(frozen=True)
class SignedIn:
    """A new session.

    Attributes:
        secret: the value of its cookie.
        user: who signed in.
        ends_at: when the session ends, whatever happens.
    """

    secret: str
    user: User
    ends_at: datetime


async def sign_in(
    database: Database,
    passwords: Passwords,
    *,
    name: str,
    password: str,
    address: str,
    now: datetime,
    absolute: timedelta,
) -> SignedIn:
    """Begin a session.

    Raises:
        ProblemError: 401 for a wrong name or password, 429 while the account is locked.
    """
    name = name.strip().lower()[:64]
    with database.read() as session:
        _refuse_if_locked(session, name, now)
        user = session.scalar(select(User).where(User.name == name, User.closed_at.is_(None)))
    fits = await passwords.fits(password, None if user is None else user.password)
    secret = new_secret()
    with database.write() as session:
        _refuse_if_locked(session, name, now)  # others may have failed meanwhile
        succeeded = fits and user is not None
        session.add(LoginAttempt(name=name, address=address, succeeded=succeeded, created_at=now))
        if succeeded and user is not None:
            session.add(
                UserSession(
                    user_id=user.id, key=key_of(secret), seen_at=now, ends_at=now + absolute, address=address,
                    created_at=now,
                )
            )  # fmt: skip
            append(session, who=user.name, what="signed in", object=f"user {user.id}", body={"address": address})
        elif _failures(session, name, now) >= FAILURES and user is not None:
            append(session, who="system", what="account locked", object=f"user {user.id}", body={"address": address})
    if not succeeded or user is None:
        raise ProblemError(401, _WRONG)
    return SignedIn(secret, user, now + absolute)


def sign_out(database: Database, session_id: UUID, *, who: str, now: datetime) -> None:
    """End one session."""
    with database.write() as session:
        session.get_one(UserSession, session_id).ended_at = now
        append(session, who=who, what="signed out", object=f"session {session_id}")


def end_sessions(session: Session, user_id: UUID, *, now: datetime, but: UUID | None = None) -> None:
    """End the sessions of a user within a transaction, except perhaps one."""
    open_ones = update(UserSession).where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
    session.execute((open_ones if but is None else open_ones.where(UserSession.id != but)).values(ended_at=now))


async def confirm_password(
    database: Database, passwords: Passwords, *, user_id: UUID, password: str, address: str, now: datetime
) -> User:
    """Ask for the password again, before signing for example; failures count as those of signing in.

    Raises:
        ProblemError: 403 for a wrong password, 429 while the account is locked.
    """
    with database.read() as session:
        user = session.get_one(User, user_id)
        _refuse_if_locked(session, user.name, now)
    fits = await passwords.fits(password, user.password)
    if not fits:
        with database.write() as session:
            session.add(LoginAttempt(name=user.name, address=address, succeeded=False, created_at=now))
            append(session, who=user.name, what="password not confirmed", object=f"user {user.id}")
        raise ProblemError(403, "The password is wrong; nothing was changed.")
    return user


async def change_password(
    database: Database,
    passwords: Passwords,
    *,
    user_id: UUID,
    session_id: UUID | None,
    old: str,
    new: str,
    address: str,
    now: datetime,
) -> None:
    """Set a new password, and end the user's other sessions.

    Raises:
        ProblemError: the old one is wrong, or the new one is too weak.
    """
    user = await confirm_password(database, passwords, user_id=user_id, password=old, address=address, now=now)
    require_good_password(new, name=user.name)
    stored = await passwords.hash(new)
    with database.write() as session:
        row = session.get_one(User, user_id)
        row.password, row.password_set_at = stored, now
        end_sessions(session, user_id, now=now, but=session_id)
        append(session, who=user.name, what="password changed", object=f"user {user_id}")


def _refuse_if_locked(session: Session, name: str, now: datetime) -> None:
    if _failures(session, name, now) >= FAILURES:
        raise ProblemError(
            429,
            f"There were {FAILURES} failed attempts within {LOCKED_FOR.seconds // 60} minutes; wait as long, or ask an "
            "administrator for a link.",
        )


def _failures(session: Session, name: str, now: datetime) -> int:
    """Failed attempts of the last quarter of an hour, since the last one that succeeded."""
    since = now - LOCKED_FOR
    last = session.scalar(
        select(func.max(LoginAttempt.created_at)).where(LoginAttempt.name == name, LoginAttempt.succeeded.is_(True))
    )
    since = max(since, last) if last is not None else since
    return (
        session.scalar(
            select(func.count())
            .select_from(LoginAttempt)
            .where(LoginAttempt.name == name, LoginAttempt.succeeded.is_(False), LoginAttempt.created_at > since)
        )
        or 0
    )
