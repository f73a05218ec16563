"""The viewer in headless Chromium: frames per second, first frame, memory of the tab, and from drag to box.

    python benchmarks/bench_viewer.py

Worst case: frames of uniform noise, which no codec makes small. The page is served from this process, so that the
figures are of the browser and the viewer, not of a network.
"""

import shutil
import statistics
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from playwright.sync_api import Page, sync_playwright

from tests.server.viewer_page import served

_STEP = """(points) => new Promise((done) => {
    const [x, y] = points, stage = viewer.stage.getBoundingClientRect();
    const before = performance.now();
    viewer.stage.dispatchEvent(new PointerEvent("pointermove", {
        pointerId: 1, pointerType: "mouse", clientX: x, clientY: y, bubbles: true }));
    requestAnimationFrame(() => { const channel = new MessageChannel();
        channel.port1.onmessage = () => done(performance.now() - before); channel.port2.postMessage(0); });
})"""


def main() -> None:
    """Print one line for each trial."""
    small = {"id": "a", "frames": 100, "rate": 30, "width": 800, "height": 600, "scales": [], "reason": ""}
    large = small | {"frames": 600, "width": 1024, "height": 768}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for image in (small, small | {"rate": 60}, large):
            with served(image, noise=True) as address:
                page = browser.new_page(viewport={"width": 1280, "height": 800})
                start = time.perf_counter()
                page.goto(address)
                while not page.evaluate("window.viewer?.drawnFrame === 0"):
                    time.sleep(0.005)
                first = time.perf_counter() - start
                speed = _speed(page, seconds=12 if image["frames"] == 100 else 30)
                name = f"{image['frames']} frames of {image['width']} x {image['height']} at {image['rate']}"
                print(f"{name}: {speed:.1f} frames/s, first frame {first:.2f} s, tab {_tab_mb():.0f} MB", flush=True)
                if image is small:
                    print(f"from a move of the hand to the box on the screen: {_drag(page):.1f} ms (median of 60)")
                page.close()
        browser.close()


def _speed(page: Page, *, seconds: float) -> float:
    page.evaluate("viewer.play()")
    time.sleep(1)
    shown, began = page.evaluate("[viewer.shown, performance.now()]")
    time.sleep(seconds)
    after, ended = page.evaluate("[viewer.shown, performance.now()]")
    page.evaluate("viewer.pause()")
    return float((after - shown) / (ended - began) * 1000)


def _drag(page: Page) -> float:
    page.click("[data-do=box]")
    page.mouse.move(200, 200)
    page.mouse.down()
    times: list[Any] = [page.evaluate(_STEP, [220 + 4 * place, 210 + 3 * place]) for place in range(60)]
    page.mouse.up()
    return statistics.median(times)


def _tab_mb() -> float:
    """Private and shared memory of the largest renderer among the processes of this machine, in MB."""
    largest = 0.0
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                if b"--type=renderer" in (folder / "cmdline").read_bytes():
                    lines = (folder / "status").read_text().splitlines()
                    largest = max(largest, *(int(line.split()[1]) / 1000 for line in lines if line.startswith("VmRSS")))
            except OSError:
                continue
    return largest


if __name__ == "__main__":
    main()
