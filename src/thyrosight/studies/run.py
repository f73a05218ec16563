"""Run a study of any kind."""

from collections.abc import Callable
from pathlib import Path

from thyrosight.cohort import Cohort
from thyrosight.studies.base import RecipeBase, ResultBase
from thyrosight.studies.kinds import find_kind

Progress = Callable[[str, int, int], None]


def run_study(
    recipe: RecipeBase,
    source: Cohort | Path | str,
    out: Path | str,
    *,
    split_file: Path | None = None,
    progress: Progress | None = None,
    command: str = "",
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

    Raises:
        CohortError, SplitError, RecipeError, NetworkError, ImageError, OutputError: with one sentence each.
    """
    run = find_kind(recipe.study).run_function
    return run(recipe, source, out, split_file=split_file, progress=progress or _ignore, command=command)


def _ignore(what: str, done: int, total: int) -> None:
    """Progress that nobody watches."""
