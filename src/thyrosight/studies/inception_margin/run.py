"""Run a study of crop margins: division, sweep, Table 1, size groups, features, external sets. It can be resumed."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from thyrosight.cohort import Cohort, Split
from thyrosight.errors import NetworkError
from thyrosight.files import write_json
from thyrosight.studies.bundle import save_model
from thyrosight.studies.common import base_facts, check_networks, cohort_limitations, grouped_cohort, random_starts
from thyrosight.studies.divisions import study_split
from thyrosight.studies.evaluate import Judged, evaluate_network
from thyrosight.studies.inception_margin.analysis import Analysis, analyse
from thyrosight.studies.inception_margin.evaluate import Candidate, candidates, main_candidate
from thyrosight.studies.inception_margin.plan import configurations
from thyrosight.studies.inception_margin.recipe import SIZE_GROUP, InceptionMarginRecipe
from thyrosight.studies.inception_margin.result import InceptionMarginResult
from thyrosight.studies.inception_margin.sizes import size_groups
from thyrosight.studies.inception_margin.tables import write_tables
from thyrosight.studies.inception_margin.trials import WEIGHTS, Configuration, Setup, Tested, train_and_test
from thyrosight.studies.predictions import write_table
from thyrosight.studies.units import Plan, Unit
from thyrosight.studies.workspace import Workspace
from thyrosight.studies.writing import write_arrays, write_rows
from thyrosight.sweeps import Engine, TrialOutcome, run_sweep
from thyrosight.training import prepare_set

Progress = Callable[[str, int, int], None]


def run_inception_margin(
    recipe: InceptionMarginRecipe,
    source: Cohort | Path | str,
    out: Path | str,
    *,
    progress: Progress,
    split_file: Path | None = None,
    command: str = "",
    engine: Engine | None = None,
) -> InceptionMarginResult:
    """Run the study on a cohort and leave everything in the folder `out`; see `run_study` for the arguments.

    Raises:
        CohortError, SplitError, RecipeError, NetworkError, ImageError, OutputError: with one sentence each.
    """
    engine = engine or Engine()
    for size in recipe.input_sizes:
        check_networks(recipe.networks, size=size)
    cohort = grouped_cohort(recipe.cohort, source, progress=progress)
    cohort = replace(cohort, table=cohort.table.assign(**{SIZE_GROUP: size_groups(cohort.table, recipe.sizes)}))
    workspace = Workspace(Path(out).absolute(), recipe, cohort=cohort.digest())
    split, unmatched = _split(recipe, cohort, workspace, split_file)
    setup = Setup(recipe, cohort, split, workspace.cache)
    configs = configurations(recipe, split, cohort.table)
    outcomes = run_sweep(
        [config.trial() for config in configs],
        partial(train_and_test, setup),
        folder=workspace.folder / "trials",
        identity=setup.identity(),
        engine=engine,
        progress=progress,
    )
    write_rows([outcome.row() for outcome in outcomes], workspace.folder / "tables" / "trials.csv")
    tested = _finished(configs, outcomes, workspace.folder / "trials")
    found = candidates(tested, divisions=len(split.divisions), options=recipe.evaluation)
    main = main_candidate(found, recipe)
    if main is None:
        raise NetworkError(_why_no_main(outcomes))
    analysis = analyse(setup, found, main, folder=workspace.folder, progress=progress)
    result = _result(setup, workspace, main, analysis, outcomes, engine=engine, command=command, unmatched=unmatched)
    write_json(workspace.folder / "results.json", result.model_dump(mode="json"))
    write_tables(result, workspace.folder / "tables")
    return result


_IN_WORDS = {SIZE_GROUP: "size", "tirads": "TI-RADS"}


def _split(
    recipe: InceptionMarginRecipe, cohort: Cohort, workspace: Workspace, file: Path | None
) -> tuple[Split, list[str]]:
    """The division, and what it could not be matched on."""
    wanted, table = recipe.split.stratify, cohort.table
    matched = tuple(name for name in wanted if name in table and table[name].nunique(dropna=False) > 1)
    absent = [_IN_WORDS.get(name, name) for name in wanted if name not in matched]
    sentence = (
        f"Training and test part were not matched on {' and '.join(absent)}: the cohort does not record that, or every "
        "image is alike."
    )
    options = recipe.split.model_copy(update={"stratify": matched})
    split = study_split(options, cohort, workspace, given=file, seed=recipe.seed)
    return split, [sentence] if absent else []


def _finished(configs: Sequence[Configuration], outcomes: Sequence[TrialOutcome], folder: Path) -> list[Tested]:
    return [
        Tested.of(config, outcome, folder)
        for config, outcome in zip(configs, outcomes, strict=True)
        if outcome.status == "finished"
    ]


def _why_no_main(outcomes: Sequence[TrialOutcome]) -> str:
    failed = [outcome for outcome in outcomes if outcome.status == "failed"]
    reasons = "; ".join(f"{outcome.trial.name}: {outcome.error}" for outcome in failed[:3])
    return f"The main network could not be trained, so that there is nothing to report. {reasons}"


def _result(
    setup: Setup,
    workspace: Workspace,
    main: Candidate,
    analysis: Analysis,
    outcomes: Sequence[TrialOutcome],
    *,
    engine: Engine,
    command: str,
    unmatched: Sequence[str],
) -> InceptionMarginResult:
    recipe, cohort, split = setup.recipe, setup.cohort, setup.split
    judged = _judged(setup, main)
    network = evaluate_network(judged, options=recipe.evaluation, seed=recipe.seed)
    _keep(workspace, judged, analysis)
    rows = cohort.table.head(1)
    prepared = prepare_set(rows, recipe.preparation, cache=workspace.cache)
    plan = Plan(recipe, cohort, split, prepared, workspace, lambda what, done, total: None)
    failed = [f"Trial {item.trial.name} failed: {item.error}" for item in outcomes if item.status == "failed"]
    starts = random_starts({network.title: (recipe.main.weights, network.start)})
    facts = base_facts(recipe, cohort, split, command=command)
    return InceptionMarginResult(
        **{**facts, "flow": [*facts["flow"][:-1], *analysis.flow]},
        model=save_model(plan, judged[0], network, None),
        main=network,
        main_margin=recipe.main_margin,
        main_size=recipe.preparation.size,
        margin_unit=recipe.preparation.margin.unit,
        margins=analysis.margins,
        sizes=analysis.sizes,
        shapes=analysis.shapes,
        choice=analysis.choice,
        size_groups=analysis.size_groups,
        distribution=analysis.distribution,
        balance=analysis.balance,
        features=analysis.features,
        features_of=analysis.features_of,
        examples=analysis.examples,
        external=analysis.external,
        trials=[outcome.row() for outcome in outcomes],
        engine=engine.kind,
        limitations=[
            *cohort_limitations(cohort, split.kind, single_source=not analysis.external),
            *analysis.limitations,
        ],
        unfinished=[*failed, *starts, *unmatched, *analysis.unfinished],
    )


def _judged(setup: Setup, main: Candidate) -> list[Judged]:
    """The main configuration as the units that a comparison of networks has."""
    return [
        Judged(
            Unit(
                division=setup.split.division(tested.config.division),
                network=setup.recipe.main,
                raw=tested.raw[main.margin],
                record=dict(tested.outcome.result),
                weights=tested.folder / WEIGHTS,
            ),
            predictions,
        )
        for tested, predictions in zip(main.tested, main.judged, strict=True)
    ]


def _keep(workspace: Workspace, judged: Sequence[Judged], analysis: Analysis) -> None:
    """Write the main configuration's predictions and the pictures of the report."""
    for item in judged:
        write_table(item.predictions.table, workspace.folder / "predictions" / f"{item.unit.division.name}.csv")
    write_arrays(analysis.pictures, workspace.folder / "pictures.npz")
