"""Figures for Prometheus, on a port of their own on this machine: requests, jobs, processes, disk."""

import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from thyrosight.server.database.tables import DeliveryRow, Job, UserSession
from thyrosight.server.services import Services
from thyrosight.server.settings import SettingsError

_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The figures of one workstation; no address, name or identifier is part of them.

    Args:
        services: asked for jobs, deliveries, sessions and disk when the figures are read.
        workers: gives how many processes of the models live.
    """

    def __init__(self, services: Services, *, workers: Callable[[], int] = lambda: 0) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "thyrosight_requests", "Requests by method and status.", ("method", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "thyrosight_request_seconds", "Seconds until the answer was sent.", buckets=_SECONDS, registry=self.registry
        )
        self.registry.register(_States(services, workers))

    def serve(self, port: int) -> None:
        """Offer the figures at http://127.0.0.1:PORT/metrics.

        Raises:
            SettingsError: the port is taken.
        """
        try:
            start_http_server(port, addr="127.0.0.1", registry=self.registry)
        except OSError as error:
            raise SettingsError(
                f"The port {port} for metrics cannot be used ({error.strerror or error}); choose another one."
            ) from error


class Metered:
    """ASGI middleware that counts requests and their time."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = time.perf_counter(), "500"

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._metrics.requests.labels(method, status).inc()
            # Who waits for a job asks to wait.
            if b"wait=" not in scope.get("query_string", b""):
                self._metrics.seconds.observe(time.perf_counter() - begun)


_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class _States(Collector):
    """Asked when the figures are read."""

    def __init__(self, services: Services, workers: Callable[[], int]) -> None:
        self._services, self._workers = services, workers

    def collect(self) -> Iterator[Metric]:
        services, now = self._services, self._services.clock()
        with services.database.read() as session:
            jobs = session.execute(select(Job.kind, Job.state, func.count()).group_by(Job.kind, Job.state)).all()
            deliveries = session.execute(select(DeliveryRow.state, func.count()).group_by(DeliveryRow.state)).all()
            seen = now - services.site.now.idle
            signed_in = session.scalar(
                select(func.count())
                .select_from(UserSession)
                .where(UserSession.ended_at.is_(None), UserSession.ends_at > now, UserSession.seen_at > seen)
            )
        yield _family("thyrosight_jobs", "Jobs by kind and state.", ("kind", "state"), jobs)
        yield _family("thyrosight_deliveries", "Deliveries by state.", ("state",), deliveries)
        yield GaugeMetricFamily("thyrosight_sessions", "Sessions that are open.", value=signed_in or 0)
        yield GaugeMetricFamily("thyrosight_workers", "Processes of the models that live.", value=self._workers())
        yield GaugeMetricFamily(
            "thyrosight_free_bytes", "Free bytes of the data folder's disk.", value=services.store.free_bytes()
        )


def _family(name: str, text: str, labels: tuple[str, ...], rows: Any) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=labels)
    for *names, count in rows:
        family.add_metric([str(one) for one in names], count)
    return family
