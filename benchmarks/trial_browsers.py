"""A radiologist's way through one nodule in Firefox and in WebKitGTK, from signing in to the signed report.

    apt-get install firefox-esr webkit2gtk-driver xvfb
    python benchmarks/trial_browsers.py [firefox] [webkit] [--pictures FOLDER]

The same steps in each: sign in on the page, open the study, draw a box with the mouse, describe the nodule and give the
risk by keys, lock, see the model's answer, keep the opinion, sign. Printed are the seconds, what the page understood,
and what the browser itself reported as an error.
"""

import argparse
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from browsers.driving import Browser, Marionette, WebKit
from trial_workstation import PASSWORD, Server, first_administrator

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.server.pictures import ultrasound

_BROWSERS = {"firefox": Marionette, "webkit": WebKit}
_LISTEN = """
window.wrong = [];
addEventListener("error", (event) => window.wrong.push(event.message));
addEventListener("unhandledrejection", (event) => window.wrong.push(String(event.reason)));
addEventListener("securitypolicyviolation", (event) => window.wrong.push(event.violatedDirective));
"""


def minute(browser: Browser, address: str, study: str, *, pictures: Path | None, name: str) -> str:
    """Go through the nodule; gives what there is to say."""
    began = time.perf_counter()
    browser.open(f"{address}/sign-in")
    browser.until("document.querySelector('#sign-in')")
    browser.fill("[name=name]", "administrator")
    browser.fill("[name=password]", PASSWORD)
    browser.press("Enter")
    browser.until("location.pathname === '/worklist' && document.querySelector('#studies th a')")
    browser.run(_LISTEN)
    _picture(browser, pictures, f"{name}-worklist")
    browser.click(f"#studies a[href$='{study}']")
    browser.until("document.querySelector('[data-state=ready]')")
    browser.run(_LISTEN)
    browser.until("/[0-9]|nothing/.test(document.querySelector('#found').textContent)")
    browser.click("[data-do=box]")
    left, top, width, height = browser.run(
        "const own = document.querySelector('[data-stage]').getBoundingClientRect();"
        "return [own.left, own.top, own.width, own.height]"
    )
    start, end = (left + 0.35 * width, top + 0.4 * height), (left + 0.6 * width, top + 0.7 * height)
    browser.drag([round(side) for side in start], [round(side) for side in end])
    browser.until("!document.querySelector('#nodule').hidden")
    browser.press("g")
    for digit in "54215":
        browser.press(digit)
    browser.run("document.querySelector('[name=score]').focus()")
    browser.press("7")
    browser.until("document.querySelector('#saved').textContent === 'Saved.'")
    size = browser.run("return [...document.querySelectorAll('#sizes input')].map((field) => field.value)")
    risk = browser.run("return document.querySelector('[name=score] + output, .score output').textContent")
    terms = browser.run("return document.querySelectorAll('#descriptors input:checked').length")
    browser.click("[data-lock=yes]")
    browser.until("document.querySelector('#keep')", seconds=120)
    _picture(browser, pictures, f"{name}-revealed")
    browser.click("#keep")
    browser.until("document.querySelector('#reveal .note.good')")
    browser.until("document.querySelector('#reports [name=password]')")
    browser.fill("#reports [name=password]", PASSWORD)
    browser.press("Enter")
    browser.until("document.querySelector('[data-report=signed]')")
    _picture(browser, pictures, f"{name}-signed")
    wrong = browser.run("return window.wrong")
    seconds = time.perf_counter() - began
    return f"signed after {seconds:.1f} s; size {size} mm, risk {risk}, {terms} terms; errors: {wrong or 'none'}"


def _picture(browser: Browser, folder: Path | None, name: str) -> None:
    if folder is not None:
        folder.mkdir(exist_ok=True)
        browser.picture(folder / f"{name}.png")


def main() -> None:
    """Run the browsers that were asked for, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("browsers", nargs="*", help=f"of {', '.join(_BROWSERS)}; all without any")
    parser.add_argument("--pictures", type=Path, help="folder for pictures of three steps")
    asked = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory(prefix="thyrosight-") as folder:
        server = Server(Path(folder) / "data")
        server.start()
        user = first_administrator(server)
        try:
            for place, name in enumerate(asked.browsers or _BROWSERS):
                image = user.upload(ultrasound(1, study=str(700 + place)), "a.dcm")["images"][0]
                transport = _BROWSERS[name]()
                try:
                    told = minute(
                        Browser(transport), server.address, image["study_id"], pictures=asked.pictures, name=name
                    )
                    print(f"{name} {transport.name}: {told}")
                finally:
                    transport.close()
        finally:
            server.process.send_signal(signal.SIGTERM)
            server.process.wait(30)


if __name__ == "__main__":
    main()
