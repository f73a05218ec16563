"""Signing in and out."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field

from thyrosight.server.accounts import Actor, Role, csrf_token, sign_in, sign_out
from thyrosight.server.http import COOKIE, Answer, Body, Caller, address_of, allow
from thyrosight.server.http.access import require_own_site
from thyrosight.server.problems import refused

router = APIRouter(prefix="/session", tags=["session"])


class SignIn(Body):
    """Name and password."""

    name: Annotated[str, Field(max_length=128)]
    password: Annotated[str, Field(max_length=1024)]


class SessionAnswer(Answer):
    """The session of a browser.

    `csrf_token` goes with every change in the header X-CSRF-Token. The session ends at `idle_at` unless there is
    another request before, and at `ends_at` in any case.
    """

    name: str
    display: str
    roles: list[Role]
    csrf_token: str
    idle_at: datetime
    ends_at: datetime


@router.post("", status_code=201)
async def begin(body: SignIn, request: Request, response: Response, services: Caller) -> SessionAnswer:
    """Sign in. After five failures within 15 minutes the account is locked for as long."""
    require_own_site(request)
    settings, site, now = services.settings, services.site.now, services.clock()
    signed_in = await sign_in(
        services.database,
        services.passwords,
        name=body.name,
        password=body.password,
        address=address_of(request),
        now=now,
        absolute=site.absolute,
    )
    response.set_cookie(
        COOKIE,
        signed_in.secret,
        httponly=True,
        samesite="strict",
        secure=settings.encrypted,
        path=settings.prefix or "/",
    )
    user = signed_in.user
    return SessionAnswer(
        name=user.name,
        display=user.display,
        roles=sorted(Role(role) for role in user.roles),
        csrf_token=csrf_token(signed_in.secret),
        idle_at=now + site.idle,
        ends_at=signed_in.ends_at,
    )


@router.get("")
def show(request: Request, actor: Annotated[Actor, allow(touch=False)]) -> SessionAnswer:
    """The session; asking does not prolong it."""
    if actor.idle_at is None:
        raise refused("A token has no session.")
    return SessionAnswer(
        name=actor.name,
        display=actor.display,
        roles=sorted(actor.roles),
        csrf_token=csrf_token(request.cookies.get(COOKIE, "")),
        idle_at=actor.idle_at,
        ends_at=actor.ends_at,
    )


@router.delete("", status_code=204)
def end(response: Response, services: Caller, actor: Annotated[Actor, allow()]) -> None:
    """Sign out."""
    if actor.session_id is None:
        raise refused("A token has no session; revoke the token instead.")
    sign_out(services.database, actor.session_id, who=actor.name, now=services.clock())
    response.delete_cookie(COOKIE, path=services.settings.prefix or "/")
