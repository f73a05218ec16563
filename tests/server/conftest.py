"""A workstation within the test's own process, on SQLite and on PostgreSQL, with its own time."""

import hashlib
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from thyrosight.imaging import Box
from thyrosight.imaging.burned_in_text import find_burned_in_text

pytest.importorskip("fastapi", reason="the workstation is not installed: pip install 'thyrosight[server]'")

import httpx2 as httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from thyrosight.server.accounts import Passwords, Role, actor_of_session, link_of_first_administrator
from thyrosight.server.app import create_app
from thyrosight.server.database import Database, migrate
from thyrosight.server.http import COOKIE
from thyrosight.server.importing import Chores
from thyrosight.server.services import Services, open_services
from thyrosight.server.settings import ServerSettings

PASSWORD = "three plain words"
ADDRESS = "http://127.0.0.1:8000"


@dataclass
class Time:
    """A clock that stands still until it is moved."""

    now: datetime = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **parts: float) -> None:
        self.now += timedelta(**parts)


class AtOnce(httpx.BaseTransport):
    """Hands a request to the application in one call of its loop, where Starlette's own transport makes eight."""

    def __init__(self, app: Any, portal: BlockingPortal) -> None:
        self._asgi = httpx.ASGITransport(app, raise_app_exceptions=False, client=("testclient", 50000))
        self._portal = portal

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        return self._portal.call(self._answer, request)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        answer = await self._asgi.handle_async_request(request)
        assert isinstance(answer.stream, httpx.AsyncByteStream)
        body = b"".join([part async for part in answer.stream])
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(body))


@dataclass
class Station:
    """A workstation with one account of each role, and browsers that are signed in."""

    services: Services
    time: Time
    app: Any
    portal: Any = None
    ids: dict[str, str] = field(default_factory=dict)
    clients: dict[str, TestClient] = field(default_factory=dict)

    def browser(self, name: str | None = None, *, password: str = PASSWORD) -> TestClient:
        """A new browser; signed in where a name is given."""
        client = TestClient(self.app, base_url=ADDRESS + self.services.settings.prefix, raise_server_exceptions=False)
        if self.portal is not None:  # one event loop for all requests, as in a server
            client._transport = AtOnce(self.app, self.portal)
        if name is not None:
            answer = client.post("/api/v1/session", json={"name": name, "password": password})
            assert answer.status_code == 201, answer.text
            client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        return client

    def as_(self, name: str) -> TestClient:
        """The browser of a role, whose session has not ended."""
        client, services = self.clients.get(name), self.services
        secret, idle = "" if client is None else client.cookies.get(COOKIE) or "", services.site.now.idle
        if client is None or actor_of_session(services.database, secret, now=self.time(), idle=idle) is None:
            client = self.clients[name] = self.browser(name)
        return client

    def upload(self, content: bytes, *, name: str = "frame.png", who: str = "clinician", **more: Any) -> dict[str, Any]:
        """Upload a file in one piece; gives the last answer."""
        client = self.as_(who)
        made = client.post("/api/v1/uploads", json={"name": name, "size": len(content), **more})
        assert made.status_code == 201, made.text
        url = f"/api/v1/uploads/{made.json()['id']}"
        sent = client.put(url, content=content)
        if sent.json().get("job_id"):
            self.do_chores()
            sent = client.get(url)
        return {"status": sent.status_code, **sent.json()}

    def do_chores(self) -> None:
        """Do the jobs that need no model."""
        services = self.services
        chores = Chores(
            services.database, services.store, services.taker, services.peers, services.clock,
            patience=lambda: services.site.now.upload_patience, keep=lambda: services.site.now.backups_kept,
        )  # fmt: skip
        while chores.work():
            pass

    def study(self, content: bytes | None = None, **more: Any) -> dict[str, Any]:
        """A study made from one upload."""
        sent = self.upload(picture() if content is None else content, **more)
        assert sent["status"] == 200, sent
        found = self.as_("clinician").get(f"/api/v1/studies/{sent['images'][0]['study_id']}").json()
        assert isinstance(found, dict)
        return found


def picture(*, seed: int = 0, size: tuple[int, int] = (120, 160), form: str = "PNG") -> bytes:
    """A speckled picture as a file."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, size, dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, format=form)
    return stream.getvalue()


_TEXT: dict[tuple[tuple[int, ...], bytes], list[Box]] = {}


def _text_of(pixels: NDArray[np.uint8]) -> list[Box]:
    key = pixels.shape, hashlib.sha256(pixels.tobytes()).digest()
    if key not in _TEXT:
        _TEXT[key] = find_burned_in_text(pixels)
    return list(_TEXT[key])


@pytest.fixture(scope="module", autouse=True)
def text_is_sought_once() -> Iterator[None]:
    """The same few pictures go into study after study; what was found in them is known."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("thyrosight.imaging.deidentify.standing_text.find_burned_in_text", _text_of)
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server of our own; the tests on it skip where none is installed."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin")) if sys.platform.startswith("linux") else []
    pytest.importorskip("pg8000", reason="pg8000 is not installed: pip install 'thyrosight[postgres]'")
    if not folders:
        pytest.skip("no PostgreSQL at /usr/lib/postgresql: apt-get install postgresql")
    # Not below pytest's own folder, which other users may not enter: PostgreSQL refuses to run as root.
    folder = Path(tempfile.mkdtemp(prefix="thyrosight-postgres."))
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:
        as_user = {"user": "postgres", "group": "postgres", "extra_groups": []}
        shutil.chown(folder, "postgres", "postgres")
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder, **as_user}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    subprocess.run(
        [folders[-1] / "initdb", "-D", "data", "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C"],
        check=True, **quiet,
    )  # fmt: skip
    settings = (f"port={port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off")
    options = [part for one in settings for part in ("-c", one)]
    server = subprocess.Popen([folders[-1] / "postgres", "-D", "data", *options], **quiet)
    try:
        url = f"postgresql+pg8000://tester@127.0.0.1:{port}/postgres"
        _wait_for(url)
        yield url
    finally:
        server.send_signal(signal.SIGQUIT)
        server.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(url: str) -> None:
    database = Database(url)
    for _ in range(300):
        with suppress(SQLAlchemyError), database.engine.connect():
            database.close()
            return
        time.sleep(0.1)
    pytest.fail("PostgreSQL did not start within half a minute")


ON_ONE_DATABASE = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
"""For tests of what has nothing to do with the database."""


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of the database; what uses it runs on both."""
    return str(request.param)


@pytest.fixture(scope="session")
def fresh_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """Makes an empty database of a kind, and gives its address."""
    made = 0

    def make(kind: str) -> str:
        nonlocal made
        made += 1
        if kind == "sqlite":
            return f"sqlite:///{tmp_path_factory.mktemp('database')}/test.sqlite"
        server: str = request.getfixturevalue("postgres")
        _tell_postgres(server, f"CREATE DATABASE test{made}")
        return f"{server.rpartition('/')[0]}/test{made}"

    return make


def _tell_postgres(server: str, statement: str) -> None:
    """Run a statement that stands in no transaction."""
    database = Database(server)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))
    database.close()


@pytest.fixture(scope="session")
def ready_url(
    request: pytest.FixtureRequest, fresh_url: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], str]:
    """Makes a database of a kind with its tables, and gives its address.

    It is a copy of one that was migrated: to migrate takes ten times as long, and is what test_database.py tests.
    """
    migrated: dict[str, str] = {}
    made = 0

    def make(kind: str) -> str:
        nonlocal made
        made += 1
        if kind not in migrated:
            migrated[kind] = fresh_url(kind)
            database = Database(migrated[kind])
            migrate(database)
            database.close()
        if kind == "sqlite":
            copy = tmp_path_factory.mktemp("database") / "test.sqlite"
            shutil.copyfile(migrated[kind].removeprefix("sqlite:///"), copy)
            return f"sqlite:///{copy}"
        server: str = request.getfixturevalue("postgres")
        _tell_postgres(server, f"CREATE DATABASE ready{made} TEMPLATE {migrated[kind].rpartition('/')[2]}")
        return f"{server.rpartition('/')[0]}/ready{made}"

    return make


@pytest.fixture
def empty_database(kind: str, fresh_url: Callable[[str], str]) -> Iterator[Database]:
    """A database without tables."""
    made = Database(fresh_url(kind))
    yield made
    made.close()


@pytest.fixture
def database(kind: str, ready_url: Callable[[str], str], request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database with its tables, and nothing in them."""
    server = None if kind == "sqlite" else request.getfixturevalue("postgres")
    made = Database(ready_url(kind))
    yield made
    made.close()
    if server is not None:  # each takes 8 MB
        _tell_postgres(server, f"DROP DATABASE {made.url.rpartition('/')[2]}")


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    """An event loop in a thread."""
    with start_blocking_portal() as made:
        yield made


def make_station(data: Path, url: str, portal: BlockingPortal, **more: Any) -> Station:
    """A workstation with an account for each role, named like it; `more` are settings."""
    time = Time()
    settings = ServerSettings(data=data, database=url, workers=0, **more)
    services = open_services(settings, clock=time, passwords=Passwords(memory_cost=64))
    station = Station(services, time, create_app(services), portal)
    secret = link_of_first_administrator(services.database, now=time())
    client = station.browser()
    body = {"secret": secret, "name": "administrator", "password": PASSWORD}
    assert client.post("/api/v1/links", json=body).status_code == 201
    admin = station.as_("administrator")
    for role in Role:
        if role is not Role.ADMINISTRATOR:
            made = admin.post("/api/v1/users", json={"name": role.value, "roles": [role.value]}).json()
            link = admin.post(f"/api/v1/users/{made['id']}/link").json()
            used = client.post("/api/v1/links", json={"secret": link["secret"], "password": PASSWORD})
            assert used.status_code == 201, used.text
    station.ids = {one["name"]: one["id"] for one in admin.get("/api/v1/users").json()}
    changed = admin.patch(f"/api/v1/users/{station.ids['administrator']}", json={"roles": ["administrator"]})
    assert changed.status_code == 200, changed.text
    return station


@pytest.fixture(scope="session")
def station(
    kind: str, ready_url: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory, portal: BlockingPortal
) -> Iterator[Station]:
    """A workstation that all tests share: each takes studies of its own."""
    made = make_station(tmp_path_factory.mktemp("station"), ready_url(kind), portal)
    yield made
    made.services.close()
