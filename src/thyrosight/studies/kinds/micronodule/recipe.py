"""The recipe of a micronodule study: which nodules train, which are tested, and who is compared with the network."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from thyrosight.cohort.records.options import ReaderOptions, ReferenceOptions
from thyrosight.parts import Part
from thyrosight.studies.recipe import Subgroups, TrainingRecipe, require_distinct
from thyrosight.tirads import RiskCategories, TiradsError


class SizeOptions(Part):
    """Who trains and who is tested, by the size of the nodule."""

    rule: Literal["threshold", "none"] = "threshold"
    """`threshold` trains on nodules of at least `train_from_mm` and tests smaller ones. `none` is for cohorts without
    sizes: an ordinary division by patient stands in, and the report says so."""
    train_from_mm: float = Field(10.0, gt=0)
    unit: Literal["mm", "cm"] = "mm"
    """Unit of the column size_mm of the cohort as it really is; `cm` multiplies it by ten."""


class SubgroupOptions(Subgroups):
    """Subgroups of the tested nodules; those by size have tables and cut-offs of their own."""

    at_most_mm: float | None = Field(5.0, gt=0)
    """Nodules of at most this size against larger ones; null for no subgroups."""


class DivisionOptions(Part):
    """Shares of images; groups stay whole."""

    validation: float = Field(0.15, gt=0, lt=1)
    """Share of the training nodules that is set aside for calibration and the operating point."""
    test: float = Field(0.3, gt=0, lt=1)
    """Share tested where no size rule parts training from testing."""


class CategoryOptions(Part):
    """Risk categories from the network's probability; a probability on a cut-off belongs to the higher category."""

    cut_offs: tuple[float, ...] = (0.03, 0.15, 0.60)
    names: tuple[str, ...] = ("2", "3", "4", "5")

    @model_validator(mode="after")
    def _check(self) -> Self:
        try:
            self.rule()
        except TiradsError as error:
            raise ValueError(str(error).rstrip(".")) from error
        return self

    def rule(self) -> RiskCategories:
        """The rule that gives a probability its category."""
        return RiskCategories(cut_offs=self.cut_offs, names=self.names)


class ExampleOptions(Part):
    """Pictures in the report."""

    shown: int = Field(2, ge=0, le=6)
    """Examples of each class."""
    worst: int = Field(4, ge=0, le=24)
    """Nodules that the network judged most wrongly."""


class Recipe(TrainingRecipe):
    """A study that trains on larger nodules and tests on smaller ones, against readers."""

    free_fields: ClassVar[tuple[str, ...]] = (
        *TrainingRecipe.free_fields,
        "networks",
        "readers",
        "categories",
        "examples",
    )

    study: Literal["micronodule"] = "micronodule"
    sizes: SizeOptions = SizeOptions()
    subgroups: SubgroupOptions = SubgroupOptions()
    reference: ReferenceOptions = ReferenceOptions()
    division: DivisionOptions = DivisionOptions()
    images_per_nodule: Literal["one", "all"] = "one"
    """Images of a tested nodule that are judged: the first one of each known nodule, or all."""
    external_sites: tuple[str, ...] = ()
    """Sites of the cohort (column site) that are never trained on, each tested as an external set of its own."""
    readers: ReaderOptions = ReaderOptions()
    categories: CategoryOptions = CategoryOptions()
    examples: ExampleOptions = ExampleOptions()

    @model_validator(mode="before")
    @classmethod
    def _accept_short_forms(cls, value: Any) -> Any:
        """Accept a single word where a list of sites is meant, and `size_rule: none`."""
        if not isinstance(value, Mapping):
            return value
        changed = dict(value)
        if isinstance(value.get("external_sites"), str):
            changed["external_sites"] = [value["external_sites"]]
        if value.get("size_rule") == "none":
            changed.pop("size_rule")
            changed["sizes"] = {**(value.get("sizes") or {}), "rule": "none"}
        return changed

    @model_validator(mode="after")
    def _check_external(self) -> Self:
        try:
            require_distinct([*(item.title for item in self.external), *self.external_sites])
        except ValueError as error:
            raise ValueError(f"external: {error}") from error
        return self

    @property
    def limit(self) -> str:
        """The size from which nodules train."""
        return f"{self.sizes.train_from_mm:g} mm"

    @property
    def by_size(self) -> bool:
        """Whether the size of nodules parts training from testing."""
        return self.sizes.rule == "threshold"
