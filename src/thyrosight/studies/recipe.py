"""Parts of recipes that several kinds of study share: divisions, networks, evaluation, explanation."""

import datetime
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from thyrosight.imaging import Preparation
from thyrosight.parts import Part
from thyrosight.settings import merge
from thyrosight.studies.base import RecipeBase
from thyrosight.training import FitOptions


class SplitOptions(Part):
    """How the cohort is divided."""

    method: Literal["hold-out", "folds", "test-and-folds", "by-date"] = "hold-out"
    """`folds`: each image is tested once. `test-and-folds`: one test part is held out for all divisions, each of which
    validates on one fold of the rest. `by-date`: earlier examinations train, later ones are tested in all divisions,
    each of which draws another validation part."""
    date: str = "exam_date"
    """The column with the date of the examination: a day, a month or a year, as in 2021-03-04."""
    since: str = ""
    """The date on which the later part begins; where empty, the one that comes closest to the share `test`."""
    both_sides: Literal["refuse", "earlier", "later"] = "refuse"
    """Treatment of patients with earlier and later images: they are refused, or count as a whole as one of them."""
    undated: Literal["refuse", "train"] = "refuse"
    """Treatment of images without a date."""
    unit: Literal["patient", "image"] = "patient"
    """`image` ignores patients and duplicates. It exists to show how far such a division flatters; reports say so."""
    test: float = Field(0.3, gt=0, lt=1)
    validation: float = Field(0.15, gt=0, lt=1)
    """Share of the training part that is set aside for early stopping, calibration and the operating point."""
    repeats: int = Field(10, ge=1, le=1000)
    folds: int = Field(5, ge=2, le=100)
    stratify: tuple[str, ...] = ("label",)

    @field_validator("since", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        """A date that YAML has read as one, or as a number, as it was written."""
        return str(value) if isinstance(value, datetime.date | int) else value


class NetworkOptions(Part):
    """One network of the study."""

    architecture: str
    weights: str = "imagenet-if-present"
    """`none`, `imagenet` (downloaded if missing), `imagenet-if-present` (never downloads) or a weights file."""
    role: Literal["main", "comparator"] = "comparator"
    training: dict[str, Any] = Field(default_factory=dict)
    """Training fields that differ from the recipe's for this network."""

    @property
    def key(self) -> str:
        """Its name in trials and tables."""
        return self.architecture


class ExternalSet(Part):
    """A further cohort that is tested and never trained on."""

    cohort: str
    name: str = Field("", pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]*$|^$")
    """Name in the report; the name of the folder or file where empty."""
    options: dict[str, str | int | float | bool] = Field(default_factory=dict)

    @property
    def title(self) -> str:
        """The name, or that of the folder or file."""
        return self.name or Path(self.cohort).resolve().stem


def require_distinct(titles: Sequence[str]) -> None:
    """Refuse two sets that would share a folder.

    Raises:
        ValueError: names the first.
    """
    folders = [folder_name(title) for title in titles]
    twice = [title for title, folder in zip(titles, folders, strict=True) if folders.count(folder) > 1]
    if twice:
        raise ValueError(f"two sets are called {twice[0]}; give each a name of its own")


def folder_name(title: str) -> str:
    """A title as the name of a folder.

    >>> folder_name("Hospital B (2019)")
    'hospital-b-2019'
    """
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "set"


def _sets(value: Any) -> Any:
    """Accept a plain path where a set is meant, and a single one where a list is."""
    given = [value] if isinstance(value, str) else value
    if not isinstance(given, Sequence):
        return value
    return tuple({"cohort": item} if isinstance(item, str) else item for item in given)


def _distinct(sets: tuple[ExternalSet, ...]) -> tuple[ExternalSet, ...]:
    require_distinct([item.title for item in sets])
    return sets


ExternalSets = Annotated[tuple[ExternalSet, ...], BeforeValidator(_sets), AfterValidator(_distinct)]
"""External sets of a recipe; a plain path may stand for each, and one for a list."""


class ExplainOptions(Part):
    """The explanations in the report."""

    examples: int = Field(3, ge=0, le=20)
    """Benign and malignant examples shown, each."""
    images: int = Field(100, ge=0)
    """Test images of the first division whose maps are scored and measured, at most."""
    region_threshold: float = Field(0.5, gt=0, lt=1)
    """Share of an image's own strongest heat above which a pixel belongs to the highlighted region."""
    worst: int = Field(6, ge=0, le=50)
    effect: float = Field(0.05, gt=0, lt=1)
    """The smallest effect of removing the hottest pixels first that matters: by how much, on the mean, the probability
    must fall below that of random order before maps count as faithful."""


class DecisionOptions(Part):
    """Decisions on a biopsy that rest on the risk of the main network."""

    thresholds: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = (0.05, 0.1, 0.2, 0.3, 0.5)
    """Risks from which one may act, whose net benefit is tabled."""
    up_to: float = Field(0.6, ge=0.05, lt=1)
    """The greatest risk on the decision curve."""
    missed: float = Field(0.05, ge=0, lt=0.5)
    """The share of cancers that a spared biopsy may miss in the validation part."""


USUAL_SUBGROUPS = ("sex", "age", "site", "device", "size_mm", "label_source")
"""Columns by which every study groups its test images, as far as the cohort has them."""

USUAL_BANDS: Mapping[str, tuple[float, ...]] = {"age": (45, 65), "size_mm": (10, 20)}


class Subgroups(Part):
    """Subgroups of the test images in which the main network is judged."""

    columns: tuple[str, ...] = USUAL_SUBGROUPS
    """Columns of the cohort; numbers need bands."""
    bands: dict[str, tuple[float, ...]] = Field(default_factory=lambda: dict(USUAL_BANDS))
    """Where bands of a number begin: below the first bound, and from each bound on."""

    @field_validator("bands")
    @classmethod
    def _check_bands(cls, value: dict[str, tuple[float, ...]]) -> dict[str, tuple[float, ...]]:
        for name, bounds in value.items():
            if not bounds or list(bounds) != sorted(set(bounds)):
                raise ValueError(f"subgroups.bands.{name}: expected rising numbers, at least one")
        return value


class TrainingOptions(FitOptions):
    """How networks are trained, and how often the one that the study is about."""

    seeds: int = Field(1, ge=1, le=50)
    """Trainings of that network on each division, each from a seed of its own; the first one is what all else is of."""

    @property
    def fit(self) -> FitOptions:
        """The options of one training."""
        return FitOptions.model_validate(self.model_dump(exclude={"seeds"}))


class NetworkRecipe(RecipeBase):
    """Recipe of a study of networks, of any kind, with further questions on the network that it is about."""

    free_fields: ClassVar[tuple[str, ...]] = (
        *RecipeBase.free_fields,
        "evaluation",
        "external",
        "decisions",
        "subgroups",
        "training.seeds",
        "learning_curve",
    )

    training: TrainingOptions = TrainingOptions()
    learning_curve: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = ()
    """Shares of the training patients on which that network is trained besides: [0.25, 0.5] for a quarter, a half and
    all of them. Smaller shares are parts of larger ones, and all are tested alike."""
    external: ExternalSets = ()
    """Further cohorts that are tested and never trained on."""
    decisions: DecisionOptions = DecisionOptions()
    subgroups: Subgroups = Subgroups()

    @property
    def seed_numbers(self) -> range:
        """Numbers of the trainings from further seeds."""
        return range(2, self.training.seeds + 1)

    @field_validator("learning_curve")
    @classmethod
    def _check_shares(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if len(set(value)) < len(value):
            raise ValueError("learning_curve: a share stands twice; name each once")
        return value


class TrainingRecipe(NetworkRecipe):
    """A recipe in which networks are trained: how images are prepared, which networks, how, and how they are judged.

    `networks` may name a network plainly; the first is the main one where none has that role.
    """

    if_twice: ClassVar[str] = "each may stand once"
    """Advice on two networks of one key."""

    preparation: Preparation = Preparation()
    networks: tuple[NetworkOptions, ...] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _accept_names(cls, value: Any) -> Any:
        """Accept a plain network name where a mapping is meant, and make the first network the main one."""
        if not isinstance(value, Mapping) or not isinstance(value.get("networks"), Sequence):
            return value
        given = value["networks"]
        networks = [{"architecture": item} if isinstance(item, str) else item for item in given]
        roles = [item.get("role") for item in networks if isinstance(item, Mapping)]
        if networks and "main" not in roles and isinstance(networks[0], Mapping):
            networks[0] = {**networks[0], "role": "main"}
        return {**value, "networks": networks}

    @model_validator(mode="after")
    def _check_networks(self) -> Self:
        keys = [network.key for network in self.networks]
        if twice := [key for key in keys if keys.count(key) > 1]:
            raise ValueError(f"networks: {twice[0]} stands twice; {self.if_twice}")
        if [network.role for network in self.networks].count("main") != 1:
            raise ValueError("networks: exactly one must have role: main")
        for network in self.networks:
            self.training_for(network)
        return self

    @property
    def main(self) -> NetworkOptions:
        """The network that the study is about."""
        return next(network for network in self.networks if network.role == "main")

    def training_for(self, network: NetworkOptions) -> FitOptions:
        """Training options of `network`: the recipe's with its own fields laid over them."""
        return FitOptions.model_validate(merge(self.training.fit.model_dump(), network.training))

    @property
    def network_names(self) -> tuple[str, ...]:
        """The architectures, in the order of the recipe."""
        return tuple(network.architecture for network in self.networks)
