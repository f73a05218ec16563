"""From a hospital's spreadsheet to a cohort: what its columns hold, what its words mean, which images it names."""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
    from thyrosight.cohort.mapping.fields import KEEP, LEAVE_OUT, known_fields
    from thyrosight.cohort.mapping.plan import ColumnPlan, MappingPlan
    from thyrosight.cohort.mapping.proposing import SURE, Guess
    from thyrosight.cohort.mapping.running import (
        MapReport,
        Source,
        left_out_as_private,
        proposal,
        read_source,
        run_plan,
    )
else:
    __getattr__, __dir__ = on_first_use(__name__)

__all__ = [
    "KEEP",
    "LEAVE_OUT",
    "SURE",
    "ColumnPlan",
    "Guess",
    "MapReport",
    "MappingPlan",
    "Source",
    "known_fields",
    "left_out_as_private",
    "proposal",
    "read_source",
    "run_plan",
]
