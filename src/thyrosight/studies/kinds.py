"""The kinds of study, and how another one is added.

A recipe's key `study:` names its kind (`comparison` where it says nothing). Each kind is a folder or a file of its own
that knows nothing of the others, and one line in `KINDS`. To add one:

1. Write the recipe class, derived from `thyrosight.studies.base.RecipeBase`: narrow `study` to the kind's name
   (`study: Literal["my-kind"] = "my-kind"`), add fields, each a frozen `Part` or plain value with a default, and
   `network_names`. `load_recipe` validates with it, and names unknown keys with their place.
2. Write the result class, derived from `ResultBase`: narrow `kind`, add what was found (everything the report needs),
   and `summary()` for the lines that the command prints. It is written as `results.json`; `load_result` reads it back.
3. Write the run function. It is called as

       run(recipe, source, out, *, split_file=None, progress, command) -> result

   with `source` a `Cohort` or a path, `out` the study's folder, and `progress(what, done, total)`. It must resume: take
   what an earlier run finished in `out` and go on (`Workspace`). Helpers that all kinds share are in
   `thyrosight.studies.common`: `grouped_cohort`, `base_facts` (all fields of `ResultBase` at once), `random_starts`;
   `thyrosight.studies.workspace.Workspace` guards the folder. Beside them, `divisions` takes or draws the division and
   keeps it, `differences` compares networks, `bundle` describes the saved model, `writing` writes tables and arrays.
4. Name the three in `KINDS` below as "module:name"; they are imported only when a recipe asks for them.
5. Put a shipped recipe into `studies/recipes/NAME.yaml`.
6. Write `thyrosight/reports/my_kind.py` with `document(result, folder) -> Document` (a list of sections, see
   `thyrosight.reports.document`), and name it in `thyrosight.reports.writers.WRITERS`.

Fields added to a recipe later need a default that means what was done before: folders of older runs then resume.
Whatever enters a unit's identity (a hash) must leave such a field out while it has that default, as
`FitOptions.identity` does.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from thyrosight.errors import CohortError, RecipeError
from thyrosight.studies.base import RecipeBase, ResultBase

Progress = Callable[[str, int, int], None]
RunFunction = Callable[..., ResultBase]


@dataclass(frozen=True)
class StudyKind:
    """One kind of study.

    Attributes:
        name: what `study:` says in a recipe.
        title: what the kind does, in a few words.
        recipe, result, run: where its recipe class, result class and run function are, as "module:name".
        sweeps: whether it trains its networks as the trials of a sweep; its run function then takes `engine`.
    """

    name: str
    title: str
    recipe: str
    result: str
    run: str
    sweeps: bool = False

    @property
    def recipe_class(self) -> type[RecipeBase]:
        """The class that validates a recipe of this kind."""
        return cast(type[RecipeBase], _imported(self.recipe))

    @property
    def result_class(self) -> type[ResultBase]:
        """The class of its results."""
        return cast(type[ResultBase], _imported(self.result))

    @property
    def run_function(self) -> RunFunction:
        """The function that runs it."""
        return cast(RunFunction, _imported(self.run))


_HOME = "thyrosight.studies"

KINDS = {
    kind.name: kind
    for kind in (
        StudyKind(
            "comparison",
            "networks compared on the same divisions of one cohort",
            f"{_HOME}.recipe:Recipe",
            f"{_HOME}.result:StudyResult",
            f"{_HOME}.comparison:run_comparison",
        ),
        StudyKind(
            "micronodule",
            "trained on larger nodules, tested on smaller ones, against readers",
            f"{_HOME}.micronodule:MicronoduleRecipe",
            f"{_HOME}.micronodule:MicronoduleResult",
            f"{_HOME}.micronodule:run_micronodule",
        ),
        StudyKind(
            "inception-margin",
            "crop margins, input sizes and size groups, and the features that go with errors",
            f"{_HOME}.inception_margin:InceptionMarginRecipe",
            f"{_HOME}.inception_margin:InceptionMarginResult",
            f"{_HOME}.inception_margin:run_inception_margin",
            sweeps=True,
        ),
        StudyKind(
            "elasticity-fusion",
            "frozen layers, fusion and heads for a B-mode image with its elastogram",
            f"{_HOME}.elasticity_fusion:ElasticityFusionRecipe",
            f"{_HOME}.elasticity_fusion:ElasticityFusionResult",
            f"{_HOME}.elasticity_fusion:run_elasticity_fusion",
            sweeps=True,
        ),
        StudyKind(
            "ynet-lymph-node",
            "outline and class from one network, against each alone and against the original report",
            f"{_HOME}.ynet:YNetRecipe",
            f"{_HOME}.ynet:YNetResult",
            f"{_HOME}.ynet:run_ynet",
            sweeps=True,
        ),
    )
}


def find_kind(name: object) -> StudyKind:
    """The kind of that name.

    Raises:
        RecipeError: there is none.

    >>> find_kind("comparison").title
    'networks compared on the same divisions of one cohort'
    """
    if not isinstance(name, str) or name not in KINDS:
        raise RecipeError(f"study: there is no kind of study {name!r}; known are {', '.join(KINDS)}.")
    return KINDS[name]


def load_result(folder: Path | str) -> ResultBase:
    """Read `results.json` of a study's folder, whatever its kind.

    Raises:
        CohortError: no result there, or one that this version cannot read.
    """
    path = Path(folder) / "results.json"
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        return find_kind(value.get("kind", "comparison")).result_class.model_validate(value)
    except FileNotFoundError as error:
        raise CohortError(
            f"{folder} holds no finished study: there is no results.json; run the study first."
        ) from error
    except (OSError, ValueError, AttributeError, RecipeError, ValidationError) as error:
        reason = str(error).splitlines()[0]
        raise CohortError(f"{path} cannot be read ({reason}); run the study again to write it anew.") from error


def _imported(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
