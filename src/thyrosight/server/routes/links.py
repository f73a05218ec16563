"""Links that set a password once."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field

from thyrosight.server.accounts import use_link
from thyrosight.server.http import Answer, Body, Caller
from thyrosight.server.http.access import require_own_site

router = APIRouter(prefix="/links", tags=["session"])


class UseLink(Body):
    """The secret of the link and the new password; name and display make the account of the first administrator."""

    secret: Annotated[str, Field(max_length=128)]
    password: Annotated[str, Field(max_length=1024)]
    name: Annotated[str, Field(max_length=128)] = ""
    display: Annotated[str, Field(max_length=128)] = ""


class LinkUsed(Answer):
    """The account whose password was set."""

    name: str


@router.post("", status_code=201)
async def use(body: UseLink, request: Request, services: Caller) -> LinkUsed:
    """Set a password by a link that an administrator, or the terminal at the first start, gave."""
    require_own_site(request)
    user = await use_link(
        services.database,
        services.passwords,
        secret=body.secret,
        password=body.password,
        name=body.name,
        display=body.display,
        now=services.clock(),
    )
    return LinkUsed(name=user.name)
