"""What every kind of study shares: the head of a recipe, and what any result must say of itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import yaml
from pydantic import Field

from thyrosight.parts import Part

if TYPE_CHECKING:
    from thyrosight.statistics import Estimate


class CohortOptions(Part):
    """How the cohort is read: options of its source, and what happens to images that duplicate one another."""

    options: dict[str, str | int | float | bool] = Field(default_factory=dict)
    contradictions: Literal["exclude", "majority", "keep", "worst"] = "exclude"
    """What to do with near-duplicate images whose labels contradict one another."""


class RecipeBase(Part):
    """The head that recipes of all kinds share; a kind derives its own class and adds its fields.

    A kind's class narrows `study` to its own name (`study: Literal["my-kind"] = "my-kind"`), and may name fields in
    `free_fields` that do not alter what is trained, so that they may change between two runs in one folder.
    """

    free_fields: ClassVar[tuple[str, ...]] = ("title", "paper", "notes")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str
    study: str = "comparison"
    """The kind of study, as `thyrosight.studies.kinds` registers it."""
    paper: str = ""
    notes: str = ""
    seed: int = Field(0, ge=0)
    cohort: CohortOptions = CohortOptions()

    @property
    def network_names(self) -> tuple[str, ...]:
        """Architectures that the study trains, for lists of recipes."""
        return ()

    def to_yaml(self) -> str:
        """The recipe with all its defaults written out."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False, allow_unicode=True, width=100)


class Measure(Part):
    """An estimate in a form that JSON can hold: None stands for a quantity that the data do not define."""

    value: float | None
    low: float | None
    high: float | None
    se: float | None
    method: str
    n: int
    clusters: int | None = None
    confidence: float = 0.95

    @classmethod
    def of(cls, estimate: "Estimate") -> "Measure":
        """Take over an estimate of `thyrosight.statistics`."""
        return cls(**estimate.to_dict())


class FlowStep(Part):
    """One box of the flow chart of exclusions."""

    text: str
    n: int
    excluded: list[tuple[str, int]]
    aside: str = "left out"
    """What happened to those in `excluded`: left out, or for example used for training."""


class ModelCard(Part):
    """The bundle that the study left."""

    folder: str
    hash: str
    division: str
    threshold: float
    calibration: str


@dataclass(frozen=True)
class Summary:
    """What the command prints when a study has ended: a table, and what its figures are."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


class ResultBase(Part):
    """What the result of every kind of study says; a kind derives its own class and adds what it found.

    `unfinished` lists what could not be done, and why: it is printed first, never hidden. A kind's class narrows `kind`
    to its own name.
    """

    kind: str = "comparison"
    """The kind of study; results written before there were several kinds are comparisons."""
    format: int = 1
    recipe: str
    title: str
    paper: str
    created: str
    command: str
    seed: int
    label_sources: list[str]
    label_policy: str
    split_kind: str
    split_method: str
    cohort: dict[str, Any]
    cohort_digest: str
    split_digest: str
    images: int
    groups: int
    patients: int | None
    benign: int
    malignant: int
    flow: list[FlowStep]
    model: ModelCard | None = None
    limitations: list[str]
    unfinished: list[str]
    recipe_yaml: str
    software: dict[str, str]

    @property
    def source_sentence(self) -> str:
        """Label source, split and size in one sentence, for every figure and table.

        For example "labels: TI-RADS; patient-level split; 595 images in 344 groups".
        """
        sources = " and ".join(self.label_sources)
        return f"labels: {sources}; {self.split_kind} split; {self.images} images in {self.groups} groups"

    def summary(self) -> Summary | None:
        """What the command prints when the study has ended; None for no table."""
        return None


def merge(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Lay `changes` over `base`: mappings are merged, everything else is replaced.

    >>> merge({"a": {"b": 1, "c": 2}}, {"a": {"c": 3}})
    {'a': {'b': 1, 'c': 3}}
    """
    merged = dict(base)
    for key, value in changes.items():
        below = merged.get(key)
        merged[key] = merge(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return merged
