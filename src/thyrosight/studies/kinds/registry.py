"""The kinds of study by name. A kind is a package with `recipe.py` (class `Recipe`), `plan.py` (class `Study`),
`report.py`, and `manuscript.py` for what it says of itself in a paper; see the guide "How to add a study"."""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from thyrosight.errors import RecipeError
from thyrosight.studies.base import RecipeHead

if TYPE_CHECKING:
    from collections.abc import Callable

    from thyrosight.studies.kind import Kind
    from thyrosight.studies.outline import Outline
    from thyrosight.studies.result import Result


@dataclass(frozen=True)
class KindEntry:
    """A kind of study: its title in a few words, and the package that holds it."""

    title: str
    package: str


_HOME = "thyrosight.studies.kinds"
KINDS: dict[str, KindEntry] = {
    "comparison": KindEntry("networks compared on the same divisions of one cohort", f"{_HOME}.comparison"),
    "micronodule": KindEntry(
        "trained on larger nodules, tested on smaller ones, against readers", f"{_HOME}.micronodule"
    ),
    "inception-margin": KindEntry(
        "crop margins, input sizes and size groups, and the features that go with errors", f"{_HOME}.inception_margin"
    ),
    "ynet-lymph-node": KindEntry(
        "outline and class from one network, against each alone and against the original report",
        f"{_HOME}.ynet_lymph_node",
    ),
    "elasticity-fusion": KindEntry(
        "frozen layers, fusion and heads for a B-mode image with its elastogram", f"{_HOME}.elasticity_fusion"
    ),
    "reader-study": KindEntry("readers of the same cases, without a model and with one", f"{_HOME}.reader_study"),
}
"""Every kind by the name that `study:` gives it in a recipe. Packages are imported when a recipe asks for them."""


def find_recipe(name: object) -> type[RecipeHead]:
    """The class that validates recipes of a kind; it is imported without torch.

    Raises:
        RecipeError: there is no such kind.

    >>> find_recipe("comparison").model_fields["study"].default
    'comparison'
    """
    found: type[RecipeHead] = _member(name, "recipe", "Recipe")
    return found


def find_kind(name: object) -> "type[Kind[Any]]":
    """The class that plans and reports studies of a kind; raises RecipeError where there is none."""
    found: type[Kind[Any]] = _member(name, "plan", "Study")
    return found


def find_outline(name: object) -> "Callable[[Result], Outline]":
    """Outline of a kind's manuscripts: `outline` of its file `manuscript.py`, else the plain one.

    Raises:
        RecipeError: there is no such kind.
    """
    from thyrosight.studies.outline import plain_outline

    try:
        found: Callable[[Result], Outline] = _member(name, "manuscript", "outline")
    except ModuleNotFoundError:
        return plain_outline
    return found


def _member(name: object, module: str, member: str) -> Any:
    if not isinstance(name, str) or name not in KINDS:
        raise RecipeError(f"study: there is no kind of study {name!r}; known are {', '.join(KINDS)}.")
    return getattr(import_module(f"{KINDS[name].package}.{module}"), member)
