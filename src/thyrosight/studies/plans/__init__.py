"""A study before it is run: what its test part can show, how many patients its aim needs, and what training takes."""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
    from thyrosight.studies.plans.aim import Aim
    from thyrosight.studies.plans.answers import dry_run, plan_study
else:
    __getattr__, __dir__ = on_first_use(__name__)

__all__ = ["Aim", "dry_run", "plan_study"]
