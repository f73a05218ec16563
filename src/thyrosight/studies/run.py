"""Run a study: cohort, divisions, training, testing, evaluation, explanation, bundle. Every step can be resumed."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from thyrosight.cohort import Cohort, Split, flow_chart_steps, open_cohort, with_groups
from thyrosight.files import sha256_of_json, write_json
from thyrosight.networks import create
from thyrosight.studies.bundle import save_model
from thyrosight.studies.divisions import draw_split
from thyrosight.studies.evaluate import RANDOM_START, Judged, compare_to_main, evaluate_network
from thyrosight.studies.explanations import Explained, explain_study
from thyrosight.studies.limitations import limitations
from thyrosight.studies.predictions import judge, write_table
from thyrosight.studies.recipe import NetworkOptions, Recipe
from thyrosight.studies.result import FlowStep, NetworkResult, StudyResult
from thyrosight.studies.software import software_versions
from thyrosight.studies.tables import write_tables
from thyrosight.studies.units import Plan, Unit, run_unit
from thyrosight.studies.workspace import Workspace
from thyrosight.training import prepare_set

Progress = Callable[[str, int, int], None]


def run_study(
    recipe: Recipe,
    source: Cohort | Path | str,
    out: Path | str,
    *,
    split_file: Path | None = None,
    progress: Progress | None = None,
    command: str = "",
) -> StudyResult:
    """Run `recipe` on a cohort and leave everything in the folder `out`.

    A second call with the same arguments takes over what is finished and goes on where the first one stopped.

    Args:
        recipe: what to do.
        source: a cohort, or anything that `open_cohort` reads.
        out: the study's folder; see the table in the guide "Your first study" for what it holds afterwards.
        split_file: divisions to use instead of drawing them.
        progress: called with what is being done, how much is done and how much there is.
        command: how the user started it, for the report.

    Raises:
        CohortError, SplitError, RecipeError, NetworkError, ImageError, OutputError: with one sentence each.
    """
    report = progress or (lambda what, done, total: None)
    _check_networks(recipe)
    cohort = _grouped(recipe, source, progress=report)
    workspace = Workspace(Path(out), recipe, cohort=cohort.digest())
    split = _split(recipe, cohort, workspace, split_file)
    prepared = prepare_set(
        cohort.table,
        recipe.preparation,
        cache=workspace.cache,
        progress=lambda _, d, t: report("Preparing images", d, t),
    )
    plan = Plan(recipe, cohort, split, prepared, workspace, report)
    units = _run_units(plan)
    judged = {name: _judge(plan, found) for name, found in units.items()}
    explained = explain_study(plan, judged[recipe.main.architecture])
    explained.save(workspace.folder / "explanations.npz")
    result = _result(plan, judged, explained, command=command)
    write_json(workspace.folder / "results.json", result.model_dump(mode="json"))
    write_tables(result, workspace.folder / "tables")
    return result


def _check_networks(recipe: Recipe) -> None:
    """Find an unknown network, an unfit size or absent weights now, not after hours of training."""
    for network in recipe.networks:
        create(network.architecture, weights=network.weights, input_size=recipe.preparation.size)


def _grouped(recipe: Recipe, source: Cohort | Path | str, *, progress: Progress) -> Cohort:
    options = recipe.cohort
    chosen: dict[str, Any] = dict(options.options)
    cohort = source if isinstance(source, Cohort) else open_cohort(source, **chosen)
    if "group" in cohort.table.columns:
        return cohort
    return with_groups(cohort, contradictions=options.contradictions, progress=progress)


def _split(recipe: Recipe, cohort: Cohort, workspace: Workspace, file: Path | None) -> Split:
    """The divisions: the user's, those of an earlier run, or new ones."""
    leaking = recipe.split.unit == "image"
    chosen = file or (workspace.splits if workspace.splits.exists() else None)
    split = Split.load(chosen) if chosen else draw_split(recipe.split, cohort, seed=recipe.seed)
    split.check(cohort, allow_leak=leaking)
    if chosen != workspace.splits:
        split.save(workspace.splits)
    cohort.table.to_csv(workspace.folder / "cohort.csv", index=False, lineterminator="\n")
    return split


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
    table, description = cohort.table, cohort.describe()
    main = recipe.main.architecture
    options, seed = recipe.evaluation, recipe.seed
    comparisons = compare_to_main(
        judged[main], {n: j for n, j in judged.items() if n != main}, options=options, seed=seed
    )
    networks = [
        evaluate_network(found, options=options, seed=seed, against_main=comparisons.get(name))
        for name, found in judged.items()
    ]
    groups = table.drop_duplicates("group")["label"].value_counts()
    sources = list(cohort.label_sources)
    model = save_model(plan, judged[main][0], networks[0], explained.explanations)
    known = table.loc[table["patient_id"] != "unknown", "patient_id"]
    return StudyResult(
        recipe=recipe.name,
        title=recipe.title,
        paper=recipe.paper,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        command=command,
        seed=seed,
        label_sources=sources,
        label_policy=cohort.label_policy,
        split_kind=plan.split.kind,
        split_method=plan.split.method,
        cohort=description.model_dump(mode="json"),
        cohort_digest=cohort.digest(),
        split_digest=sha256_of_json(plan.split.model_dump(mode="json")),
        images=len(table),
        groups=table["group"].nunique(),
        patients=known.nunique() if len(known) == len(table) else None,
        benign=int((table["label"] == "benign").sum()),
        malignant=int((table["label"] == "malignant").sum()),
        flow=[FlowStep(text=s.text, n=s.n, excluded=list(s.excluded)) for s in flow_chart_steps(cohort)],
        networks=networks,
        explanations=explained.explanations,
        errors=explained.errors,
        model=model,
        limitations=limitations(
            label_sources=sources,
            split_kind=plan.split.kind,
            groups_benign=int(groups.get("benign", 0)),
            groups_malignant=int(groups.get("malignant", 0)),
        ),
        unfinished=_random_starts(recipe.networks, networks),
        recipe_yaml=recipe.to_yaml(),
        software=software_versions(),
    )


def _random_starts(asked: Sequence[NetworkOptions], found: Sequence[NetworkResult]) -> list[str]:
    """Networks that were to start from ImageNet weights and could not."""
    wanted = {network.architecture for network in asked if network.weights.startswith("imagenet")}
    titles = [network.title for network in found if network.architecture in wanted and network.start == RANDOM_START]
    if not titles:
        return []
    return [
        f"{', '.join(titles)}: ImageNet weights were not on this machine, so training began from random weights, which "
        "costs accuracy; the command 'thyrosight models' lists them."
    ]
