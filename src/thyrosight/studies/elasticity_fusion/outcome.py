"""From the finished networks to the result: what the study hands to its report."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from thyrosight.networks import architectures
from thyrosight.studies.base import FlowStep
from thyrosight.studies.common import base_facts, cohort_limitations, random_starts
from thyrosight.studies.elasticity_fusion import analysis
from thyrosight.studies.elasticity_fusion.configuration import Configuration
from thyrosight.studies.elasticity_fusion.cost import measured_cost
from thyrosight.studies.elasticity_fusion.depths import choice_words
from thyrosight.studies.elasticity_fusion.explaining import Explained, explain
from thyrosight.studies.elasticity_fusion.judging import Network
from thyrosight.studies.elasticity_fusion.model import judged_units, save_pair_model
from thyrosight.studies.elasticity_fusion.pairing import has_second
from thyrosight.studies.elasticity_fusion.recipe import HEADS, INPUTS, Input
from thyrosight.studies.elasticity_fusion.result import NO_ELASTOGRAPHY, BestDepth, ElasticityFusionResult
from thyrosight.studies.elasticity_fusion.trials import Setup
from thyrosight.studies.evaluate import RANDOM_START, evaluate_network, start_of
from thyrosight.studies.predictions import write_table
from thyrosight.studies.workspace import Workspace
from thyrosight.studies.writing import write_arrays
from thyrosight.sweeps import TrialOutcome


@dataclass(eq=False)
class Ran:
    """Configurations with what became of them, over both stages; a network of both stages stands once."""

    configs: list[Configuration]
    outcomes: list[TrialOutcome]

    def add(self, configs: Sequence[Configuration], outcomes: Sequence[TrialOutcome]) -> "Ran":
        """Take in a stage; returns what it brought that was not known."""
        known = {config.name for config in self.configs}
        pairs = zip(configs, outcomes, strict=True)
        fresh = [(config, outcome) for config, outcome in pairs if config.name not in known]
        new = Ran([config for config, _ in fresh], [outcome for _, outcome in fresh])
        self.configs += new.configs
        self.outcomes += new.outcomes
        return new


@dataclass(frozen=True, eq=False)
class Finished:
    """A study whose networks are all trained.

    Attributes:
        setup: what the trials shared.
        workspace: the study's folder.
        found: the networks in the order of the tables.
        best: per input the depth that the validation folds speak for.
        chosen: per input the depth of the methods.
        ran: every trial.
    """

    setup: Setup
    workspace: Workspace
    found: analysis.Found
    best: Sequence[BestDepth]
    chosen: dict[Input, int]
    ran: Ran


def result_of(finished: Finished, *, engine: str, command: str) -> ElasticityFusionResult:
    """Judge, compare and explain; leaves the model, the main method's predictions and the pictures in the folder."""
    setup, workspace, found, best = finished.setup, finished.workspace, finished.found, list(finished.best)
    chosen, ran, recipe, cohort = finished.chosen, finished.ran, setup.recipe, setup.cohort
    judged = judged_units(setup, found.main, role="main")
    main = evaluate_network(judged, options=recipe.evaluation, seed=recipe.seed)
    facts = base_facts(recipe, cohort, setup.split, command=command)
    model, no_model = save_pair_model(setup, workspace.folder / "model", found.main, judged[0], main)
    explained = explain(setup, found.main)
    _keep(workspace, found.main, explained)
    pairs = int(has_second(cohort.table, recipe.second).sum())
    title = recipe.title if recipe.second.source == "elastogram" else f"{recipe.title} ({NO_ELASTOGRAPHY})"
    return ElasticityFusionResult(
        **{**facts, "title": title, "flow": [*facts["flow"][:-1], *_flow(setup, pairs)]},
        model=model,
        second_source=recipe.second.source,
        second_name=recipe.second_name,
        network_title=architectures()[recipe.network.architecture].title,
        pairs=pairs,
        plain=analysis.plain_rows(found, recipe, cohort),
        depths=analysis.depth_rows(found, best, recipe, cohort),
        best=best,
        chosen={str(shown): depth for shown, depth in chosen.items()},
        choice=choice_words(recipe, best, chosen),
        methods=analysis.method_rows(found, recipe, cohort),
        hidden=analysis.hidden_rows(found, recipe),
        main=main,
        main_name=found.main.name,
        roc=analysis.curves(found, recipe),
        parts=analysis.part_counts(cohort, setup.split),
        cost=measured_cost(ran.configs, ran.outcomes, workspace.folder / "trials", recipe),
        calls=explained.calls,
        calls_division=setup.split.divisions[0].name,
        projections=explained.projections,
        projection_note=explained.note,
        trials=[outcome.row() for outcome in ran.outcomes],
        engine=engine,
        limitations=[*cohort_limitations(cohort, setup.split.kind), *_limitations(setup, main.start)],
        unfinished=[*_unfinished(setup, found, ran), *no_model, *explained.unfinished],
    )


def _keep(workspace: Workspace, main: Network, explained: Explained) -> None:
    """Write the main method's predictions and the pictures of the report."""
    for item in main.tested:
        write_table(item.judged.table, workspace.folder / "predictions" / f"{item.config.division}.csv")
    write_arrays(explained.pictures, workspace.folder / "pictures.npz")


def _flow(setup: Setup, pairs: int) -> list[FlowStep]:
    """The end of the flow chart: who is trained with, and who is tested."""
    recipe, split, table = setup.recipe, setup.split, setup.cohort.table
    test = split.rows(setup.cohort, split.divisions[0], "test")
    tested = int(has_second(test, recipe.second).sum())
    without = len(test) - tested
    aside = [("without an elastogram", without)] if without else []
    rest = len(table) - len(test)
    labels = ", ".join(setup.cohort.label_sources)
    what = "an elastogram" if recipe.second.source == "elastogram" else "a second view"
    return [
        FlowStep(
            text=f"Images used: {_classes(table)} (labels: {labels}); {pairs} with {what}",
            n=len(table),
            excluded=[(f"training and validation ({len(split.divisions)} folds)", rest)],
            aside="to training",
        ),
        FlowStep(
            text=f"Images of the held-out test part: {_classes(test)}", n=len(test), excluded=aside, aside="not tested"
        ),
        FlowStep(text="Pairs tested by every fold's network", n=tested, excluded=[]),
    ]


def _classes(rows: pd.DataFrame) -> str:
    return f"{int((rows['label'] == 'benign').sum())} benign, {int((rows['label'] == 'malignant').sum())} malignant"


def _limitations(setup: Setup, start: str) -> list[str]:
    folds = len(setup.split.divisions)
    found = [
        f"The {folds} networks of a row share one test part: their standard deviation tells how much training varies, "
        "the interval how much other patients would have changed the mean.",
    ]
    if start == RANDOM_START:
        found.append(
            "The network started from random weights: frozen layers hold random filters, and nothing was transferred. "
            "What is said of depths is about random filters, not about transfer learning."
        )
    if setup.recipe.second.source == "image":
        found.insert(
            0,
            "The second image is another view of the same B-mode image. This run exercises training on pairs; it says "
            "nothing about elastography.",
        )
    return found


def _unfinished(setup: Setup, found: analysis.Found, ran: Ran) -> list[str]:
    """What could not be done, beside the model and the figures."""
    recipe, table = setup.recipe, setup.cohort.table
    told = [f"Trial {item.trial.name} failed: {item.error}" for item in ran.outcomes if item.status == "failed"]
    spec = found.main.tested[0].spec
    asked = {architectures()[spec.architecture].title: (recipe.network.weights, start_of(spec))}
    told += random_starts(asked)
    alone = len(table) - int(has_second(table, recipe.second).sum())
    if alone:
        told.append(
            f"{alone} of {len(table)} images have no elastogram: networks for the B-mode image, mixed training and "
            "late fusion learn from them, the others do not; only pairs are tested."
        )
    absent = [head for head in HEADS if head not in recipe.methods.heads]
    shown = [item for item in INPUTS if item not in recipe.methods.inputs]
    if absent or shown:
        told.append(f"Methods left out by the recipe: {', '.join([*absent, *shown])}.")
    return told
