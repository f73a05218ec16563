"""Run a study of outlines and classes: division, trials, figures, the original report, pictures. It can be resumed."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from thyrosight.cohort import Cohort, Split
from thyrosight.errors import CohortError, NetworkError
from thyrosight.files import write_json
from thyrosight.networks import create
from thyrosight.studies.common import base_facts, cohort_limitations, grouped_cohort, random_starts
from thyrosight.studies.divisions import study_split
from thyrosight.studies.predictions import write_table
from thyrosight.studies.workspace import Workspace
from thyrosight.studies.writing import write_arrays, write_rows
from thyrosight.studies.ynet.baseline import absent_columns, baseline, neck_levels
from thyrosight.studies.ynet.evaluate import against_main, task_effects, task_result
from thyrosight.studies.ynet.model import save_main
from thyrosight.studies.ynet.pictures import outline_examples
from thyrosight.studies.ynet.reader import read_original_reports
from thyrosight.studies.ynet.recipe import YNetRecipe
from thyrosight.studies.ynet.result import TaskResult, YNetResult
from thyrosight.studies.ynet.tables import write_tables
from thyrosight.studies.ynet.tested import Tested, tested_networks
from thyrosight.studies.ynet.trials import Setup, train_and_test
from thyrosight.sweeps import Engine, TrialOutcome, run_sweep

Progress = Callable[[str, int, int], None]


def run_ynet(
    recipe: YNetRecipe,
    source: Cohort | Path | str,
    out: Path | str,
    *,
    progress: Progress,
    split_file: Path | None = None,
    command: str = "",
    engine: Engine | None = None,
) -> YNetResult:
    """Run the study on a cohort and leave everything in the folder `out`; see `run_study` for the arguments.

    Every network on every division is a trial of its own below `out/trials`. Trials that were run elsewhere, with the
    same recipe on the same cohort, are taken over when their folders are put there.

    Raises:
        CohortError, SplitError, RecipeError, NetworkError, ImageError, OutputError: with one sentence each.
    """
    engine = engine or Engine()
    _check_networks(recipe)
    cohort = grouped_cohort(recipe.cohort, source, progress=progress)
    _require_masks(cohort, recipe)
    workspace = Workspace(Path(out).absolute(), recipe, cohort=cohort.digest())
    split = study_split(recipe.split, cohort, workspace, given=split_file, seed=recipe.seed)
    setup = Setup(recipe, cohort, split, workspace.cache)
    outcomes = run_sweep(
        [config.trial() for config in setup.configurations()],
        partial(train_and_test, setup),
        folder=workspace.folder / "trials",
        identity=setup.identity(),
        engine=engine,
        progress=progress,
    )
    write_rows([outcome.row() for outcome in outcomes], workspace.folder / "tables" / "trials.csv")
    found, problems = tested_networks(
        setup, {outcome.trial.name: outcome for outcome in outcomes}, workspace.folder / "trials"
    )
    if not any(item.network.role == "main" for item in found):
        raise NetworkError(f"The main network could not be trained, so that there is nothing to report. {problems[0]}")
    result = _result(setup, workspace, found, problems, outcomes, engine=engine, command=command)
    write_json(workspace.folder / "results.json", result.model_dump(mode="json"))
    write_tables(result, workspace.folder / "tables")
    return result


def _check_networks(recipe: YNetRecipe) -> None:
    """Find an unknown network, a task it cannot learn or absent weights now, not after hours of training."""
    for network in recipe.networks:
        create(network.architecture, weights=network.weights, input_size=recipe.preparation.size, task=network.task)


def _require_masks(cohort: Cohort, recipe: YNetRecipe) -> None:
    """Refuse images without a mask before any training, where outlines are to be learnt."""
    if all(network.task == "classification" for network in recipe.networks):
        return
    table = cohort.table
    masks = table["mask"] if "mask" in table else pd.Series("", index=table.index)
    without = table.loc[masks.isna() | (masks.astype(str) == ""), "key"].tolist()
    if without:
        raise CohortError(
            f"{len(without)} of {len(table)} images have no mask, for example {without[0]}; name one (an empty one "
            "where there is no lesion), exclude them, or set every network's task to classification."
        )


def _result(
    setup: Setup,
    workspace: Workspace,
    found: Sequence[Tested],
    problems: Sequence[str],
    outcomes: Sequence[TrialOutcome],
    *,
    engine: Engine,
    command: str,
) -> YNetResult:
    recipe, cohort, split = setup.recipe, setup.cohort, setup.split
    main = next(item for item in found if item.network.role == "main")
    results = _networks(found, main, setup)
    once = tested_once(split)
    examples, pictures, examples_of = outline_examples(setup, found)
    write_arrays(pictures, workspace.folder / "pictures.npz")
    _keep_predictions(found, workspace.folder / "predictions")
    report, no_report = read_original_reports(setup, found, once=once)
    model, no_model = save_main(setup, main, results[0], workspace.folder / "model")
    starts = random_starts(
        {one.title: (item.network.weights, one.start) for one, item in zip(results, found, strict=True)}
    )
    return YNetResult(
        **base_facts(recipe, cohort, split, command=command),
        model=model,
        networks=results,
        each_tested_once=once,
        rule=rule_of(split),
        effects=task_effects(found, results, recipe),
        report=report,
        baseline=baseline(cohort.table),
        levels=neck_levels(cohort.table),
        examples=examples,
        examples_of=examples_of,
        trials=[outcome.row() for outcome in outcomes],
        engine=engine.kind,
        limitations=[*cohort_limitations(cohort, split.kind), *_mask_limitations(cohort)],
        unfinished=[*problems, *starts, *no_model, *no_report, *absent_columns(cohort.table)],
    )


def _networks(found: Sequence[Tested], main: Tested, setup: Setup) -> list[TaskResult]:
    against = against_main(found, main, setup.recipe)
    return [task_result(item, setup.split, setup.recipe, compared=against[item.network.key]) for item in found]


def tested_once(split: Split) -> bool:
    """Whether no group stands in the test part of two divisions."""
    tested = [group for division in split.divisions for group in division.test]
    return len(set(tested)) == len(tested)


def rule_of(split: Split) -> str:
    """In words how divisions are summed up."""
    count = len(split.divisions)
    if count == 1:
        return "one division"
    if tested_once(split):
        return f"pooled over {count} divisions, each image tested once"
    return f"mean over {count} divisions that share test images, patients drawn together in all of them"


def _keep_predictions(found: Sequence[Tested], folder: Path) -> None:
    """One table per network: each test image's risk and Dice, by division."""
    for item in found:
        place = ["division", "key"]
        tables = [item.pooled] if item.judged else []
        if item.outlines:
            drawn = item.drawn.drop(columns=["part"])
            tables.append(drawn.drop(columns=["group", "label"]) if tables else drawn)
        table = tables[0] if len(tables) == 1 else tables[0].merge(tables[1], on=place, validate="one_to_one")
        write_table(table, folder / f"{item.network.key}.csv")


def _mask_limitations(cohort: Cohort) -> list[str]:
    words = [
        "Dice tells how well an outline agrees with one reader's mask; readers differ among themselves, and by how "
        "much is not known here."
    ]
    if cohort.kind == "ddti":
        words.append(
            "The masks of DDTI are drawn in green with a red rim; what counts as lesion is the green alone. Both "
            "readings of one mask have a Dice of about 0.9, so a Dice here cannot be set beside one measured the other "
            "way."
        )
    return words
