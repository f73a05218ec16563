"""Recipes as users write them: YAML with `key=value` settings laid over it, and one sentence for each mistake."""

import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from thyrosight.errors import RecipeError
from thyrosight.invalid import in_words

_PROBLEMS, _LETTERS = 20, 200
"""Problems of a recipe that are told at once, and letters of a wrong value."""


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


def read_yaml(path: Path) -> str:
    """The text of a recipe's file.

    Raises:
        RecipeError: it does not exist, or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise RecipeError(f"Recipe {path} does not exist; check the path.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"Recipe {path} cannot be read as UTF-8 text ({error}); save it as plain YAML.") from error


def parse_yaml(text: str, name: str, *, what: str = "Recipe") -> dict[str, Any]:
    """The keys and values of a recipe, or of a file that errors call by another name.

    Raises:
        RecipeError: not YAML, or no keys and values; names the line.
    """
    try:
        tree = yaml.safe_load(text)
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        where = f", line {place.line + 1}, column {place.column + 1}" if place else ""
        problem = getattr(error, "problem", None) or "it cannot be parsed"
        raise RecipeError(f"{what} {name}{where}: not valid YAML ({problem}); correct that line.") from error
    except (ValueError, RecursionError) as error:
        reason = "lists too deep inside each other" if isinstance(error, RecursionError) else str(error)
        raise RecipeError(f"{what} {name}: not valid YAML ({reason}); correct it.") from error
    if _holds_itself(tree):
        raise RecipeError(f"{what} {name}: a list or a set of keys holds itself (&name ... *name); write it out.")
    if not isinstance(tree, dict):
        raise RecipeError(f"{what} {name} does not hold keys and values; compare it with a shipped one.")
    return tree


def _holds_itself(value: Any, above: tuple[int, ...] = ()) -> bool:
    """Whether a tree of YAML goes round in a circle."""
    if id(value) in above:
        return True
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_holds_itself(one, (*above, id(value))) for one in inside)


def parse_setting(setting: str) -> dict[str, Any]:
    """A setting `key=value` as keys and values, to be laid over a recipe's; the value is read as YAML.

    Raises:
        RecipeError: it is not of that form.

    >>> parse_setting("training.rate=1e-4")
    {'training': {'rate': 0.0001}}
    """
    key, equals, text = setting.partition("=")
    if not equals or not re.fullmatch(r"[\w-]+(\.[\w-]+)*", key.strip()):
        raise RecipeError(f"The setting {setting!r} is not of the form key=value, for example training.epochs=5.")
    try:
        value: Any = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise RecipeError(f"The value of the setting {setting!r} is not valid YAML; quote it.") from error
    if _holds_itself(value):
        raise RecipeError(f"The value of the setting {setting!r} holds itself (&name ... *name); write it out.")
    if isinstance(value, str):
        value = _number(value)
    for part in reversed(key.strip().split(".")):
        value = {part: value}
    return dict(value)


def _number(text: str) -> str | float:
    """YAML 1.1 reads 1e-4 as text; users mean the number."""
    return float(text) if re.fullmatch(r"[+-]?\d+(\.\d*)?[eE][+-]?\d+", text) else text


def explained(error: ValidationError, name: str, recipe_class: type[BaseModel], *, what: str = "Recipe") -> RecipeError:
    """An error with one sentence for each problem of a recipe (or `what` it is), of many for the first twenty."""
    every = error.errors()
    # A list whose entries are all wrong is called too short besides.
    found = [one for one in every if one["type"] != "too_short" or not any(_within(other, one) for other in every)]
    lines = [_explain(detail, f"{what} {name}", recipe_class) for detail in found[:_PROBLEMS]]
    more = [f"{what} {name}: {len(found) - _PROBLEMS} more problems."] if len(found) > _PROBLEMS else []
    return RecipeError("\n".join([*lines, *more]))


def _within(inner: ErrorDetails, outer: ErrorDetails) -> bool:
    """Whether the place of one error lies in that of another."""
    place = outer["loc"]
    return len(inner["loc"]) > len(place) and inner["loc"][: len(place)] == place


def _explain(detail: ErrorDetails, name: str, recipe_class: type[BaseModel]) -> str:
    """One sentence for one problem of a recipe: the place, what is wrong, what is allowed."""
    place = ".".join(str(part) for part in detail["loc"])
    start = f"{name}, {place}: " if place else f"{name}: "
    kind = detail["type"]
    if kind == "extra_forbidden":
        return start + "unknown key" + _suggest(detail["loc"], recipe_class)
    if kind == "missing":
        return start + "this key is required."
    message = in_words(detail)
    if kind == "value_error":
        return f"{start}{message}."
    given = repr(detail["input"])
    return f"{start}{message}, got {given if len(given) <= _LETTERS else given[:_LETTERS] + ' ...'}."


def _suggest(place: tuple[int | str, ...], recipe_class: type[BaseModel]) -> str:
    """The nearest known key beside `place`, or all of them."""
    model: Any = recipe_class
    named = False  # whether the next part is a name of the user's, as in stages.NAME.epochs
    for part in place[:-1]:
        if isinstance(part, int) or named:
            named = False
            continue
        annotation: Any = model.model_fields[part].annotation if part in getattr(model, "model_fields", {}) else None
        model, named = _model_of(annotation), get_origin(annotation) in (dict,)
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
