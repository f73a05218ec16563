"""Loading recipes: shipped with the package or the user's own file, with settings laid over them."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from pydantic import ValidationError

from thyrosight.errors import RecipeError
from thyrosight.settings import explained, merge, parse_setting, parse_yaml, read_yaml
from thyrosight.studies.base import RecipeBase, RecipeHead
from thyrosight.studies.kinds import find_recipe


def shipped_recipes() -> dict[str, str]:
    """Names and YAML texts of the recipes in the package, sorted by name.

    >>> "resnet18-focal" in shipped_recipes()
    True
    """
    folder = files("thyrosight.studies").joinpath("recipes")
    found = {item.name.removesuffix(".yaml"): item for item in folder.iterdir() if item.name.endswith(".yaml")}
    return {name: found[name].read_text(encoding="utf-8") for name in sorted(found)}


def load_recipe(name: str | Path, *, settings: Sequence[str] = ()) -> RecipeHead:
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
        text = read_yaml(path)
    else:
        raise RecipeError(f"There is no recipe {name}; shipped are {', '.join(shipped)}; your own must end in .yaml.")
    tree = parse_yaml(text, str(name))
    for setting in settings:
        tree = merge(tree, parse_setting(setting))
    try:
        recipe_class = find_recipe(tree.get("study", "comparison"))
    except RecipeError as error:
        raise RecipeError(f"Recipe {name}, {error}") from error
    try:
        return recipe_class.model_validate(tree)
    except ValidationError as error:
        raise explained(error, str(name), recipe_class) from error


def load_cohort_recipe(name: str | Path, *, settings: Sequence[str] = ()) -> RecipeBase:
    """The same, of a study that trains networks on a cohort of images.

    Raises:
        RecipeError: as `load_recipe`; the study reads something else.
    """
    recipe = load_recipe(name, settings=settings)
    if not isinstance(recipe, RecipeBase):
        raise RecipeError(
            f"Recipe {name}: a study of the kind {recipe.study} trains nothing and reads a table of readings, not a "
            "cohort; run it with `thyrosight study run ... --readings FILE`."
        )
    return recipe
