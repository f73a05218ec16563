"""Run a comparison: divisions, training, testing, evaluation, explanation, bundle. Every step can be resumed."""

from collections.abc import Callable, Sequence
from pathlib import Path

from thyrosight.cohort import Cohort
from thyrosight.files import write_json
from thyrosight.studies.bundle import save_model
from thyrosight.studies.common import base_facts, check_networks, cohort_limitations, grouped_cohort, random_starts
from thyrosight.studies.divisions import study_split
from thyrosight.studies.evaluate import Judged, compare_to_main, evaluate_network
from thyrosight.studies.explanations import Explained, explain_study
from thyrosight.studies.predictions import judge, write_table
from thyrosight.studies.recipe import Recipe, TrainingRecipe
from thyrosight.studies.result import NetworkResult, StudyResult
from thyrosight.studies.tables import write_tables
from thyrosight.studies.units import Plan, Unit, run_unit
from thyrosight.studies.workspace import Workspace
from thyrosight.training import prepare_set

Progress = Callable[[str, int, int], None]


def run_comparison(
    recipe: Recipe,
    source: Cohort | Path | str,
    out: Path | str,
    *,
    progress: Progress,
    split_file: Path | None = None,
    command: str = "",
) -> StudyResult:
    """Run a comparison on a cohort and leave everything in the folder `out`; see `run_study` for the arguments.

    Raises:
        CohortError, SplitError, RecipeError, NetworkError, ImageError, OutputError: with one sentence each.
    """
    check_networks(recipe.networks, size=recipe.preparation.size)
    cohort = grouped_cohort(recipe.cohort, source, progress=progress)
    workspace = Workspace(Path(out), recipe, cohort=cohort.digest())
    split = study_split(recipe.split, cohort, workspace, given=split_file, seed=recipe.seed)
    prepared = prepare_set(
        cohort.table,
        recipe.preparation,
        cache=workspace.cache,
        margins=recipe.training.augmentation.margin_range,
        progress=lambda _, d, t: progress("Preparing images", d, t),
    )
    plan = Plan(recipe, cohort, split, prepared, workspace, progress)
    units = _run_units(plan)
    judged = {name: _judge(plan, found) for name, found in units.items()}
    explained = explain_study(plan, judged[recipe.main.architecture], recipe.explain)
    explained.save(workspace.folder / "explanations.npz")
    result = _result(plan, judged, explained, command=command)
    write_json(workspace.folder / "results.json", result.model_dump(mode="json"))
    write_tables(result, workspace.folder / "tables")
    return result


def _run_units(plan: Plan) -> dict[str, list[Unit]]:
    """All units: the main network first; only its first division keeps weights, for the bundle and the maps."""
    networks = sorted(plan.recipe.networks, key=lambda network: network.role != "main")
    divisions = plan.split.divisions
    total, done = len(networks) * len(divisions), 0
    units: dict[str, list[Unit]] = {}
    for network in networks:
        for division in divisions:
            plan.progress("Networks and divisions", done, total)
            keep = network.role == "main" and division == divisions[0]
            units.setdefault(network.architecture, []).append(run_unit(plan, division, network, keep_weights=keep))
            done += 1
    plan.progress("Networks and divisions", total, total)
    return units


def _judge(plan: Plan, units: Sequence[Unit]) -> list[Judged]:
    """Calibrate and threshold each unit's predictions, and write them beside it."""
    judged = []
    for unit in units:
        predictions = judge(unit.raw, options=plan.recipe.evaluation)
        folder = plan.workspace.unit(unit.division.name, unit.network.architecture)
        write_table(predictions.table, folder / "predictions.csv")
        judged.append(Judged(unit, predictions))
    return judged


def _result(plan: Plan, judged: dict[str, list[Judged]], explained: Explained, *, command: str) -> StudyResult:
    recipe, cohort = plan.recipe, plan.cohort
    main = recipe.main.architecture
    options, seed = recipe.evaluation, recipe.seed
    comparisons = compare_to_main(
        judged[main], {n: j for n, j in judged.items() if n != main}, options=options, seed=seed
    )
    networks = [
        evaluate_network(found, options=options, seed=seed, against_main=comparisons.get(name))
        for name, found in judged.items()
    ]
    model = save_model(plan, judged[main][0], networks[0], explained.explanations)
    return StudyResult(
        **base_facts(recipe, cohort, plan.split, command=command),
        networks=networks,
        explanations=explained.explanations,
        errors=explained.errors,
        model=model,
        limitations=cohort_limitations(cohort, plan.split.kind),
        unfinished=random_starts({network.title: _asked(recipe, network) for network in networks}),
    )


def _asked(recipe: TrainingRecipe, found: NetworkResult) -> tuple[str, str]:
    """Which first weights the recipe asked for, and which were taken."""
    asked = next(network.weights for network in recipe.networks if network.architecture == found.architecture)
    return asked, found.start
