"""Recipes and the studies they describe."""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
    from thyrosight.studies.base import RecipeBase
    from thyrosight.studies.kinds import KINDS, KindEntry, find_kind, find_recipe
    from thyrosight.studies.kinds.reader_study.run import reader_report
    from thyrosight.studies.loading import load_recipe, shipped_recipes
    from thyrosight.studies.measures import MEASURES
    from thyrosight.studies.result import Result, load_result, unseen_image
    from thyrosight.studies.run import run_study
    from thyrosight.studies.software import software_versions
else:
    __getattr__, __dir__ = on_first_use(__name__)

__all__ = [
    "KINDS",
    "MEASURES",
    "KindEntry",
    "RecipeBase",
    "Result",
    "find_kind",
    "find_recipe",
    "load_recipe",
    "load_result",
    "reader_report",
    "run_study",
    "shipped_recipes",
    "software_versions",
    "unseen_image",
]
