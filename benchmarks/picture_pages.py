"""Every page of the workstation, in every state and many looks, as pictures, with what is measurably wrong in them.

    python benchmarks/picture_pages.py FOLDER                           all states in all looks and shades
    python benchmarks/picture_pages.py FOLDER --looks laptop+es 4k+zh --shades light contrast --states worklist study

A look is a size with a language; shades are the colours: dark, light, high contrast. A server is started with an
example that FOLDER keeps for the next time. Each page is opened by Debian's Chromium once for a look, measured in
the first shade, where it is English also for contrast in the others, and pictured in all;
`FOLDER/LOOK+SHADE/STATE.jpg` are the pictures, `FOLDER/sheets` shows many at a glance.
Printed are the faults: pages wider than the window, text that is cut off, runs out or lies over other text, controls
that overlap or are too small for a finger, layout that moved while the page was built, serious findings of axe-core
(contrast is among them), and errors that the browser reports; in Spanish and Chinese also texts that are the same in
English. The number of pictures is printed; looking at them is left to people.
"""

import argparse
import os
import shutil
import signal
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pictured.english import English, english_left, texts_of
from pictured.example import filled
from pictured.faults import WATCH, Fault, contrast_of, faults_of
from pictured.sheets import write_sheets
from pictured.states import State, states
from trial_workstation import PASSWORD, Server

NARROW = {"width": 390, "height": 844}
SIZES: dict[str, dict[str, Any]] = {
    "laptop": {"viewport": {"width": 1280, "height": 800}},
    "1080p": {"viewport": {"width": 1920, "height": 1080}},
    "4k": {"viewport": {"width": 3840, "height": 2160}},
    "touch": {"viewport": {"width": 820, "height": 1180}, "has_touch": True, "is_mobile": True},
}
LANGUAGES: dict[str, dict[str, Any]] = {
    "en": {"locale": "en-GB"},
    "es": {"locale": "es-ES"},
    "zh": {"locale": "zh-CN"},
}
LOOKS: dict[str, dict[str, Any]] = {
    **SIZES,
    **LANGUAGES,
    "doubled": {"viewport": {"width": 1920, "height": 1080}, "device_scale_factor": 2},
    "narrow": {"viewport": NARROW, "has_touch": True, "is_mobile": True, "device_scale_factor": 2},
    "forced": {"forced_colors": "active"},
}
"""Parts of looks: options of Playwright's contexts. Several together are one look: `laptop+es`."""
USUAL = [f"{size}+{language}" for size in SIZES for language in LANGUAGES] + ["doubled", "narrow", "forced"]
SHADES = {"dark": ("dark", "no-preference"), "light": ("light", "no-preference"), "contrast": ("dark", "more")}
"""Theme, and what the user asks of contrast."""
LONGEST = 5000
"""Pages up to this height are pictured whole."""


class Camera:
    """Pictures states in one look.

    Args:
        browser, server: that show the pages.
        look: parts of `LOOKS`, joined by +.
        shades: of `SHADES`.
        cookies: of each account.
        folder: for the pictures.
        english: the English texts of the states.
    """

    def __init__(
        self, browser: Any, server: Server, look: str, *, shades: Sequence[str], cookies: dict[str, Any],
        folder: Path, english: English,
    ) -> None:  # fmt: skip
        self._browser, self._server, self.look, self._shades = browser, server, look, shades
        self._cookies, self._folder, self._english = cookies, folder, english
        self._contexts: dict[tuple[str | None, str], Any] = {}
        for name in shades:
            (folder / f"{look}+{name}").mkdir(exist_ok=True)

    def file(self, state: State, shade: str) -> Path:
        """Where a picture lies."""
        return self._folder / f"{self.look}+{shade}" / f"{state.name}.jpg"

    def picture(self, state: State) -> list[Fault]:
        """Take a state's picture in every shade; gives what is wrong in it."""
        said = list[str]()
        with self._opened(state, options_of(self.look)) as page:
            page.on("pageerror", lambda error: said.append(str(error)))
            page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
            try:
                reach(page, self._server, state)
                found = self._shaded(page, state)
                spoken = state.spoken and not {"es", "zh"}.isdisjoint(self.look.split("+"))
                texts = texts_of(page) if spoken else set()
            except Exception as error:  # one page that fails must not hide the others
                found, texts = [Fault("not reached", str(error).splitlines()[0][:100], "")], set()
                page.screenshot(path=self.file(state, self._shades[0]), type="jpeg")
        if texts:
            known = self._english.of(state.name, lambda: self._english_texts(state))
            found += [Fault("English", text[:80], "") for text in english_left(texts, known)]
        own = "Failed to load resource"
        return found + [Fault("browser", text[:120], "") for text in said if not (state.fails and own in text)]

    def _shaded(self, page: Any, state: State) -> list[Fault]:
        """The faults in all shades; what does not hang on colours is measured in the first."""
        parts = set(self.look.split("+"))
        english = {"es", "zh"}.isdisjoint(parts)  # axe-core sees colours and structure, which no language changes
        found = list[Fault]()
        for place, name in enumerate(self._shades):
            set_shade(page, name)
            if place == 0:
                found += faults_of(page, axe=english and not {"laptop", "touch", "narrow"}.isdisjoint(parts))
            elif english:
                found += contrast_of(page)
            height = page.evaluate("document.documentElement.scrollHeight")
            page.screenshot(path=self.file(state, name), full_page=height <= LONGEST, type="jpeg", quality=80)
        return found

    def _english_texts(self, state: State) -> set[str]:
        with self._opened(state, SIZES["laptop"] | LANGUAGES["en"]) as page:
            reach(page, self._server, state)
            return texts_of(page)

    @contextmanager
    def _opened(self, state: State, options: dict[str, Any]) -> Iterator[Any]:
        """An empty page of the state's person."""
        context = self._contexts.get((state.who, str(options))) or self._context(state.who, options)
        page = context.new_page()
        page.emulate_media(contrast=SHADES[self._shades[0]][1])
        yield page
        page.unroute_all(behavior="ignoreErrors")
        page.close()
        context.set_offline(False)

    def _context(self, who: str | None, options: dict[str, Any]) -> Any:
        """A browser of a person in a look; what it loaded once it keeps, as at work."""
        context = self._browser.new_context(**options)
        context.set_default_timeout(10_000)
        context.add_init_script(WATCH)
        if self._shades[0] == "light":
            context.add_init_script("try { localStorage.setItem('thyrosight-theme', 'light') } catch {}")
        if who:
            context.add_cookies(self._cookies[who])
        self._contexts[who, str(options)] = context
        return context

    def close(self) -> None:
        """Close its browsers."""
        for context in self._contexts.values():
            context.close()


def set_shade(page: Any, name: str) -> None:
    """Give a page that stands already another theme and contrast."""
    theme, contrast = SHADES[name]
    page.emulate_media(contrast=contrast)
    page.evaluate(
        "(theme) => { document.documentElement.dataset.theme = theme; document.dispatchEvent(new Event('theme')) }",
        theme,
    )
    page.wait_for_timeout(60)


def options_of(look: str) -> dict[str, Any]:
    """The options of all that a look names; without more it is English on a 13-inch laptop.

    >>> options_of("forced+es")
    {'viewport': {'width': 1280, 'height': 800}, 'locale': 'es-ES', 'forced_colors': 'active'}
    """
    found: dict[str, Any] = SIZES["laptop"] | LANGUAGES["en"]
    for part in look.split("+"):
        found |= LOOKS[part]
    return found


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
    parser.add_argument("--looks", nargs="*", default=USUAL, help=f"of {', '.join(LOOKS)}, alone or joined by +")
    parser.add_argument("--shades", nargs="*", default=list(SHADES), choices=SHADES)
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
            english = English(asked.folder / "english.json")
            for look in asked.looks:
                camera = Camera(
                    browser, server, look, shades=asked.shades, cookies=cookies, folder=asked.folder, english=english
                )
                seen, number = defaultdict[Fault, list[str]](list), 0
                try:
                    for own in wanted:
                        for fault in camera.picture(own):
                            seen[fault].append(own.name)
                        number += len(asked.shades)
                finally:  # who breaks off is told what was seen so far
                    tell(look, seen, number=number)
                camera.close()
                found += sum(map(len, seen.values()))
                for name in asked.shades:
                    files = [one for own in wanted if (one := camera.file(own, name)).exists()]
                    taken += len(files)
                    sheets = asked.folder / "sheets"
                    sheets.mkdir(exist_ok=True)
                    write_sheets(files, sheets, name=f"{look}+{name}")
            browser.close()
    finally:
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(30)
    print(
        f"{taken} pictures of {len(wanted)} states in {len(asked.looks)} looks and {len(asked.shades)} shades; "
        f"faults: {found}"
    )


if __name__ == "__main__":
    main()
