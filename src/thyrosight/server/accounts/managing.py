"""Administration of accounts."""

import re
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from thyrosight.server.accounts.roles import Role
from thyrosight.server.accounts.secret import key_of, new_secret
from thyrosight.server.accounts.signing_in import end_sessions
from thyrosight.server.database import append
from thyrosight.server.database.tables import ApiToken, User
from thyrosight.server.problems import conflict, not_found, refused


def user_row(name: str, display: str, roles: Iterable[Role], *, now: datetime) -> User:
    """A new account without a password.

    Raises:
        ProblemError: the name is none, or there is no role.

    >>> user_row(" Ana.Silva ", "", [Role.READER], now=datetime(2026, 1, 1)).name
    'ana.silva'
    """
    lower = name.strip().lower()
    if not re.fullmatch(r"[\w.@-]{2,64}", lower):
        raise refused("A name of an account has 2 to 64 letters, digits, dots, hyphens or underscores.")
    chosen = sorted(set(roles))
    if not chosen:
        raise refused("An account needs at least one role.")
    return User(
        name=lower, display=display.strip()[:128] or lower, roles=[str(role) for role in chosen], created_at=now
    )


def add_user(session: Session, *, name: str, display: str, roles: Iterable[Role], who: str, now: datetime) -> User:
    """Make an account within a transaction; it has no password until a link sets one.

    Raises:
        ProblemError: 409 where the name is taken.
    """
    user = user_row(name, display, roles, now=now)
    if session.scalar(select(User.id).where(User.name == user.name)) is not None:
        raise conflict(f"There is an account named {user.name} already; choose another name.")
    session.add(user)
    session.flush()
    append(session, who=who, what="user added", object=f"user {user.id}", body={"name": user.name, "roles": user.roles})
    return user


def change_user(
    session: Session,
    user_id: UUID,
    *,
    display: str | None,
    roles: Iterable[Role] | None,
    closed: bool | None,
    who: str,
    now: datetime,
) -> User:
    """Change an account within a transaction; None leaves a part as it is. Closing it ends its sessions.

    Raises:
        ProblemError: no such account, no role left, or it would leave no administrator.
    """
    user = session.get(User, user_id)
    if user is None:
        raise not_found("account")
    changes: dict[str, object] = {}
    if display is not None:
        user.display = changes["display"] = display.strip()[:128] or user.name
    if roles is not None:
        user.roles = [str(role) for role in sorted(set(roles))]
        changes["roles"] = user.roles
        if not user.roles:
            raise refused("An account needs at least one role.")
    if closed is not None:
        user.closed_at = (user.closed_at or now) if closed else None
        changes["closed"] = closed
        if closed:
            end_sessions(session, user_id, now=now)
    session.flush()
    open_users = session.scalars(select(User).where(User.closed_at.is_(None), User.password.is_not(None)))
    if not any(Role.ADMINISTRATOR in other.roles for other in open_users):
        raise conflict("This is the last administrator; name another one first.")
    append(session, who=who, what="user changed", object=f"user {user_id}", body=changes)
    return user


def new_token(
    session: Session, *, user_id: UUID, label: str, roles: Iterable[Role], ends_at: datetime, who: str, now: datetime
) -> tuple[ApiToken, str]:
    """A token by which a program acts as the user, and its secret, which is shown once."""
    secret = new_secret()
    token = ApiToken(
        user_id=user_id,
        label=label.strip()[:128],
        key=key_of(secret),
        roles=[str(role) for role in sorted(set(roles))],
        ends_at=ends_at,
        created_at=now,
    )
    session.add(token)
    session.flush()
    append(session, who=who, what="token made", object=f"token {token.id}", body={"roles": token.roles})
    return token, secret


def revoke_token(session: Session, token_id: UUID, *, user_id: UUID, who: str, now: datetime) -> None:
    """End a token of the user.

    Raises:
        ProblemError: the user has no such token.
    """
    token = session.get(ApiToken, token_id)
    if token is None or token.user_id != user_id:
        raise not_found("token")
    token.revoked_at = token.revoked_at or now
    append(session, who=who, what="token revoked", object=f"token {token_id}")
