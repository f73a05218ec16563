"""Recipes and the studies they describe."""

from thyrosight.studies.recipe import Recipe, load_recipe, shipped_recipes
from thyrosight.studies.result import MEASURES, StudyResult
from thyrosight.studies.run import run_study
from thyrosight.studies.software import software_versions
from thyrosight.studies.unseen import unseen_image

__all__ = [
    "MEASURES",
    "Recipe",
    "StudyResult",
    "load_recipe",
    "run_study",
    "shipped_recipes",
    "software_versions",
    "unseen_image",
]
