"""The recipe of a comparison."""

from typing import ClassVar, Literal

from thyrosight.studies.recipe import ExplainOptions, SplitOptions, TrainingRecipe


class Recipe(TrainingRecipe):
    """A whole comparison. Every field has a default except its name, title and networks."""

    free_fields: ClassVar[tuple[str, ...]] = (*TrainingRecipe.free_fields, "networks", "explain")

    study: Literal["comparison"] = "comparison"
    split: SplitOptions = SplitOptions()
    explain: ExplainOptions = ExplainOptions()
