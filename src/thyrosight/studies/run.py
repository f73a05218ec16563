"""The whole way of a study, the same for every kind: cohort, split, trials, findings, model, results."""

import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from thyrosight.cohort import Cohort, open_cohort, with_groups
from thyrosight.lock import locked_folder
from thyrosight.progress import Progress, silent
from thyrosight.studies.analyses.external import check_external
from thyrosight.studies.base import ModelCard, RecipeBase
from thyrosight.studies.bundle import save_model
from thyrosight.studies.execution import train_and_test
from thyrosight.studies.further.trials import further_trials
from thyrosight.studies.kind import Finished, Kind, Report
from thyrosight.studies.kinds import find_kind
from thyrosight.studies.limitations import cohort_limitations
from thyrosight.studies.loading import load_cohort_recipe
from thyrosight.studies.page import facts_of, trials_table
from thyrosight.studies.published import beside_the_paper
from thyrosight.studies.recipe import NetworkRecipe
from thyrosight.studies.result import Result
from thyrosight.studies.tested import Network, networks_of
from thyrosight.studies.trial import ACTIVATIONS, Setup, Trial
from thyrosight.studies.workspace import Workspace, settle_precision
from thyrosight.studies.writing import written
from thyrosight.sweeps import Engine, TrialOutcome, run_sweep
from thyrosight.sweeps import Trial as SweepTrial

HERE = Engine()
"""Trials run in this process, one after the other."""


def run_study(
    recipe: RecipeBase | Path | str,
    source: Cohort | Path | str,
    out: Path | str,
    *,
    split_file: Path | None = None,
    progress: Progress = silent,
    command: str = "",
    engine: Engine = HERE,
) -> Result:
    """Run `recipe` on a cohort, as its kind does it, and leave everything in the folder `out`.

    A second call with the same arguments takes over the trials that are finished and goes on where the first stopped.

    Args:
        recipe: a recipe, the name of a shipped one, or a YAML file; its field `study` names the kind.
        source: a cohort, or anything that `open_cohort` reads.
        out: the study's folder; the table in the guide "Your first study" says what it holds afterwards.
        split_file: divisions to use instead of drawing them.
        progress: called with what is being done, how much is done and how much there is.
        command: how the user started it, for the report.
        engine: where the trials run; on this machine, one after the other, where not given.

    Raises:
        FolderInUseError: another process works in the folder.
        CohortError, SplitError, RecipeError, NetworkError, ImageError, OutputError: with one sentence each.
    """
    folder = Path(out).absolute()
    kind, opened = checked(recipe, source, folder)
    new = not folder.exists()
    try:
        with locked_folder(folder):
            return _run(kind, opened, folder, split_file=split_file, progress=progress, command=command, engine=engine)
    finally:
        if new:
            with suppress(OSError):  # it holds files, unless the cohort was refused
                folder.rmdir()


def checked(recipe: RecipeBase | Path | str, source: Cohort | Path | str, folder: Path) -> tuple[Kind[Any], Cohort]:
    """The kind of a study with its recipe, and the cohort, after what is found out before any work."""
    recipe = settle_precision(recipe if isinstance(recipe, RecipeBase) else load_cohort_recipe(recipe), folder)
    kind = find_kind(recipe.study)(recipe)
    opened = source if isinstance(source, Cohort) else open_cohort(source, **dict[str, Any](recipe.cohort.options))
    kind.check(opened)
    if isinstance(recipe, NetworkRecipe):
        check_external(recipe.external)
    return kind, opened


def _run(
    kind: Kind[Any],
    opened: Cohort,
    folder: Path,
    *,
    split_file: Path | None,
    progress: Progress,
    command: str,
    engine: Engine,
) -> Result:
    """Run a study whose recipe was checked, in a folder that is locked."""
    recipe = kind.recipe
    cohort = grouped_and_selected(kind, opened, folder, progress=progress)
    setup, workspace = divided(kind, cohort, folder, split_file=split_file)
    split = setup.split
    done = _train(kind, setup, workspace, engine=engine, progress=progress)
    facts = facts_of(recipe, cohort, split, command=command, engine=engine.kind)
    report = kind.report(
        Finished(setup, workspace, facts, done.networks, done.outcomes, progress, done.studied, done.repeats)
    )
    if recipe.report.published:
        report = replace(report, sections=beside_the_paper(report.sections, paper=recipe.paper))
    model, no_model = _model(setup, workspace, report)
    return written(
        facts,
        report,
        workspace,
        model=model,
        limitations=cohort_limitations(cohort, split, single_source=report.single_source),
        unfinished=[*done.problems, *no_model],
        trials=trials_table(done.networks | done.repeats, done.outcomes),
    )


def grouped_and_selected(kind: Kind[Any], opened: Cohort, folder: Path, *, progress: Progress) -> Cohort:
    """The images that a study takes, in groups of patients and near-duplicates."""
    contradictions = kind.recipe.cohort.contradictions
    known = "group" in opened.table.columns
    cohort = opened if known else with_groups(opened, contradictions=contradictions, progress=progress)
    return kind.select(cohort, folder=folder, progress=progress)


def divided(kind: Kind[Any], cohort: Cohort, folder: Path, *, split_file: Path | None) -> tuple[Setup[Any], Workspace]:
    """The divisions of a study, and its folder."""
    workspace = Workspace(folder, kind.recipe, cohort=cohort.digest())
    split = kind.split(cohort, workspace, given=split_file)
    return Setup(kind.recipe, cohort, split, workspace.cache, kind.identity(cohort)), workspace


@dataclass(eq=False)
class _Trained:
    """Networks of the study by key, outcomes of trials by name, and sentences about failures.

    Attributes:
        studied: key of the network that the study is about.
        repeats: that network from further seeds and on fewer patients.
    """

    networks: dict[str, Network] = field(default_factory=dict)
    outcomes: dict[str, TrialOutcome] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    studied: str = ""
    repeats: dict[str, Network] = field(default_factory=dict)


def _train(kind: Kind[Any], setup: Setup[Any], workspace: Workspace, *, engine: Engine, progress: Progress) -> _Trained:
    """Run trials until the kind names no new ones, and then those that repeat the network that it is about."""
    known: dict[str, Trial] = {}
    done = _Trained()

    def run(fresh: Sequence[Trial]) -> None:
        found = run_sweep(
            [SweepTrial(trial.name, trial.parameters()) for trial in fresh],
            partial(train_and_test, setup),
            folder=workspace.trials,
            identity=setup.identity(),
            engine=engine,
            progress=progress,
        )
        done.outcomes.update({outcome.trial.name: outcome for outcome in found})
        shutil.rmtree(workspace.cache / ACTIVATIONS, ignore_errors=True)

    def read(trials: Sequence[Trial]) -> tuple[dict[str, Network], list[str]]:
        return networks_of(trials, done.outcomes, workspace.trials, options=setup.recipe.evaluation)

    while fresh := [setup.by_content(t) for t in kind.trials(setup, done.networks) if t.name not in known]:
        known |= {trial.name: trial for trial in fresh}
        run(fresh)
        done.networks, done.problems = read(list(known.values()))
    done.studied = kind.studied(done.networks)
    if again := further_trials(setup.recipe, list(known.values()), done.studied):
        run(again)
        done.repeats, problems = read(again)
        done.problems += problems
    return done


def _model(setup: Setup[Any], workspace: Workspace, report: Report) -> tuple[ModelCard | None, list[str]]:
    """The model that the study leaves, or why it leaves none."""
    if report.model is None:
        return None, []
    saved = save_model(setup, workspace, report.model.tested[0], metrics=report.metrics, heat_scale=report.heat_scale)
    return (None, [saved]) if isinstance(saved, str) else (saved, [])
