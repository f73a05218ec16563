"""The recipe of a study of readers: how a table of readings is understood and analysed."""

from typing import ClassVar, Literal

from pydantic import Field

from thyrosight.parts import Part
from thyrosight.studies.base import NAME, Evaluation, RecipeHead

MARGIN = 0.05
"""The smallest difference that matters where neither the recipe nor the protocol names one."""


class ReadingEvaluation(Part):
    """How readings are turned into measures."""

    confidence: float = Field(0.95, gt=0, lt=1)
    bootstrap: int = Field(2000, ge=200, le=100_000)
    margin: float | None = Field(None, gt=0, lt=1)
    """The smallest difference in AUC, sensitivity or specificity that matters. Left empty: the difference that the
    protocol's `power` names, or else 0.05."""


class Recipe(RecipeHead):
    """How a study of readers is analysed. Every field has a default; a protocol says most of it."""

    free_fields: ClassVar[tuple[str, ...]] = (*RecipeHead.free_fields, "evaluation", "subgroups", "readers", "missing")

    name: str = Field("reader-study", pattern=NAME)
    title: str = "Readers of the same cases"
    study: Literal["reader-study"] = "reader-study"
    columns: dict[str, str] = Field(default_factory=dict)
    """Names of your table's columns by those of tables of readings, for example `{case: nodule, truth: cancer}`."""
    rating: Literal["auto", "score", "category", "points"] = "auto"
    """Rating for the area under the ROC curve. `auto`: score, points or category, the first there is."""
    score_is_risk: bool | None = None
    """Whether scores of 0 to 100 are risks in per cent. Left empty: where the protocol asks for such a score."""
    called_from: float | None = None
    """The rating from which a case counts as called positive, where the table has no column `biopsy`."""
    model_called_from: float | None = None
    """The same for the model's score, where the table has no column `model_positive`."""
    reference: str = ""
    """The arm that the others are held against. Left empty: the protocol's first, or the first without a model."""
    aided: tuple[str, ...] = ()
    """Arms in which a model's answer was shown. Left empty: as the protocol or the column `model` says."""
    label_source: str = ""
    """Where the truth comes from, where the table has no column `label_source`."""
    readers: Literal["random", "fixed"] = "random"
    """Whom the result is about: readers like these (`random`) or these alone (`fixed`). Both are reported."""
    missing: Literal["analyse", "drop-case", "refuse"] = "analyse"
    """Treatment of missing readings."""
    subgroups: tuple[str, ...] | Literal["all"] = "all"
    """Columns of the cases that subgroups are made of. `all`: every column that begins with `case_`."""
    evaluation: ReadingEvaluation = ReadingEvaluation()

    def evaluated(self, planned: float | None) -> Evaluation:
        """How readings are turned into measures, for a protocol that was to show the difference `planned`."""
        own = self.evaluation
        margin = own.margin or planned or MARGIN
        return Evaluation(seed=self.seed, confidence=own.confidence, bootstrap=own.bootstrap, margin=margin)
