"""The states of the pages: who looks, at which address, and what happens before the picture is taken."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from pictured.acts import DATABASE_AWAY, Act, answers, click, fails, holds, loses, says


@dataclass(frozen=True)
class State:
    """A page in a state.

    Attributes:
        name: of its pictures.
        path: address, with {names} of the example.
        who: the account; None for nobody.
        before: what is done before the page is opened, for example an answer that is held back.
        after: what is done once the page stands there.
        ready: selector that shows that it stands there.
        fails: an answer is an error on purpose, so that the browser's own message of it counts for nothing.
        spoken: whether it is in the language of who looks; reports are in that of who signed.
    """

    name: str
    path: str
    who: str | None
    before: Act = lambda page: None
    after: Act = lambda page: None
    ready: str = "main"
    fails: bool = False
    spoken: bool = True


def states() -> list[State]:
    """All of them."""
    return [*_doors(), *_worklists(), *_studies(), *_administration(), *_reader_studies()]


def _doors() -> list[State]:
    def refused(page: Any) -> None:
        page.fill("[name=name]", "hubertina")
        page.fill("[name=password]", "not the right words")
        page.keyboard.press("Enter")
        page.wait_for_selector("#problem:not([hidden])")

    return [
        State("sign-in", "/sign-in", None),
        State(
            "sign-in-refused",
            "/sign-in",
            None,
            says("session", 401, "Name and password do not fit together."),
            refused,
            fails=True,
        ),
        State("first-administrator", "/welcome#first:abcdef", None),
        State("set-password", "/welcome#abcdef", None),
        State("no-link", "/welcome", None),
        State("not-allowed", "/users", "newcomer", fails=True),
        State(
            "session-ended",
            "/worklist",
            "clinician",
            answers("studies?*", 401, "{}"),
            ready="#again[open]",
            fails=True,
        ),
        State(
            "session-ends-soon",
            "/worklist",
            "clinician",
            ready="#studies th",
            after=lambda page: page.evaluate("document.querySelector('#soon').showModal()"),
        ),
    ]


def _worklists() -> list[State]:
    def uploads(page: Any) -> None:
        own = Path(gettempdir()) / "a scan with a very long name that somebody chose long ago, second try (final).png"
        own.write_bytes(b"no picture")
        page.set_input_files("#files", str(own))
        page.wait_for_selector("#uploads .clear:enabled")

    def sought(page: Any) -> None:
        page.fill("[name=text]", "nobody is called so")
        page.wait_for_selector("#studies th a", state="detached")

    empty = answers("studies?*", 200, '{"items": [], "total": 0}')
    return [
        State("worklist", "/worklist", "clinician", ready="#studies th a"),
        State("worklist-codes", "/worklist", "researcher", ready="#studies th a"),
        State("worklist-empty", "/worklist", "clinician", empty, ready="#empty:not([hidden])"),
        State("worklist-loading", "/worklist", "clinician", holds("studies?*")),
        State("worklist-error", "/worklist", "clinician", fails("studies?*"), ready="#studies .note.bad", fails=True),
        State("worklist-lost", "/worklist", "clinician", loses("studies?*"), ready="#studies .note.bad", fails=True),
        State("worklist-refused-file", "/worklist", "clinician", after=uploads, ready="#studies th a", fails=True),
        State("worklist-nothing-fits", "/worklist", "clinician", after=sought, ready="#studies th a"),
        State("worklist-archive", "/worklist", "clinician", after=click("#fetch"), ready="#fetch:not([hidden])"),
    ]


def _studies() -> list[State]:
    def typed(page: Any) -> None:
        page.context.set_offline(True)
        page.select_option("#nodule [name=side]", "left")
        page.wait_for_selector("#save-problem:not([hidden])")

    def drafted(page: Any) -> None:
        page.click("#draft")
        page.wait_for_selector("#reports textarea")
        page.evaluate("document.querySelector('#reports').scrollIntoView()")

    def sent(page: Any) -> None:
        page.evaluate("document.querySelector('#reports').scrollIntoView()")

    def unscored(page: Any) -> None:
        page.click("[data-lock=yes]")
        page.wait_for_selector("#nodule-problem:not([hidden])")

    def changing(page: Any) -> None:
        page.click("#reveal .actions button:not(.main)")
        page.evaluate("document.querySelector('#keep').scrollIntoView()")

    def signing(page: Any) -> None:
        drafted(page)
        page.evaluate("document.querySelector('#reports [type=password]')?.scrollIntoView()")

    def late(page: Any) -> None:
        page.route("**/api/v1/nodules/**", lambda route: route.fulfill(status=401, body="{}"))
        page.select_option("#nodule [name=side]", "left")
        page.wait_for_selector("#again[open]")

    no_finder = says(
        "images/*/proposals", 409, "The workstation has no model that looks for nodules; draw the box by hand."
    )
    no_model = says("nodules/*/reveal", 422, "The workstation has no model that judges nodules: there is no such file.")
    ready, panel = "[data-state=ready]", "#nodule:not([hidden])"
    return [
        State("study", "/studies/{single}", "clinician", ready=ready),
        State("study-codes", "/studies/{single}", "researcher", ready=ready),
        State("study-loop", "/studies/{loop}", "clinician", ready=ready),
        State("study-begun", "/studies/{begun}", "clinician", ready=panel),
        State("study-forty", "/studies/{forty}", "clinician", ready=panel),
        State("study-locked", "/studies/{locked}", "clinician", ready="#keep"),
        State("study-signed", "/studies/{signed}", "clinician", ready="[data-report=signed]"),
        State("study-reports", "/studies/{signed}", "clinician", after=sent, ready="[data-report=signed]"),
        State("study-draft", "/studies/{begun}", "clinician", after=drafted, ready=panel),
        State("study-keys", "/studies/{single}", "clinician", after=click("#keys"), ready=ready),
        State("study-loading", "/studies/{single}", "clinician", holds("studies/*")),
        State(
            "study-error",
            "/studies/{single}",
            "clinician",
            fails("studies/*"),
            ready="#problem:not([hidden])",
            fails=True,
        ),
        State(
            "study-picture-lost",
            "/studies/{single}",
            "clinician",
            fails("images/*/frames/*"),
            ready="[data-state=failed]",
            fails=True,
        ),
        State("study-no-finder", "/studies/{single}", "clinician", no_finder, ready=ready, fails=True),
        State("study-no-model", "/studies/{locked}", "clinician", no_model, ready="#reveal .bad", fails=True),
        State("study-model-reads", "/studies/{locked}", "clinician", holds("nodules/*/reveal"), ready="#reveal .note"),
        State("study-score-missing", "/studies/{begun}", "clinician", after=unscored, ready=panel),
        State("study-change", "/studies/{locked}", "clinician", after=changing, ready="#keep"),
        State("study-sign", "/studies/{begun}", "clinician", after=signing, ready=panel),
        State(
            "study-session-over",
            "/studies/{begun}",
            "clinician",
            after=late,
            ready=panel,
            fails=True,
        ),
        State("study-offline", "/studies/{begun}", "clinician", after=typed, ready=panel, fails=True),
        *(
            State(
                f"report-{language}",
                f"/api/v1/reports/{{report_{language}}}.html",
                "clinician",
                ready="body",
                spoken=False,
            )
            for language in ("en", "es", "zh")
        ),
        State("account-error", "/account", "clinician", fails("me/tokens"), ready="main", fails=True),
        State("account", "/account", "clinician", ready="#tokens .soft, #tokens th"),
        State("api", "/api", "administrator"),
    ]


def _administration() -> list[State]:
    def verified(page: Any) -> None:
        page.click("#verify")
        page.wait_for_selector("#note.good")

    def chosen(page: Any) -> None:
        page.focus("[name=what]")
        page.keyboard.press("ArrowDown")
        page.wait_for_timeout(400)

    def refused(page: Any) -> None:
        page.fill("[name=institution]", "Hospital of the Holy Spirit")
        page.click("#site .main")
        page.wait_for_selector("#note.bad")

    refuses = says("settings", 503, DATABASE_AWAY, method="PATCH")
    return [
        State("users", "/users", "administrator", ready="#users th"),
        State("users-new", "/users", "administrator", after=click("#add"), ready="#users th"),
        State("users-loading", "/users", "administrator", holds("users")),
        State("users-error", "/users", "administrator", fails("users"), ready="#users .note.bad", fails=True),
        State("system", "/system", "administrator", ready="#peers th"),
        State("system-lost", "/system", "administrator", loses("*"), ready="#problem:not([hidden])", fails=True),
        State("system-loading", "/system", "administrator", holds("models")),
        State("system-no-model", "/system", "administrator", answers("models", 200, "[]"), ready="#peers th"),
        State("settings-loading", "/settings", "administrator", holds("settings")),
        State("settings", "/settings", "administrator", ready="#site fieldset:enabled"),
        State("settings-refused", "/settings", "administrator", refuses, refused, "#site fieldset:enabled", fails=True),
        State("settings-peer", "/settings", "administrator", after=click("#add-peer"), ready="#peers th"),
        State("audit", "/audit", "auditor", ready="#events th"),
        State("audit-of-one-kind", "/audit", "auditor", after=chosen, ready="#events th"),
        State("audit-error", "/audit", "auditor", fails("audit?*"), ready="#events .note.bad", fails=True),
        State("audit-intact", "/audit", "auditor", after=verified, ready="#events th"),
        State("audit-loading", "/audit", "auditor", holds("audit?*")),
    ]


def _reader_studies() -> list[State]:
    empty = answers("reader-studies", 200, "[]")
    parts = ("protocol", "cases", "readers", "check", "progress", "results")

    def part(study: str, name: str) -> State:
        shown = "[role=tabpanel]:not([hidden])"
        return State(
            f"{study}-{name}", f"/reader-studies/{{{study}}}", "designer", after=click(f"#tab-{name}"), ready=shown
        )

    def desk(page: Any) -> None:
        if page.is_visible("#curtain button.main"):  # a case that was opened before is there at once
            page.click("#curtain button.main")
        page.wait_for_selector(".pane[data-state=ready]")

    return [
        State("reader-studies", "/reader-studies", "designer", ready="#studies th"),
        State("reader-studies-empty", "/reader-studies", "designer", empty, ready="#empty:not([hidden])"),
        State("reader-studies-loading", "/reader-studies", "designer", holds("reader-studies")),
        State(
            "reader-studies-error",
            "/reader-studies",
            "designer",
            fails("reader-studies"),
            ready="#studies .note.bad",
            fails=True,
        ),
        State("reader-study-error", "/reader-studies/{read}", "designer", fails("reader-studies/*"), fails=True),
        State("reader-studies-new", "/reader-studies", "designer", after=click("#add"), ready="#studies th"),
        *(part("designed", name) for name in parts[:4]),
        *(part("read", name) for name in parts if name != "check"),
        State("reading", "/reading", "reader1", ready="#studies h2, #studies h3"),
        State("reading-list-error", "/reading", "reader1", fails("reading"), ready=".note.bad", fails=True),
        State("reading-list-loading", "/reading", "reader1", holds("reading")),
        State("reading-nothing", "/reading", "newcomer", ready="#empty:not([hidden])"),
        State("reading-begin", "/reading/{read}", "reader2", ready="#curtain button.main, .pane[data-state=ready]"),
        State(
            "reading-desk",
            "/reading/{read}",
            "reader2",
            after=desk,
            ready="#curtain button.main, .pane[data-state=ready]",
        ),
        State("reading-done", "/reading/{read}", "reader0", ready="#curtain h2"),
    ]
