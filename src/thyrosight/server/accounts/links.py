"""Links that set a password once: of the first administrator, and of accounts that an administrator makes."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from thyrosight.server.accounts.managing import user_row
from thyrosight.server.accounts.passwords import Passwords, require_good_password
from thyrosight.server.accounts.roles import Role
from thyrosight.server.accounts.secret import key_of, new_secret
from thyrosight.server.accounts.signing_in import end_sessions
from thyrosight.server.database import Database, append
from thyrosight.server.database.tables import LoginAttempt, OneTimeLink, User
from thyrosight.server.problems import ProblemError

_LASTS: Final = timedelta(days=3)


def link_of_first_administrator(database: Database, *, now: datetime) -> str | None:
    """The secret of a link that makes the first account; None where there is an administrator already.

    A later call makes earlier links of this kind worthless.
    """
    with database.read() as session:
        if _has_administrator(session):
            return None
    secret = new_secret()
    with database.write() as session:
        session.execute(
            update(OneTimeLink).where(OneTimeLink.user_id.is_(None), OneTimeLink.used_at.is_(None)).values(used_at=now)
        )
        session.add(OneTimeLink(user_id=None, key=key_of(secret), ends_at=now + _LASTS, created_at=now))
    return secret


def link_for(session: Session, user_id: UUID, *, who: str, now: datetime) -> str:
    """The secret of a link that sets the password of an account, within a transaction."""
    secret = new_secret()
    session.add(OneTimeLink(user_id=user_id, key=key_of(secret), ends_at=now + _LASTS, created_at=now))
    append(session, who=who, what="link made", object=f"user {user_id}")
    return secret


async def use_link(
    database: Database,
    passwords: Passwords,
    *,
    secret: str,
    password: str,
    name: str,
    display: str,
    now: datetime,
) -> User:
    """Set the password of the link's account, which for the first administrator is made.

    Args:
        database, passwords: where and how.
        secret: of the link.
        password: the new one.
        name, display: of the first administrator; of no meaning for other links.
        now: the present time.

    Raises:
        ProblemError: 410 where the link was used, ended or never was; 422 for a weak password or a name that is none.
    """
    with database.read() as session:
        link = _open_link(session, secret, now)
        user = None if link.user_id is None else session.get_one(User, link.user_id)
    require_good_password(password, name=name if user is None else user.name)
    stored = await passwords.hash(password)
    with database.write() as session:
        link = _open_link(session, secret, now)
        if link.user_id is None:
            if _has_administrator(session):
                raise _worthless()
            user = user_row(name, display, {Role.ADMINISTRATOR, Role.CLINICIAN}, now=now)
            session.add(user)
            session.flush()
        else:
            user = session.get_one(User, link.user_id)
        user.password, user.password_set_at = stored, now
        link.used_at = now
        end_sessions(session, user.id, now=now)
        # The link proves who it is, so that it also ends a lock.
        session.add(LoginAttempt(name=user.name, address="", succeeded=True, created_at=now))
        append(session, who=user.name, what="password set by link", object=f"user {user.id}")
    return user


def _open_link(session: Session, secret: str, now: datetime) -> OneTimeLink:
    link = session.scalar(select(OneTimeLink).where(OneTimeLink.key == key_of(secret)))
    if link is None or link.used_at is not None or now >= link.ends_at:
        raise _worthless()
    return link


def _worthless() -> ProblemError:
    return ProblemError(
        410,
        "This link was used or has ended; ask an administrator for another one, or start the server again for that of "
        "the first administrator.",
    )


def _has_administrator(session: Session) -> bool:
    rows = session.scalars(select(User).where(User.closed_at.is_(None), User.password.is_not(None)))
    return any(Role.ADMINISTRATOR in user.roles for user in rows)
