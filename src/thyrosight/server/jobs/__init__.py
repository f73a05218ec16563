"""Work beside the requests: a queue in the database, done once whatever dies, and the processes that do it."""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
    from thyrosight.server.jobs.cases import CASE_KIND
    from thyrosight.server.jobs.models import Models
    from thyrosight.server.jobs.queue import Claimed, claim, enqueue, extend, fail, finish
    from thyrosight.server.jobs.tasks import MODEL_KINDS, ModelTasks
    from thyrosight.server.jobs.workers import Workers
else:
    __getattr__, __dir__ = on_first_use(__name__)

__all__ = [
    "CASE_KIND",
    "MODEL_KINDS",
    "Claimed",
    "ModelTasks",
    "Models",
    "Workers",
    "claim",
    "enqueue",
    "extend",
    "fail",
    "finish",
]
