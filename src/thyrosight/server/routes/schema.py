"""The schema of the interface."""

from typing import Any

from fastapi import APIRouter, Request

router = APIRouter(tags=["schema"])


@router.get("/openapi.json", include_in_schema=False)
async def schema(request: Request) -> dict[str, Any]:
    """OpenAPI 3.1; `/api` shows it as a page."""
    found: dict[str, Any] = request.app.openapi()
    return found
