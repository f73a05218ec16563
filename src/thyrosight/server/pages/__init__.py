"""Pages for the browser: templates filled on the server, and modules in `static/` that talk to `/api/v1`."""

from fastapi import APIRouter

from thyrosight.server.pages import api

router = APIRouter(include_in_schema=False)
router.include_router(api.router)

__all__ = ["router"]
