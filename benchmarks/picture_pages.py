"""Every page of the workstation, in every state and many looks, as pictures, with what is measurably wrong in them.

    python benchmarks/picture_pages.py FOLDER                           all states in all looks
    python benchmarks/picture_pages.py FOLDER --looks dark light+es+1080p --states worklist study

A server is started with an example that FOLDER keeps for the next time. Each page is opened by Debian's Chromium,
measured and pictured; `FOLDER/LOOK/STATE.png` are the pictures, `FOLDER/sheets` shows many at a glance. Printed are the
faults: pages wider than the window, text that is cut off or runs out, controls that overlap or are too small for a
finger, layout that moved while the page was built, serious findings of axe-core (contrast is among them), and errors
that the browser reports; in Spanish and Chinese also texts that are the same in English. The number of pictures is
printed; looking at them is left to people.
"""

import argparse
import os
import shutil
import signal
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pictured.english import english_left, texts_of
from pictured.example import filled
from pictured.faults import WATCH, Fault, faults_of
from pictured.sheets import write_sheets
from pictured.states import State, states
from trial_workstation import PASSWORD, Server

SMALL, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
LOOKS: dict[str, dict[str, Any]] = {
    "dark": {},
    "light": {},
    "forced": {"forced_colors": "active"},
    "contrast": {"contrast": "more"},
    "1080p": {"viewport": {"width": 1920, "height": 1080}},
    "4k": {"viewport": {"width": 3840, "height": 2160}},
    "4k-doubled": {"viewport": {"width": 1920, "height": 1080}, "device_scale_factor": 2},
    "touch": {"viewport": {"width": 820, "height": 1180}, "has_touch": True, "is_mobile": True},
    "narrow": {"viewport": NARROW, "has_touch": True, "is_mobile": True, "device_scale_factor": 2},
    "es": {"locale": "es-ES"},
    "zh": {"locale": "zh-CN"},
}
"""The looks: options of Playwright's contexts. Several together are one look: `light+es+1080p`."""
LONGEST = 5000
"""Pages up to this height are pictured whole."""


def picture(
    browser: Any, server: Server, look: str, state: State, *, cookies: dict[str, Any], file: Path
) -> list[Fault]:
    """Take one picture; gives what is wrong in it."""
    said = list[str]()
    with opened(browser, look, state, cookies=cookies) as page:
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        try:
            reach(page, server, state)
            found = faults_of(page, axe=not {"dark", "light", "contrast", "narrow"}.isdisjoint(look.split("+")))
            texts = texts_of(page) if state.spoken and "locale" in options_of(look) else set()
            height = page.evaluate("document.documentElement.scrollHeight")
            page.screenshot(path=file, full_page=height <= LONGEST)
        except Exception as error:  # one page that fails must not hide the others
            found, texts = [Fault("not reached", str(error).splitlines()[0][:100], "")], set()
            page.screenshot(path=file)
    if texts:
        with opened(browser, "dark", state, cookies=cookies) as page:
            reach(page, server, state)
            found += [Fault("English", text[:80], "") for text in english_left(texts, texts_of(page))]
    own = "Failed to load resource"
    return found + [Fault("browser", text[:120], "") for text in said if not (state.fails and own in text)]


def options_of(look: str) -> dict[str, Any]:
    """The options of all that a look names; without a size it is that of a 13-inch laptop.

    >>> options_of("contrast+es")
    {'viewport': {'width': 1280, 'height': 800}, 'contrast': 'more', 'locale': 'es-ES'}
    """
    found: dict[str, Any] = {"viewport": SMALL}
    for part in look.split("+"):
        found |= LOOKS[part]
    return found


@contextmanager
def opened(browser: Any, look: str, state: State, *, cookies: dict[str, Any]) -> Iterator[Any]:
    """An empty page of somebody in a look."""
    context = browser.new_context(**{"locale": "en-GB"} | options_of(look))
    context.set_default_timeout(20_000)
    context.add_init_script(WATCH)
    if "light" in look.split("+"):
        context.add_init_script("try { localStorage.setItem('thyrosight-theme', 'light') } catch {}")
    if state.who:
        context.add_cookies(cookies[state.who])
    page = context.new_page()
    yield page
    page.unroute_all(behavior="ignoreErrors")
    context.close()


def reach(page: Any, server: Server, state: State) -> None:
    """Bring a page into a state."""
    state.before(page)
    page.goto(server.address + state.path)
    page.wait_for_selector(state.ready)
    page.wait_for_timeout(350)
    state.after(page)
    page.wait_for_timeout(350)


def signed_in(browser: Any, server: Server, names: set[str]) -> dict[str, Any]:
    """Cookies of each account."""
    found = {}
    for name in names:
        context = browser.new_context()
        body = {"name": name, "password": PASSWORD}
        answer = context.request.post(f"{server.address}/api/v1/session", data=body)
        if answer.status != 201:
            raise RuntimeError(f"{name} cannot sign in: {answer.text()}")
        found[name] = context.cookies()
        context.close()
    return found


def tell(look: str, seen: dict[Fault, list[str]], *, number: int) -> None:
    """Print the faults of a look: kind, element, extent, and the pictures in which they are seen."""
    for fault, where in sorted(seen.items()):
        print(f"{look} | {fault.kind} | {fault.what} | {fault.where} | {len(where)}: {', '.join(where[:4])}")
    print(f"{look}: {number} pictures, faults: {sum(map(len, seen.values()))}", flush=True)


def main() -> None:
    """Take the pictures and print the faults."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--looks", nargs="*", default=list(LOOKS), help=f"of {', '.join(LOOKS)}, alone or joined by +")
    parser.add_argument("--states", nargs="*", default=[], help="beginnings of names of states; all without any")
    asked = parser.parse_args()
    from playwright.sync_api import sync_playwright

    if unknown := {part for look in asked.looks for part in look.split("+")} - set(LOOKS):
        parser.error(f"there is no look {sorted(unknown)[0]!r}; there are {', '.join(LOOKS)}")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    server, example = filled(asked.folder)
    wanted = [
        State(**{**vars(own), "path": own.path.format(**example)})
        for own in states()
        if not asked.states or own.name.startswith(tuple(asked.states))
    ]
    taken = found = 0
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"),
                args=["--no-sandbox"],
                ignore_default_args=["--hide-scrollbars"],
            )
            cookies = signed_in(browser, server, {own.who for own in wanted if own.who})
            for look in asked.looks:
                folder = asked.folder / look
                folder.mkdir(exist_ok=True)
                files, seen = [], defaultdict[Fault, list[str]](list)
                for own in wanted:
                    files.append(folder / f"{own.name}.png")
                    for fault in picture(browser, server, look, own, cookies=cookies, file=files[-1]):
                        seen[fault].append(own.name)
                taken += len(files)
                found += sum(map(len, seen.values()))
                tell(look, seen, number=len(files))
                sheets = asked.folder / "sheets"
                sheets.mkdir(exist_ok=True)
                write_sheets(files, sheets, name=look)
            browser.close()
    finally:
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(30)
    print(f"{taken} pictures of {len(wanted)} states in {len(asked.looks)} looks; faults: {found}")


if __name__ == "__main__":
    main()
