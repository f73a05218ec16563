"""The account of the user who asks: name, password, tokens."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field
from sqlalchemy import select

from thyrosight.server.accounts import Actor, Role, change_password, new_token, revoke_token
from thyrosight.server.database import append
from thyrosight.server.database.tables import ApiToken, User
from thyrosight.server.http import Answer, Body, Caller, Id, address_of, allow
from thyrosight.server.problems import refused

router = APIRouter(prefix="/me", tags=["account"])
Me = Annotated[Actor, allow()]


class MeAnswer(Answer):
    """The user's own account."""

    id: Id
    name: str
    display: str
    roles: list[Role]
    sees_names: bool
    password_set_at: datetime | None


class ChangeMe(Body):
    """Changes of one's own account; fields left out stay. A new password needs the old one."""

    display: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    old_password: Annotated[str, Field(max_length=1024)] | None = None
    new_password: Annotated[str, Field(max_length=1024)] | None = None


class NewToken(Body):
    """A token for a program: what it is for, its roles among the user's own, and for how many days it lasts."""

    label: Annotated[str, Field(min_length=1, max_length=128)]
    roles: Annotated[list[Annotated[Role, Field(strict=False)]], Field(min_length=1, max_length=8)]
    days: Annotated[int, Field(ge=1, le=366)] = 90


class TokenAnswer(Answer):
    """A token; its secret is shown once, when it is made."""

    id: Id
    label: str
    roles: list[Role]
    created_at: datetime
    ends_at: datetime
    used_at: datetime | None
    secret: str | None = None


@router.get("")
def show(services: Caller, actor: Me) -> MeAnswer:
    """The user's own account."""
    with services.database.read() as session:
        user = session.get_one(User, actor.user_id)
    return MeAnswer(
        id=user.id,
        name=user.name,
        display=user.display,
        roles=sorted(actor.roles),
        sees_names=actor.sees_names,
        password_set_at=user.password_set_at,
    )


@router.patch("")
async def change(body: ChangeMe, request: Request, services: Caller, actor: Me) -> MeAnswer:
    """Change the name that others see, or the password; a new password ends the user's other sessions."""
    now = services.clock()
    if (body.old_password is None) != (body.new_password is None):
        raise refused("A new password needs the old one beside it.")
    if body.old_password is not None and body.new_password is not None:
        await change_password(
            services.database,
            services.passwords,
            user_id=actor.user_id,
            session_id=actor.session_id,
            old=body.old_password,
            new=body.new_password,
            address=address_of(request),
            now=now,
        )
    if body.display is not None:
        with services.database.write() as session:
            session.get_one(User, actor.user_id).display = body.display
            append(session, who=actor.name, what="user changed", object=f"user {actor.user_id}", clock=services.clock)
    return show(services, actor)


@router.get("/tokens")
def tokens(services: Caller, actor: Me) -> list[TokenAnswer]:
    """The user's tokens that are still good."""
    with services.database.read() as session:
        found = session.scalars(
            select(ApiToken)
            .where(
                ApiToken.user_id == actor.user_id, ApiToken.revoked_at.is_(None), ApiToken.ends_at > services.clock()
            )
            .order_by(ApiToken.created_at)
        ).all()
    return [_token(one) for one in found]


@router.post("/tokens", status_code=201)
def make_token(body: NewToken, services: Caller, actor: Me) -> TokenAnswer:
    """Make a token; a program sends it as `Authorization: Bearer ...`."""
    if actor.session_id is None:
        raise refused("A token makes no tokens; sign in.")
    if not set(body.roles) <= actor.roles:
        raise refused("A token has no other roles than the account.")
    now = services.clock()
    with services.database.write() as session:
        row, secret = new_token(
            session,
            user_id=actor.user_id,
            label=body.label,
            roles=body.roles,
            ends_at=now + timedelta(days=body.days),
            who=actor.name,
            now=now,
        )
    return _token(row, secret)


@router.delete("/tokens/{token_id}", status_code=204)
def end_token(token_id: Id, services: Caller, actor: Me) -> None:
    """Revoke a token."""
    with services.database.write() as session:
        revoke_token(session, token_id, user_id=actor.user_id, who=actor.name, now=services.clock())


def _token(row: ApiToken, secret: str | None = None) -> TokenAnswer:
    return TokenAnswer(
        id=row.id,
        label=row.label,
        roles=[Role(role) for role in row.roles],
        created_at=row.created_at,
        ends_at=row.ends_at,
        used_at=row.used_at,
        secret=secret,
    )
