"""Who reads what: the sessions of a reader and their tasks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from thyrosight.readings.fields import Stage


@dataclass(frozen=True, slots=True)
class Task:
    """One case in one session of one reader.

    Attributes:
        case: its key.
        position: place in the session, from 1.
        stages: each with the name of its arm, in the order in which they are locked: ("only", arm), or ("before",
            the arm without a model) and ("after", an arm with one).
        practice, attention, repeat: kinds of tasks that are not analysed as the others.
        withdrawn: the case was taken out; whoever has not locked it passes it over.
    """

    case: str
    position: int
    stages: tuple[tuple[Stage, str], ...]
    practice: bool = False
    attention: bool = False
    repeat: bool = False
    withdrawn: bool = False

    def arm(self, stage: Stage) -> str:
        """The arm to which a reading of this stage belongs.

        Raises:
            KeyError: the task has no such stage.
        """
        return dict(self.stages)[stage]


@dataclass(frozen=True, slots=True)
class Session:
    """Tasks that one reader reads in one go, with pauses.

    Attributes:
        reader: the reader's key.
        number: from 1, in the order in which the reader's sessions open.
        arm: the arm of all its tasks; of sequential designs the one with the model; None where tasks differ.
        tasks: in the order in which they are read.
    """

    reader: str
    number: int
    arm: str | None
    tasks: tuple[Task, ...]

    @property
    def key(self) -> str:
        """Names the session within the study."""
        return f"{self.reader} {self.number}"


def earliest_start(session: Session, *, washout_days: int, previous_ended: datetime | None) -> datetime | None:
    """When a session may open at the earliest; None where the one before has not ended.

    Args:
        session: any but the first.
        washout_days: of the protocol.
        previous_ended: when the last task of the reader's session before was locked.

    >>> second = Session("A", 2, "aided", ())
    >>> earliest_start(second, washout_days=28, previous_ended=datetime(2026, 3, 1, 9)).isoformat()
    '2026-03-29T09:00:00'
    """
    if session.number == 1:
        raise ValueError("the first session waits for none")
    return None if previous_ended is None else previous_ended + timedelta(days=washout_days)


def task_rows(sessions: Iterable[Session]) -> list[dict[str, Any]]:
    """Sessions as the rows of a table: one for each stage of each task, in the order in which they are locked.

    >>> first = Session("A", 1, "aided", (Task("c1", 1, (("only", "aided"),)),))
    >>> list(task_rows([first])[0].values())
    ['A', 1, 1, 'c1', 'only', 'aided', 0, 0, 0, 0]
    """
    return [
        {
            "reader": session.reader,
            "session": session.number,
            "position": task.position,
            "case": task.case,
            "stage": stage,
            "arm": arm,
            "practice": int(task.practice),
            "attention": int(task.attention),
            "repeat": int(task.repeat),
            "withdrawn": int(task.withdrawn),
        }
        for session in sessions
        for task in session.tasks
        for stage, arm in task.stages
    ]
