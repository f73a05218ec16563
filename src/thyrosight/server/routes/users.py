"""Accounts, for administrators."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import func, select

from thyrosight.server.accounts import Actor, Role, add_user, change_user, end_sessions, link_for
from thyrosight.server.database import append
from thyrosight.server.database.tables import User, UserSession
from thyrosight.server.http import Answer, Body, Caller, Id, allow
from thyrosight.server.problems import not_found

router = APIRouter(prefix="/users", tags=["administration"])
Administrator = Annotated[Actor, allow(Role.ADMINISTRATOR)]
Roles = Annotated[list[Annotated[Role, Field(strict=False)]], Field(min_length=1, max_length=8)]


class UserAnswer(Answer):
    """An account."""

    id: Id
    name: str
    display: str
    roles: list[Role]
    has_password: bool
    closed: bool
    created_at: datetime
    open_sessions: int


class NewUser(Body):
    """An account to be made."""

    name: Annotated[str, Field(max_length=128)]
    display: Annotated[str, Field(max_length=128)] = ""
    roles: Roles


class ChangeUser(Body):
    """Changes of an account; fields left out stay."""

    display: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    roles: Roles | None = None
    closed: bool | None = None


class LinkAnswer(Answer):
    """The secret of a link that sets the account's password once, within three days: `/welcome#SECRET`."""

    secret: str


@router.get("")
def listing(services: Caller, actor: Administrator) -> list[UserAnswer]:
    """All accounts."""
    now = services.clock()
    with services.database.read() as session:
        counted = session.execute(
            select(UserSession.user_id, func.count())
            .where(
                UserSession.ended_at.is_(None),
                UserSession.ends_at > now,
                UserSession.seen_at > now - services.site.now.idle,
            )
            .group_by(UserSession.user_id)
        )
        counts = {user_id: int(count) for user_id, count in counted}
        return [_user(user, counts.get(user.id, 0)) for user in session.scalars(select(User).order_by(User.name))]


@router.post("", status_code=201)
def add(body: NewUser, services: Caller, actor: Administrator) -> UserAnswer:
    """Make an account; it has no password until its owner sets one by a link."""
    with services.database.write() as session:
        user = add_user(
            session, name=body.name, display=body.display, roles=body.roles, who=actor.name, now=services.clock()
        )
    return _user(user, 0)


@router.patch("/{user_id}")
def change(user_id: Id, body: ChangeUser, services: Caller, actor: Administrator) -> UserAnswer:
    """Change an account; closing it ends its sessions, and nothing of it is deleted."""
    with services.database.write() as session:
        user = change_user(
            session,
            user_id,
            display=body.display,
            roles=body.roles,
            closed=body.closed,
            who=actor.name,
            now=services.clock(),
        )
    return _user(user, 0)


@router.post("/{user_id}/link", status_code=201)
def link(user_id: Id, services: Caller, actor: Administrator) -> LinkAnswer:
    """Make a link by which the owner of the account sets its password; it also ends a lock."""
    with services.database.write() as session:
        if session.get(User, user_id) is None:
            raise not_found("account")
        return LinkAnswer(secret=link_for(session, user_id, who=actor.name, now=services.clock()))


@router.delete("/{user_id}/sessions", status_code=204)
def end(user_id: Id, services: Caller, actor: Administrator) -> None:
    """End all sessions of an account."""
    with services.database.write() as session:
        if session.get(User, user_id) is None:
            raise not_found("account")
        end_sessions(session, user_id, now=services.clock())
        append(session, who=actor.name, what="sessions ended", object=f"user {user_id}", clock=services.clock)


def _user(user: User, open_sessions: int) -> UserAnswer:
    return UserAnswer(
        id=user.id,
        name=user.name,
        display=user.display,
        roles=[Role(role) for role in user.roles],
        has_password=user.password is not None,
        closed=user.closed_at is not None,
        created_at=user.created_at,
        open_sessions=open_sessions,
    )
