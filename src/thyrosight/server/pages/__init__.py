"""Pages of the workstation: shells with words and icons; what they show comes from the interface for programs."""

from fastapi import APIRouter

from thyrosight.server.pages import api, reader_studies, routes
from thyrosight.server.pages.shell import SignedOutError, send_to_sign_in

router = APIRouter(include_in_schema=False)
router.include_router(routes.router)
router.include_router(api.router)
router.include_router(reader_studies.router)

__all__ = ["SignedOutError", "router", "send_to_sign_in"]
