"""A radiologist's way through one nodule in a real browser, by keys alone and by touch alone, and its lock."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from tests.server.accessibility import serious
from tests.server.conftest import PASSWORD
from tests.server.pictures import ultrasound
from tests.server.reading_page import bodies_of
from tests.server.test_pages import Live, browser, browsers, live, serving  # noqa: F401  (fixtures)
from tests.server.test_viewer import until
from thyrosight.server.jobs import ModelTasks
from thyrosight.server.nodules.questions import latest_assessments

_NUMBERS = count()


@contextmanager
def working(live: Live) -> Iterator[None]:  # noqa: F811
    """The models answer in a thread of the test, one job after the other."""
    services, end = live.station.services, threading.Event()
    tasks = ModelTasks(services.database, services.store, services.models, services.clock)

    def work() -> None:
        while not end.is_set():
            if not tasks.work():
                end.wait(0.05)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    yield
    end.set()
    thread.join(30)


def opened(live: Live, **options: Any) -> tuple[Any, list[str]]:  # noqa: F811
    """The page of a new study with one picture, and every body that the browser gets."""
    study = live.station.study(ultrasound(study=str(900 + next(_NUMBERS))))
    page = live.page("/worklist", **options)
    bodies = bodies_of(page)
    page.goto(f"{live.address}/studies/{study['id']}")
    page.wait_for_selector("[data-state=ready]")
    return page, bodies


def seen(live: Live, page: Any) -> dict[str, Any]:  # noqa: F811
    """The nodule of the page as the interface gives it."""
    found = live.station.as_("clinician").get(f"/api/v1/studies/{page.url.rsplit('/', 1)[1]}/nodules").json()
    assert len(found) == 1
    nodule: dict[str, Any] = found[0]
    return nodule


def answered(live: Live, nodule: dict[str, Any]) -> None:  # noqa: F811
    """Wait until the model's answer on a nodule lies in the database."""
    for _ in range(600):
        with live.station.services.database.read() as session:
            found = latest_assessments(session, UUID(nodule["id"]))
        if found and all(one.state == "done" for one in found):
            return
        time.sleep(0.1)
    pytest.fail("the model did not answer within a minute")


def test_one_nodule_by_keys_alone(live: Live) -> None:  # noqa: F811
    """Box, six descriptors, risk, lock, keep; each is a key of its own."""
    with working(live):
        page, bodies = opened(live)
        press = page.keyboard.press
        press("v")
        press("b")
        until(page, "!document.querySelector('#nodule').hidden")
        press("g")
        for digit in "54215":
            press(digit)
        press("1")
        press("7")
        until(page, "document.querySelector('#saved').textContent === 'Saved.'")
        answered(live, seen(live, page))
        told = "".join(bodies)
        assert not any(word in told for word in ("calibrated_risk", "probability", "operating_point", "heat"))
        press("y")
        page.wait_for_selector("#keep", timeout=60_000)
        assert page.evaluate("document.activeElement.id") == "reveal"
        nodule = seen(live, page)
        assert nodule["descriptors"] == {
            "composition": "solid", "echogenicity": "hypoechoic", "shape": "taller than wide", "margin": "smooth",
            "calcification": "interrupted peripheral calcification",
            "extrathyroidal_extension": "no extrathyroidal extension",
        }  # fmt: skip
        assert [(own["score"], own["biopsy"]) for own in nodule["opinions"]] == [(70, True)]
        (locked,) = [json.loads(body[body.index("{") :]) for body in bodies if "/opinions{" in body]
        revealed = locked["revealed"]
        risk = revealed["assessments"][0]["result"]["calibrated_risk"]
        assert page.inner_text("#reveal .large") == f"{round(100 * risk)} %"
        assert revealed["assessments"][0]["result"]["label_source"] in page.inner_text("#reveal")
        assert "research use only" in page.inner_text("#reveal").lower()
        press("k")
        page.wait_for_selector("#reveal .note.good")
        until(page, "document.activeElement.name === 'password'")
        press("Shift+Tab")
        press("Shift+Tab")
        assert page.evaluate("document.activeElement.name") == "findings"
        press("y")  # letters that are typed lock and keep nothing
        press("Control+Enter")
        assert page.evaluate("document.activeElement.name") == "password"
        assert page.input_value("#reports [name=findings]") == "y"
    assert seen(live, page)["stage"] == "ended"


@pytest.mark.parametrize("by", ["Enter", "button"])
def test_a_proposal_is_taken_and_described_next(live: Live, by: str) -> None:  # noqa: F811
    """The finder's answer offers a button, for hands without keys; Enter does the same on a fresh page."""
    answer = {
        "id": "00000000-0000-4000-8000-000000000000", "state": "done", "problem": "", "progress": 1, "total": 1,
        "lesions": [{"box": [40, 30, 90, 70], "outline": None, "score": 0.9}],
    }  # fmt: skip
    study = live.station.study(ultrasound(study=str(900 + next(_NUMBERS))))
    page = live.page("/worklist")
    page.route("**/api/v1/images/*/proposals", lambda route: route.fulfill(json=answer))
    page.goto(f"{live.address}/studies/{study['id']}")
    page.wait_for_selector("#take:enabled")
    assert page.evaluate("document.activeElement === document.body")
    page.keyboard.press("Enter") if by == "Enter" else page.click("#take")
    until(page, "document.activeElement.name === 'composition'")
    assert seen(live, page)["views"][0]["box"] == [40, 30, 90, 70]
    until(page, "document.querySelector('#take').disabled")


def test_the_heat_map_lies_over_the_frame_after_the_lock(live: Live) -> None:  # noqa: F811
    with working(live):
        page, _ = opened(live)
        page.keyboard.press("v")
        page.keyboard.press("b")
        until(page, "!document.querySelector('#nodule').hidden")
        page.focus("[name=score]")
        page.keyboard.press("3")
        page.click("[data-lock=no]")
        page.wait_for_selector("#reveal input[type=checkbox]", timeout=60_000)
        sum_of = "[...document.querySelector('[data-canvas=marks]').getContext('2d').getImageData(0, 0, 400, 400).data]"
        before = page.evaluate(f"{sum_of}.reduce((sum, value) => sum + value, 0)")
        page.check("#reveal input[type=checkbox]")
        until(page, f"{sum_of}.reduce((sum, value) => sum + value, 0) > {before} + 1000")
        # The opinion is locked: the box no longer moves.
        page.keyboard.press("v")
        box = seen(live, page)["views"][0]["box"]
        page.keyboard.press("m")
        page.keyboard.press("ArrowRight")
        assert seen(live, page)["views"][0]["box"] == box


def test_keys_that_come_faster_than_the_line_move_the_box_all_the_way(live: Live) -> None:  # noqa: F811
    page, _ = opened(live)
    page.route("**/nodules/*/views/*", lambda route: (time.sleep(0.1), route.continue_()))
    page.keyboard.press("v")
    page.keyboard.press("b")
    page.keyboard.press("ArrowDown")  # before the box is a nodule's
    until(page, "!document.querySelector('#nodule').hidden")
    until(page, "document.querySelector('#problem').hidden")
    page.wait_for_timeout(300)
    start = seen(live, page)["views"][0]["box"]
    for _ in range(12):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(1500)
    assert page.is_hidden("#problem")
    left, top, right, bottom = seen(live, page)["views"][0]["box"]
    assert [left, top, right, bottom] == [start[0] + 12, start[1], start[2] + 12, start[3]]


def test_no_opinion_is_locked_without_a_risk(live: Live) -> None:  # noqa: F811
    page, _ = opened(live)
    page.keyboard.press("v")
    page.keyboard.press("b")
    until(page, "!document.querySelector('#nodule').hidden")
    page.click("[data-lock=yes]")
    assert "0 to 100" in page.inner_text("#nodule-problem")
    assert page.evaluate("document.activeElement.name") == "score"
    assert seen(live, page)["stage"] == "open"


def test_one_nodule_by_touch_alone(live: Live) -> None:  # noqa: F811
    with working(live):
        page, _ = opened(live, has_touch=True, is_mobile=True, viewport={"width": 820, "height": 1180})
        hand = page.context.new_cdp_session(page)
        place = page.locator("[data-stage]").bounding_box()
        left, top = place["x"] + place["width"] * 0.35, place["y"] + place["height"] * 0.35
        page.tap("[data-do=box]")
        for kind, points in (
            ("touchStart", [(left, top)]), ("touchMove", [(left + 60, top + 40)]),
            ("touchMove", [(left + 150, top + 110)]), ("touchEnd", []),
        ):  # fmt: skip
            hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})
        until(page, "!document.querySelector('#nodule').hidden")
        for word in ("solid", "hypoechoic", "wider than tall", "smooth", "none"):
            page.tap(f"#descriptors label:has(input[value='{word}'])")
        scale = page.locator("[name=score]")
        scale.tap(position={"x": scale.bounding_box()["width"] * 0.2, "y": scale.bounding_box()["height"] / 2})
        page.tap("[data-lock=no]")
        page.wait_for_selector("#keep", timeout=60_000)
        page.tap("#keep")
        page.wait_for_selector("#reveal .note.good")
    nodule = seen(live, page)
    assert nodule["stage"] == "ended"
    assert 10 <= nodule["opinions"][0]["score"] <= 30
    assert nodule["descriptors"]["calcification"] == "none"


def test_two_tabs_of_one_nodule_lose_nothing(live: Live) -> None:  # noqa: F811
    """The second tab is told of the first one's change, keeps what was typed, and saves it with the next entry."""
    page, _ = opened(live)
    page.keyboard.press("v")
    page.keyboard.press("b")
    until(page, "!document.querySelector('#nodule').hidden")
    other = page.context.new_page()
    other.goto(page.url)
    other.wait_for_selector("#nodule:not([hidden])")
    page.select_option("[name=side]", "left")
    until(page, "document.querySelector('#saved').textContent === 'Saved.'")
    other.select_option("[name=pole]", "upper")
    until(other, "document.querySelector('#save-problem').textContent.includes('meanwhile')")
    assert other.input_value("[name=pole]") == "upper"
    other.select_option("[name=side]", "left")
    until(other, "document.querySelector('#saved').textContent === 'Saved.'")
    nodule = seen(live, page)
    assert (nodule["side"], nodule["pole"]) == ("left", "upper")


def test_the_page_of_a_study_is_accessible(live: Live) -> None:  # noqa: F811
    page, _ = opened(live)
    page.keyboard.press("v")
    page.keyboard.press("b")
    until(page, "!document.querySelector('#nodule').hidden")
    page.wait_for_selector("#systems-table td")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert serious(page) == []
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    assert serious(page, colours_alone=True) == []


def test_a_report_is_drafted_signed_and_opened(live: Live) -> None:  # noqa: F811
    page, _ = opened(live)
    page.keyboard.press("v")
    page.keyboard.press("b")
    until(page, "!document.querySelector('#nodule').hidden")
    page.click("#draft")
    page.fill("#reports [name=conclusion]", "Follow-up in a year.")
    page.fill("#reports [name=password]", "wrong words, no")
    page.keyboard.press("Enter")
    page.wait_for_selector("#reports form .note:not([hidden])")
    assert page.input_value("#reports [name=conclusion]") == "Follow-up in a year."
    page.fill("#reports [name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-report=signed]")
    assert page.inner_text("#draft") == "Addendum"
    address = page.get_attribute("[data-report=signed] a", "href")
    sheet = page.context.new_page()
    sheet.goto(live.address + address)
    assert "Follow-up in a year." in sheet.inner_text("body")
    assert "research use only" in sheet.inner_text("header").lower()
    assert "Muster" not in sheet.title() + sheet.url
    assert sheet.evaluate("getComputedStyle(document.querySelector('header .warning')).fontWeight") == "600"
