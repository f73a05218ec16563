"""Reader studies as they are planned and as their readings are kept: protocol, questions, orders, table of readings.

Nothing here knows of a server or draws anything.
"""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
    from thyrosight.readings.active_time import EVENT_KINDS, Event, EventKind, active_seconds
    from thyrosight.readings.answers import Answers, Computed, check_answers, computed
    from thyrosight.readings.cases import Case, Reader, read_cases, read_readers
    from thyrosight.readings.fields import Action, Arm, Design, PowerAim, Stage
    from thyrosight.readings.files import Readings, read_readings, readings_csv, write_readings
    from thyrosight.readings.ordering import orders
    from thyrosight.readings.protocol import Protocol, parse_protocol, read_protocol
    from thyrosight.readings.questions import (
        ChoiceQuestion,
        DescriptorsQuestion,
        MarksQuestion,
        NumberQuestion,
        Question,
        ScoreQuestion,
        TextQuestion,
        YesNoQuestion,
    )
    from thyrosight.readings.sessions import Session, Task, earliest_start
    from thyrosight.readings.table import LockedReading, reading_row
else:
    __getattr__, __dir__ = on_first_use(__name__)

__all__ = [
    "EVENT_KINDS",
    "Action",
    "Answers",
    "Arm",
    "Case",
    "ChoiceQuestion",
    "Computed",
    "DescriptorsQuestion",
    "Design",
    "Event",
    "EventKind",
    "LockedReading",
    "MarksQuestion",
    "NumberQuestion",
    "PowerAim",
    "Protocol",
    "Question",
    "Reader",
    "Readings",
    "ScoreQuestion",
    "Session",
    "Stage",
    "Task",
    "TextQuestion",
    "YesNoQuestion",
    "active_seconds",
    "check_answers",
    "computed",
    "earliest_start",
    "orders",
    "parse_protocol",
    "read_cases",
    "read_protocol",
    "read_readers",
    "read_readings",
    "reading_row",
    "readings_csv",
    "write_readings",
]
