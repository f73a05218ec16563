"""A page with the viewer alone, served to a real browser under the policy of the workstation."""

import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import thyrosight

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
STYLE = """
body { margin: 0; background: #111; color: #eee; --mark-own: #6db3f2; --mark-finder: #f0b040; --mark-chosen: #ffffff;
       --mark-halo: #000000c0; font: 14px sans-serif }
[data-stage] { position: relative; width: 900px; height: 640px; touch-action: none; outline-offset: -2px }
[data-stage] canvas { position: absolute; inset: 0; width: 100%; height: 100% }
"""
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Viewer</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/style.css"><script type="module" src="/start.js"></script></head>
<body><main id="viewer">
<div data-stage tabindex="0" role="application" aria-label="Picture">
<canvas data-canvas="picture"></canvas><canvas data-canvas="marks"></canvas></div>
<button data-do="play">Play</button><button data-do="select">Select</button><button data-do="box">Box</button>
<button data-do="outline">Outline</button><button data-do="calliper">Calliper</button>
<button data-do="window">Window</button>
<input type="range" min="0" data-slide="frame" aria-label="Frame">
<p><span data-show="frame"></span> <span data-show="zoom"></span> <span data-show="window"></span>
<span data-show="status"></span></p><p data-live aria-live="polite"></p></main></body></html>"""
START = """
import { Viewer } from "/static/viewer.js";
const options = await (await fetch("/options.json")).json();
const root = document.getElementById("viewer");
window.told = [];
for (const name of ["mark", "select", "frame"]) {
  root.addEventListener(name, (event) => window.told.push([name, event.detail]));
}
window.viewer = new Viewer(root, { ...options, url: (frame) => `/frames/${frame}` });
"""


@contextmanager
def served(image: dict[str, Any], *, marks: tuple[dict[str, Any], ...] = (), noise: bool = False) -> Iterator[str]:
    """The address of a page that shows a loop; frame `n` is a bright square whose left side stands in column 10 n.

    Args:
        image: what the viewer is told, see `viewer.js`.
        marks: marks that stand on it.
        noise: speckle in place of the dark ground, the worst case of decoding.
    """
    width, height = image["width"], image["height"]
    drawn = np.random.default_rng(1)
    grounds = drawn.integers(0, 255, (4, height, width), dtype=np.uint8)

    def frame(number: int) -> bytes:
        pixels = grounds[number % 4].copy() if noise else np.full((height, width), 20, dtype=np.uint8)
        left = (10 * number) % max(1, width - 10)
        pixels[10:20, left : left + 10] = 250
        written = io.BytesIO()
        Image.fromarray(pixels).save(written, "JPEG" if noise else "PNG", quality=90)
        return written.getvalue()

    known: dict[int, bytes] = {}
    static = Path(thyrosight.__file__).parent / "server" / "static" / "viewer"
    options = {"image": image, "marks": list(marks)}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.split("?")[0]
            fixed = {
                "/": ("text/html", PAGE.encode()),
                "/style.css": ("text/css", STYLE.encode()),
                "/start.js": ("text/javascript", START.encode()),
                "/options.json": ("application/json", json.dumps(options).encode()),
            }
            if path in fixed:
                return self.answer(*fixed[path])
            if path.startswith("/static/"):
                return self.answer("text/javascript", (static / path.removeprefix("/static/")).read_bytes())
            if path.startswith("/frames/"):
                number = int(path.removeprefix("/frames/"))
                if number not in known:
                    known[number] = frame(number)
                return self.answer("image/jpeg" if noise else "image/png", known[number])
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return None

        def answer(self, kind: str, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", POLICY)
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: the tests read what the page says."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
