"""A radiologist's way through one nodule, from the worklist to the signed report, counted: every click, tap and key.

    python benchmarks/trial_minute.py PICTURE [--by mouse | keys | touch] [--pace 0.3] [--screens FOLDER]

A scripted browser takes the finder's proposal, gives six descriptors and a risk, locks, sees the shipped model's
answer, keeps the opinion and signs. Every click, tap and key counts, Tab and the keys to a list included; only the
letters of the password do not. Printed are the acts, the waits for finder and model, and how long the model alone
takes for the same question on the same machine. `--screens` keeps a picture of each step, for people to look at.
"""

import argparse
import os
import shutil
import signal
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from trial_workstation import PASSWORD, Server, first_administrator

from thyrosight.assessing import assess
from thyrosight.imaging import Box
from thyrosight.inference import Request, load_bundle
from thyrosight.inference.shipped import RISK, shipped_model

TERMS = ("solid", "hypoechoic", "taller than wide", "smooth", "none", "no extrathyroidal extension")
LOOKS: dict[str, dict[str, Any]] = {
    "mouse": {"viewport": {"width": 1366, "height": 768}},
    "keys": {"viewport": {"width": 1366, "height": 768}},
    "touch": {"viewport": {"width": 820, "height": 1180}, "has_touch": True, "is_mobile": True},
}
_WATCH = """() => {
  const when = {};
  const act = (event) => { when.act ??= event.timeStamp; };
  for (const kind of ["keydown", "pointerdown"]) addEventListener(kind, act, { capture: true, once: true });
  new MutationObserver((_, watching) => {
    if (!document.querySelector("#keep")) return;
    watching.disconnect();
    requestAnimationFrame(() => requestAnimationFrame((shown) => { window.untilShown = (shown - when.act) / 1000; }));
  }).observe(document.body, { childList: true, subtree: true });
}"""
"""Has the page itself note how long after the next act the model's answer has been drawn: the frame after its own has
begun. Asked from outside, the answer would be seen only at the driver's next look, up to half a second later."""


class Hand:
    """Acts on a page, and counts."""

    def __init__(self, page: Any, by: str, *, pace: float, screens: Path | None) -> None:
        self._page, self.by, self._pace, self._screens = page, by, pace, screens
        self.acts: list[str] = []

    def press(self, *keys: str) -> None:
        for key in keys:
            time.sleep(self._pace)
            self.acts.append(key)
            self._page.keyboard.press(key)

    def click(self, selector: str) -> None:
        time.sleep(self._pace)
        self.acts.append(f"{'tap' if self.by == 'touch' else 'click'} {selector}")
        (self._page.tap if self.by == "touch" else self._page.click)(selector)

    def scale(self, share: float) -> None:
        """Touch the scale of risk."""
        self.acts.append("tap the scale")
        scale = self._page.locator("[name=score]")
        place = scale.bounding_box()
        scale.tap(position={"x": place["width"] * share, "y": place["height"] / 2})

    def until(self, condition: str) -> float:
        """Wait until an expression holds; gives the seconds."""
        began = time.perf_counter()
        while not self._page.evaluate(condition):
            time.sleep(0.01)
        return time.perf_counter() - began

    def screen(self, name: str) -> None:
        if self._screens:
            self._page.screenshot(path=self._screens / f"{self.by}-{name}.png")


def read_nodule(hand: Hand, page: Any) -> tuple[float, float]:
    """From the worklist to the signature; gives the waits for finder and model in seconds."""
    by = hand.by
    hand.screen("1-worklist")
    hand.press("Enter") if by == "keys" else hand.click("#studies th a")
    page.wait_for_selector("[data-state=ready]")
    found = hand.until("!document.querySelector('#take').disabled")
    hand.screen("2-proposal")
    hand.click("#take") if by == "touch" else hand.press("Enter")
    hand.until("document.activeElement.name === 'composition'")
    if by == "touch":
        for term in TERMS:
            hand.click(f"#descriptors label:has(input[value='{term}'])")
        hand.scale(0.7)
    else:
        hand.press(*"542111", "7")
    hand.until("document.querySelector('#saved').textContent !== ''")
    hand.screen("3-described")
    page.evaluate(_WATCH)
    hand.click("[data-lock=yes]") if by == "touch" else hand.press("y")
    hand.until("window.untilShown > 0")
    judged = page.evaluate("window.untilShown")
    hand.screen("4-model")
    hand.click("#keep") if by == "touch" else hand.press("k")
    page.wait_for_selector("#reports [name=password]")
    hand.until("document.activeElement.name === 'password'")
    hand.screen("5-draft")
    page.keyboard.type(PASSWORD)
    hand.click("#reports form .main") if by == "touch" else hand.press("Enter")
    page.wait_for_selector("[data-report=signed]")
    hand.screen("6-signed")
    return found, judged


def alone(picture: Path, box: list[int]) -> float:
    """Seconds that the model takes by itself for the same nodule, with its heat map, once it is warm."""
    bundle, request = load_bundle(shipped_model(RISK)), Request(image=picture, box=Box(*box))
    times = []
    for _ in range(6):
        began = time.perf_counter()
        assess([request], model=bundle, explain=True)
        times.append(time.perf_counter() - began)
    return statistics.median(times[1:])


def main() -> None:
    """Read one nodule in a folder that is removed afterwards."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("picture", type=Path)
    parser.add_argument("--by", choices=LOOKS, default="mouse")
    parser.add_argument("--pace", type=float, default=0.3, help="seconds before each act; 0 is faster than any hand")
    parser.add_argument("--screens", type=Path)
    asked = parser.parse_args()
    from playwright.sync_api import sync_playwright

    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory(prefix="thyrosight-") as folder, sync_playwright() as playwright:
        server = Server(Path(folder) / "data")
        server.start()
        user = first_administrator(server)
        image = user.upload(asked.picture.read_bytes(), asked.picture.name)["images"][0]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        context = browser.new_context(**LOOKS[asked.by])
        body = {"name": "administrator", "password": PASSWORD}
        context.request.post(f"{server.address}/api/v1/session", data=body)
        page = context.new_page()
        page.goto(f"{server.address}/worklist")
        page.wait_for_selector("#studies th a")
        hand = Hand(page, asked.by, pace=asked.pace, screens=asked.screens)
        found, judged = read_nodule(hand, page)
        nodule = user.call("GET", f"/studies/{image['study_id']}/nodules").json()[0]
        browser.close()
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(30)
    print(f"{len(hand.acts)} by {asked.by}: {', '.join(hand.acts)}")
    print(f"the finder answered in {found:.1f} s; from the lock to the model's answer on the page {judged:.2f} s, "
          f"the model alone {alone(asked.picture, nodule['views'][0]['box']):.2f} s")  # fmt: skip


if __name__ == "__main__":
    main()
