"""The recipe of a micronodule study: which nodules train, which are tested, and who is compared with the network."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from thyrosight.parts import Part
from thyrosight.studies.base import RecipeBase
from thyrosight.studies.external import ExternalSet
from thyrosight.studies.recipe import TrainingRecipe
from thyrosight.tirads import RiskCategories, TiradsError, find_system


class SizeOptions(Part):
    """Who trains and who is tested, by the size of the nodule."""

    rule: Literal["threshold", "none"] = "threshold"
    """`threshold` trains on nodules of at least `train_from_mm` and tests smaller ones. `none` is for cohorts without
    sizes: an ordinary division by patient stands in, and the report says so."""
    train_from_mm: float = Field(10.0, gt=0)
    unit: Literal["mm", "cm"] = "mm"
    """What the column size_mm of the cohort really holds; `cm` multiplies it by ten."""


class SubgroupOptions(Part):
    """Subgroups of the tested nodules, each with its own cut-offs."""

    at_most_mm: float | None = Field(5.0, gt=0)
    """Nodules of at most this size against larger ones; null for no subgroups."""


class ReferenceOptions(Part):
    """Which diagnoses count as confirmed. Columns that the cohort does not have are not asked for."""

    rule: Literal["if recorded", "required", "none"] = "if recorded"
    """`if recorded`: where the cohort has one of the columns, nodules without a confirmed diagnosis are left out;
    `required` refuses a cohort without them; `none` takes the labels as they are."""
    surgery: str = "surgery"
    """Column with the histology of the surgical specimen: benign, malignant, or empty where there was no surgery."""
    bethesda: str = "bethesda"
    """Column with the Bethesda category, I to VI or 1 to 6; II is benign, VI malignant, all others are unconfirmed."""


class DivisionOptions(Part):
    """Shares of images; groups stay whole."""

    validation: float = Field(0.15, gt=0, lt=1)
    """Share of the training nodules that is set aside for calibration and the operating point."""
    test: float = Field(0.3, gt=0, lt=1)
    """Share tested where no size rule parts training from testing."""


class ComputedReader(Part):
    """A reader whose category follows from the descriptors that were recorded of the nodule."""

    system: str
    """A system of `thyrosight.tirads`, for example `k-tirads-2016`."""
    name: str = ""
    of: str = ""
    """Whose descriptors: columns such as `composition:NAME` of that reader; the cohort's own where empty."""
    vocabulary: str = "any"
    """Whose words the descriptors are: `any`, `thyrosight`, `ddti` or `inception`."""
    uncertain: Literal["skip", "lowest", "highest"] = "skip"
    """What to do where unknown features leave a range of categories."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        try:
            find_system(self.system)
        except TiradsError as error:
            raise ValueError(str(error).rstrip(".")) from error
        return self

    @property
    def title(self) -> str:
        """The name in the report."""
        whose = f"Descriptors of {self.of}" if self.of else "Descriptors"
        return self.name or f"{whose} under {find_system(self.system).title}"

    @property
    def suffix(self) -> str:
        """What stands behind the names of the columns."""
        return f":{self.of}" if self.of else ""


class ReaderOptions(Part):
    """Who is compared with the network."""

    columns: Literal["all", "none"] | tuple[str, ...] = "all"
    """Columns of recorded categories: all that are named `reader:...`, none, or these."""
    tirads_column: bool = True
    """Whether the column `tirads` counts as a reader; never where the labels themselves follow TI-RADS."""
    system: str = ""
    """The system of recorded categories, where they are not plain numbers; guessed from the categories where empty."""
    computed: tuple[ComputedReader, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _accept_names(cls, value: Any) -> Any:
        """Accept a plain name of a system where a computed reader is meant."""
        if not isinstance(value, Mapping) or not isinstance(value.get("computed"), Sequence):
            return value
        given = [value["computed"]] if isinstance(value["computed"], str) else value["computed"]
        return {**value, "computed": [{"system": item} if isinstance(item, str) else item for item in given]}


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


class MicronoduleRecipe(TrainingRecipe):
    """A study that trains on larger nodules and tests on smaller ones, against readers."""

    free_fields: ClassVar[tuple[str, ...]] = (
        *RecipeBase.free_fields,
        "networks",
        "evaluation",
        "subgroups",
        "external",
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
    external: tuple[ExternalSet, ...] = ()
    readers: ReaderOptions = ReaderOptions()
    categories: CategoryOptions = CategoryOptions()
    examples: ExampleOptions = ExampleOptions()

    @model_validator(mode="before")
    @classmethod
    def _accept_paths(cls, value: Any) -> Any:
        """Accept a plain path where an external set is meant, and a single word where a list of sites is."""
        if not isinstance(value, Mapping):
            return value
        changed = dict(value)
        given = value.get("external")
        if isinstance(given, str):
            given = [given]
        if isinstance(given, Sequence):
            changed["external"] = [{"cohort": item} if isinstance(item, str) else item for item in given]
        if isinstance(value.get("external_sites"), str):
            changed["external_sites"] = [value["external_sites"]]
        if value.get("size_rule") == "none":
            changed.pop("size_rule")
            changed["sizes"] = {**(value.get("sizes") or {}), "rule": "none"}
        return changed

    @model_validator(mode="after")
    def _check_external(self) -> Self:
        titles = [item.title for item in self.external] + list(self.external_sites)
        folders = [folder_name(title) for title in titles]
        twice = [title for title, folder in zip(titles, folders, strict=True) if folders.count(folder) > 1]
        if twice:
            raise ValueError(f"external: two sets are called {twice[0]}; give each a name of its own")
        return self


def folder_name(title: str) -> str:
    """A title as the name of a folder.

    >>> folder_name("Hospital B (2019)")
    'hospital-b-2019'
    """
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "set"
