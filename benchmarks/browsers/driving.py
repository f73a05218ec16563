"""Firefox by Marionette and WebKitGTK by WebDriver: one small client for both, since their commands are the same.

Both are Debian's packages (firefox-esr; webkit2gtk-driver, with Xvfb as its screen). W3C WebDriver names the commands;
Marionette takes them as JSON over a socket, `[0, number, name, parameters]` with the length before.
"""

import base64
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import requests

_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
SIZE = (1366, 768)
KEYS = {"Enter": "\ue007", "Escape": "\ue00c", "Tab": "\ue004"}


class Transport(Protocol):
    """Brings a command to the browser and its value back."""

    def send(self, name: str, method: str, path: str, body: dict[str, Any]) -> Any:
        """The value of a command; `name` is Marionette's, `method` and `path` are those of WebDriver."""
        ...

    def close(self) -> None:
        """End the browser."""
        ...


class Browser:
    """A page in a browser."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def open(self, url: str) -> None:
        self._transport.send("WebDriver:Navigate", "POST", "/url", {"url": url})

    def run(self, script: str, *arguments: Any) -> Any:
        """The value of a script's `return`."""
        body = {"script": script, "args": list(arguments)}
        return self._transport.send("WebDriver:ExecuteScript", "POST", "/execute/sync", body)

    def until(self, condition: str, *, seconds: float = 60) -> None:
        """Wait until an expression holds."""
        end = time.monotonic() + seconds
        while not self.run(f"return Boolean({condition})"):
            if time.monotonic() > end:
                raise TimeoutError(condition)
            time.sleep(0.05)

    def click(self, selector: str) -> None:
        number = self._element(selector)
        self._transport.send("WebDriver:ElementClick", "POST", f"/element/{number}/click", {"id": number})

    def fill(self, selector: str, text: str) -> None:
        number = self._element(selector)
        body = {"id": number, "text": text}
        self._transport.send("WebDriver:ElementSendKeys", "POST", f"/element/{number}/value", body)

    def press(self, key: str) -> None:
        sign = KEYS.get(key, key)
        steps = [{"type": "keyDown", "value": sign}, {"type": "keyUp", "value": sign}]
        self._act([{"type": "key", "id": "keys", "actions": steps}])

    def drag(self, start: Sequence[int], end: Sequence[int]) -> None:
        """A drag of the mouse between two places of the window."""

        def move(place: Sequence[int], lasts: int = 0) -> dict[str, Any]:
            return {"type": "pointerMove", "duration": lasts, "x": int(place[0]), "y": int(place[1])}

        steps = [move(start), {"type": "pointerDown", "button": 0}, move(end, 200), {"type": "pointerUp", "button": 0}]
        self._act([{"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": steps}])

    def picture(self, file: Path) -> None:
        found = self._transport.send("WebDriver:TakeScreenshot", "GET", "/screenshot", {"full": False})
        file.write_bytes(base64.b64decode(found))

    def close(self) -> None:
        self._transport.close()

    def _act(self, actions: list[dict[str, Any]]) -> None:
        self._transport.send("WebDriver:PerformActions", "POST", "/actions", {"actions": actions})

    def _element(self, selector: str) -> str:
        body = {"using": "css selector", "value": selector}
        return str(self._transport.send("WebDriver:FindElement", "POST", "/element", body)[_ELEMENT])


class Marionette:
    """Firefox without a window."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="firefox."))
        port = free_port()
        wishes = {"marionette.port": port, "datareporting.policy.dataSubmissionEnabled": False}
        lines = [f'user_pref("{name}", {json.dumps(value)});' for name, value in wishes.items()]
        (self._folder / "user.js").write_text("\n".join(lines), encoding="utf-8")
        size = [f"--width={SIZE[0]}", f"--height={SIZE[1]}"]
        self._process = subprocess.Popen(
            ["firefox-esr", "--headless", "--marionette", "--no-remote", "--profile", str(self._folder), *size],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "HOME": str(self._folder)},
        )  # fmt: skip
        self._number, self._rest = 0, b""
        self._socket = _connected(port)
        self._read()  # its greeting
        self.name = self.send("WebDriver:NewSession", "", "", {})["capabilities"]["browserVersion"]

    def send(self, name: str, method: str, path: str, body: dict[str, Any]) -> Any:
        self._number += 1
        text = json.dumps([0, self._number, name, body])
        self._socket.sendall(f"{len(text.encode())}:{text}".encode())
        _, _, error, value = self._read()
        if error is not None:
            raise RuntimeError(f"{name}: {error['error']}: {error['message']}")
        return value["value"] if isinstance(value, dict) and set(value) == {"value"} else value

    def close(self) -> None:
        self._socket.close()
        self._process.terminate()
        self._process.wait(30)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _read(self) -> Any:
        while b":" not in self._rest:
            self._rest += self._received()
        length, _, self._rest = self._rest.partition(b":")
        while len(self._rest) < int(length):
            self._rest += self._received()
        text, self._rest = self._rest[: int(length)], self._rest[int(length) :]
        return json.loads(text)

    def _received(self) -> bytes:
        found = self._socket.recv(1 << 20)
        if not found:
            raise ConnectionError("Firefox has ended")
        return found


class WebKit:
    """WebKitGTK's MiniBrowser on a screen of its own."""

    def __init__(self) -> None:
        port = free_port()
        screen = f":{port % 1000 + 100}"
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._screen = subprocess.Popen(["Xvfb", screen, "-screen", "0", f"{SIZE[0]}x{SIZE[1] + 100}x24"], **quiet)
        environment = {**os.environ, "DISPLAY": screen, "GDK_BACKEND": "x11", "WEBKIT_DISABLE_DMABUF_RENDERER": "1"}
        self._process = subprocess.Popen(["WebKitWebDriver", f"--port={port}"], env=environment, **quiet)
        _connected(port).close()
        self._url = f"http://127.0.0.1:{port}/session"
        binary = next(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))
        options = {"binary": str(binary), "args": ["--automation"]}
        wanted = {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}}
        made = self._answer(requests.post(self._url, json=wanted, timeout=120))
        self._url += f"/{made['sessionId']}"
        self.name = made["capabilities"]["browserVersion"]
        self.send("", "POST", "/window/rect", {"x": 0, "y": 0, "width": SIZE[0], "height": SIZE[1] + 80})

    def send(self, name: str, method: str, path: str, body: dict[str, Any]) -> Any:
        given = {"json": body} if method == "POST" else {}
        return self._answer(requests.request(method, self._url + path, timeout=120, **given))

    def close(self) -> None:
        requests.delete(self._url, timeout=30)
        for process in (self._process, self._screen):
            process.terminate()
            process.wait(30)

    @staticmethod
    def _answer(answer: requests.Response) -> Any:
        value = answer.json()["value"]
        if not answer.ok:
            raise RuntimeError(f"{value['error']}: {value['message']}")
        return value


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _connected(port: int) -> socket.socket:
    for _ in range(300):
        try:
            found = socket.create_connection(("127.0.0.1", port), timeout=120)
        except ConnectionRefusedError:
            time.sleep(0.1)
        else:
            return found
    raise TimeoutError("the browser does not listen")
