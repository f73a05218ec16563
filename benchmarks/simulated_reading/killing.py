"""Browser and server ended with kill -9 at moments of a session; the reader goes on at the very keystroke."""

import contextlib
import io
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from playwright.sync_api import Browser, Error, Page, Playwright
from trial_workstation import PASSWORD

from simulated_reading.station import OpenStudy

_STATE = """[document.querySelector('#curtain').hidden ? '' : document.querySelector('#curtain').dataset.kind ?? '?',
    document.querySelector('#place').textContent, document.querySelector('[name=score]')?.value ?? '',
    document.querySelector('[name=comment]')?.value ?? '', Boolean(document.querySelector('[name=biopsy]:checked')),
    document.querySelector('#saved').textContent, Boolean(document.querySelector('.pane[data-state=ready]'))]"""
_LETTERS = "abcdefghij klm"


@dataclass
class Losses:
    """Losses at the kills.

    Attributes:
        kills: by what was killed.
        acknowledged_lost: signs that the page had told to be saved and that were gone.
        in_flight_lost: signs that were typed and not yet told to be saved, and were gone: by their number, kills.
        locked_by_itself: cases that were locked though the reader had not locked them.
        wrong: readings of the export that are not what was typed.
        seconds: from a kill until the reader could go on.
    """

    kills: Counter[str] = field(default_factory=Counter)
    acknowledged_lost: int = 0
    in_flight_lost: Counter[int] = field(default_factory=Counter)
    locked_by_itself: int = 0
    wrong: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


class Chromium:
    """A browser as a process of its own, with a profile that it keeps."""

    def __init__(self, playwright: Playwright, folder: Path) -> None:
        self._playwright, self._folder = playwright, folder
        self.start()

    def start(self) -> None:
        """Start it, or start it again."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [
            shutil.which("chromium") or "chromium", "--headless=new", "--no-sandbox", f"--remote-debugging-port={port}",
            f"--user-data-dir={self._folder}", "--no-first-run", "about:blank",
        ]  # fmt: skip
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(command, stdout=quiet, stderr=quiet, start_new_session=True)
        self.browser = self._connected(port)

    def _connected(self, port: int) -> Browser:
        for _ in range(200):
            with contextlib.suppress(Error):
                return self._playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
            time.sleep(0.05)
        raise RuntimeError("the browser did not start")

    def kill(self) -> None:
        """End it and all its processes as a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def page(self, study: OpenStudy, name: str) -> Page:
        """A page of the reading room, signed in."""
        context = self.browser.contexts[0]
        body = {"name": name, "password": PASSWORD}
        context.request.post(f"{study.server.address}/api/v1/session", data=body)
        page = context.new_page()
        page.set_viewport_size({"width": 1280, "height": 800})
        page.goto(f"{study.server.address}/reading/{study.id}")
        return page


@dataclass
class Desk:
    """A case as the page shows it.

    Attributes:
        kind: of what covers the desk; "" where the case lies open.
        number: of the case.
        score, comment, decided: the answers so far.
        saved: whether the page tells that all of them have arrived.
    """

    kind: str
    number: int
    score: str
    comment: str
    decided: bool
    saved: bool


class Reader:
    """A reader who types a score, a decision and a comment for each case, sign by sign, through all kills."""

    def __init__(self, study: OpenStudy, code: str, chromium: Chromium, *, seed: int) -> None:
        self._study, self._code, self._chromium, self._seed = study, code, chromium, seed
        self._drawn = random.Random(seed)
        self.losses = Losses()
        self.reading = True
        self._page = chromium.page(study, study.names[code])
        self._typed = self._acknowledged = ("", "")
        self._locking = False

    def wants(self, number: int) -> tuple[str, str]:
        """Score and comment of a case."""
        drawn = random.Random(f"{self._seed} {number}")
        return str(drawn.randint(10, 99)), f"case {number} " + "".join(drawn.choices(_LETTERS, k=24)).strip()

    def read(self) -> set[int]:
        """Read until nothing is left; the cases."""
        cases = set[int]()
        while number := self._arrived():
            cases.add(number)
            self._typed = self._acknowledged = ("", "")
            self._locking = False
            while self._on(number):
                pass
        self.reading = False
        return cases

    def _on(self, number: int) -> bool:
        """Type the next sign of a case, or lock it; False once another one is there."""
        try:
            desk = self._desk()
            if desk.kind or desk.number != number:
                self.losses.locked_by_itself += not self._locking
                return False
            self._typed = (desk.score, desk.comment)
            if desk.saved:
                self._acknowledged = self._typed
            self._type(self.wants(number), desk)
            time.sleep(self._drawn.uniform(0.0, 0.04))
        except Error:
            self._come_back(number)
        return True

    def _type(self, wanted: tuple[str, str], desk: Desk) -> None:
        press = self._page.keyboard.press
        if desk.score != wanted[0]:
            self._page.focus("[name=score]")
            press("End")
            press(wanted[0][len(desk.score)])
            self._typed = (wanted[0][: len(desk.score) + 1], desk.comment)
        elif not desk.decided:
            self._page.focus("[name=biopsy]")
            press("n")
        elif desk.comment != wanted[1]:
            self._page.focus("[name=comment]")
            press("Control+End")
            sign = wanted[1][len(desk.comment)]
            press("Space" if sign == " " else sign)
            self._typed = (desk.score, wanted[1][: len(desk.comment) + 1])
        else:
            self._locking = True
            press("Control+Enter")
            time.sleep(0.05)

    def _come_back(self, number: int) -> None:
        """The browser was killed: start it again, sign in, and look at what stands there."""
        began = time.perf_counter()
        self._chromium.start()
        self._page = self._chromium.page(self._study, self._study.names[self._code])
        there = self._arrived()
        self.losses.seconds.append(time.perf_counter() - began)
        if there != number:
            self.losses.locked_by_itself += not self._locking
            return
        desk = self._desk()
        lost = 0
        for typed, acknowledged, now in zip(self._typed, self._acknowledged, (desk.score, desk.comment), strict=True):
            if not typed.startswith(now):
                self.losses.wrong.append(f"case {number}: typed {typed!r}, found {now!r}")
            lost += len(typed) - len(now)
            self.losses.acknowledged_lost += max(0, len(acknowledged) - len(now))
        self.losses.in_flight_lost[lost] += 1

    def _arrived(self) -> int:
        """Wait until a case lies on the desk; its number, or 0 where all are read."""
        for _ in range(3000):
            try:
                desk = self._desk(ready=True)
                if desk.kind == "" and desk.number:
                    return desk.number
                if desk.kind == "begin":
                    self._page.keyboard.press("Enter")
                elif desk.kind in ("ended", "waiting"):
                    return 0
                elif desk.kind == "failed":
                    self._page.reload()
            except Error:
                if self._chromium.process.poll() is not None:
                    self._chromium.start()
                    self._page = self._chromium.page(self._study, self._study.names[self._code])
            time.sleep(0.02)
        raise RuntimeError("no case came within a minute")

    def _desk(self, *, ready: bool = False) -> Desk:
        kind, place, score, comment, decided, saved, drawn = self._page.evaluate(_STATE)
        number = int(place.removeprefix("Case ") or 0) if place.startswith("Case ") and (drawn or not ready) else 0
        return Desk(kind, number, score, comment, decided, saved == "Saved.")


def as_wanted(study: OpenStudy, reader: Reader, read: set[int]) -> list[str]:
    """Readings of the export that are not what the reader wanted to lock, or that are missing."""
    table = pd.read_csv(io.StringIO(study.export()), keep_default_na=False)
    found = {int(row["position"]): (str(row["score"]), row["comment"]) for row in table.to_dict("records")}
    return [f"case {number}: {reader.wants(number)} != {found.get(number)}" for number in sorted(read | set(found))
            if found.get(number) != reader.wants(number)]  # fmt: skip
