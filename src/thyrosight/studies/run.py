"""Run a study of any kind."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from thyrosight.cohort import Cohort
from thyrosight.errors import RecipeError
from thyrosight.studies.base import RecipeBase, ResultBase
from thyrosight.studies.kinds import find_kind
from thyrosight.studies.workspace import settle_precision

if TYPE_CHECKING:
    from thyrosight.sweeps import Engine

Progress = Callable[[str, int, int], None]


def run_study(
    recipe: RecipeBase,
    source: Cohort | Path | str,
    out: Path | str,
    *,
    split_file: Path | None = None,
    progress: Progress | None = None,
    command: str = "",
    engine: "Engine | None" = None,
) -> ResultBase:
    """Run `recipe` on a cohort, as its kind does it, and leave everything in the folder `out`.

    A second call with the same arguments takes over what is finished and goes on where the first one stopped.

    Args:
        recipe: what to do; its field `study` names the kind.
        source: a cohort, or anything that `open_cohort` reads.
        out: the study's folder; see the table in the guide "Your first study" for what it holds afterwards.
        split_file: divisions to use instead of drawing them.
        progress: called with what is being done, how much is done and how much there is.
        command: how the user started it, for the report.
        engine: where the trials of a sweep run; on this machine, one after the other, where not given.

    Raises:
        RecipeError: an engine for a kind of study that has no trials.
        CohortError, SplitError, RecipeError, NetworkError, ImageError, OutputError: with one sentence each.
    """
    kind = find_kind(recipe.study)
    if engine is not None and not kind.sweeps:
        raise RecipeError(f"A study of the kind {kind.name} has no trials to share out; leave --engine out.")
    recipe = settle_precision(recipe, Path(out))
    options = {} if engine is None else {"engine": engine}
    return kind.run_function(
        recipe, source, out, split_file=split_file, progress=progress or _ignore, command=command, **options
    )


def _ignore(what: str, done: int, total: int) -> None:
    """Progress that nobody watches."""
