"""The application: routes behind the shield."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from thyrosight import __version__
from thyrosight.server.http import Shield, document_errors, install_handlers
from thyrosight.server.metrics import Metered, Metrics
from thyrosight.server.pages import SignedOutError, send_to_sign_in
from thyrosight.server.pages import router as pages_router
from thyrosight.server.routes import api_router, open_router
from thyrosight.server.services import Services


def create_app(services: Services, *, metrics: Metrics | None = None) -> FastAPI:
    """The application on top of open services; the caller closes them.

    The schema is at `/api/v1/openapi.json`; FastAPI's own pages, which load scripts from elsewhere, are left out.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield

    app = FastAPI(
        title="ThyroSight",
        version=__version__,
        summary="For research use only. Not a medical device; not for diagnosis.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
    )
    app.state.services = services
    document_errors(app)
    install_handlers(app)
    app.include_router(open_router)
    app.include_router(api_router)
    app.include_router(pages_router)
    app.add_exception_handler(SignedOutError, send_to_sign_in)
    app.add_middleware(Shield, settings=services.settings)
    if metrics is not None:
        app.add_middleware(Metered, metrics=metrics)
    return app
