"""Reader studies as they are planned and as their readings are kept: protocol, questions, orders, table of readings.

Nothing here knows of a server or draws anything.
"""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
    from thyrosight.readings.active_time import EVENT_KINDS, Event, EventKind, active_seconds
    from thyrosight.readings.amendments import Amendment, amend, protocol_changes, study_changes
    from thyrosight.readings.answers import Answers, Computed, check_answers, computed
    from thyrosight.readings.cases import Case, Reader, read_cases, read_readers
    from thyrosight.readings.exports import Export, imrmc_csv, mrmcaov_csv
    from thyrosight.readings.fields import Action, Arm, Design, PilotValues, PowerAim, Stage
    from thyrosight.readings.files import Readings, read_readings, readings_csv, write_readings
    from thyrosight.readings.for_readers import instructions_for_readers
    from thyrosight.readings.ordering import orders
    from thyrosight.readings.pilots import VAN_DYKE, Pilot, find_pilot, pilot_of
    from thyrosight.readings.planned import Planned, planned_by_design, planned_by_orders, read_orders
    from thyrosight.readings.power import power_answer, power_or_reason
    from thyrosight.readings.protocol import Protocol, parse_protocol, read_protocol, template
    from thyrosight.readings.protocol_text import flow_of_readings, protocol_writing
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
    from thyrosight.readings.ratings import Ratings, main_readings, ratings_of
    from thyrosight.readings.sessions import Session, Task, earliest_start, task_rows
    from thyrosight.readings.table import LockedReading, reading_row
    from thyrosight.readings.writing import Writing
else:
    __getattr__, __dir__ = on_first_use(__name__)

__all__ = [
    "EVENT_KINDS",
    "VAN_DYKE",
    "Action",
    "Amendment",
    "Answers",
    "Arm",
    "Case",
    "ChoiceQuestion",
    "Computed",
    "DescriptorsQuestion",
    "Design",
    "Event",
    "EventKind",
    "Export",
    "LockedReading",
    "MarksQuestion",
    "NumberQuestion",
    "Pilot",
    "PilotValues",
    "Planned",
    "PowerAim",
    "Protocol",
    "Question",
    "Ratings",
    "Reader",
    "Readings",
    "ScoreQuestion",
    "Session",
    "Stage",
    "Task",
    "TextQuestion",
    "Writing",
    "YesNoQuestion",
    "active_seconds",
    "amend",
    "check_answers",
    "computed",
    "earliest_start",
    "find_pilot",
    "flow_of_readings",
    "imrmc_csv",
    "instructions_for_readers",
    "main_readings",
    "mrmcaov_csv",
    "orders",
    "parse_protocol",
    "pilot_of",
    "planned_by_design",
    "planned_by_orders",
    "power_answer",
    "power_or_reason",
    "protocol_changes",
    "protocol_writing",
    "ratings_of",
    "read_cases",
    "read_orders",
    "read_protocol",
    "read_readers",
    "read_readings",
    "reading_row",
    "readings_csv",
    "study_changes",
    "task_rows",
    "template",
    "write_readings",
]
