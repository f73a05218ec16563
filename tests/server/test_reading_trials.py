"""Failures while a case is read in a real browser: reload, crash, two tabs, no server, a set clock, a reader let go."""

import time
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from tests.server.reader_study import Study
from tests.server.reading_page import SHORT, name_of, on_desk, opened, readings_of, rows_of, saved, seat
from tests.server.test_pages import Live, browser, browsers, live, serving  # noqa: F401  (fixtures)
from tests.server.test_viewer import until
from thyrosight.server.database.tables import Reading, ReadingEvent


def test_a_reload_and_another_computer_go_on_at_the_very_keystroke(live: Live) -> None:  # noqa: F811
    depth = {"key": "depth", "kind": "number", "lowest": 10}
    questions = [SHORT[0], depth, {"key": "marks", "kind": "marks"}, SHORT[1]]
    study = opened(live, cases=2, questions=questions)
    page, _ = seat(live, study)
    page.keyboard.press("j")
    on_desk(page, 2)
    page.keyboard.type("6")
    page.keyboard.press("Enter")
    page.keyboard.type("3")  # no answer yet: the lowest is 10
    page.keyboard.press("Enter")
    page.keyboard.press("x")
    until(page, "document.activeElement.name === 'marks-score'")  # a place without its score
    page.focus("[name=comment]")
    page.keyboard.type("half a wor")
    saved(page)
    page.reload()
    on_desk(page, 2)
    fields = ("score", "depth", "marks-score", "comment")
    assert [page.input_value(f"[name={name}]") for name in fields] == ["6", "3", "", "half a wor"]
    address = page.url
    page.context.close()
    live.contexts.remove(page.context)
    other = live.page(address.removeprefix(live.address), who=name_of(study))
    on_desk(other, 2)
    assert [other.input_value(f"[name={name}]") for name in fields] == ["6", "3", "", "half a wor"]
    other.keyboard.press("k")
    on_desk(other, 1)
    assert other.input_value("[name=score]") == ""


def test_two_tabs_and_two_computers_are_told_of_each_other(live: Live) -> None:  # noqa: F811
    study = opened(live, cases=2, questions=SHORT)
    page, _ = seat(live, study)
    page.keyboard.type("6")
    saved(page)
    second = page.context.new_page()
    second.goto(page.url)
    second.wait_for_selector("#curtain[data-kind=elsewhere] button.main")
    second.click("#curtain button.main")
    on_desk(second, 1)
    assert second.input_value("[name=score]") == "6"
    page.wait_for_selector("#curtain[data-kind=elsewhere]")
    assert page.query_selector(".pane") is None
    computer = live.page(f"/reading/{study.id}", who=name_of(study))
    on_desk(computer, 1)
    computer.keyboard.type("82")
    saved(computer)
    second.focus("[name=comment]")
    second.keyboard.type("x")
    until(second, "document.querySelector('#problem').textContent.includes('Another page')")
    assert second.input_value("[name=score]") == "82"
    second.keyboard.type("y")
    saved(second)
    second.keyboard.press("Control+Enter")
    on_desk(second, 2)
    computer.keyboard.press("Control+Enter")
    on_desk(computer, 2)
    assert "locked" in computer.inner_text("#problem")
    assert rows_of(study) == [{"stage": "only", "score": 82, "comment": "y"}]


def test_a_pause_blanks_the_screen_and_a_server_that_goes_away_loses_nothing(live: Live) -> None:  # noqa: F811
    study = opened(live, cases=2, questions=SHORT)
    page, _ = seat(live, study)
    page.keyboard.type("6")
    page.keyboard.press("p")
    page.wait_for_selector("#curtain[data-kind=paused]")
    assert page.query_selector("canvas") is None
    frame = f"{live.address}/api/v1/reading/tasks/{page.url.split('#')[1]}/images/1/frames/0"
    assert page.request.get(frame).status == 409
    page.reload()
    page.wait_for_selector("#curtain[data-kind=paused] button.main")
    page.keyboard.press("Enter")
    on_desk(page, 1)
    assert page.input_value("[name=score]") == "6"
    for state in ("hidden", "visible"):
        page.evaluate(f"Object.defineProperty(document, 'visibilityState', {{value: '{state}', configurable: true}})")
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.context.set_offline(True)
    page.keyboard.type("37")
    until(page, "document.querySelector('#saved').textContent === 'Not saved yet'")
    assert "does not answer" in page.inner_text("#problem")
    page.context.set_offline(False)
    saved(page)
    assert page.is_hidden("#problem")
    page.reload()
    on_desk(page)
    assert page.input_value("[name=score]") == "37"
    assert {"opened", "answered", "paused", "resumed", "hidden", "shown"} <= set(kinds_of(study))


def test_a_clock_that_is_set_changes_neither_time_nor_answers(live: Live) -> None:  # noqa: F811
    """The clock of the reader's computer goes back by nine hours and forward by a day while a case is read."""
    study = opened(live, cases=2, questions=SHORT)
    page, _ = seat(live, study)
    page.clock.install()
    page.reload()
    on_desk(page, 1)
    page.keyboard.type("6")
    saved(page)
    real = page.evaluate("Date.now()")
    before = len(kinds_of(study))
    page.clock.set_system_time(real - 9 * 3_600_000)
    page.clock.run_for(11_000)
    page.keyboard.press("Tab")
    _wait(lambda: "active" in kinds_of(study)[before:])  # the hand is seen, although it is earlier than before
    page.clock.set_system_time(real + 86_400_000)
    page.clock.run_for(6_000)
    page.focus("[name=score]")
    page.keyboard.type("4")
    saved(page)
    assert "idle" not in kinds_of(study)  # a day has not passed
    live.station.time.pass_by(seconds=31)
    page.keyboard.press("Control+Enter")
    on_desk(page, 2)
    (locked,) = rows_of(study)
    assert locked["score"] == 64
    with study.station.services.database.read() as session:
        found = session.scalars(select(Reading).where(Reading.id.in_(readings_of(study, "R01")))).all()
        (row,) = [one for one in found if one.locked_at is not None]
        # Both times are the server's, whose clock stood still but for half a minute.
        assert (row.locked_at - row.opened_at, row.active_ms) == (timedelta(seconds=31), 31_000)


def test_a_reader_who_leaves_while_the_page_is_open_is_let_out(live: Live) -> None:  # noqa: F811
    study = opened(live, cases=3, questions=SHORT)
    page, bodies = seat(live, study)
    page.keyboard.type("70")
    page.keyboard.press("Control+Enter")
    on_desk(page, 2)
    page.keyboard.type("3")
    saved(page)
    (reader,) = study.get()["readers"]
    study.send("POST", f"/readers/{reader['id']}/remove", {"reason": "Moved away"})
    page.keyboard.type("5")
    page.wait_for_selector("#curtain[data-kind=failed]")
    assert "no such open study for you to read" in page.inner_text("#curtain")
    assert page.query_selector("canvas") is None
    frame = f"{live.address}/api/v1/reading/tasks/{page.url.split('#')[1]}/images/1/frames/0"
    assert page.request.get(frame).status == 404
    del bodies[:]
    page.reload()
    page.wait_for_selector("#curtain[data-kind=failed]")
    assert not any("images" in body for body in bodies)
    page.goto(f"{live.address}/reading")
    page.wait_for_selector("#empty:not([hidden])")
    # What was locked is kept, what was typed is not locked.
    assert [row["score"] for row in rows_of(study)] == [70]


def _wait(holds: Callable[[], bool]) -> None:
    for _ in range(300):
        if holds():
            return
        time.sleep(0.02)
    raise AssertionError("never")


def kinds_of(study: Study) -> list[str]:
    """The kinds of what pages told of the readings of the first reader, in their order."""
    with study.station.services.database.read() as session:
        rows = session.execute(select(ReadingEvent.reading_id, ReadingEvent.kind).order_by(ReadingEvent.seq))
        own = readings_of(study, "R01")
        return [kind for reading, kind in rows if reading in own]
