"""The folder of a study: which study it belongs to, and where everything goes."""

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from thyrosight.errors import OutputError
from thyrosight.files import make_folder, write_json
from thyrosight.studies.base import RecipeBase, RecipeHead
from thyrosight.training import FitOptions
from thyrosight.training.precision import warn_if_slow

_MARK = "study.json"


class Workspace:
    """A study's folder. A second run with the same recipe and cohort finds its work there and goes on.

    Attributes:
        folder: created if missing.
        splits: the file of the divisions.
        cache: prepared images.
        trials: one folder for each trial.
        tables: every table as CSV.
        pictures: pixels, heat maps and masks that the report shows.

    Raises:
        OutputError: the folder holds another study, or files that are no study at all, or cannot be written.
    """

    def __init__(self, folder: Path, recipe: RecipeHead, *, cohort: str) -> None:
        self.folder = folder
        self.splits, self.pictures = folder / "splits.json", folder / "pictures.npz"
        self.cache, self.trials, self.tables = folder / "cache", folder / "trials", folder / "tables"
        identity = {"cohort": cohort, "recipe": _fixed(recipe)}
        mark = folder / _MARK
        if mark.exists():
            before = json.loads(mark.read_text(encoding="utf-8"))
            _require_same({**before, "recipe": _brought_up(before.get("recipe", {}), recipe)}, identity, folder)
        elif folder.is_dir() and any(not path.name.startswith(".lock") for path in folder.iterdir()):
            raise OutputError(f"{folder} is not empty and holds no study; choose another --out.")
        else:
            make_folder(folder)
            write_json(mark, identity)


def settle_precision(recipe: RecipeBase, folder: Path) -> RecipeBase:
    """The recipe with `training.precision: auto` decided for the whole study, wherever its trials then run.

    A study that was begun goes on with the precision it has, also on a machine that would have chosen another.
    """
    training = getattr(recipe, "training", None)
    if not isinstance(training, FitOptions) or training.precision != "auto":
        return recipe
    try:
        begun = json.loads((folder / _MARK).read_text(encoding="utf-8"))["recipe"]["training"]
        settled = type(training).model_validate({**training.model_dump(), "precision": begun["precision"]}).settled()
    except (OSError, ValueError, KeyError, TypeError):  # nothing was begun here, or what Workspace refuses
        settled = training.settled()
    warn_if_slow(settled.precision, settled.accelerator)
    return recipe.model_copy(update={"training": settled})


def _fixed(recipe: RecipeHead) -> dict[str, Any]:
    """The fields of a recipe that may not change between two runs in one folder, because training depends on them."""
    free: dict[str, Any] = {}
    for name in recipe.free_fields:
        part, _, field = name.partition(".")
        free[part] = {field} if field else True
    return recipe.model_dump(mode="json", exclude=free)


def _brought_up(before: dict[str, Any], recipe: RecipeHead) -> dict[str, Any]:
    """The recipe that an earlier version wrote, with fields that recipes have gained since at their defaults."""
    free = recipe.model_dump(mode="json", include=set(recipe.free_fields))
    try:
        return _fixed(type(recipe).model_validate({"study": "comparison", **before, **free}))
    except ValidationError:
        return before


def _require_same(before: dict[str, Any], now: dict[str, Any], folder: Path) -> None:
    """Refuse to mix two studies in one folder, and name the first thing that differs."""
    if before == now:
        return
    if before.get("cohort") != now["cohort"]:
        raise OutputError(f"{folder} holds a study of another cohort; choose another --out, or delete that folder.")
    place = _first_difference(before.get("recipe", {}), now["recipe"])
    raise OutputError(f"{folder} holds a study with another {place}; choose another --out, or delete that folder.")


def _first_difference(before: Any, now: Any, path: str = "") -> str:
    if isinstance(before, dict) and isinstance(now, dict):
        for key in [*now, *(key for key in before if key not in now)]:
            if before.get(key) != now.get(key):
                return _first_difference(before.get(key), now.get(key), f"{path}.{key}" if path else key)
    return path or "recipe"
