"""Answers to readers: a picture, the questions, their own answers; model and truth only as far as they may see them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy.orm import Session as DatabaseSession

from thyrosight.documents import Items, Text
from thyrosight.readings import Protocol, Session, instructions_for_readers
from thyrosight.server.database.tables import CaseView, Reading, StoredImage
from thyrosight.server.http import Answer, Id
from thyrosight.server.reader_studies.answering import ModelSays, answer_of
from thyrosight.server.reader_studies.cases import views_by_case
from thyrosight.server.reader_studies.designing import protocol_of
from thyrosight.server.reader_studies.left import count_of
from thyrosight.server.reader_studies.room import Desk, Seat
from thyrosight.server.sentences import SaidFacts


class OpenStudy(Answer):
    """A study in which the user reads; `state` "waiting" opens at `earliest`. Counts are of the present session."""

    id: Id
    title: str
    state: Literal["open", "waiting", "ended"]
    session: int
    sessions: int
    earliest: datetime | None
    locked: int
    total: int


class InstructionPart(Answer):
    """A part of the instructions: paragraphs, and lists with bullets or numbers."""

    title: str
    paragraphs: list[str]
    items: list[str]


class Instructions(Answer):
    """Instructions to readers before they begin."""

    title: str
    lead: str
    parts: list[InstructionPart]


class UnlockedTask(Answer):
    """A task that was opened and is not locked."""

    task: Id
    number: int


class NextAnswer(Answer):
    """Next task of a reader."""

    state: Literal["task", "waiting", "ended"]
    task: Id | None
    earliest: datetime | None
    locked: int
    total: int
    unlocked: list[UnlockedTask]


class TaskRegion(Answer):
    """A region of the scanner with its mm per pixel (row, column); None where it is not calibrated."""

    box: list[int]
    spacing_mm: list[float] | None


class TaskImage(Answer):
    """A picture or loop; `first` is the frame that is shown first, in which the nodule's box is drawn."""

    number: int
    rows: int
    columns: int
    frames: int
    first: int
    frames_per_second: float | None
    regions: list[TaskRegion]
    spacing_mm: list[float] | None
    box: list[int] | None
    part: str


class ReadingAnswer(Answer):
    """The user's own reading of a stage: the draft, or what was locked."""

    id: Id
    stage: Literal["only", "before", "after"]
    version: int
    protocol_version: int
    answers: dict[str, Any]
    locked: bool


class TaskModel(Answer):
    """The model's answer on the case.

    `score` is a risk from 0 to 1 of the judging model; of another one the number that it gave. `facts` stand beside
    each result of the judging model. `heat_maps` are numbers of images; `heat_maps_comparable`: whether their colours
    mean the same in all pictures, or each map has a scale of its own; None without one.
    """

    score: float
    positive: bool | None
    facts: SaidFacts
    heat_maps: list[int]
    heat_maps_comparable: bool | None


class Feedback(Answer):
    """The truth on a practice case, once it is locked."""

    truth: int
    label_source: str
    lesions: list[list[int]]


class TaskAnswer(Answer):
    """A case to be read. `next` is what follows: lock, reveal, feedback, or the next task."""

    id: Id
    study_id: Id
    title: str
    code: str
    number: int
    total: int
    session: int
    sessions: int
    practice: bool
    stage: Literal["only", "before", "after"]
    next: Literal["lock", "reveal", "feedback", "task"]
    questions: list[dict[str, Any]]
    main_question: str
    images: list[TaskImage]
    reading: ReadingAnswer
    before: ReadingAnswer | None
    model: TaskModel | None
    feedback: Feedback | None
    paused: bool


def instructions_answer(protocol: Protocol, sessions: Sequence[Session], *, language: str) -> Instructions:
    """The instructions for a reader with these sessions; gaps that only the people of the study can fill stay out."""
    text = instructions_for_readers(protocol, sessions).in_language(language)
    parts = []
    for one in text.sections:
        paragraphs = [block.text for block in one.blocks if isinstance(block, Text) and not block.text.startswith("[[")]
        items = [item for block in one.blocks if isinstance(block, Items) for item in block.texts]
        if paragraphs or items:
            parts.append(InstructionPart(title=one.title, paragraphs=paragraphs, items=items))
    return Instructions(title=text.title, lead=text.lead, parts=parts)


def open_study(session: DatabaseSession, seat: Seat) -> OpenStudy:
    """A study for one of its readers."""
    sitting = seat.current or seat.sittings[-1]
    count = count_of(session, sitting.id)
    return OpenStudy(
        id=seat.study.id, title=seat.study.title, state=seat.state, session=sitting.number,
        sessions=len(seat.sittings), earliest=sitting.earliest if seat.state == "waiting" else None,
        locked=count.locked, total=count.total,
    )  # fmt: skip


def task_answer(session: DatabaseSession, place: Desk) -> TaskAnswer:
    """A task for its reader, whose reading was opened."""
    reading = place.reading
    assert reading is not None
    protocol = protocol_of(session, place.seat.study)
    views = views_by_case(session, [place.case])[place.case.id]
    before = place.readings.get("before") if place.stage == "after" else None
    shown = None
    if place.stage != "before":
        shown = answer_of(place.case, [view for view, _ in views], protocol.arm(place.arm).model)
    told = place.locked and place.task.practice and reading.revealed_at is not None
    return TaskAnswer(
        id=place.task.id, study_id=place.seat.study.id, title=place.seat.study.title, code=place.task.code,
        number=place.task.position, total=count_of(session, place.sitting.id).total, session=place.sitting.number,
        sessions=len(place.seat.sittings), practice=place.task.practice, stage=place.stage,
        next=_next(place, reading), questions=_questions(protocol, place.arm), main_question=protocol.main_question,
        images=[_image(view, image) for view, image in views], reading=_reading(reading, asked=protocol.version),
        before=None if before is None else _reading(before, asked=protocol.version),
        model=None if shown is None else _model(shown),
        feedback=_feedback(place) if told else None, paused=place.task.paused_at is not None,
    )  # fmt: skip


def _next(place: Desk, reading: Reading) -> Literal["lock", "reveal", "feedback", "task"]:
    if reading.locked_at is None:
        return "lock"
    if place.stage != place.task.stages[-1][0]:
        return "reveal"
    return "feedback" if place.task.practice else "task"


def _questions(protocol: Protocol, arm: str) -> list[dict[str, Any]]:
    """The questions of an arm with their wording; never the arms in which they are asked."""
    return [
        {**question.model_dump(mode="json", exclude={"arms"}), "text": question.wording}
        for question in protocol.questions_in(arm)
    ]


def _image(view: CaseView, image: StoredImage) -> TaskImage:
    """Size, frames and mm per pixel; nothing of where the file came from."""
    return TaskImage(
        number=view.place + 1, rows=image.rows, columns=image.columns, frames=image.frames if view.loop else 1,
        first=view.frame if view.loop else 0, frames_per_second=image.frames_per_second if view.loop else None,
        regions=[
            TaskRegion(box=region["box"], spacing_mm=region["spacing_mm"]) for region in image.facts["regions"]
        ],
        spacing_mm=image.facts["spacing_mm"], box=view.box, part=view.part,
    )  # fmt: skip


def _reading(reading: Reading, *, asked: int) -> ReadingAnswer:
    """A reading under the version of the protocol whose questions it was, or is now, asked."""
    locked = reading.locked_at is not None
    return ReadingAnswer(
        id=reading.id, stage=reading.stage, version=reading.version,
        protocol_version=reading.protocol_version if locked else asked,
        answers=reading.answers if locked else reading.draft, locked=locked,
    )  # fmt: skip


def _model(said: ModelSays) -> TaskModel:
    return TaskModel(
        score=said.score, positive=said.positive, facts=said.facts, heat_maps=[place + 1 for place in said.heat_maps],
        heat_maps_comparable=said.comparable,
    )  # fmt: skip


def _feedback(place: Desk) -> Feedback:
    case = place.case
    return Feedback(truth=case.truth or 0, label_source=case.label_source, lesions=case.lesions)
