"""The main network on cohorts it never saw."""

from pathlib import Path

import pandas as pd

from thyrosight.cohort import Cohort, nodule_box
from thyrosight.errors import ImageError, StatisticsError, ThyroSightError
from thyrosight.networks import build, load_weights
from thyrosight.studies.base import Measure
from thyrosight.studies.common import Progress
from thyrosight.studies.evaluate import measures, roc
from thyrosight.studies.external import ExternalSet, open_external
from thyrosight.studies.inception_margin.evaluate import Candidate
from thyrosight.studies.inception_margin.recipe import InceptionMarginRecipe
from thyrosight.studies.inception_margin.result import ExternalResult
from thyrosight.studies.inception_margin.trials import WEIGHTS, Setup, probabilities
from thyrosight.studies.predictions import raw_table, write_table
from thyrosight.studies.result import Curve


def judge_outside(
    setup: Setup, main: Candidate, external: ExternalSet, folder: Path, progress: Progress
) -> ExternalResult | str:
    """Test the main network of the first division on another cohort, with its own calibration and operating point.

    Returns:
        What was found, or a sentence that says why nothing could be.
    """
    recipe = setup.recipe
    try:
        cache = folder / "external" / f"{external.title}.shared.json"
        cohort = open_external(external, recipe, setup.cohort, cache=cache, progress=progress)
        if cohort.table.empty:
            return f"External set {external.title} was left out: every image of it stands in the study's cohort too."
        table = _predict(setup, main, cohort)
    except ThyroSightError as error:
        return f"External set {external.title} was left out: {error}"
    write_table(table, folder / "external" / f"{external.title}.csv")
    found, curve, note = _judge(table, recipe)
    return ExternalResult(
        name=external.title,
        label_sources=list(cohort.label_sources),
        images=len(table),
        benign=int((table["truth"] == 0).sum()),
        malignant=int((table["truth"] == 1).sum()),
        groups=int(table["group"].nunique()),
        split_kind=cohort.split_kind,
        without_box=_without_box(cohort),
        excluded=[(item.reason, item.count) for item in cohort.exclusions],
        measures=found,
        roc=curve,
        note=note,
    )


def _predict(setup: Setup, main: Candidate, cohort: Cohort) -> pd.DataFrame:
    tested, judged = main.tested[0], main.judged[0]
    spec = tested.spec
    network = build(spec)
    load_weights(network, tested.folder / WEIGHTS)
    probability = probabilities(setup, tested.config, network.eval(), spec, cohort.table, margin=main.margin)
    table = raw_table("external", cohort.table, probability)
    risk = judged.calibrator.apply(table["probability"].to_numpy())
    return table.assign(risk=risk, predicted=(risk >= judged.threshold).astype(int))


def _judge(table: pd.DataFrame, recipe: InceptionMarginRecipe) -> tuple[dict[str, Measure], Curve | None, str]:
    try:
        found = measures(table, options=recipe.evaluation, seed=recipe.seed)
        return found, roc(table, options=recipe.evaluation, seed=recipe.seed), ""
    except StatisticsError as error:
        return {}, None, str(error)


def _without_box(cohort: Cohort) -> int:
    """Images whose nodule is not marked: the whole scan area was shown to the network."""
    count = 0
    for _, row in cohort.table.iterrows():
        try:
            count += nodule_box(row) is None
        except ImageError:
            count += 1
    return count
