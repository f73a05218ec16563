"""A simulated reader at a browser: looks at the picture, types, locks, and goes on until the session has ended."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Page, async_playwright
from trial_workstation import PASSWORD

from simulated_reading.pictures import SPOTS, case_of
from simulated_reading.station import OpenStudy

_LEVELS = """(spots) => {
  const canvas = document.querySelector("[data-canvas=picture]"), ratio = canvas.width / canvas.clientWidth;
  const [rows, columns] = [360, 480], scale = Math.min(canvas.clientWidth / columns, canvas.clientHeight / rows);
  const [x, y] = [(canvas.clientWidth - columns * scale) / 2, (canvas.clientHeight - rows * scale) / 2];
  const pen = canvas.getContext("2d");
  const level = (left, top) => pen.getImageData(left * ratio, top * ratio, 1, 1).data[0];
  return spots.map(([row, column]) => level(x + column * scale, y + row * scale));
}"""


@dataclass
class Typed:
    """Answers that a reader typed, and the cases and models seen with them.

    Attributes:
        readings: (session, place) to the case that was seen, the score, the decision, and whether the model was shown.
        seconds: from a case on the desk to the next one.
    """

    readings: dict[tuple[int, int], tuple[int, int, bool, bool]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)


Thinks = Callable[[int, bool], int]
"""The score that a reader gives a case, without the model or with it."""


async def read_all(study: OpenStudy, minds: Callable[[str], Thinks], *, chromium: str) -> dict[str, Typed]:
    """Have all readers read everything, at the same time, each in a context of one browser."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])

        async def read(code: str) -> Typed:
            context = await browser.new_context(viewport={"width": 1280, "height": 800})
            body = {"name": study.names[code], "password": PASSWORD}
            await context.request.post(f"{study.server.address}/api/v1/session", data=body)
            page = await context.new_page()
            found = await _read(page, study, minds(code))
            await context.close()
            return found

        codes = list(study.names)
        found = await asyncio.gather(*(read(code) for code in codes))
        await browser.close()
    return dict(zip(codes, found, strict=True))


async def _read(page: Page, study: OpenStudy, thinks: Thinks) -> Typed:
    typed = Typed()
    await page.goto(f"{study.server.address}/reading/{study.id}")
    session = 0
    while await _begun(page):
        session += 1
        while await _case(page, typed, session, thinks):
            pass
    return typed


async def _begun(page: Page) -> bool:
    """Begin a session; False where all have ended."""
    await page.wait_for_selector("#curtain:not([hidden]) :is(h2 + p)")
    kind = await page.get_attribute("#curtain", "data-kind")
    if kind == "ended":
        return False
    assert kind == "begin", kind
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#curtain", state="hidden")
    return True


async def _case(page: Page, typed: Typed, session: int, thinks: Thinks) -> bool:
    """Read the case on the desk; False where it was the last one of the session."""
    began = time.perf_counter()
    await page.wait_for_selector(".pane[data-state=ready]")
    number = int((await page.inner_text("#place")).removeprefix("Case "))
    case = case_of(await _seen(page))
    aided = await page.query_selector("#model .large") is not None
    score = thinks(case, aided)
    await page.keyboard.type(str(score))
    await page.keyboard.press("Enter")
    await page.keyboard.press("y" if score >= 50 else "n")
    await page.keyboard.type(f"s{session} c{number}")
    await page.keyboard.press("Control+Enter")
    typed.readings[session, number] = (case, score, score >= 50, aided)
    for _ in range(2000):
        state = await page.evaluate(
            "document.querySelector('#curtain').hidden ? document.querySelector('#place').textContent : 'covered'"
        )
        if state != f"Case {number}":
            typed.seconds.append(time.perf_counter() - began)
            return bool(state != "covered")
        if problem := await page.evaluate("document.querySelector('#problem:not([hidden])')?.textContent ?? ''"):
            raise RuntimeError(f"session {session}, case {number}: {problem}")
        await asyncio.sleep(0.01)
    raise RuntimeError(f"session {session}, case {number} was not locked")


async def _seen(page: Page) -> list[float]:
    """The grey levels at the spots, once the picture has been drawn."""
    levels: Any = []
    for _ in range(200):
        levels = await page.evaluate(_LEVELS, [list(spot) for spot in SPOTS])
        if min(levels) > 20:  # an empty canvas is black
            return [float(level) for level in levels]
        await asyncio.sleep(0.02)
    raise RuntimeError(f"no picture was drawn: {levels}")
