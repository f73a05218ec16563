"""OHIF, a viewer that others wrote, in a browser without a window, beside Orthanc's DICOMweb."""

import asyncio
import json
import shutil
import subprocess
import tarfile
import tempfile
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.chromium import chromium
from tests.pacs.conftest import Archive, free_port

PACKAGE = "@ohif/app@3.12.10"
_KINDS = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".wasm": "application/wasm",
          ".json": "application/json", ".svg": "image/svg+xml"}  # fmt: skip
_SOURCE = {
    "namespace": "@ohif/extension-default.dataSourcesModule.dicomweb",
    "sourceName": "dicomweb",
    "configuration": {
        "friendlyName": "archive", "name": "archive", "wadoUriRoot": "/dicom-web", "qidoRoot": "/dicom-web",
        "wadoRoot": "/dicom-web", "qidoSupportsIncludeField": False, "imageRendering": "wadors",
        "thumbnailRendering": "wadors", "enableStudyLazyLoad": True, "supportsFuzzyMatching": False,
        "supportsWildcard": True, "singlepart": "bulkdata,video,pdf", "omitQuotationForMultipartRequest": True,
        "bulkDataURI": {"enabled": True, "relativeResolution": "studies"},
    },
}  # fmt: skip
_YES = "[...document.querySelectorAll('button')].find(one => one.innerText.trim() === 'Yes')"
_CONFIG = {
    "routerBasename": None, "extensions": [], "modes": [], "showStudyList": True, "maxNumberOfWebWorkers": 1,
    "investigationalUseDialog": {"option": "never"}, "defaultDataSourceName": "dicomweb", "dataSources": [_SOURCE],
}  # fmt: skip


@pytest.fixture(scope="session")
def viewer_files(request: pytest.FixtureRequest) -> Path:
    """The prebuilt viewer, fetched once by npm into pytest's cache."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed here (Debian: apt-get install npm)")
    cache = getattr(request.config, "cache", None)
    if cache is None:
        pytest.skip("pytest's cache, which keeps the viewer, is turned off")
    folder = cache.mkdir("ohif") / PACKAGE.rpartition("@")[2]
    if not (folder / "package" / "dist" / "index.html").is_file():
        folder.mkdir(exist_ok=True)
        command = ["npm", "pack", PACKAGE, "--pack-destination", str(folder)]
        if subprocess.run(command, capture_output=True, check=False, timeout=250).returncode != 0:
            pytest.skip(f"npm cannot fetch {PACKAGE} here")
        (packed,) = folder.glob("*.tgz")
        with tarfile.open(packed) as content:
            content.extractall(folder, filter="data")
        packed.unlink()
    return folder / "package" / "dist"


def handler_of(files: Path, archive: Archive) -> type[BaseHTTPRequestHandler]:
    """Serves the viewer's files and hands requests below /dicom-web on to the archive: one origin for both."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            file = files / path.lstrip("/")
            if path.startswith("/dicom-web"):
                found = requests.get(archive.rest + self.path, headers={"Accept": self.headers["Accept"]}, timeout=30)
                self.answer(found.content, found.headers.get("Content-Type", ""), found.status_code)
            elif path == "/app-config.js":
                self.answer(f"window.config = {json.dumps(_CONFIG)};".encode(), "text/javascript")
            else:
                file = file if file.is_file() else files / "index.html"
                self.answer(file.read_bytes(), _KINDS.get(file.suffix, "application/octet-stream"), kept=True)

        def answer(self, body: bytes, kind: str, status: int = 200, *, kept: bool = False) -> None:
            with suppress(ConnectionError):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                if kept:  # with its compiled scripts, which take the browser seconds
                    self.send_header("Cache-Control", "max-age=3600")
                self.send_header("Cross-Origin-Opener-Policy", "same-origin")
                self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


class Viewer:
    """A page of the browser, driven by the DevTools protocol."""

    def __init__(self, address: str, browser: str) -> None:
        self.address, self.problems, self._number = address, [], 0
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._profile = tempfile.mkdtemp()
        self._port = free_port()
        command = [
            browser, "--headless", "--no-sandbox", "--disable-dev-shm-usage", "--use-gl=angle",
            "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--window-size=800,480",
            # Without a graphics card, the pictures alone are drawn by SwiftShader, and not all of the page around them.
            "--disable-gpu-compositing", "--disable-gpu-rasterization",
            f"--user-data-dir={self._profile}", f"--remote-debugging-port={self._port}", "about:blank",
        ]  # fmt: skip
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._run(self._connect())

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(90)

    async def _connect(self) -> None:
        import aiohttp

        self._session = aiohttp.ClientSession()
        for _ in range(150):
            with suppress(aiohttp.ClientError):
                async with self._session.get(f"http://127.0.0.1:{self._port}/json") as answer:
                    pages = [one for one in await answer.json() if one["type"] == "page"]
                if pages:
                    break
            await asyncio.sleep(0.2)
        self._line = await self._session.ws_connect(pages[0]["webSocketDebuggerUrl"], max_msg_size=0)
        self._reading = asyncio.ensure_future(self._read())
        await self._call("Runtime.enable")
        await self._call("Page.enable")

    async def _read(self) -> None:
        async for message in self._line:
            said = message.json()
            if said.get("id"):  # 0 is the answer to the end, for which nobody waits
                self._answers.pop(said["id"]).set_result(said)
            elif said.get("method") == "Runtime.exceptionThrown":
                details = said["params"]["exceptionDetails"]
                self.problems.append(str(details.get("exception", {}).get("description", details.get("text"))))
            elif said.get("method") == "Runtime.consoleAPICalled" and said["params"]["type"] == "error":
                words = said["params"]["args"]
                self.problems.append(
                    " ".join(str(word.get("value") or word.get("description") or "") for word in words)
                )

    async def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        answer = self._answers[self._number] = self._loop.create_future()
        await self._line.send_json({"id": self._number, "method": method, "params": parameters})
        return await asyncio.wait_for(answer, 60)

    def run(self, script: str) -> Any:
        """The value of an expression in the page; a promise is waited for."""
        said = self._run(
            self._call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        )["result"]  # fmt: skip
        assert "exceptionDetails" not in said, said["exceptionDetails"]
        return said["result"].get("value")

    def wait_for(self, script: str, seconds: float = 45) -> Any:
        """The first value of an expression that holds."""
        return self.run(
            f"""(async () => {{
                const end = Date.now() + {seconds * 1000};
                while (Date.now() < end) {{
                    try {{ const found = await ({script}); if (found) return found; }} catch (error) {{}}
                    await new Promise(done => setTimeout(done, 100));
                }}
                return null;
            }})()"""
        )

    def open(self, study: str) -> None:
        """Open a study and wait for its first picture and for its results."""
        self._run(self._call("Page.navigate", url="about:blank"))
        self.problems.clear()
        self._run(self._call("Page.navigate", url=f"{self.address}/viewer?StudyInstanceUIDs={study}"))
        assert self.wait_for(
            f"location.search.includes('{study}')"
            " && ['SEG', 'SR', 'DOC'].every(one => services.displaySetService.getActiveDisplaySets()"
            ".some(found => found.Modality === one))"
            " && cornerstone.getEnabledElements().some(one => one.viewport.getImageData && one.viewport.getImageData())"
        ), self.problems

    def show(self, modality: str) -> None:
        """Put a series of results into the picture's place, as a double click on it does."""
        self.run(
            f"""(() => {{
                window.shown = services.displaySetService.getActiveDisplaySets()
                    .find(one => one.Modality === '{modality}');
                const place = services.viewportGridService.getActiveViewportId();
                services.viewportGridService.setDisplaySetsForViewports(services.hangingProtocolService
                    .getViewportsRequireUpdate(place, shown.displaySetInstanceUID, false));
            }})()"""
        )

    def ask(self, study: str, modality: str, *, opened: bool = False) -> None:
        """Open a study, unless it is, and its results of one kind, until the viewer asks whether to take them over.

        On a busy machine the viewer may still be laying its page out, and then shows the picture again.
        """
        for attempt, seconds in enumerate((12, 25, 25)):
            if attempt or not opened:
                self.open(study)
                time.sleep(2)
            self.show(modality)
            if self.wait_for(f"!!({_YES})", seconds):
                return
        raise AssertionError((self.run("document.body.innerText"), self.problems))

    def say_yes(self) -> None:
        """Agree to what the viewer asks, and wait until the question is gone."""
        self.run(f"({_YES}).click()")
        assert self.wait_for(f"!({_YES})"), self.problems

    def close(self) -> None:
        """End the browser itself: what was started may be a script that only waits for it."""
        self._run(self._line.send_json({"id": 0, "method": "Browser.close"}))
        self._run(self._session.close())
        self._process.wait(timeout=20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        shutil.rmtree(self._profile, ignore_errors=True)


@pytest.fixture(scope="module")
def viewer(viewer_files: Path, archive: Archive) -> Iterator[Viewer]:
    """The viewer in a browser, beside the archive; left open, it would go on drawing while other tests run."""
    pytest.importorskip("aiohttp")
    browser = chromium()
    if browser is None:
        pytest.skip("Chromium is not installed here (Debian: apt-get install chromium-headless-shell)")
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(viewer_files, archive))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    page = Viewer(f"http://127.0.0.1:{server.server_port}", browser)
    yield page
    page.close()
    server.shutdown()
