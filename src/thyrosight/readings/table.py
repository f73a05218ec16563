"""The table of readings: its columns, and the row of a locked reading."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from thyrosight.readings.answers import Answers, computed
from thyrosight.readings.cases import Case, Reader
from thyrosight.readings.fields import Action, Stage
from thyrosight.readings.protocol import Protocol
from thyrosight.readings.questions import (
    ChoiceQuestion,
    DescriptorsQuestion,
    MarksQuestion,
    Question,
    ScoreQuestion,
    YesNoQuestion,
)
from thyrosight.readings.sessions import Task
from thyrosight.tirads import category_rank

STUDY: Final = "study"
PROTOCOL_VERSION: Final = "protocol_version"
READER: Final = "reader"
READER_GROUP: Final = "reader_group"
CASE: Final = "case"
CLUSTER: Final = "cluster"
TRUTH: Final = "truth"
LABEL_SOURCE: Final = "label_source"
ARM: Final = "arm"
MODEL: Final = "model"
SESSION: Final = "session"
POSITION: Final = "position"
STAGE: Final = "stage"
REPEAT: Final = "repeat"
PRACTICE: Final = "practice"
ATTENTION: Final = "attention"
WITHDRAWN: Final = "withdrawn"
SCORE: Final = "score"
SYSTEM: Final = "system"
CATEGORY: Final = "category"
POINTS: Final = "points"
BIOPSY: Final = "biopsy"
CONFIDENCE: Final = "confidence"
MARKS: Final = "marks"
COMMENT: Final = "comment"
OPENED_AT: Final = "opened_at"
LOCKED_AT: Final = "locked_at"
ACTIVE_SECONDS: Final = "active_seconds"
MODEL_SCORE: Final = "model_score"
MODEL_POSITIVE: Final = "model_positive"

COLUMNS: Final = (
    STUDY, PROTOCOL_VERSION, READER, READER_GROUP, CASE, CLUSTER, TRUTH, LABEL_SOURCE, ARM, MODEL, SESSION, POSITION,
    STAGE, REPEAT, PRACTICE, ATTENTION, WITHDRAWN, SCORE, SYSTEM, CATEGORY, POINTS, BIOPSY, CONFIDENCE, MARKS, COMMENT,
    OPENED_AT, LOCKED_AT, ACTIVE_SECONDS, MODEL_SCORE, MODEL_POSITIVE,
)  # fmt: skip
"""Every column with a meaning of its own, in the order in which they are written."""
OWN: Final = "q_"
"""Before the key of an own question."""
FEATURE: Final = "feature_"
"""Before the name of a sonographic feature."""
FACT: Final = "case_"
"""Before the name of a fact on the case that subgroups can be made of."""

FLAGS: Final = (REPEAT, PRACTICE, ATTENTION, WITHDRAWN)
WHOLE: Final = (PROTOCOL_VERSION, SESSION, POSITION)
NUMBERS: Final = (SCORE, POINTS, ACTIVE_SECONDS, MODEL_SCORE)
YES_NO: Final = (TRUTH, BIOPSY, MODEL_POSITIVE)
TIMES: Final = (OPENED_AT, LOCKED_AT)

Row = dict[str, Any]
"""One reading: None where there is nothing."""


@dataclass(frozen=True, slots=True)
class LockedReading:
    """One locked reading, and the facts that the protocol does not hold.

    Attributes:
        reader, case, task: the reader, the case, and its place in the reader's order.
        session: its number.
        stage: that was locked.
        answers: as `check_answers` returned them.
        protocol_version: that held when it was locked.
        opened_at, locked_at: with their zone.
        active_seconds: see `active_seconds`; None where no events are known.
        model_score, model_positive: the answer of the arm's model on the case, also for a reading without it, such as
            the first stage of a sequential design.
        facts: on the case, for subgroups, for example {"size_mm": 12}.
    """

    reader: Reader
    case: Case
    task: Task
    session: int
    stage: Stage
    answers: Answers
    protocol_version: int
    opened_at: datetime | None
    locked_at: datetime
    active_seconds: float | None
    model_score: float | None = None
    model_positive: bool | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def reading_row(protocol: Protocol, study: str, reading: LockedReading) -> Row:
    """The row of a locked reading.

    In a sequential design with several models a case is read without a model in every session; from the second session
    on such a reading is a repeat.
    """
    task, arm = reading.task, protocol.arm(reading.task.arm(reading.stage))
    again = task.repeat or (reading.stage == "before" and reading.session > 1)
    row: Row = dict.fromkeys(COLUMNS)
    row |= {
        STUDY: study,
        PROTOCOL_VERSION: reading.protocol_version,
        READER: reading.reader.key,
        READER_GROUP: reading.reader.group or None,
        CASE: reading.case.key,
        CLUSTER: reading.case.cluster or None,
        TRUTH: reading.case.truth,
        LABEL_SOURCE: reading.case.label_source or None,
        ARM: arm.name,
        MODEL: arm.model,
        SESSION: reading.session,
        POSITION: task.position,
        STAGE: reading.stage,
        REPEAT: int(again),
        PRACTICE: int(task.practice),
        ATTENTION: int(task.attention),
        WITHDRAWN: int(reading.case.withdrawn),
        OPENED_AT: _time(reading.opened_at),
        LOCKED_AT: _time(reading.locked_at),
        ACTIVE_SECONDS: reading.active_seconds,
        MODEL_SCORE: reading.model_score,
        MODEL_POSITIVE: None if reading.model_positive is None else int(reading.model_positive),
    }
    row |= {f"{FACT}{name}": value for name, value in reading.facts.items()}
    return row | _answers(protocol, reading.answers)


def _time(moment: datetime | None) -> str | None:
    """A moment in ISO 8601, UTC, to the millisecond."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _answers(protocol: Protocol, answers: Answers) -> Row:
    """The cells of all answers; a question that was not asked or not answered leaves its cells empty."""
    row: Row = {}
    for question in protocol.questions:
        given = answers.get(question.key)
        if isinstance(question, DescriptorsQuestion):
            row |= _descriptors(question, given)
        elif isinstance(question, MarksQuestion):
            row[MARKS] = None if given is None else json.dumps(given, separators=(",", ":"))
        elif not (isinstance(question, ScoreQuestion) and question.key == protocol.main_question):
            row[own_column(protocol, question)] = int(given) if isinstance(given, bool) else given
    row[SCORE] = _main_score(protocol, answers)
    if protocol.action is not None and protocol.action_question is None:
        row[BIOPSY] = _acted(protocol, answers)
    return row


def own_column(protocol: Protocol, question: Question) -> str:
    """The column of a question that has no columns by its kind.

    The action is in `biopsy`; questions with the keys `confidence` and `comment` are in the columns of these names.
    """
    if isinstance(question, YesNoQuestion) and question.key == protocol.action:
        return BIOPSY
    return question.key if question.key in (CONFIDENCE, COMMENT) else f"{OWN}{question.key}"


def _descriptors(question: DescriptorsQuestion, given: Mapping[str, str] | None) -> Row:
    if given is None:
        return {}
    result = computed(question, given)
    features = {f"{FEATURE}{name}": words for name, words in given.items()}
    return {SYSTEM: result.system, CATEGORY: result.category, POINTS: result.points} | features


def _main_score(protocol: Protocol, answers: Answers) -> float | None:
    """Number from which the area under the ROC curve is computed; None where it is the category."""
    question = protocol.question(protocol.main_question)
    return None if isinstance(question, DescriptorsQuestion) else _level(question, answers.get(question.key))


def _level(question: Question, given: Any) -> float | None:
    """An answer as a number: the score of the most suspicious mark (0 without any), the place of a choice from 1, the
    place of a category in its system."""
    if given is None:
        return None
    if isinstance(question, DescriptorsQuestion):
        return computed(question, given).rank
    if isinstance(question, MarksQuestion):
        return max((mark[2] for mark in given), default=0)
    if isinstance(question, ChoiceQuestion):
        return question.choices.index(given) + 1
    return float(given) if not isinstance(given, int) else given


def _acted(protocol: Protocol, answers: Answers) -> int | None:
    """Whether an answer reaches the level from which a case is called positive."""
    assert isinstance(protocol.action, Action)
    question, least = protocol.question(protocol.action.question), protocol.action.at_least
    reached = _level(question, answers.get(question.key))
    if isinstance(question, DescriptorsQuestion):
        least = category_rank(question.system, str(least))
    elif isinstance(question, ChoiceQuestion):
        least = question.choices.index(str(least)) + 1
    return None if reached is None else int(reached >= float(least))
