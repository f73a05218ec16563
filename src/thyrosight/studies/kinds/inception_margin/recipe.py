"""The recipe of a study of crop margins and input sizes."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from thyrosight.cohort.records.options import ReaderOptions
from thyrosight.imaging.crops import Shape
from thyrosight.parts import Part
from thyrosight.settings import merge
from thyrosight.studies.analyses.options import Contrast
from thyrosight.studies.recipe import SplitOptions, TrainingRecipe
from thyrosight.training import FitOptions


class SweepOptions(Part):
    """Margins, input sizes and shapes that are varied; the main ones are those of `preparation`."""

    margins: tuple[float, ...] = (0, 25, 50, 75, 100)
    """Margins tested at the main input size, in the unit of `preparation.margin`."""
    sizes: tuple[int, ...] = (224, 299, 384, 480)
    """Input sizes tested with the main margin; one network is trained for each."""
    margin_in_training: Literal["drawn", "fixed"] = "drawn"
    """`drawn`: one network per input size, trained with margins drawn from `training.augmentation.margin_range` each
    time an image is seen, and tested with each fixed margin. `fixed`: one network per margin, trained and tested with
    it."""
    shapes: tuple[Literal["square", "width square", "rectangle"], ...] = ("width square", "rectangle")
    """Shapes of the crop that are trained and tested besides that of `preparation`, at the main margin and input size:
    `width square` is the crop of the paper, `rectangle` the one that it rejected (`thyrosight.imaging.Preparation`)."""

    @model_validator(mode="before")
    @classmethod
    def _read_older(cls, given: Any) -> Any:
        """Recipes of older runs say whether the rectangle is tested; nothing else was."""
        if not isinstance(given, dict) or "rectangle" not in given:
            return given
        rest = {key: value for key, value in given.items() if key != "rectangle"}
        return {"shapes": ("rectangle",) if given["rectangle"] else (), **rest}


class SizeOptions(Part):
    """Groups of nodules by size, each with its own tuned margin, input size and training."""

    bounds_mm: tuple[float, ...] = (5, 10)
    """Where groups begin: below the first, between them (both ends included), above the last."""
    unit: Literal["mm", "cm"] = "mm"
    """Unit of the column size_mm of the cohort as it really is; `cm` multiplies it by ten."""
    tune: bool = True
    """Whether margin and input size are chosen for each group; otherwise the main ones are used."""
    training: tuple[dict[str, Any], ...] = ()
    """Further training settings to choose from for each group, each laid over `training`."""
    train_on: Literal["all", "group"] = "all"
    """Whether the networks to choose from see all training nodules, or those of the group alone."""
    least: int = Field(5, ge=2)
    """Nodules of each class that the validation and the test part of a group must hold, at least."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if any(low >= high for low, high in pairwise((0.0, *self.bounds_mm))):
            raise ValueError("sizes.bounds_mm: expected rising sizes above 0")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the groups, in cm as the paper has them.

        >>> SizeOptions().names
        ('< 0.5 cm', '0.5 to 1.0 cm', '> 1.0 cm')
        """
        cm = [f"{bound / 10:.1f}" for bound in self.bounds_mm]
        if not cm:
            return ("all sizes",)
        return (f"< {cm[0]} cm", *(f"{low} to {high} cm" for low, high in pairwise(cm)), f"> {cm[-1]} cm")


class FeatureOptions(Part):
    """Which features go with errors."""

    contrasts: dict[str, Contrast] = Field(default_factory=dict)
    """How features enter the regressions, where they differ from the paper's way."""
    enter_at: float = Field(0.05, gt=0, lt=1)
    """Uncorrected univariate P value below which a feature enters the multivariate regression."""


class Recipe(TrainingRecipe):
    """A study of margins and input sizes, size groups, and features that go with errors."""

    free_fields: ClassVar[tuple[str, ...]] = (
        *TrainingRecipe.free_fields,
        "sweep",
        "sizes",
        "features",
        "readers",
    )

    study: Literal["inception-margin"] = "inception-margin"
    split: SplitOptions = SplitOptions(repeats=1, stratify=("label", "size_group", "tirads"))
    sweep: SweepOptions = SweepOptions()
    sizes: SizeOptions = SizeOptions()
    features: FeatureOptions = FeatureOptions()
    readers: ReaderOptions = ReaderOptions()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(self.networks) != 1:
            raise ValueError("networks: this study has one network; name a single one")
        if self.preparation.crop != "nodule":
            raise ValueError("preparation.crop: a study of margins needs the crop nodule")
        if self.preparation.shape == "own":
            raise ValueError("preparation.shape: a study of margins needs square images; take another shape than own")
        if self.sweep.margin_in_training == "drawn" and self.training.augmentation.margin_range is None:
            raise ValueError(
                "training.augmentation.margin_range: needed where margins are drawn in training, for example [0, 100]; "
                "or set sweep.margin_in_training to fixed"
            )
        for changes in self.sizes.training:
            self.training_with(changes)
        return self

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """Every shape of the crop that is tested, that of `preparation` first."""
        return tuple(dict.fromkeys((self.preparation.shape, *self.sweep.shapes)))

    @property
    def main_margin(self) -> float:
        """The margin of `preparation`."""
        return self.preparation.margin.value

    @property
    def margins(self) -> tuple[float, ...]:
        """Every margin tested, the main one among them, in rising order."""
        return tuple(sorted({*map(float, self.sweep.margins), float(self.main_margin)}))

    @property
    def input_sizes(self) -> tuple[int, ...]:
        """Every input size, the main one among them, in rising order."""
        return tuple(sorted({*self.sweep.sizes, self.preparation.size}))

    def training_with(self, changes: Mapping[str, Any]) -> FitOptions:
        """Training options of the network with further settings laid over them."""
        return FitOptions.model_validate(merge(self.training_for(self.main).model_dump(), changes))
