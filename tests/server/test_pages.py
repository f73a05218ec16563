"""The pages in a real browser, as a user meets them: by the mouse, by keys alone, after a pause, with hostile files."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.server.accessibility import serious
from tests.server.conftest import PASSWORD, Station, make_station, picture
from tests.server.pictures import ultrasound
from tests.server.test_viewer import browser, settle, sync_api, until  # noqa: F401  (the browser is a fixture)

uvicorn = pytest.importorskip("uvicorn", reason="the workstation is not installed: pip install 'thyrosight[server]'")

SCRIPT = "<img src=x onerror=alert(1)>"


class Browsers:
    """Browsers with the usual window, which go from test to test: each keeps what it has fetched and compiled."""

    def __init__(self, engine: Any, address: str) -> None:
        self._engine, self._address, self._free = engine, address, list[Any]()

    def take(self, **options: Any) -> Any:
        """A browser that nobody uses; a new one for other options than the usual."""
        if self._free and not options:
            return self._free.pop()
        context = self._engine.new_context(**{"viewport": {"width": 1280, "height": 800}} | options)
        if not options:
            context.new_page().goto(self._address + "/favicon.ico")  # which stays, and its process with it
        return context

    def give_back(self, context: Any) -> None:
        """Forget the visitor: all that the pages keep are cookies and the theme."""
        rest, *pages = context.pages
        if not rest.url.endswith("/favicon.ico"):
            context.close()
            return
        for page in pages:
            page.close()
        rest.evaluate("localStorage.clear()")
        context.clear_cookies()
        context.set_offline(False)
        self._free.append(context)


class Live:
    """A workstation that listens, and browsers that keep what they say and ask for."""

    def __init__(self, station: Station, address: str, browsers: Browsers) -> None:
        self.station, self.address, self._browsers = station, address, browsers
        self.contexts: list[Any] = []
        self.said: list[str] = []
        self.asked: set[str] = set()

    def page(self, path: str = "/", *, who: str | None = "clinician", **options: Any) -> Any:
        """A page of a browser that nobody is signed in with, but the account of which a name is given."""
        context = self._browsers.take(**options)
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("console", lambda message: self.said.append(message.text) if "Security" in message.text else None)
        page.on("request", lambda request: self.asked.add(request.url))
        if who is not None:
            made = context.request.post(f"{self.address}/api/v1/session", data={"name": who, "password": PASSWORD})
            assert made.status == 201
        page.goto(self.address + path)
        return page

    def close(self) -> None:
        """Give the browsers back: no script failed, no policy was hurt, and nothing was asked of another machine."""
        for context in self.contexts:
            self._browsers.give_back(context)
        assert not self.said
        assert all(url.startswith(self.address) for url in self.asked)


@contextmanager
def listening(folder: Path, url: str, portal: Any, *, prefix: str = "") -> Iterator[tuple[Station, str]]:
    """A workstation on a free port, with the database at `url`, and its address."""
    station = make_station(folder, url, portal, prefix=prefix)
    station.time.now = datetime.now(UTC)
    server = uvicorn.Server(uvicorn.Config(station.app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield station, f"http://127.0.0.1:{port}{prefix}"
    server.should_exit = True
    thread.join(10)
    station.services.close()


@pytest.fixture(scope="module")
def serving(
    tmp_path_factory: pytest.TempPathFactory, ready_url: Callable[[str], str], portal: Any
) -> Iterator[tuple[Station, str]]:
    """A workstation that the tests of this file share."""
    with listening(tmp_path_factory.mktemp("live"), ready_url("sqlite"), portal) as made:
        yield made


@pytest.fixture(scope="module")
def browsers(serving: tuple[Station, str], browser: Any) -> Browsers:  # noqa: F811
    """Browsers that the tests of this file share."""
    return Browsers(browser, serving[1])


@pytest.fixture
def live(serving: tuple[Station, str], browsers: Browsers) -> Iterator[Live]:
    """Opens pages."""
    made = Live(*serving, browsers)
    yield made
    made.close()


def test_signing_in_leads_to_the_page_that_was_asked_for(live: Live) -> None:
    page = live.page("/worklist", who=None)
    assert page.url.endswith("/sign-in#/worklist")
    page.fill("[name=name]", "clinician")
    page.fill("[name=password]", "wrong words")
    page.keyboard.press("Enter")
    page.wait_for_selector("#problem:not([hidden])")
    assert page.evaluate("document.activeElement.name") == "password"
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(live.address + "/worklist")
    assert page.inner_text("h1") == "Worklist"


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example/x", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_nowhere_else(live: Live, elsewhere: str) -> None:
    page = live.page(f"/sign-in#{elsewhere}", who=None)
    page.fill("[name=name]", "clinician")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(live.address + "/worklist")


def test_a_new_account_sets_its_password_by_the_link(live: Live) -> None:
    page = live.page("/users", who="administrator")
    page.click("#add")
    name = f"new{len(live.station.as_('administrator').get('/api/v1/users').json())}"
    page.fill("#edit [name=name]", name)
    page.fill("#edit [name=display]", "Dr. Noor Aziz")
    page.check("#edit [value=clinician]")
    page.click("#edit button.main")
    page.wait_for_selector("#link[open]")
    link = page.input_value("#link textarea")
    assert link.startswith(live.address + "/welcome#")
    other = live.page(who=None)
    other.goto(link)
    assert "#" not in other.url
    other.fill("[name=password]", PASSWORD)
    other.fill("[name=again]", PASSWORD)
    other.click("button.main")
    other.wait_for_url(live.address + "/worklist")
    assert "Dr. Noor Aziz" in other.inner_text("header")


def test_files_are_uploaded_listed_and_opened_by_keys_alone(live: Live, tmp_path: Path) -> None:
    page = live.page("/worklist")
    (tmp_path / "long name 2.png").write_bytes(picture(seed=11))
    (tmp_path / "no image.png").write_bytes(b"nothing")
    page.set_input_files("#files", [tmp_path / "long name 2.png", tmp_path / "no image.png"])
    page.wait_for_selector("text=Images taken in: 1")
    page.wait_for_selector("#uploads .bad")
    assert "no DICOM, PNG or JPEG" in page.inner_text("#uploads .bad")
    page.wait_for_selector("#studies th a")
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/studies/*")
    page.wait_for_selector("[data-state=ready]")
    page.keyboard.press("v")
    page.keyboard.press("c")
    until(page, "document.querySelector('#live').textContent.includes('px')")


def test_texts_of_files_are_shown_as_text_and_names_stay_out_of_addresses_and_titles(live: Live) -> None:
    arabic = "عبد الرحمن^فاطمة"
    for who, what in ((f"Script^{SCRIPT}", SCRIPT), (arabic, "x" * 60)):
        live.station.study(
            ultrasound(study=f"70{len(what)}", SpecificCharacterSet="ISO_IR 192", PatientName=who, PatientID="P-77",
                       StudyDescription=what)
        )  # fmt: skip
    page = live.page("/worklist")
    page.wait_for_selector("#studies th a")
    assert SCRIPT in page.inner_text("#studies")
    assert page.query_selector("#studies img") is None
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.click("#studies tr:has-text('فاطمة') a")
    page.wait_for_url("**/studies/*")
    page.wait_for_selector("#patient h2")
    shown = (
        page.title()
        + page.url
        + page.evaluate("[...performance.getEntriesByType('resource')].map((one) => one.name).join()")
    )
    assert not re.search("فاطمة|Script|P-77", shown)


def test_a_researcher_sees_codes_alone(live: Live) -> None:
    live.station.study(ultrasound(study="800", PatientName="Secret^Name", PatientID="P-99", StudyDate="20240102"))
    page = live.page("/worklist", who="researcher")
    bodies: list[str] = []
    page.on("response", lambda answer: bodies.append(answer.text()) if "/studies" in answer.url else None)
    page.reload()
    page.wait_for_selector("#studies th a")
    page.click("#studies th a")
    page.wait_for_selector("[data-state=ready]")
    assert bodies
    assert not re.search("Secret|P-99|20240102", "".join(bodies) + page.content())


def test_a_session_that_ends_costs_nothing_that_was_typed(live: Live) -> None:
    page = live.page("/account")
    page.wait_for_selector("#tokens td.soft, #tokens th")
    page.fill("#own [name=display]", "Typed before")
    with live.station.services.database.write() as session:
        from sqlalchemy import text

        session.execute(text("UPDATE sessions SET ended_at = :now"), {"now": "2026-01-01 00:00:00.000000"})
    page.click("#own button")
    page.wait_for_selector("#again[open]")
    page.keyboard.press("Escape")
    assert page.query_selector("#again[open]") is not None
    page.fill("#again [name=password]", "not it, no")
    page.keyboard.press("Enter")
    page.wait_for_selector("#again .note:not([hidden])")
    page.fill("#again [name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#note.good:not([hidden])")
    assert live.station.as_("clinician").get("/api/v1/me").json()["display"] == "Typed before"


def test_pages_of_other_roles_say_so(live: Live) -> None:
    page = live.page("/users", who="reader")
    assert page.inner_text("h1") == "Not for this account"
    assert [link.inner_text().strip() for link in page.query_selector_all("nav a")] == ["Reading room"]


@pytest.mark.parametrize(("language", "title"), [("es", "Lista de trabajo"), ("zh", "工作列表")])
def test_the_language_stays_chosen(live: Live, language: str, title: str) -> None:
    page = live.page(f"/language/{language}")
    page.goto(live.address + "/worklist")
    assert page.inner_text("h1") == title
    assert page.evaluate("document.documentElement.lang") == language


def test_the_audit_is_verified_in_the_browser(live: Live) -> None:
    page = live.page("/audit", who="auditor")
    page.wait_for_selector("#events th")
    page.select_option("[name=what]", label="signed in")
    shown = "[...document.querySelectorAll('#events th')].map((cell) => cell.textContent)"
    until(page, f"{shown}.length > 0 && {shown}.every((text) => text === 'signed in')")
    page.click("#verify")
    page.wait_for_selector("#note.good")
    assert "Intact" in page.inner_text("#note")


@pytest.mark.parametrize(
    ("path", "who"),
    [
        ("/sign-in", None), ("/worklist", "clinician"), ("/account", "clinician"), ("/users", "administrator"),
        ("/audit", "auditor"),
    ],
)  # fmt: skip
def test_pages_are_accessible(live: Live, path: str, who: str | None) -> None:
    """No serious finding of axe-core, in the dark and in the light."""
    page = live.page(path, who=who)
    page.wait_for_load_state("networkidle")
    # Rows of a table are built alike, and what the other tests left in the trail are hundreds.
    page.evaluate("document.querySelectorAll('tbody tr:nth-child(n + 21)').forEach((row) => row.remove())")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert serious(page) == []
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    assert serious(page, colours_alone=True) == []


WATCH = """
window.moved = [];
const what = ({ node }) => (node?.outerHTML ?? node?.textContent ?? "gone").slice(0, 120);
new PerformanceObserver((list) => {
  for (const entry of list.getEntries())
    if (!entry.hadRecentInput) window.moved.push([entry.value, ...entry.sources.map(what)]);
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.mark.parametrize(
    ("path", "who", "ready"),
    [
        ("/worklist", "clinician", "#studies th a"), ("/studies/{study}", "clinician", "[data-state=ready]"),
        ("/users", "administrator", "#users th"), ("/settings", "administrator", "#site fieldset:enabled"),
        ("/audit", "auditor", "#events th"), ("/welcome#first:x", None, "#first:not([hidden])"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_moves_while_a_page_is_built(live: Live, path: str, who: str | None, ready: str, width: int) -> None:
    study = live.station.study(ultrasound(1, study=f"77{width}{len(path)}", frames=3))
    page = live.page("/language/en", who=who, viewport={"width": width, "height": 760})
    page.add_init_script(WATCH)
    page.goto(live.address + path.format(study=study["id"]))
    page.wait_for_selector(ready)
    until(page, "!document.querySelector('[aria-busy]')")
    settle(page)
    assert page.evaluate("moved") == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_static_files_are_kept_and_none_leads_out_of_their_folder(live: Live) -> None:
    page = live.page("/sign-in", who=None)
    style = page.get_attribute("link[rel=stylesheet]", "href")
    answer = page.request.get(live.address + style)
    assert "immutable" in answer.headers["cache-control"]
    assert "<svg" in page.request.get(live.address + "/favicon.ico").text()
    version = style.split("/static/")[1].split("/")[0]
    for path in ("../app.py", "..%2fapp.py", "%2e%2e/%2e%2e/errors.py", "app", ""):
        assert page.request.get(f"{live.address}/static/{version}/{path}").status == 404


def test_everything_works_behind_a_prefix(
    browser: Any,  # noqa: F811
    tmp_path: Path,
    ready_url: Callable[[str], str],
    portal: Any,
) -> None:
    with listening(tmp_path, ready_url("sqlite"), portal, prefix="/thyrosight") as serving:
        live = Live(*serving, Browsers(browser, serving[1]))
        live.station.study(picture(seed=3))
        page = live.page("/", who=None)
        page.fill("[name=name]", "clinician")
        page.fill("[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(live.address + "/worklist")
        page.wait_for_selector("#studies th a")
        page.click("#studies th a")
        page.wait_for_selector("[data-state=ready]")
        assert page.context.cookies()[0]["path"] == "/thyrosight"
        page.click("#sign-out")
        page.wait_for_url(live.address + "/sign-in")
        live.close()
