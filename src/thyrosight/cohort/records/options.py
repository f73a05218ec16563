"""Options that say which records of a cohort count; they are written and checked without tables."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

from pydantic import model_validator

from thyrosight.parts import Part
from thyrosight.tirads import TiradsError, find_system


class ReferenceOptions(Part):
    """Which diagnoses count as confirmed. Columns that the cohort does not have are not asked for."""

    rule: Literal["if recorded", "required", "none"] = "if recorded"
    """`if recorded`: where the cohort has one of the columns, nodules without a confirmed diagnosis are left out;
    `required` refuses a cohort without them; `none` takes the labels as they are."""
    surgery: str = "surgery"
    """Column with the histology of the surgical specimen: benign, malignant, or empty where there was no surgery."""
    bethesda: str = "bethesda"
    """Column with the Bethesda category, I to VI or 1 to 6; II is benign, VI malignant, all others are unconfirmed."""


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
    """Treatment of cases whose unknown features leave a range of categories."""

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
        """Suffix to the names of the columns."""
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
