"""The frame of every page: who looks, in which language, under which prefix, and what the navigation shows."""

from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from thyrosight.server.accounts import Actor, Role, actor_of_session, csrf_token
from thyrosight.server.http import COOKIE, services_of
from thyrosight.server.pages.rendering import render
from thyrosight.server.sentences import language_of

STUDIES: Final = frozenset({Role.CLINICIAN, Role.RESEARCHER})
DESIGNERS: Final = frozenset({Role.ADMINISTRATOR, Role.RESEARCHER})


@dataclass(frozen=True)
class Entry:
    """An entry of the navigation: address, words, and the roles that see it."""

    path: str
    title: str
    roles: frozenset[Role]


NAVIGATION: Final = (
    Entry("/worklist", "Worklist", STUDIES),
    Entry("/reader-studies", "Reader studies", DESIGNERS),
    Entry("/reading", "Reading room", frozenset({Role.READER})),
    Entry("/users", "Accounts", frozenset({Role.ADMINISTRATOR})),
    Entry("/system", "System", frozenset({Role.ADMINISTRATOR})),
    Entry("/audit", "Audit", frozenset({Role.AUDITOR})),
)


class SignedOutError(Exception):
    """A page for which somebody must sign in first."""


def visitor(request: Request) -> Actor:
    """Who is signed in.

    Raises:
        SignedOutError: nobody is.
    """
    services = services_of(request)
    secret = request.cookies.get(COOKIE, "")
    actor = secret and actor_of_session(
        services.database, secret, now=services.clock(), idle=services.site.now.idle, touch=True
    )
    if not actor:
        raise SignedOutError
    return actor


Visitor = Annotated[Actor, Depends(visitor)]
"""The person who looks at a page, as a parameter of its route."""


def send_to_sign_in(request: Request, _: Exception) -> Response:
    """The answer to a page for which somebody must sign in; the page comes back to it afterwards."""
    prefix = prefix_of(request)
    wanted = request.url.path.removeprefix(prefix)
    return RedirectResponse(f"{prefix}/sign-in" + (f"#{wanted}" if wanted != "/" else ""), 303)


def prefix_of(request: Request) -> str:
    """The path under which a proxy shows the workstation; empty without one."""
    return services_of(request).settings.prefix


def entries_for(actor: Actor) -> list[Entry]:
    """The entries of the navigation that a user sees."""
    return [own for own in NAVIGATION if own.roles & actor.roles]


def page(
    request: Request, name: str, actor: Actor | None, *, roles: frozenset[Role] | None = None, **values: Any
) -> HTMLResponse:
    """A page of the visitor's language; one that says so where the role is missing."""
    language = language_of(request)
    allowed = actor is None or roles is None or bool(actor.roles & roles)
    prefix = prefix_of(request)
    text = render(
        name if allowed else "not_allowed.html",
        language=language,
        prefix=prefix,
        actor=actor,
        csrf="" if actor is None else csrf_token(request.cookies.get(COOKIE, "")),
        entries=[] if actor is None else entries_for(actor),
        here=request.url.path.removeprefix(prefix),
        **values,
    )
    return HTMLResponse(text, 200 if allowed else 403)
