"""Run a study of fusion: division, networks for the depths, the choice, networks for the methods. It can be resumed."""

import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from thyrosight.cohort import Cohort
from thyrosight.errors import NetworkError
from thyrosight.files import write_json
from thyrosight.networks import architectures, create
from thyrosight.networks.freezing import convolution_names
from thyrosight.studies.common import grouped_cohort
from thyrosight.studies.divisions import study_split
from thyrosight.studies.elasticity_fusion import analysis
from thyrosight.studies.elasticity_fusion.configuration import (
    Configuration,
    chosen_depths,
    cost_networks,
    depth_networks,
    fusion_of,
    main_configuration,
    method_networks,
    plain_networks,
)
from thyrosight.studies.elasticity_fusion.depths import best_depths, depths_of, shared_best
from thyrosight.studies.elasticity_fusion.judging import Network, judged_networks
from thyrosight.studies.elasticity_fusion.outcome import Finished, Ran, result_of
from thyrosight.studies.elasticity_fusion.pairing import check_folds, check_pairs, note_checked
from thyrosight.studies.elasticity_fusion.recipe import ElasticityFusionRecipe, Input
from thyrosight.studies.elasticity_fusion.result import ElasticityFusionResult
from thyrosight.studies.elasticity_fusion.tables import write_tables
from thyrosight.studies.elasticity_fusion.trials import ACTIVATIONS, WEIGHTS, Setup, train_and_test
from thyrosight.studies.workspace import Workspace
from thyrosight.studies.writing import write_rows
from thyrosight.sweeps import Engine, TrialOutcome, run_sweep

Progress = Callable[[str, int, int], None]
CHECKED = "pairs.json"
"""In the study's folder: which files of pairs were found to belong together."""


def run_elasticity_fusion(
    recipe: ElasticityFusionRecipe,
    source: Cohort | Path | str,
    out: Path | str,
    *,
    progress: Progress,
    split_file: Path | None = None,
    command: str = "",
    engine: Engine | None = None,
) -> ElasticityFusionResult:
    """Run the study on a cohort and leave everything in the folder `out`; see `run_study` for the arguments.

    Two sweeps share one folder of trials: first the networks without pretraining and those of every depth; then, with
    the depths that the validation folds speak for, the methods.

    Raises:
        CohortError, SplitError, RecipeError, NetworkError, ImageError, OutputError: with one sentence each.
    """
    engine = engine or Engine()
    _check_networks(recipe)
    cohort = grouped_cohort(recipe.cohort, source, progress=progress)
    check_pairs(cohort, recipe.second, progress=progress, checked=Path(out) / CHECKED)
    workspace = Workspace(Path(out).absolute(), recipe, cohort=cohort.digest())
    note_checked(cohort, recipe.second, workspace.folder / CHECKED)
    check = partial(check_folds, cohort, second=recipe.second)
    split = study_split(recipe.split, cohort, workspace, given=split_file, seed=recipe.seed, check=check)
    setup = Setup(recipe, cohort, split, workspace.cache)
    ran, networks = Ran([], []), dict[str, Network]()

    def sweep(configs: Sequence[Configuration]) -> None:
        outcomes = run_sweep(
            [config.trial() for config in configs],
            partial(train_and_test, setup),
            folder=workspace.folder / "trials",
            identity=setup.identity(),
            engine=engine,
            progress=progress,
        )
        fresh = ran.add(configs, outcomes)
        networks.update(_networks(setup, fresh, workspace))
        shutil.rmtree(workspace.cache / ACTIVATIONS, ignore_errors=True)

    sweep([*plain_networks(recipe, setup.split), *depth_networks(recipe, setup.split)])
    depths = depths_of(networks, recipe)
    best = best_depths(depths, recipe)
    chosen = chosen_depths(recipe, {item.input: item.depth for item in best}, shared_best(depths))
    sweep([*method_networks(recipe, setup.split, chosen), *cost_networks(recipe, setup.split, chosen)])
    write_rows([outcome.row() for outcome in ran.outcomes], workspace.folder / "tables" / "trials.csv")
    found = _found(setup, networks, chosen, ran.outcomes)
    _drop_weights(setup, found.main, ran.configs, workspace)
    progress("Evaluating", 0, 2)
    finished = Finished(setup, workspace, found, best, chosen, ran)
    result = result_of(finished, engine=engine.kind, command=command)
    progress("Evaluating", 2, 2)
    write_json(workspace.folder / "results.json", result.model_dump(mode="json"))
    write_tables(result, workspace.folder / "tables")
    return result


def _check_networks(recipe: ElasticityFusionRecipe) -> None:
    """Find out now, not after hours of training, what cannot be built: architectures, heads, weights, depths.

    Raises:
        NetworkError: names the first problem.
    """
    size, own = recipe.preparation.size, recipe.network
    for name in recipe.plain.networks:
        create(name, input_size=size)
    network, _ = create(own.architecture, weights=own.weights, input_size=size)
    layers = len(convolution_names(network))
    wanted = [*recipe.freeze.depths, *([recipe.freeze.chosen] if isinstance(recipe.freeze.chosen, int) else [])]
    if wanted and max(wanted) > layers:
        raise NetworkError(
            f"{architectures()[own.architecture].title} has {layers} convolution layers, and {max(wanted)} are to be "
            "frozen; correct freeze.depths or freeze.chosen."
        )
    for head in recipe.methods.heads:
        create(own.architecture, input_size=recipe.pair(head).first.size, head=head)
    for shown in recipe.methods.inputs:
        create(own.architecture, input_size=size, fusion=fusion_of(shown))


def _networks(setup: Setup, ran: Ran, workspace: Workspace) -> dict[str, Network]:
    return judged_networks(
        ran.configs,
        ran.outcomes,
        workspace.folder / "trials",
        divisions=len(setup.split.divisions),
        options=setup.recipe.evaluation,
    )


def _found(
    setup: Setup, networks: dict[str, Network], chosen: dict[Input, int], outcomes: Sequence[TrialOutcome]
) -> analysis.Found:
    """The networks in the order of the tables."""
    recipe, split = setup.recipe, setup.split

    def named(configs: Sequence[Configuration]) -> list[Network]:
        names = dict.fromkeys(config.row for config in configs)
        return [networks[name] for name in names if name in networks]

    plain: dict[str, list[Network]] = {}
    for network in named(plain_networks(recipe, split)):
        plain.setdefault(network.config.input, []).append(network)
    main = networks.get(main_configuration(recipe, chosen).row)
    if main is None:
        failed = [outcome for outcome in outcomes if outcome.status == "failed"]
        reasons = "; ".join(f"{outcome.trial.name}: {outcome.error}" for outcome in failed[:3])
        raise NetworkError(f"The main method could not be trained, so that there is nothing to report. {reasons}")
    return analysis.Found(plain, depths_of(networks, recipe), named(method_networks(recipe, split, chosen)), main)


def _drop_weights(setup: Setup, main: Network, configs: Sequence[Configuration], workspace: Workspace) -> None:
    """Remove the weights of depths that were kept while it was open which of them would be the main method's."""
    for config in configs:
        if setup.kept(config) and config.row != main.name:
            (workspace.folder / "trials" / config.name / WEIGHTS).unlink(missing_ok=True)
