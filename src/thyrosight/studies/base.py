"""The head of every recipe, and the pieces that recipes and results are made of."""

from typing import Any, ClassVar, Literal

import yaml
from pydantic import Field

from thyrosight.parts import Part

NAME = r"^[a-z0-9][a-z0-9-]*$"
"""Names that a recipe may have, as a regular expression."""


class CohortOptions(Part):
    """How the cohort is read: options of its source, and what happens to images that duplicate one another."""

    options: dict[str, str | int | float | bool] = Field(default_factory=dict)
    contradictions: Literal["exclude", "majority", "keep", "worst"] = "exclude"
    """Treatment of near-duplicate images whose labels contradict one another."""


class EvaluationOptions(Part):
    """How predictions are turned into measures."""

    confidence: float = Field(0.95, gt=0, lt=1)
    operating_point: str = "youden"
    """`youden`, `closest`, or for example `sensitivity>=0.95`; chosen on the validation part."""
    calibration: Literal["none", "platt", "temperature", "isotonic", "beta"] = "platt"
    bootstrap: int = Field(2000, ge=200, le=100_000)
    margin: float = Field(0.02, gt=0, lt=1)
    """The smallest difference in AUC, accuracy or mean Dice that matters. Verdicts rest on where the interval of a
    difference lies against it."""


class Evaluation(EvaluationOptions):
    """The same, with the seed of every bootstrap."""

    seed: int = 0

    @property
    def bootstrapped(self) -> dict[str, Any]:
        """Replicates, confidence and seed, as functions of `thyrosight.statistics` that bootstrap take them."""
        return {"replicates": self.bootstrap, "confidence": self.confidence, "seed": self.seed}


class ReportOptions(Part):
    """Contents of the report besides the findings."""

    published: bool = True
    """The figures that the recipe's paper prints, beside those of the study."""


class RecipeHead(Part):
    """The head that recipes of all kinds share; a kind derives its own class and adds its fields.

    A kind's class narrows `study` to its own name (`study: Literal["my-kind"] = "my-kind"`), and may name fields in
    `free_fields` that do not alter what is trained, so that they may change between two runs in one folder.
    """

    free_fields: ClassVar[tuple[str, ...]] = ("title", "paper", "notes")

    name: str = Field(pattern=NAME)
    title: str
    study: str = "comparison"
    """The kind of study, as `thyrosight.studies.kinds` registers it."""
    paper: str = ""
    notes: str = ""
    seed: int = Field(0, ge=0)

    @property
    def network_names(self) -> tuple[str, ...]:
        """Architectures that the study trains, for lists of recipes."""
        return ()

    def to_yaml(self) -> str:
        """The recipe with all its defaults written out."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False, allow_unicode=True, width=100)


class RecipeBase(RecipeHead):
    """The head of recipes whose study trains networks on a cohort of images."""

    free_fields: ClassVar[tuple[str, ...]] = (*RecipeHead.free_fields, "report")

    cohort: CohortOptions = CohortOptions()
    evaluation: EvaluationOptions = EvaluationOptions()
    report: ReportOptions = ReportOptions()

    @property
    def statistics(self) -> Evaluation:
        """How predictions are turned into measures, with the seed of the recipe."""
        return Evaluation(seed=self.seed, **self.evaluation.model_dump())


class ModelCard(Part):
    """The model that a study left: where it lies, its hash, and the division it was trained on."""

    folder: str
    hash: str
    division: str
    threshold: float
    calibration: str
