"""The recipe of a comparison: several networks on the same divisions of one cohort."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from thyrosight.imaging import Preparation
from thyrosight.parts import Part
from thyrosight.studies.base import RecipeBase, merge
from thyrosight.training import FitOptions


class SplitOptions(Part):
    """How the cohort is divided."""

    method: Literal["hold-out", "folds", "test-and-folds"] = "hold-out"
    """`folds`: each image is tested once. `test-and-folds`: one test part is held out for all divisions, each of which
    validates on one fold of the rest."""
    unit: Literal["patient", "image"] = "patient"
    """`image` ignores patients and duplicates. It exists to show how far such a division flatters; reports say so."""
    test: float = Field(0.3, gt=0, lt=1)
    validation: float = Field(0.15, gt=0, lt=1)
    """Share of the training part that is set aside for early stopping, calibration and the operating point."""
    repeats: int = Field(10, ge=1, le=1000)
    folds: int = Field(5, ge=2, le=100)
    stratify: tuple[str, ...] = ("label",)


class NetworkOptions(Part):
    """One network of the study."""

    architecture: str
    weights: str = "imagenet-if-present"
    """`none`, `imagenet` (downloaded if missing), `imagenet-if-present` (never downloads) or a weights file."""
    role: Literal["main", "comparator"] = "comparator"
    training: dict[str, Any] = Field(default_factory=dict)
    """Training fields that differ from the recipe's for this network."""


class EvaluationOptions(Part):
    """How predictions are turned into figures."""

    confidence: float = Field(0.95, gt=0, lt=1)
    operating_point: str = "youden"
    """`youden`, `closest`, or for example `sensitivity>=0.95`; chosen on the validation part."""
    calibration: Literal["none", "platt", "temperature", "isotonic", "beta"] = "platt"
    bootstrap: int = Field(2000, ge=200, le=100_000)


class ExplainOptions(Part):
    """What is explained in the report."""

    examples: int = Field(3, ge=0, le=20)
    """Benign and malignant examples shown, each."""
    images: int = Field(100, ge=0)
    """Test images of the first division whose maps are scored and measured, at most."""
    region_threshold: float = Field(0.5, gt=0, lt=1)
    """Share of an image's own strongest heat above which a pixel belongs to the highlighted region."""
    worst: int = Field(6, ge=0, le=50)


class TrainingRecipe(RecipeBase):
    """What recipes share in which networks are trained: how images are prepared, which networks, how, and how judged.

    `networks` may name a network plainly; the first is the main one where none has that role.
    """

    preparation: Preparation = Preparation()
    training: FitOptions = FitOptions()
    networks: tuple[NetworkOptions, ...] = Field(min_length=1)
    evaluation: EvaluationOptions = EvaluationOptions()

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
        names = [network.architecture for network in self.networks]
        if len(set(names)) < len(names):
            raise ValueError(f"networks: each may stand once, got {', '.join(names)}")
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
        return FitOptions.model_validate(merge(self.training.model_dump(), network.training))

    @property
    def network_names(self) -> tuple[str, ...]:
        """The architectures, in the order of the recipe."""
        return tuple(network.architecture for network in self.networks)


class Recipe(TrainingRecipe):
    """A whole comparison. Every field has a default except its name, title and networks."""

    free_fields: ClassVar[tuple[str, ...]] = (*RecipeBase.free_fields, "networks", "evaluation", "explain")

    study: Literal["comparison"] = "comparison"
    split: SplitOptions = SplitOptions()
    explain: ExplainOptions = ExplainOptions()
