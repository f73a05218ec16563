"""The reading room in a browser: a study that is open, its reader at the desk, and what was locked."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from sqlalchemy import select

from tests.server import reader_study as made
from tests.server.reader_study import Study
from tests.server.test_pages import Live
from tests.server.test_viewer import sync_api, until
from thyrosight.server.database.tables import Reading, ReadingSession, ReadingTask, StudyReader

SHORT = [{"key": "score", "kind": "score"}, {"key": "comment", "kind": "text", "required": False}]


def opened(live: Live, **changes: Any) -> Study:
    """A study that is open to one reader."""
    if not any(question["key"] == "biopsy" for question in changes["questions"]):
        changes["action"] = None
    study = made.design(live.station, **changes)
    for problem in study.prepare()["problems"]:
        if problem["kind"] == "text":  # speckle, now and then
            for case in study.get()["cases"]:
                study.send("POST", f"/cases/{case['id']}/cleared", {"reason": "speckle"})
    study.send("POST", "/open", {})
    return study


def name_of(study: Study, code: str = "R01") -> str:
    """The name with which a reader signs in."""
    return str(study.readers[code].get("/api/v1/me").json()["name"])


def bodies_of(page: Any) -> list[str]:
    """The address and body of every answer of the interface that a page gets from now on."""
    bodies: list[str] = []

    def keep(answer: Any) -> None:
        if "/api/" in answer.url and "json" in answer.headers.get("content-type", ""):
            with suppress(sync_api.Error):  # of a page that was left
                bodies.append(answer.url + answer.text())

    page.on("response", keep)
    return bodies


def seat(live: Live, study: Study, **options: Any) -> tuple[Any, list[str]]:
    """The reading room of the first reader with a case on the desk, and every body that the browser gets."""
    page = live.page("/api/v1/session", who=name_of(study), **options)
    bodies = bodies_of(page)
    page.goto(f"{live.address}/reading/{study.id}")
    page.wait_for_selector("#curtain button.main")
    page.click("#curtain button.main")
    on_desk(page)
    return page, bodies


def on_desk(page: Any, number: int | None = None) -> None:
    """Wait until a case lies on the desk with its picture."""
    page.wait_for_selector("#curtain", state="hidden")
    page.wait_for_selector(".pane[data-state=ready]")
    if number is not None:
        until(page, f"document.querySelector('#place').textContent === 'Case {number}'")


def saved(page: Any) -> None:
    until(page, "document.querySelector('#saved').textContent === 'Saved.'")


def rows_of(study: Study, code: str = "R01") -> list[dict[str, Any]]:
    """Readings that a reader locked, stage and answers, in the order of the locks."""
    with study.station.services.database.read() as session:
        rows = session.scalars(select(Reading).where(Reading.locked_at.is_not(None)).order_by(Reading.locked_at))
        own = readings_of(study, code)
        return [{"stage": row.stage, **row.answers} for row in rows if row.id in own]


def readings_of(study: Study, code: str) -> set[Any]:
    with study.station.services.database.read() as session:
        return set(
            session.scalars(
                select(Reading.id)
                .join(ReadingTask, ReadingTask.id == Reading.task_id)
                .join(ReadingSession, ReadingSession.id == ReadingTask.session_id)
                .join(StudyReader, StudyReader.id == ReadingSession.reader_id)
                .where(StudyReader.code == code, StudyReader.reader_study_id == UUID(study.id))
            )
        )
