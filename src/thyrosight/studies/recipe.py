"""Recipes: a study written down as validated YAML, shipped with the package or the user's own file."""

import difflib
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from thyrosight.errors import RecipeError
from thyrosight.imaging import Preparation
from thyrosight.training import FitOptions


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CohortOptions(_Part):
    """How the cohort is read: options of its source, and what happens to images that duplicate one another."""

    options: dict[str, str | int | float | bool] = {}
    contradictions: Literal["exclude", "majority", "keep", "worst"] = "exclude"
    """What to do with near-duplicate images whose labels contradict one another."""


class SplitOptions(_Part):
    """How the cohort is divided."""

    method: Literal["hold-out", "folds"] = "hold-out"
    unit: Literal["patient", "image"] = "patient"
    """`image` ignores patients and duplicates. It exists to show how far such a division flatters; reports say so."""
    test: float = Field(0.3, gt=0, lt=1)
    validation: float = Field(0.15, gt=0, lt=1)
    """Share of the training part that is set aside for early stopping, calibration and the operating point."""
    repeats: int = Field(10, ge=1, le=1000)
    folds: int = Field(5, ge=2, le=100)
    stratify: tuple[str, ...] = ("label",)


class NetworkOptions(_Part):
    """One network of the study."""

    architecture: str
    weights: str = "imagenet-if-present"
    """`none`, `imagenet` (downloaded if missing), `imagenet-if-present` (never downloads) or a weights file."""
    role: Literal["main", "comparator"] = "comparator"
    training: dict[str, Any] = {}
    """Training fields that differ from the recipe's for this network."""


class EvaluationOptions(_Part):
    """How predictions are turned into figures."""

    confidence: float = Field(0.95, gt=0, lt=1)
    operating_point: str = "youden"
    """`youden`, `closest`, or for example `sensitivity>=0.95`; chosen on the validation part."""
    calibration: Literal["none", "platt", "temperature", "isotonic", "beta"] = "platt"
    bootstrap: int = Field(2000, ge=200, le=100_000)


class ExplainOptions(_Part):
    """What is explained in the report."""

    examples: int = Field(3, ge=0, le=20)
    """Benign and malignant examples shown, each."""
    images: int = Field(100, ge=0)
    """Test images of the first division whose maps are scored and measured, at most."""
    region_threshold: float = Field(0.5, gt=0, lt=1)
    """Share of an image's own strongest heat above which a pixel belongs to the highlighted region."""
    worst: int = Field(6, ge=0, le=50)


class Recipe(_Part):
    """A whole study. Every field has a default except its name, title and networks."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str
    paper: str = ""
    notes: str = ""
    seed: int = Field(0, ge=0)
    cohort: CohortOptions = CohortOptions()
    split: SplitOptions = SplitOptions()
    preparation: Preparation = Preparation()
    training: FitOptions = FitOptions()
    networks: tuple[NetworkOptions, ...] = Field(min_length=1)
    evaluation: EvaluationOptions = EvaluationOptions()
    explain: ExplainOptions = ExplainOptions()

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
    def _check_networks(self) -> "Recipe":
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

    def to_yaml(self) -> str:
        """The recipe with all its defaults written out."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False, allow_unicode=True, width=100)


def shipped_recipes() -> dict[str, str]:
    """Names and YAML texts of the recipes in the package, sorted by name.

    >>> "resnet18-focal" in shipped_recipes()
    True
    """
    folder = files("thyrosight.studies").joinpath("recipes")
    found = {item.name.removesuffix(".yaml"): item for item in folder.iterdir() if item.name.endswith(".yaml")}
    return {name: found[name].read_text(encoding="utf-8") for name in sorted(found)}


def load_recipe(name: str | Path, *, settings: Sequence[str] = ()) -> Recipe:
    """Load a shipped recipe by name, or a YAML file, with `key=value` settings laid over it.

    Keys are dotted (`training.epochs=5`); values are read as YAML; a list is replaced as a whole.

    Raises:
        RecipeError: no such recipe, a file that is not YAML, an unknown key or a wrong value; names the place.

    >>> load_recipe("resnet18-focal", settings=["training.epochs=3"]).training.epochs
    3
    >>> load_recipe("resnet18-focal", settings=["training.epoch=3"])
    Traceback (most recent call last):
    ...
    thyrosight.errors.RecipeError: Recipe resnet18-focal, training.epoch: unknown key; did you mean training.epochs?
    """
    shipped = shipped_recipes()
    path = Path(name)
    if str(name) in shipped:
        text = shipped[str(name)]
    elif path.suffix.lower() in {".yaml", ".yml"}:
        text = _read(path)
    else:
        raise RecipeError(f"There is no recipe {name}; shipped are {', '.join(shipped)}; your own must end in .yaml.")
    tree = _parse(text, str(name))
    for setting in settings:
        tree = merge(tree, _parse_setting(setting))
    try:
        return Recipe.model_validate(tree)
    except ValidationError as error:
        raise RecipeError("\n".join(_explain(detail, str(name)) for detail in error.errors())) from error


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


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise RecipeError(f"Recipe {path} does not exist; check the path.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"Recipe {path} cannot be read as UTF-8 text ({error}); save it as plain YAML.") from error


def _parse(text: str, name: str) -> dict[str, Any]:
    try:
        tree = yaml.safe_load(text)
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        where = f", line {place.line + 1}, column {place.column + 1}" if place else ""
        problem = getattr(error, "problem", None) or "it cannot be parsed"
        raise RecipeError(f"Recipe {name}{where}: not valid YAML ({problem}); correct that line.") from error
    if not isinstance(tree, dict):
        raise RecipeError(f"Recipe {name} does not hold keys and values; compare it with a shipped one.")
    return tree


def _parse_setting(setting: str) -> dict[str, Any]:
    key, equals, text = setting.partition("=")
    if not equals or not re.fullmatch(r"[\w-]+(\.[\w-]+)*", key.strip()):
        raise RecipeError(f"The setting {setting!r} is not of the form key=value, for example training.epochs=5.")
    try:
        value: Any = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise RecipeError(f"The value of the setting {setting!r} is not valid YAML; quote it.") from error
    if isinstance(value, str):
        value = _number(value)
    for part in reversed(key.strip().split(".")):
        value = {part: value}
    return dict(value)


def _number(text: str) -> str | float:
    """YAML 1.1 reads 1e-4 as text; users mean the number."""
    return float(text) if re.fullmatch(r"[+-]?\d+(\.\d*)?[eE][+-]?\d+", text) else text


def _explain(detail: ErrorDetails, name: str) -> str:
    """One sentence for one problem of a recipe: the place, what is wrong, what is allowed."""
    place = ".".join(str(part) for part in detail["loc"])
    start = f"Recipe {name}, {place}: " if place else f"Recipe {name}: "
    kind, context = detail["type"], detail.get("ctx") or {}
    if kind == "extra_forbidden":
        return start + "unknown key" + _suggest(detail["loc"])
    if kind == "missing":
        return start + "this key is required."
    if kind == "value_error":
        return start + str(context.get("error", detail["msg"])) + "."
    message = detail["msg"].replace("Input should be", "expected")
    message = message[0].lower() + message[1:]
    return f"{start}{message}, got {detail['input']!r}."


def _suggest(place: tuple[int | str, ...]) -> str:
    """The nearest known key beside `place`, or all of them."""
    model: Any = Recipe
    for part in place[:-1]:
        if isinstance(part, int):
            continue
        model = _model_of(model.model_fields[part].annotation) if part in getattr(model, "model_fields", {}) else None
        if model is None:
            return "; remove it."
    known = list(model.model_fields)
    near = difflib.get_close_matches(str(place[-1]), known, n=1, cutoff=0.7)
    above = "".join(f"{part}." for part in place[:-1])
    return f"; did you mean {above}{near[0]}?" if near else f"; known are {', '.join(known)}."


def _model_of(annotation: Any) -> type[BaseModel] | None:
    """The model class inside an annotation such as `tuple[NetworkOptions, ...]`."""
    candidates = [annotation] if get_origin(annotation) is None else get_args(annotation)
    return next((item for item in candidates if isinstance(item, type) and issubclass(item, BaseModel)), None)
