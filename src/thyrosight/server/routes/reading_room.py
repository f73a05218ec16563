"""The reading room: what a reader may look at, under random codes, with nothing of names, truth or model before the
lock."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from thyrosight.server.accounts import Actor, Role
from thyrosight.server.http import Caller, Id, allow
from thyrosight.server.problems import conflict, not_found
from thyrosight.server.reader_studies.designing import protocol_of
from thyrosight.server.reader_studies.events import note_event, page_of
from thyrosight.server.reader_studies.ordering import sessions_of_study
from thyrosight.server.reader_studies.readings import open_reading
from thyrosight.server.reader_studies.room import desk, next_task, seat_in, seats
from thyrosight.server.reader_studies.showing import view_to_show
from thyrosight.server.routes.reading_answers import (
    Instructions,
    NextAnswer,
    OpenStudy,
    TaskAnswer,
    UnlockedTask,
    instructions_answer,
    open_study,
    task_answer,
)
from thyrosight.server.sentences import Language

router = APIRouter(prefix="/reading", tags=["reading room"])
Reader = Annotated[Actor, allow(Role.READER)]
Place = Annotated[int, Path(ge=1, le=2)]
Number = Annotated[int, Path(ge=0, le=10**6)]
Chosen = Annotated[Literal["en", "es", "zh"] | None, Query()]
# The browser keeps a picture while the session lasts; its address and this tag are of the task, and name no content.
_CACHING = "private, no-cache"
_PNG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/png": {}}},
    304: {"description": "Not modified"},
}


@router.get("")
def studies(services: Caller, actor: Reader) -> list[OpenStudy]:
    """The open studies in which the user reads."""
    with services.database.read() as session:
        return [open_study(session, seat) for seat in seats(session, actor.user_id, now=services.clock())]


@router.get("/{study_id}/instructions")
def instructions(
    study_id: Id, services: Caller, actor: Reader, spoken: Language, language: Chosen = None
) -> Instructions:
    """Instructions to readers before they begin, in their language; the study's own words stay as they were written."""
    with services.database.read() as session:
        seat = seat_in(session, actor.user_id, study_id, now=services.clock())
        protocol = protocol_of(session, seat.study)
        sessions = sessions_of_study(session, seat.study)
    own = [one for one in sessions if one.reader == seat.reader.code]
    return instructions_answer(protocol, own, language=language or spoken)


@router.get("/{study_id}/next")
def what_next(study_id: Id, services: Caller, actor: Reader, after: Annotated[Id | None, Query()] = None) -> NextAnswer:
    """The next task that is not locked: the first one, or the first behind the task `after`."""
    with services.database.read() as session:
        seat = seat_in(session, actor.user_id, study_id, now=services.clock())
        found = next_task(session, seat, after=after)
    return NextAnswer(
        state=found.state, task=found.task, earliest=found.earliest, locked=found.count.locked,
        total=found.count.total,
        unlocked=[UnlockedTask(task=task, number=number) for task, number in found.unlocked],
    )  # fmt: skip


@router.get("/tasks/{task_id}")
def task(task_id: Id, services: Caller, actor: Reader) -> TaskAnswer:
    """A case to be read; the first look at it opens the reading, by the clock of the server."""
    now = services.clock()
    with services.database.read() as session:
        place = desk(session, actor.user_id, task_id, now=now)
        if place.reading is not None:
            return task_answer(session, place)
    with services.database.write() as session:
        open_reading(session, desk(session, actor.user_id, task_id, now=now), clock=services.clock)
        return task_answer(session, desk(session, actor.user_id, task_id, now=now))


@router.post("/tasks/{task_id}/pause")
def pause(task_id: Id, services: Caller, actor: Reader) -> TaskAnswer:
    """Pause: no time counts, and no picture is handed out, until the reader goes on."""
    return _pausing(task_id, services, actor, paused=True)


@router.post("/tasks/{task_id}/resume")
def resume(task_id: Id, services: Caller, actor: Reader) -> TaskAnswer:
    """Go on after a pause."""
    return _pausing(task_id, services, actor, paused=False)


@router.get("/tasks/{task_id}/images/{place}/frames/{number}", response_class=Response, responses=_PNG)
def frame(task_id: Id, place: Place, number: Number, *, request: Request, services: Caller, actor: Reader) -> Response:
    """One frame as PNG, everything outside the scan and all text black."""
    with services.database.read() as session:
        view, image = view_to_show(session, actor.user_id, task_id, place, now=services.clock())
    if number >= (image.frames if view.loop else 1):
        raise not_found("frame")
    return _picture(
        request,
        f'"{task_id.hex}-{place}-{number}"',
        lambda: services.frames.frame(image, number if view.loop else view.frame, blanked=True).content,
    )


@router.get("/tasks/{task_id}/images/{place}/heat-map", response_class=Response, responses=_PNG)
def heat_map(task_id: Id, place: Place, request: Request, services: Caller, actor: Reader) -> Response:
    """The model's heat map over the first frame of an image; 404 where the model's answer is not shown."""
    with services.database.read() as session:
        view, _ = view_to_show(session, actor.user_id, task_id, place, now=services.clock(), model=True)
    tag = f'"{task_id.hex}-{place}-heat"'
    return _picture(request, tag, lambda: services.store.result(view.heat_map).read_bytes())


def _pausing(task_id: Id, services: Caller, actor: Actor, *, paused: bool) -> TaskAnswer:
    with services.database.write() as session:
        now = services.clock()
        place = desk(session, actor.user_id, task_id, now=now)
        reading = place.reading
        if reading is None or reading.locked_at is not None:
            raise conflict("Only a case that is being read can be paused.")
        if paused != (place.task.paused_at is not None):
            note_event(session, reading, "paused" if paused else "resumed", page=page_of(session, reading), now=now)
            place.task.paused_at = now if paused else None
            session.flush()
        return task_answer(session, place)


def _picture(request: Request, tag: str, make: Any) -> Response:
    headers = {"ETag": tag, "Cache-Control": _CACHING, "Vary": "Cookie, Authorization"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(make(), media_type="image/png", headers=headers)
