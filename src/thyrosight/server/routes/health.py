"""Whether the workstation lives, and whether it can work."""

from typing import Literal

from fastapi import APIRouter
from sqlalchemy import text

from thyrosight.errors import OutputError
from thyrosight.server.http import Answer, Caller
from thyrosight.server.problems import ProblemError

router = APIRouter(tags=["health"])
_LEAST_FREE = 200 * 2**20


class Health(Answer):
    """The state of the workstation."""

    status: Literal["live", "ready"]


@router.get("/health/live")
async def live() -> Health:
    """The process answers."""
    return Health(status="live")


@router.get("/health/ready")
def ready(services: Caller) -> Health:
    """The database answers, and the data folder can be written."""
    with services.database.read() as session:
        session.execute(text("SELECT 1"))
    try:
        services.store.check_writable()
    except OutputError:
        raise ProblemError(503, "The data folder cannot be written.") from None
    if services.store.free_bytes() < _LEAST_FREE:
        raise ProblemError(503, "The disk of the data folder is nearly full.")
    return Health(status="ready")
