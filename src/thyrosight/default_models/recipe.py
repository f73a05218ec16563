"""Recipes of the default models: stages of training, one after the other, and how the bundle is made."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, Literal, Self

import yaml
from pydantic import Field, ValidationError, model_validator

from thyrosight.default_models.finder import FinderOptions
from thyrosight.default_models.risk import RiskOptions
from thyrosight.errors import RecipeError
from thyrosight.parts import Part
from thyrosight.settings import explained, merge, parse_setting, parse_yaml

NAMES = ("default-finder", "default-risk")
_COMMON = ("fold", "size", "seed", "weights")


class FinderStage(FinderOptions):
    """A stage of the finder.

    Attributes:
        start: the stage whose weights it goes on from; ImageNet's where empty.
        teacher: the stage whose outlines of TN5000 it learns from; callipers alone where empty.
        averaged: stages whose weights are averaged with those of this one, which leaves the mean. Networks that began
            at the same weights and learnt by other chance are together surer than each alone, at the cost of one
            (Wortsman et al., Model soups, ICML 2022).
    """

    start: str = ""
    teacher: str = ""
    averaged: tuple[str, ...] = ()

    @property
    def options(self) -> FinderOptions:
        """Options of the training itself."""
        return FinderOptions(**self.model_dump(exclude={"start", "teacher", "averaged"}))


class RiskStage(RiskOptions):
    """A stage of the risk model; `start` and `averaged` as for the finder's."""

    start: str = ""
    averaged: tuple[str, ...] = ()

    @property
    def options(self) -> RiskOptions:
        """Options of the training itself."""
        return RiskOptions(**self.model_dump(exclude={"start", "averaged"}))


class _Recipe(Part):
    """Fields that both recipes have.

    Attributes:
        name, title, notes: for readers.
        fold: of groups that is left out of every stage, from 0; figures are measured there.
        size: side of the network's input in pixels.
        seed: of every stage that names none.
        weights: where the network begins, as for `thyrosight.networks.create`.
    """

    name: str
    title: str
    notes: str = ""
    fold: int = Field(0, ge=0, le=4)
    size: int = Field(ge=32)
    seed: int = Field(0, ge=0)
    weights: str = "imagenet-if-present"

    @model_validator(mode="before")
    @classmethod
    def _lay_under_stages(cls, value: Any) -> Any:
        """Give every stage the fold, size, seed and weights of the recipe where it names none."""
        if not isinstance(value, Mapping) or not isinstance(value.get("stages"), Mapping):
            return value
        common = {name: value[name] for name in _COMMON if name in value}
        stages = {
            name: {**common, **stage} if isinstance(stage, Mapping) else stage
            for name, stage in value["stages"].items()
        }
        return {**value, "stages": stages}

    @model_validator(mode="after")
    def _stages_follow_one_another(self) -> Self:
        known: list[str] = []
        for name, stage in self.stages_in_order:
            for field in ("start", "teacher", "averaged"):
                named = getattr(stage, field, "")
                for earlier in (named,) if isinstance(named, str) else named:
                    if earlier and earlier not in known:
                        raise ValueError(f"stages.{name}.{field} must name an earlier stage, got {earlier!r}")
            if (stage.fold, stage.size) != (self.fold, self.size):
                raise ValueError(f"stages.{name}: fold and size are the recipe's own, for all stages")
            known.append(name)
        return self

    @property
    def stages_in_order(self) -> list[tuple[str, "FinderStage | RiskStage"]]:
        """Names and stages, the first one first."""
        raise NotImplementedError

    def to_yaml(self) -> str:
        """The recipe with all its defaults written out."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False, allow_unicode=True, width=100)


class FinderRecipe(_Recipe):
    """How the finder is made.

    Attributes:
        stages: by name, in order.
        most_false: finds per frame without a lesion that the chosen point may make on average.
    """

    model: Literal["finder"] = "finder"
    stages: dict[str, FinderStage] = Field(min_length=1)
    most_false: float = Field(0.25, ge=0)

    @property
    def stages_in_order(self) -> list[tuple[str, FinderStage | RiskStage]]:
        """Names and stages, the first one first."""
        return list(self.stages.items())


class RiskRecipe(_Recipe):
    """How the risk model is made.

    Attributes:
        stages: by name, in order.
    """

    model: Literal["risk"] = "risk"
    stages: dict[str, RiskStage] = Field(min_length=1)

    @property
    def stages_in_order(self) -> list[tuple[str, FinderStage | RiskStage]]:
        """Names and stages, the first one first."""
        return list(self.stages.items())


Recipe = FinderRecipe | RiskRecipe


def load_recipe(name: str, *, settings: Sequence[str] = ()) -> Recipe:
    """The recipe of a default model, with `key=value` settings laid over it.

    Keys are dotted (`stages.callipers.epochs=5`).

    Raises:
        RecipeError: no such model, an unknown key or a wrong value; names the place.

    >>> load_recipe("default-risk", settings=["seed=3"]).seed
    3
    >>> load_recipe("default-model")
    Traceback (most recent call last):
    thyrosight.errors.RecipeError: There is no default model default-model; choose default-finder or default-risk.
    """
    if name not in NAMES:
        raise RecipeError(f"There is no default model {name}; choose {' or '.join(NAMES)}.")
    text = files("thyrosight.default_models").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    tree = parse_yaml(text, name)
    for setting in settings:
        tree = merge(tree, parse_setting(setting))
    kind = FinderRecipe if tree["model"] == "finder" else RiskRecipe
    try:
        return kind.model_validate(tree)
    except ValidationError as error:
        raise explained(error, name, kind) from error
