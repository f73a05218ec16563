"""A reader study from its first form to its end, in a real browser."""

from typing import Any

from tests.server import reader_study as made
from tests.server.accessibility import serious
from tests.server.conftest import Station
from tests.server.pictures import ultrasound
from tests.server.reader_study import SEQUENTIAL, Study
from tests.server.test_pages import Live, browser, browsers, live, serving  # noqa: F401  (fixtures)
from tests.server.test_viewer import until


def study_of(live: Live, page: Any) -> Study:  # noqa: F811
    """The study whose page is open."""
    return Study(live.station, page.url.split("/reader-studies/")[1].split("#")[0])


def test_a_study_is_made_described_filled_and_opened(live: Live) -> None:  # noqa: F811
    station = live.station
    for number in (1, 2):
        station.study(ultrasound(number, study=f"66{number}", patient=f"P-66{number}", frames=3))
    made.new_account(station)
    page = live.page("/reader-studies", who="researcher")
    page.click("#add")
    page.fill("#new [name=title]", "Two loops")
    page.check("#new [value=single]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#protocol:not([hidden])")
    study = study_of(live, page)
    _describe(page, study)
    _fill(page, study)
    _open(page, station)
    assert study.get()["state"] == "open"
    assert study.get()["amendments"][0]["frozen_at"]


def _describe(page: Any, study: Study) -> None:
    """Another question, an action, and an error that loses nothing."""
    page.select_option("#question-kind", "number")
    page.click("#add-question")
    page.fill("#questions li:last-child input[maxlength='40']", "depth")
    page.fill("#questions li:last-child label:nth-child(3) input", "mm")
    page.select_option("#protocol [name=action]", "score >=")
    page.click("#save-protocol")
    until(page, "document.querySelector('#protocol-problem').textContent.includes('at_least')")
    page.fill("#protocol [name=at_least]", "50")
    page.click("#save-protocol")
    until(page, "document.querySelector('#protocol-saved').textContent === 'Saved.'")
    protocol = study.get()["protocol"]
    assert protocol["design"] == "single"
    assert protocol["arms"] == [{"name": "unaided"}]
    assert protocol["action"] == {"question": "score", "at_least": 50}
    assert protocol["questions"][-1] == {"key": "depth", "kind": "number", "unit": "mm"}


def _fill(page: Any, study: Study) -> None:
    """Cases from the workstation's studies, and their truth from a table."""
    page.click("#tab-cases")
    page.click("#choose-cases")
    page.select_option("#choosing [name=unit]", "image")
    page.wait_for_selector("#candidates .unit")
    page.click("#choose-all")
    page.click("#choosing button.main")
    page.wait_for_selector("#cases-rows th")
    codes = [case["code"] for case in study.get()["cases"]]
    assert len(codes) == 2
    assert study.get()["cases"][0]["views"][0]["loop"] is True
    page.click("#give-truth")
    page.fill("#truth textarea", f"case;truth\n{codes[0]};perhaps\n{codes[1]};0")
    page.click("#truth button.main")
    until(page, "document.querySelector('#truth .note').textContent.includes('Row 2')")
    page.fill("#truth textarea", f'case;truth;label_source\n{codes[0]};1;pathology\n{codes[1]};0;"cytology, twice"')
    page.click("#truth button.main")
    page.wait_for_selector("#truth", state="hidden")
    assert [(own["truth"], own["label_source"]) for own in study.get()["cases"]] == [
        (1, "pathology"),
        (0, "cytology, twice"),
    ]
    assert page.inner_text("#cases-count") == "2 cases: 1 malignant, 1 benign, 0 without a truth"


def _open(page: Any, station: Station) -> None:
    """A reader, prepared pictures, and the opening."""
    page.click("#tab-readers")
    page.wait_for_selector("#people input")
    page.check("#people label:last-child input")
    page.fill("#readers-form [name=group]", "senior")
    page.click("#readers-form button.main")
    page.wait_for_selector("#readers-rows th")
    page.click("#tab-check")
    page.wait_for_selector("#problems li")
    assert page.is_disabled("#open-form button")
    page.click("#prepare")
    page.wait_for_selector("#waiting:not([hidden])")
    made.work(station)
    page.click("#tab-cases")
    page.click("#tab-check")
    page.wait_for_selector("#waiting", state="hidden")
    chips = "document.querySelectorAll('#problems .chips button').length"
    while number := page.evaluate(chips):  # speckle that looks like text, now and then
        page.click("#problems .chips button")
        page.wait_for_selector("#looking[open]")
        page.fill("#looking [name=reason]", "speckle")
        page.click("#clear")
        page.wait_for_selector("#looking", state="hidden")
        until(page, f"{chips} < {number}")
    until(page, "!document.querySelector('#open-form button').disabled")
    page.click("#open-form button")
    page.wait_for_selector("#close:not([hidden])")


def test_an_open_study_is_watched_amended_and_closed(live: Live) -> None:  # noqa: F811
    study = made.design(
        live.station, cases=4, readers=2, title="Watched " + "and read by many people " * 6, **SEQUENTIAL
    )
    study.open()
    made.read_all(study, study.readers["R01"])
    page = live.page(f"/reader-studies/{study.id}", who="researcher")
    page.wait_for_selector("#progress-rows th")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    rows = [row.inner_text() for row in page.query_selector_all("#progress-rows tr")]
    assert "4 of 4" in rows[0]
    assert "complete since" in rows[0]
    assert "0 of 4" in rows[1]
    assert "not begun" in rows[1]

    page.click("#tab-protocol")
    assert page.is_disabled("#protocol [name=seed]")
    assert page.is_disabled("#arms input")
    page.fill("#protocol [name=aim]", "Another aim")
    page.fill("#protocol [name=reason]", "The aim was not stated")
    page.click("#save-protocol")
    until(page, "document.querySelectorAll('#versions tr').length === 2")
    assert "The aim was not stated" in page.inner_text("#versions")

    page.click("#tab-cases")
    page.click("#cases-rows button.danger")
    page.click("#asking-yes")
    assert page.query_selector("#asking[open]") is not None  # a reason is needed
    page.fill("#asking [name=reason]", "The other lobe")
    page.click("#asking-yes")
    page.wait_for_selector("#asking", state="hidden")
    assert "withdrawn: The other lobe" in page.inner_text("#cases-rows")
    page.click("#close")
    page.click("#asking-yes")
    page.wait_for_selector("#close", state="hidden")
    assert study.get()["state"] == "closed"
    assert page.is_disabled("#protocol [name=title]")


def test_two_designers_lose_nothing(live: Live) -> None:  # noqa: F811
    study = made.design(live.station, cases=2)
    page = live.page(f"/reader-studies/{study.id}", who="researcher")
    page.wait_for_selector("#protocol:not([hidden])")
    page.fill("#protocol [name=aim]", "Typed by the first")
    body = study.get()["protocol"]
    study.send("PUT", "/protocol", {"protocol": {**body, "aim": "Saved by the second"}})
    page.click("#save-protocol")
    until(page, "document.querySelector('#protocol-problem').textContent.includes('changed meanwhile')")
    assert page.input_value("#protocol [name=aim]") == "Typed by the first"
    assert study.get()["protocol"]["aim"] == "Saved by the second"


def test_the_designers_pages_are_accessible(live: Live) -> None:  # noqa: F811
    study = made.design(live.station, cases=2, power={"difference": 0.1}, **SEQUENTIAL)
    page = live.page("/reader-studies", who="researcher")
    page.wait_for_selector("#studies th")
    assert serious(page) == []
    page.goto(f"{live.address}/reader-studies/{study.id}")
    page.wait_for_selector("#protocol:not([hidden])")
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    for part in ("protocol", "cases", "check"):
        page.click(f"#tab-{part}")
        page.wait_for_load_state("networkidle")
        assert serious(page) == []
