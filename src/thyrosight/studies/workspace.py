"""The folder of a study: whose it is, what is already done, and where everything goes."""

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from thyrosight.errors import OutputError
from thyrosight.files import make_folder, sha256_of_json, write_json
from thyrosight.studies.base import RecipeBase
from thyrosight.training import FitOptions
from thyrosight.training.precision import warn_if_slow

_MARK = "study.json"


class Workspace:
    """A study's folder. A second run with the same recipe and cohort finds its work there and goes on.

    Args:
        folder: created if missing.
        recipe: of the study.
        cohort: digest of the cohort.

    Raises:
        OutputError: the folder holds another study, or files that are no study at all, or cannot be written.
    """

    def __init__(self, folder: Path, recipe: RecipeBase, *, cohort: str) -> None:
        self.folder = folder
        identity = {"cohort": cohort, "recipe": _fixed(recipe)}
        mark = folder / _MARK
        if mark.exists():
            before = json.loads(mark.read_text(encoding="utf-8"))
            _require_same({**before, "recipe": _brought_up(before.get("recipe", {}), recipe)}, identity, folder)
        elif folder.is_dir() and any(folder.iterdir()):
            raise OutputError(f"{folder} is not empty and holds no study; choose another --out.")
        else:
            make_folder(folder)
            write_json(mark, identity)

    @property
    def splits(self) -> Path:
        """The divisions."""
        return self.folder / "splits.json"

    @property
    def cache(self) -> Path:
        """Prepared images."""
        return self.folder / "cache"

    def unit(self, division: str, network: str) -> Path:
        """The folder of one network on one division."""
        return self.folder / "divisions" / division / network

    def finished(self, unit: Path, identity: dict[str, Any]) -> dict[str, Any] | None:
        """What an earlier run recorded of a finished unit of exactly this identity, or None."""
        path = unit / "unit.json"
        if not path.exists() or not (unit / "predictions.csv").exists():
            return None
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return record if record["identity"] == sha256_of_json(identity) else None

    def finish(self, unit: Path, identity: dict[str, Any], record: dict[str, Any]) -> dict[str, Any]:
        """Record that a unit is finished; written last, so that its presence means that all else is there."""
        full = {"identity": sha256_of_json(identity), **record}
        write_json(unit / "unit.json", full)
        return full


def settle_precision(recipe: RecipeBase, folder: Path) -> RecipeBase:
    """The recipe with `training.precision: auto` decided for the whole study, wherever its trials then run.

    A study that was begun goes on with the precision it has, also on a machine that would have chosen another.
    """
    training = getattr(recipe, "training", None)
    if not isinstance(training, FitOptions) or training.precision != "auto":
        return recipe
    try:
        begun = json.loads((folder / _MARK).read_text(encoding="utf-8"))["recipe"]["training"]
        settled = FitOptions.model_validate({**training.model_dump(), "precision": begun["precision"]}).settled()
    except (OSError, ValueError, KeyError, TypeError):  # nothing was begun here, or what Workspace refuses
        settled = training.settled()
    warn_if_slow(settled.precision, settled.accelerator)
    return recipe.model_copy(update={"training": settled})


def _fixed(recipe: RecipeBase) -> dict[str, Any]:
    """The fields of a recipe that may not change between two runs in one folder, because training depends on them."""
    return recipe.model_dump(mode="json", exclude=set(recipe.free_fields))


def _brought_up(before: dict[str, Any], recipe: RecipeBase) -> dict[str, Any]:
    """What an earlier version wrote, with the fields that recipes have gained since then at their defaults."""
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
