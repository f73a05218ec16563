"""Running the workstation: its lock, its log, its address, and an end that finishes what is under way."""

import logging
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import uvicorn

from thyrosight.lock import locked_folder
from thyrosight.memory import share_one_heap
from thyrosight.pacs.node.worker import Worker
from thyrosight.server.accounts import link_of_first_administrator
from thyrosight.server.app import create_app
from thyrosight.server.importing import Chores, Watcher
from thyrosight.server.jobs import Workers
from thyrosight.server.logs import log_to
from thyrosight.server.metrics import Metrics
from thyrosight.server.reader_studies.reports import StudyReports
from thyrosight.server.reporting import Courier
from thyrosight.server.services import Services, open_services
from thyrosight.server.settings import ServerSettings, SettingsError

LOG = logging.getLogger("thyrosight.server")
_SWITCH = 0.001
"""Seconds that a thread computes while others wait: a light request waits for it several times, between its steps."""
_GRACE = 20
"""Seconds that requests under way have to finish when the server ends."""


def run(settings: ServerSettings, *, say: Callable[[str], None], log: Path | None = None) -> None:
    """Serve until Ctrl-C or the signal with which service managers end a program.

    Args:
        settings: how.
        say: called with the lines that a person at the terminal should read.
        log: a file that the log is also written to.

    Raises:
        ThyroSightError: settings, database, folder or address cannot be used.
    """
    settings.check()
    share_one_heap()
    log_to(log)
    with locked_folder(settings.data, "workstation"):
        services = open_services(settings)
        workers = Workers(settings)
        threads = _threads(services)
        services.on_job.extend([workers.wake, *(thread.wake for thread in threads)])
        try:
            listening = _listen(settings)
            port = listening.getsockname()[1]
            _greet(services, say, port=port)
            metrics = Metrics(services, workers=workers.alive)
            sys.setswitchinterval(_SWITCH)
            server = uvicorn.Server(_configuration(services, metrics))
            workers.start()  # once there is nothing left to load here: models take both processors for seconds
            for thread in threads:
                thread.start()
            _end_gently()
            if settings.metrics_port is not None:
                metrics.serve(settings.metrics_port)
            server.run(sockets=[listening])
        finally:
            for thread in threads:
                thread.stop()
            for thread in threads:
                if thread.is_alive():
                    thread.join(timeout=10)
            workers.stop()
            services.close()
    say("Ended; what was acknowledged is on the disk.")


def _threads(services: Services) -> list[Worker]:
    """The threads beside the requests."""
    courier = Courier(services.database, services.store, services.peers, services.clock)
    chores = Chores(
        services.database, services.store, services.taker, services.peers, services.clock,
        patience=lambda: services.site.now.upload_patience, keep=lambda: services.site.now.backups_kept,
    )  # fmt: skip
    reports = StudyReports(services.database, services.store, services.clock)
    threads = [
        Worker("courier", courier.work, rest=5, log=LOG),
        Worker("chores", chores.work, rest=5, log=LOG),
        Worker("study reports", reports.work, rest=5, log=LOG),
    ]
    settings = services.settings
    watched = {"folder": settings.watch, "node": None if settings.node is None else settings.node / "images"}
    for source, folder in watched.items():
        if folder is not None:
            watcher = Watcher(folder, source, taker=services.taker, database=services.database, clock=services.clock)
            threads.append(Worker(f"watching the {source}", watcher.work, rest=5, log=LOG))
    return threads


def _end_gently() -> None:
    """Once the server has shut down, it raises the signal again that ended it; the work here still goes on."""
    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), lambda *_: None)


def address(settings: ServerSettings, port: int) -> str:
    """The address under which a browser on this machine reaches it.

    >>> address(ServerSettings(Path("data"), prefix="/thyrosight"), 8000)
    'http://127.0.0.1:8000/thyrosight'
    """
    scheme = "https" if settings.certificate is not None else "http"
    host = settings.host if settings.host not in ("0.0.0.0", "::") else socket.gethostname()
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}{settings.prefix}"


def _greet(services: Services, say: Callable[[str], None], *, port: int) -> None:
    where = address(services.settings, port)
    say(f"ThyroSight: {where}   Ctrl-C ends it. For research use only, not for diagnosis.")
    secret = link_of_first_administrator(services.database, now=services.clock())
    if secret is not None:
        say(f"There is no administrator yet. Make the first account within three days: {where}/welcome#first:{secret}")


def _listen(settings: ServerSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as error:
        listening.close()
        raise SettingsError(
            f"The workstation cannot listen on {settings.host}:{settings.port} ({error.strerror or error}); choose "
            "another port with --port, or stop the program that uses it."
        ) from error
    return listening


def _configuration(services: Services, metrics: Metrics) -> uvicorn.Config:
    settings = services.settings
    return uvicorn.Config(
        create_app(services, metrics=metrics),
        log_config=None,
        access_log=False,  # addresses hold identifiers; what happened is in the audit trail
        server_header=False,
        proxy_headers=settings.behind_proxy,
        forwarded_allow_ips="127.0.0.1" if settings.behind_proxy else "",
        ssl_certfile=settings.certificate,
        ssl_keyfile=settings.key,
        timeout_graceful_shutdown=_GRACE,
        timeout_keep_alive=30,
        ws="none",
    )
