"""Loading recipes: shipped with the package or the user's own file, with settings laid over them."""

import difflib
import re
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from thyrosight.errors import RecipeError
from thyrosight.studies.base import RecipeBase, merge
from thyrosight.studies.kinds import find_recipe


def shipped_recipes() -> dict[str, str]:
    """Names and YAML texts of the recipes in the package, sorted by name.

    >>> "resnet18-focal" in shipped_recipes()
    True
    """
    folder = files("thyrosight.studies").joinpath("recipes")
    found = {item.name.removesuffix(".yaml"): item for item in folder.iterdir() if item.name.endswith(".yaml")}
    return {name: found[name].read_text(encoding="utf-8") for name in sorted(found)}


def load_recipe(name: str | Path, *, settings: Sequence[str] = ()) -> RecipeBase:
    """Load a shipped recipe by name, or a YAML file, with `key=value` settings laid over it.

    Keys are dotted (`training.epochs=5`); values are read as YAML; a list is replaced as a whole. The key `study` names
    the kind of study, whose class says which keys there are.

    Raises:
        RecipeError: no such recipe, a file that is not YAML, an unknown key or a wrong value; names the place.

    >>> load_recipe("resnet18-focal", settings=["seed=3"]).seed
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
        recipe_class = find_recipe(tree.get("study", "comparison"))
    except RecipeError as error:
        raise RecipeError(f"Recipe {name}, {error}") from error
    try:
        return recipe_class.model_validate(tree)
    except ValidationError as error:
        lines = (_explain(detail, str(name), recipe_class) for detail in error.errors())
        raise RecipeError("\n".join(lines)) from error


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


def _explain(detail: ErrorDetails, name: str, recipe_class: type[RecipeBase]) -> str:
    """One sentence for one problem of a recipe: the place, what is wrong, what is allowed."""
    place = ".".join(str(part) for part in detail["loc"])
    start = f"Recipe {name}, {place}: " if place else f"Recipe {name}: "
    kind, context = detail["type"], detail.get("ctx") or {}
    if kind == "extra_forbidden":
        return start + "unknown key" + _suggest(detail["loc"], recipe_class)
    if kind == "missing":
        return start + "this key is required."
    if kind == "value_error":
        return start + str(context.get("error", detail["msg"])) + "."
    message = detail["msg"].replace("Input should be", "expected")
    message = message[0].lower() + message[1:]
    return f"{start}{message}, got {detail['input']!r}."


def _suggest(place: tuple[int | str, ...], recipe_class: type[RecipeBase]) -> str:
    """The nearest known key beside `place`, or all of them."""
    model: Any = recipe_class
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
