"""The recipe of a comparison."""

from typing import ClassVar, Literal

from thyrosight.studies.base import RecipeBase
from thyrosight.studies.recipe import ExplainOptions, SplitOptions, TrainingRecipe


class Recipe(TrainingRecipe):
    """A whole comparison. Every field has a default except its name, title and networks."""

    free_fields: ClassVar[tuple[str, ...]] = (*RecipeBase.free_fields, "networks", "evaluation", "explain")

    study: Literal["comparison"] = "comparison"
    split: SplitOptions = SplitOptions()
    explain: ExplainOptions = ExplainOptions()
