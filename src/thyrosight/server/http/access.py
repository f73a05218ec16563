"""Access to routes: every one names its roles, or stands in the short list of those that are open."""

from typing import Annotated, Any, Final

from fastapi import Depends, Request

from thyrosight.server.accounts import Actor, Role, actor_of_session, actor_of_token, csrf_token
from thyrosight.server.problems import ProblemError
from thyrosight.server.services import Services

COOKIE: Final = "thyrosight_session"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_HOW: Final = {"WWW-Authenticate": 'Bearer realm="thyrosight"'}


def services_of(request: Request) -> Services:
    """Services that all requests share."""
    found = request.app.state.services
    assert isinstance(found, Services)
    return found


def address_of(request: Request) -> str:
    """The address that a request comes from, for the log of signing in."""
    return (request.client.host if request.client else "")[:64]


class Allowed:
    """A dependency that lets users of some roles in, and gives who it is.

    Args:
        roles: any of them will do.
        touch: whether a request counts as a sign of life of its session.
    """

    def __init__(self, roles: frozenset[Role], *, touch: bool = True) -> None:
        self.roles, self._touch = roles, touch

    def __call__(self, request: Request) -> Actor:
        actor = self._identify(request)
        if not actor.roles & self.roles:
            needed = " or ".join(sorted(self.roles))
            raise ProblemError(403, f"This is for the role {needed}; ask an administrator.")
        request.state.actor = actor
        return actor

    def _identify(self, request: Request) -> Actor:
        services = services_of(request)
        now = services.clock()
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and token:
            actor = actor_of_token(services.database, token.strip(), now=now)
            if actor is None:
                raise ProblemError(401, "The token has ended or was revoked; make another one.")
            return actor
        secret = request.cookies.get(COOKIE, "")
        if not secret:
            raise ProblemError(401, "Nobody is signed in; sign in first.")
        require_own_site(request)
        if request.method not in _SAFE and request.headers.get("x-csrf-token", "") != csrf_token(secret):
            raise ProblemError(403, "The request does not come from a page of the workstation; load the page again.")
        actor = actor_of_session(services.database, secret, now=now, idle=services.site.now.idle, touch=self._touch)
        if actor is None:
            raise ProblemError(401, "The session has ended; sign in again.")
        return actor


def require_own_site(request: Request) -> None:
    """Refuse what a page of another site makes a browser send.

    Raises:
        ProblemError: the browser says that it comes from elsewhere.
    """
    if request.method in _SAFE:
        return
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise ProblemError(403, "The request comes from a page of another site.")


def allow(*roles: Role, touch: bool = True) -> Any:
    """The dependency of a route for these roles; without any, for everybody who is signed in."""
    return Depends(Allowed(frozenset(roles or Role), touch=touch))


async def _services(request: Request) -> Services:
    """Without waiting: a function that is no coroutine would go through a thread of its own with each request."""
    return services_of(request)


Caller = Annotated[Services, Depends(_services)]
"""Services that all requests share, as a parameter of a route."""
